"""Every form a study file may take: calendars, windows, and archives in all their shapes."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from builders import (
    COLUMNS_30,
    COLUMNS_31,
    USER_COLUMNS,
    campaign,
    to_csv,
    user,
    write_archive,
    write_zip,
)
from conftest import Project, copy_project

POSTS = campaign(days=40)
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
CALENDARS = {
    "no_rows": [],
    "one_event": ["2020-02-01,only"],
    "same_day": ["2020-02-01,first", "2020-02-01,second", "2020-02-20,third"],
    "all_outside": ["2011-01-01,long before", "2031-01-01,long after"],
    "too_short": ["2020-02-01,first", "2020-02-02,second"],
}
FIGURES = [f"figures/{name}.svg" for name in ("volume", "event_study", "interrupted")]
METHODS = ("event_study", "placebo", "interrupted", "change_points")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def counts(days: int = 90) -> str:
    """Simulated posts per hour in two languages, some more every Sunday, so that models can run."""
    lines = ["time,language,posts"]
    for day in range(days):
        for hour, language in ((3, "en"), (15, "zh")):
            time = FIRST_DAY + timedelta(days=day, hours=hour)
            posts = 5 + (day * 7919 + hour) % 11 + 6 * (day % 7 == 4)
            lines.append(f"{time:%Y-%m-%dT%H:%M:%SZ},{language},{posts}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def calendars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of a study whose campaigns differ in their news events."""
    project = copy_project(tmp_path_factory.mktemp("calendars") / "wörk folder")
    (project.root / "counts.csv").write_text(counts())
    campaigns = {}
    for name, lines in CALENDARS.items():
        (project.root / f"{name}.csv").write_text("\n".join(["date,title", *lines]) + "\n")
        campaigns[name] = {"counts": "counts.csv", "events": f"{name}.csv"}
    campaigns["too_short"]["window"] = {"start": "2020-01-28", "end": "2020-02-08"}
    study, results = project.study("calendars", campaigns), "results/calendars"
    targets = [
        f"{results}/{name}/{file}"
        for name in campaigns
        for file in (*FIGURES, *(f"models/{method}.csv" for method in METHODS))
    ]
    project.complete(study, "--", *targets)
    return project.root / results


def notes(folder: Path, method: str) -> dict[str, str]:
    table = rows(folder / f"models/{method}_notes.csv")
    return {row["series"]: row["note"] for row in table}


@pytest.mark.parametrize("name", CALENDARS)
def test_every_calendar_runs_to_the_end(calendars: Path, name: str) -> None:
    for figure in FIGURES:
        assert (calendars / name / figure).is_file()
    placed = rows(calendars / name / "series/events.csv")
    assert sorted(row["title"] for row in placed) == sorted(
        line.split(",")[1] for line in CALENDARS[name]
    )


@pytest.mark.parametrize("name", ["no_rows", "all_outside"])
def test_without_an_event_the_models_say_so_and_the_rest_runs(calendars: Path, name: str) -> None:
    folder = calendars / name
    for method in ("event_study", "placebo", "interrupted"):
        assert rows(folder / f"models/{method}.csv") == []
        assert "no event" in notes(folder, method)["all"], method
    assert all(
        row["place"] == "outside the study window" for row in rows(folder / "series/events.csv")
    )
    assert "no event" not in notes(folder, "change_points").get("all", "")


@pytest.mark.parametrize("name", ["one_event", "same_day"])
def test_one_event_and_two_on_a_day_are_estimated(calendars: Path, name: str) -> None:
    folder = calendars / name
    events = {row["event"] for row in rows(folder / "series/events.csv")}
    for method in ("event_study", "interrupted"):
        found = rows(folder / f"models/{method}.csv")
        explained = rows(folder / f"models/{method}_notes.csv")
        assert {row["event"] for row in found} - {"pooled"} <= events
        assert any(row["series"] == "all" for row in found)
        named = {row["event"] for row in (*found, *explained)}
        assert events <= named, f"{method} says nothing of {events - named}"
    placebo = [row for row in rows(folder / "models/placebo.csv") if row["series"] == "all"]
    redrawn = [row for row in placebo if row["null"] == "free_redraw"]
    assert {row["draws"] for row in redrawn if row["event"] == "pooled"} == {"99"}
    assert {row["event"] for row in redrawn} == {"pooled", *events}


def test_a_window_shorter_than_a_model_needs(calendars: Path) -> None:
    folder = calendars / "too_short"
    for method in METHODS:
        assert rows(folder / f"models/{method}.csv") == []
        note = notes(folder, method)["all"]
        assert re.match(r"too short: .* needs \d+", note), f"{method}: {note}"
    days = {row["date"] for row in rows(folder / "series/daily.csv")}
    assert (min(days), max(days), len(days)) == ("2020-01-28", "2020-02-08", 12)


def shuffled(columns: list[str]) -> list[str]:
    return sorted(columns, key=lambda name: name[::-1])


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same posts in every shape an archive comes in, cleaned by Snakemake alone."""
    base = tmp_path_factory.mktemp("archives")
    project = copy_project(base / "wörk folder")
    root = project.root
    half, third = len(POSTS) // 2, len(POSTS) // 3
    names = sorted({row["userid"] for row in POSTS})
    (root / "raw.csv").write_bytes(to_csv(POSTS))
    (root / "ein Ordner/ข้อมูล").mkdir(parents=True)
    write_archive(root / "all.zip", POSTS)
    pieces = {"p1.csv": to_csv(POSTS[:third]), "sub/p2.csv": to_csv(POSTS[third:])}
    debris = {"readme.txt": b"hello", "__MACOSX/sub/._p2.csv": b"\x00\x05"}
    absolute = write_archive(base / "äbsolute.zip", POSTS)
    given = {
        "columns_30": "all.zip",
        "columns_31": write_archive(root / "c31.zip", POSTS, COLUMNS_31).name,
        "any_order": write_archive(root / "order.zip", POSTS, shuffled(COLUMNS_31)).name,
        "windows_newlines": write_archive(root / "crlf.zip", POSTS, newline="\r\n").name,
        "raw_csv": "raw.csv",
        "several": [
            write_archive(root / "h1.zip", POSTS[:half]).name,
            write_archive(root / "h2.zip", POSTS[half:]).name,
        ],
        "members": write_zip(root / "members.zip", debris | pieces).name,
        "letters": str(write_archive(root / "ein Ordner/ข้อมูล/ä b.zip", POSTS).relative_to(root)),
        "absolute": str(absolute),
    }
    campaigns = {name: {"tweets": files} for name, files in given.items()}
    users = [user(name) for name in [*names, "silent"]]
    (root / "users ü.csv").write_bytes(to_csv(users, USER_COLUMNS))
    campaigns["with_users"] = {"tweets": "all.zip", "users": "users ü.csv"}
    study = project.study("archives", campaigns)
    targets = [f"results/archives/{name}/describe/summary.csv" for name in campaigns]
    code, output = project.python(
        "-m", "snakemake", "--configfile", study, "--", *targets, package=False
    )
    assert code == 0, output
    return project


SHAPES = "columns_30 columns_31 any_order windows_newlines raw_csv several members letters".split()


@pytest.mark.parametrize("name", [*SHAPES, "absolute", "with_users"])
def test_every_shape_of_an_archive_gives_the_same_posts(archives: Project, name: str) -> None:
    posts = pl.read_parquet(archives.root / f"data/clean/{name}/tweets.parquet")
    assert posts["tweetid"].to_list() == [row["tweetid"] for row in POSTS]
    assert posts["tweet_text"].to_list() == [row["tweet_text"] for row in POSTS]
    base = pl.read_parquet(archives.root / "data/clean/columns_30/tweets.parquet")
    blank = pl.lit(None, dtype=pl.String).alias("poll_choices")
    assert posts.with_columns(blank).equals(base.with_columns(blank))
    accounting = rows(archives.root / f"results/archives/{name}/clean/accounting.csv")
    assert {row["outcome"] for row in accounting} == {"kept"}


def test_the_users_file_adds_the_accounts_that_never_posted(archives: Project) -> None:
    summary = {}
    for name in ("with_users", "columns_30"):
        table = rows(archives.root / f"results/archives/{name}/describe/summary.csv")
        summary[name] = {row["quantity"]: int(row["value"]) for row in table[:4]}
    accounts = len({row["userid"] for row in POSTS})
    assert summary["columns_30"]["accounts"] == accounts
    assert summary["with_users"]["accounts"] == accounts + 1
    assert summary["with_users"]["accounts_without_posts"] == 1
    assert len(COLUMNS_30) == 30
