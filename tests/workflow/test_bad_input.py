"""Bad input: one sentence says what, where and what to do; nothing half-written, nothing harmed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import COLUMNS_30, campaign, post, to_csv, write_archive, write_zip
from conftest import TINY, Project, copy_finished, snakemake

from takedown.tables import read_table

POSTS = campaign(days=8)


@pytest.fixture(scope="module")
def project(tiny: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with good results of an earlier study."""
    return copy_finished(tiny, tmp_path_factory.mktemp("bad") / "wörk folder")


CLAIMS = {"claims.csv", "claims_charts.csv", "claims.html"}


def refused(
    project: Project,
    study: str,
    *said: str,
    finished: tuple[str, ...] = (),
    made: tuple[str, ...] = (),
) -> str:
    """Run a study that must fail, say all of ``said`` and leave all as it was.

    Tables of the stages ``finished``, which come before the failing step, may be new, but whole;
    so may be ``made``, files of a good campaign in the same study.
    """
    before = project.files("results"), project.files("data")
    code, output = project.run(study)
    assert code != 0, output
    for words in said:
        assert words in output, f"{words!r} not in:\n{output}"
    assert "Traceback" not in output
    assert 'File "' not in output
    after = project.files("results")
    for name in after.keys() - before[0].keys():
        if name.split("/")[1] in CLAIMS:  # no step of the archive comes before them
            del after[name]
            continue
        stage = name.split("/")[2]
        assert stage in finished, name
        if stage != "figures":  # what a figure draws has no contract
            read_table(project.root / "results" / name)
        del after[name]
    assert after == before[0]
    new = {name for name in project.files("data") if name not in before[1]}
    allowed = ("/receipt.csv", *made, *((".parquet", "/quarantine.csv") if finished else ()))
    assert not [name for name in new if not name.endswith(allowed)]
    for name, data in before[1].items():
        assert (project.root / "data" / name).read_bytes() == data
    return output


def write(project: Project, name: str, text: str) -> str:
    (project.root / name).write_text(text, encoding="utf-8")
    return name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "study: a\ncampaings: {x: {tweets: simulated_a.zip}}\n",
            ["'campaings'", "Did you mean 'camp"],
        ),
        (
            "study: a\ncampaigns: {x: {tweets: simulated_a.zip, timezon: UTC}}\n",
            ["campaigns.x", "unknown key 'timezon'", "Did you mean 'timezone'?"],
        ),
        (
            "study: a\ncampaigns: {x: {tweets: simulated_a.zip}}\nmodels: {drws: 99}\n",
            ["models", "unknown key 'drws'", "Did you mean 'draws'?"],
        ),
        (
            "study: a\ncampaigns: {x: {tweets: simulated_a.zip, timezone: Asia/Bankok}}\n",
            ["campaigns.x.timezone", "'Asia/Bankok'", "Did you mean 'Asia/Bangkok'?"],
        ),
        (
            "study: a\ncampaigns: {thailand_09202: {}}\n",
            [
                "campaigns.thailand_09202",
                "resources/archives.csv",
                "Did you mean 'thailand_092020'",
            ],
        ),
        (
            "study: a\ncampaigns: {x: {tweets: no such.zip}}\n",
            ["campaigns.x.tweets", "no file at 'no such.zip'", "Give a path that exists"],
        ),
        (
            "study: a\ncampaigns: {simulated_x: {tweets: simulated_a.zip, events: bad.csv}}\n",
            ["bad.csv, line 3, column date", "'12.02.2020'", "Write days as 2019-06-01"],
        ),
        (
            "study: a\ncampaigns: {x: {tweets: simulated_a.zip, window: {start: 2020-02-01}}}\n",
            ["campaigns.x.window", "'end'"],
        ),
        (
            "study: a\ncampaigns: {x: {tweets: simulated_a.zip, topics: [armi]}}\n",
            ["campaigns.x.topics", "'armi'", "Did you mean 'army'?"],
        ),
        ("study: a\ncampaigns: {}\n", ["campaigns", "Study file"]),
    ],
    ids=[
        "misspelt top key",
        "misspelt campaign key",
        "misspelt setting",
        "zone",
        "unknown campaign",
        "file not found",
        "calendar date",
        "half a window",
        "topic",
        "empty campaigns",
    ],
)
def test_a_wrong_study_file(project: Project, text: str, said: list[str]) -> None:
    write(project, "bad.csv", "date,title\n2020-02-01,good\n12.02.2020,bad\n")
    refused(project, write(project, "wrong.yaml", text), *said)


def test_wrong_claims_are_refused_before_anything_starts(project: Project) -> None:
    header, first = (project.root / "resources/claims.csv").read_text("utf-8").split("\n")[:2]
    write(project, "claims.csv", f"{header}\n{first}\n{first}\n")
    study = write(
        project,
        "claimed.yaml",
        "study: claimed\nclaims: claims.csv\ncampaigns: {simulated_x: {tweets: simulated_a.zip}}\n",
    )
    refused(project, study, "claims.csv, line 3, column id", "stands in line 2 already")
    write(project, "claims.csv", f"{header}\n{first.replace(',accounts,', ',acounts,', 1)}\n")
    refused(project, study, "claims.csv, line 2, column quantity", "Did you mean 'accounts'?")


NO_MAPPING = {"broken": "study: [unclosed\n", "prose": "just some words\n", "empty": ""}


@pytest.mark.parametrize("kind", NO_MAPPING)
def test_a_study_file_that_is_no_yaml_mapping(project: Project, kind: str) -> None:
    refused(project, write(project, "no.yaml", NO_MAPPING[kind]), "Config file", "YAML")


def test_bug_a_study_file_that_is_no_yaml_is_named(project: Project) -> None:
    refused(project, write(project, "no.yaml", NO_MAPPING["broken"]), "no.yaml")


def test_a_study_file_without_campaigns_is_not_the_default_study(project: Project) -> None:
    refused(project, write(project, "only.yaml", "study: only\n"), "campaigns")


def quarantined(project: Project, study: str, name: str) -> list[dict[str, str]]:
    path = project.root / f"results/{study}/{name}/clean/accounting.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return [row for row in csv.DictReader(handle) if row["outcome"] == "quarantined"]


def without(column: str) -> list[str]:
    return [name for name in COLUMNS_30 if name != column]


@pytest.mark.parametrize(
    ("make", "settings", "said"),
    [
        (
            lambda path: path.write_bytes(b"<!doctype html>an error page"),
            {},
            ["bad one.zip: not a zip file", "download it again"],
        ),
        (
            lambda path: write_zip(path, {"notes.txt": b"x"}),
            {},
            ["bad one.zip: the zip holds no .csv file"],
        ),
        (
            lambda path: write_archive(path, POSTS, without("tweet_time")),
            {},
            ["bad one.zip, member bad one.csv: no column 'tweet_time'", "in any order"],
        ),
        (lambda path: write_archive(path, []), {}, ["bad one.zip", "not one usable post"]),
        (lambda path: write_zip(path, {"a.csv": b""}), {}, ["bad one.zip", "empty"]),
        (
            lambda path: write_archive(path, POSTS),
            {"window": {"start": "2012-01-01", "end": "2012-02-01"}},
            ["no posts in the study window 2012-01-01 to 2012-02-01", "Change `window`"],
        ),
        (
            lambda path: path.write_bytes(damaged(path)),
            {},
            ["bad one.zip, member bad one.csv: damaged", "again"],
        ),
        (
            lambda path: write_archive(path, [row | {"tweet_time": "soon"} for row in POSTS]),
            {},
            ["not one usable post", "tweet_time unreadable"],
        ),
    ],
    ids="no-zip no-csv no-column no-rows no-header no-posts-in-window damaged all-bad".split(),
)
def test_a_wrong_archive(
    project: Project,
    request: pytest.FixtureRequest,
    make: Callable[[Path], object],
    settings: dict,
    said: list[str],
) -> None:
    make(project.root / "bad one.zip")
    name = request.node.callspec.id
    study = project.study("bad", {name: {"tweets": "bad one.zip"} | settings})
    # What needs no window may be done by then: the accounts, the figures of clients and hashtags.
    earlier = ("clean", "describe", "models", "figures") if "window" in name else ()
    output = refused(project, study, *said, finished=earlier)
    assert "Full log: " in output


def damaged(path: Path) -> bytes:
    """A zip with some bytes of its data overwritten."""
    data = bytearray(write_archive(path, POSTS).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    return bytes(data)


def test_rows_that_cannot_be_read_are_set_aside_and_counted(project: Project) -> None:
    bad = {
        5: {"tweet_time": "2019-13-45 99:99"},
        9: {"tweet_time": ""},
        12: {"tweetid": "a hash"},
    }
    rows = [row | bad.get(index, {}) for index, row in enumerate(POSTS)]
    (project.root / "some.csv").write_bytes(to_csv(rows))
    starts = {index: 2 + to_csv(rows[:index]).decode("utf-8").count("\n") - 1 for index in bad}
    study = project.study("some", {"some": {"tweets": "some.csv"}})
    project.complete(study, "--", "results/some/some/describe/summary.csv")
    found = quarantined(project, "some", "some")
    assert {row["reason"]: int(row["rows"]) for row in found} == {
        "tweet_time unreadable": 2,
        "tweetid is no number": 1,
    }
    with (project.root / "data/clean/some/quarantine.csv").open(encoding="utf-8") as handle:
        aside = list(csv.DictReader(handle))
    assert [int(row["line"]) for row in aside] == sorted(starts.values())
    assert {row["file"] for row in aside} == {"some.csv"}


def test_ids_that_a_spreadsheet_rounded(project: Project) -> None:
    rows = [*POSTS[:4], POSTS[4] | {"tweetid": "1.19666E+18"}]
    (project.root / "saved.csv").write_bytes(to_csv(rows))
    study = project.study("saved", {"saved": {"tweets": "saved.csv"}})
    refused(project, study, "saved.csv, line", "column tweetid", "a rounded", "as it was released")


def test_a_bad_campaign_leaves_the_good_one_of_the_same_study_alone(project: Project) -> None:
    write_archive(project.root / "none.zip", [])
    before = project.files("results/tiny")
    study = project.study("tiny", TINY | {"none": {"tweets": "none.zip"}})
    refused(project, study, "none.zip", "not one usable post", made=("simulated_a/sketch.csv",))
    assert project.files("results/tiny") == before
    assert project.study("tiny", TINY) == "tiny.yaml"
    # The page lists the campaigns; asked again without the bad one, nothing is to be done.
    assert not [plan for plan in project.plans("tiny.yaml") if plan.pending]


def test_a_bad_edit_costs_only_the_failed_steps_files_until_it_is_put_right(
    tiny: Project, tmp_path: Path
) -> None:
    """Snakemake removes a step's old outputs before the step starts; the others stay."""
    project = copy_finished(tiny, tmp_path / "edited wörk")
    window = {"window": {"start": "2012-01-01", "end": "2012-02-01"}}
    study = project.study("tiny", {"simulated_a": TINY["simulated_a"] | window})
    for _ in range(2):  # asked again, it must not take what is left for the result
        code, output = project.run(study)
        assert code != 0
        assert "no posts in the study window" in output
        good, left = tiny.files("results/tiny"), project.files("results/tiny")
        own = {"simulated_a/clean/checks.csv"}
        assert {name: good[name] for name in good.keys() - own} == left
    checks = "results/tiny/simulated_a/clean/checks.csv"
    project.complete(project.study("tiny", TINY), "--", checks)
    assert project.files("results/tiny") == good


def test_a_full_disk_is_named_and_leaves_nothing_half_written(project: Project) -> None:
    """A limit on the size of files stands in for the disk: writing stops at the same place."""
    limit = 24_000
    good = project.root / "data/clean/simulated_a/tweets.parquet"
    assert good.stat().st_size > limit
    study = project.study("full", {"simulated_full": {"tweets": "simulated_a.zip"}})
    rows = "data/clean/simulated_full/tweets.parquet"
    run = (
        "import os, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    code, output = project.python("-c", run, *snakemake(study, "--", rows))
    assert code == 1, output
    assert "The disk is full, or takes no file so large. Free some space" in output
    assert not (project.root / "data/clean/simulated_full").exists()
    project.complete(study, "--", rows)
    assert (project.root / rows).is_file()


def test_one_post_is_an_archive(project: Project) -> None:
    write_archive(project.root / "single.zip", [post()])
    study = project.study("single", {"single": {"tweets": "single.zip"}})
    folder = "results/single/single"
    project.complete(study, "--", f"{folder}/figures/volume.pdf", f"{folder}/models/placebo.csv")
    daily = (project.root / folder / "series/daily.csv").read_text(encoding="utf-8")
    assert "2019-11-20,all,1\n" in daily
    notes = (project.root / folder / "models/placebo_notes.csv").read_text(encoding="utf-8")
    assert "too short" in notes
