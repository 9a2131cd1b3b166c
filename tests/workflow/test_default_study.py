"""The default study: planned without a surprise, complete, in numbers that can be counted again."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from conftest import DEFAULT, ROOT, SAID, Project, copy_finished

from takedown.figures import registry
from takedown.io.tables import contract, contracts, read_table, table_name
from takedown.models.registry import MODELS
from takedown.provenance.unchanged import NOTHING

THAI, HONG_KONG, JUNE_2020 = "thailand_092020", "china_hk_2019", "china_052020"
BOTH = {THAI, HONG_KONG}
PARTS = {
    THAI: {"tweets", "countable"},
    HONG_KONG: {"counts", "countable", "accounts", "attention"},
    JUNE_2020: {"hashtags"},
}


def having(entry: registry.Figure) -> set[str]:
    """The campaigns that have a figure; of one across campaigns the study, if two have it."""
    found = {
        campaign
        for campaign, parts in PARTS.items()
        if any(parts.issuperset(needed) for needed in entry.needs)
    }
    if entry.across:
        return {""} if len(found) > 1 else set()
    return found


RULES = {
    "fetch_archive": {THAI},
    "clean_archive": {THAI},
    "check_archive": {THAI},
    "describe_posts": {THAI},
    "describe_counts": {HONG_KONG},
    "describe_account_table": {HONG_KONG},
    "describe_hashtag_totals": {JUNE_2020},
    "count_posts": {THAI},
    "count_minutes": {HONG_KONG},
    "place_news": BOTH,
    **{f"fit_{model.name}": BOTH for model in MODELS},
    **{f"draw_{entry.name}": having(entry) for entry in registry.FIGURES if having(entry)},
    "measure_rhythm": {THAI},
    "measure_rhythm_of_counts": {HONG_KONG},
    "measure_accounts": {THAI},
    "measure_account_table": {HONG_KONG},
    "write_findings": BOTH,
    "profile_campaigns": {""},
    "combine_responses": {""},
    "check_claims": {""},
    "run_notebook": {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")},
    "write_page": {""},
    "write_paper": {""},
    "guard_privacy": {""},
    "write_manifest": {""},
}
STEPS = sum(map(len, RULES.values()))

NAMED = ["posts", "accounts", "share"]
ESTIMATE = ["estimate", "lower", "upper"]
TABLES = {  # as the interface names them
    "clean/accounting.csv": ["file", "outcome", "reason", "rows"],
    "clean/checks.csv": ["check", "value", "unit", "ok"],
    "describe/summary.csv": ["quantity", "value", "unit"],
    "describe/languages.csv": ["language", *NAMED],
    "describe/clients.csv": ["client", *NAMED],
    "describe/hashtags.csv": ["hashtag", *NAMED],
    "describe/account_creation_monthly.csv": ["month", "accounts"],
    "describe/hour_weekday.csv": ["weekday", "hour", "posts"],
    "series/daily.csv": ["date", "series", "posts"],
    "models/event_study.csv": "series event method day rate_ratio lower upper calibrated".split(),
    "models/placebo.csv": "series event statistic null observed p_value q_value draws".split(),
    "models/interrupted.csv": ["series", "event", "method", "term", *ESTIMATE, "calibrated"],
    "models/change_points.csv": (
        "series date lower upper before after nearest_event days_from_event".split()
    ),
    "models/lead_lag.csv": "series attention test lag statistic p_value calibrated".split(),
    "models/rhythm.csv": ["series", "quantity", *ESTIMATE, "unit"],
}
NEED_POSTS = {name for name in TABLES if name.startswith("clean/")}
NEED_POSTS |= {"describe/clients.csv", "describe/hashtags.csv"}
#: Of every campaign its figures; those across campaigns are in the study's own folder.
FIGURES = {
    campaign: [entry.name for entry in registry.FIGURES if campaign in having(entry)]
    for campaign in (*PARTS, "")
}
EMPTY = {
    # No attention series is known for it, and its accounts were not created in bursts.
    *((THAI, *name.split("/")) for name in ("series/attention.csv", "models/creation_bursts.csv")),
    *((THAI, "models", f"lead_lag{rest}.csv") for rest in ("", "_paths")),
    # Of its accounts only the days of creation are known.
    (HONG_KONG, "models", "lorenz.csv"),
    (HONG_KONG, "models", "dormancy.csv"),
}
MAGIC = {"pdf": b"%PDF-", "svg": b"<?xml", "png": b"\x89PNG"}


def results(project: Project, campaign: str = "") -> Path:
    return project.root / "results/default" / campaign


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def summary(project: Project, campaign: str) -> dict[str, str]:
    table = rows(results(project, campaign) / "describe/summary.csv")
    return {row["quantity"]: row["value"] for row in table}


def daily(project: Project, campaign: str, series: str) -> dict[str, int]:
    table = rows(results(project, campaign) / "series/daily.csv")
    return {row["date"]: int(row["posts"]) for row in table if row["series"] == series}


def test_make_names_exactly_the_steps_and_does_nothing_the_second_time(
    default_study: Project,
) -> None:
    first, second = json.loads((default_study.root / SAID).read_text(encoding="utf-8"))
    assert f"{STEPS} steps to do" in first
    assert f"Done: {STEPS} steps in " in first
    summary = first[first.index("Done: ") :].split("\n", 1)[1]
    assert "results/default/index.html" in summary
    # That the whole run changed nothing since is known without a plan.
    assert second == f"{NOTHING}\n{summary}"


def test_nothing_runs_again_even_after_a_touch(default_study: Project, tmp_path: Path) -> None:
    project = copy_finished(default_study, tmp_path / "touched wörk")
    folders = ("workflow/takedown", "workflow/schemas", "workflow/templates", "config")
    touched = {
        path.relative_to(project.root).as_posix(): path.read_text(encoding="utf-8")
        for folder in folders
        for path in (project.root / folder).rglob("*.*")
        if path.suffix != ".pyc"
    }
    as_it_is, after_a_touch = project.plans(DEFAULT, edits=[{}, touched])
    found: dict[str, set[str]] = {}
    for plan in as_it_is:
        found.setdefault(plan.rule, set()).add(plan.campaign)
    assert found == RULES
    for plans in (as_it_is, after_a_touch):
        assert plans and not [plan for plan in plans if plan.pending]
    assert project.files("results") == default_study.files("results")


@pytest.mark.parametrize("campaign", [THAI, HONG_KONG])
def test_the_tables_of_the_interface(default_study: Project, campaign: str) -> None:
    folder = results(default_study, campaign)
    for name, columns in TABLES.items():
        if campaign == HONG_KONG and name in NEED_POSTS:
            assert not (folder / name).exists(), f"{name} cannot be known"
            continue
        with (folder / name).open(encoding="utf-8", newline="") as handle:
            header = next(csv.reader(handle))
        assert set(columns) <= set(header), name


def test_every_table_keeps_its_contract(default_study: Project) -> None:
    tables = [
        path for path in results(default_study).rglob("*.csv") if path.parent.name != "figures"
    ]
    seen = set()
    for path in tables:
        name = table_name(path)
        frame = read_table(path)
        contract(name).validate(frame, lazy=True)
        columns = list(contracts()[name]["columns"])
        assert list(frame)[: len(columns)] == columns
        may_be_empty = path.stem.endswith("_notes") or path.parts[-3:] in EMPTY
        assert len(frame) or may_be_empty, path
        seen.add(name)
    # Written by `make bench`, `make scale` and `make calibrate`.
    seen |= {name for name in contracts() if name.startswith(("benchmark/", "calibration/"))}
    # Similar are campaigns with posts, of which there is one.
    assert seen == set(contracts()) - {"atlas/similarity.csv"}


@pytest.mark.parametrize("campaign", FIGURES)
def test_every_figure_comes_in_every_form(default_study: Project, campaign: str) -> None:
    folder = results(default_study, campaign) / "figures"
    kinds = {*MAGIC, "csv", "json"}
    expected = {f"{figure}.{kind}" for figure in FIGURES[campaign] for kind in kinds}
    assert {path.name for path in folder.iterdir()} == expected
    for figure in FIGURES[campaign]:
        for kind, start in MAGIC.items():
            assert (folder / f"{figure}.{kind}").read_bytes().startswith(start)
        assert rows(folder / f"{figure}.csv")
        words = json.loads((folder / f"{figure}.json").read_text(encoding="utf-8"))
        assert set(words) == {"title", "caption", "alt"}
        assert all(words.values())


class Links(HTMLParser):
    """What a page links to, and its pictures without alternative text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.pictures = 0
        self.without_alt: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.targets += [given[key] or "" for key in ("href", "src") if key in given]
        self.ids |= {given["id"] or ""} if "id" in given else set()
        if tag == "img":
            self.pictures += 1
            if not (given.get("alt") or "").strip():
                self.without_alt.append(given.get("src") or "")


def test_the_page_shows_every_figure_and_links_to_what_exists(default_study: Project) -> None:
    page = Links((results(default_study) / "index.html").read_text(encoding="utf-8"))
    assert page.pictures == sum(map(len, FIGURES.values()))
    assert not page.without_alt
    for target in page.targets:
        if target.startswith("#"):
            assert target[1:] in page.ids
        elif not target.startswith(("http", "data:image/webp")):
            file, _, place = unquote(target).partition("#")
            assert (results(default_study) / file).is_file(), target
            if place:
                assert place in Links((results(default_study) / file).read_text("utf-8")).ids, (
                    target
                )


def test_no_half_written_file_and_no_account_is_left(default_study: Project) -> None:
    files = default_study.files("results/default")
    assert not [name for name in files if name.endswith(".part")]
    accounts = {row["userid"].encode() for row in archive_rows(EMBEDDED)}
    text = b"\n".join(data for name, data in files.items() if not name.endswith((".png", ".pdf")))
    assert len(accounts) == 455
    assert not [account for account in accounts if account in text]


EMBEDDED = ROOT / "resources/embedded/thailand_092020_tweets_reduced.zip"
ORIGINALS = os.environ.get("TAKEDOWN_ORIGINALS")
ORIGINAL = Path(ORIGINALS or "none") / "thailand_092020_tweets_csv_hashed.zip"
needs_originals = pytest.mark.skipif(
    not ORIGINALS, reason="TAKEDOWN_ORIGINALS names no folder with the original archives"
)


def archive_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of an archive, read with the standard library alone."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                yield from csv.DictReader(io.TextIOWrapper(member, "utf-8", newline=""))


def local_day(row: dict[str, str], zone: str = "Asia/Bangkok") -> str:
    time = datetime.strptime(row["tweet_time"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return time.astimezone(ZoneInfo(zone)).date().isoformat()


def test_the_thai_archive_in_published_numbers(default_study: Project) -> None:
    found = summary(default_study, THAI)
    published = {"posts": 21385, "accounts": 926, "posting_accounts": 455, "retweets": 11199}
    assert {name: int(found[name]) for name in published} == published
    accounting = rows(results(default_study, THAI) / "clean/accounting.csv")
    assert sum(int(row["rows"]) for row in accounting) == 21385 + 926
    assert {row["outcome"] for row in accounting} == {"kept"}


@pytest.mark.parametrize(
    "archive",
    [EMBEDDED, pytest.param(ORIGINAL, marks=needs_originals)],
    ids=["embedded", "original"],
)
def test_every_local_day_equals_an_independent_count(default_study: Project, archive: Path) -> None:
    counted = Counter(local_day(row) for row in archive_rows(archive))
    found = daily(default_study, THAI, "all")
    assert sum(found.values()) == 21385
    assert {day: posts for day, posts in found.items() if posts} == counted


def test_hong_kong_by_language(default_study: Project) -> None:
    counted: dict[str, Counter[str]] = {"zh": Counter(), "en": Counter()}
    for row in rows(ROOT / "resources/embedded/china_hk_2019_minute_counts.csv"):
        time = datetime.fromisoformat(row["time"].replace("Z", "+00:00"))
        day = time.astimezone(ZoneInfo("Asia/Hong_Kong")).date().isoformat()
        counted[row["language"]][day] += int(row["posts"])
    assert {name: sum(days.values()) for name, days in counted.items()} == {"zh": 34957, "en": 2954}
    assert int(summary(default_study, HONG_KONG)["posts"]) == 37911
    for language, days in counted.items():
        found = daily(default_study, HONG_KONG, f"lang:{language}")
        assert {day: posts for day, posts in found.items() if posts} == days
    assert sum(daily(default_study, HONG_KONG, "all").values()) == 37911


@needs_originals
def test_the_original_zips_give_the_same_tables(default_study: Project, tmp_path: Path) -> None:
    """The tables made from posts; those of the other models are made from these."""
    project = copy_finished(default_study, tmp_path / "by päth")
    tables = [
        f"results/default/{THAI}/{name}.csv"
        for name in (
            "clean/accounting clean/checks describe/summary describe/languages describe/clients "
            "describe/hashtags describe/topics describe/hour_weekday series/daily series/variants "
            "describe/account_creation_monthly models/accounts models/rhythm"
        ).split()
    ]
    users = str(ORIGINAL).replace("_tweets_", "_users_")
    given = {THAI: {"tweets": str(ORIGINAL), "users": [users]}}
    study = project.study("original", given, models={})
    targets = [file.replace("results/default", "results/original") for file in tables]
    project.complete(study, "--", *targets)
    for file, target in zip(tables, targets, strict=True):
        same = (project.root / target).read_bytes() == (default_study.root / file).read_bytes()
        assert same, f"{target} differs from {file}"
