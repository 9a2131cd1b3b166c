"""One post's journey through the default study, from the zip to the page."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from datetime import UTC, date, datetime

import polars as pl
import pytest
from conftest import Project
from test_default_study import EMBEDDED, THAI, archive_rows, local_day, results, rows

from takedown.estimation.data import read_data

KORAT = "2020-02-09"


def hashtags(row: dict[str, str]) -> list[str]:
    names = [name.strip(" '\"") for name in row["hashtags"].strip("[]").split(",")]
    return [unicodedata.normalize("NFKC", name).lower() for name in names if name.strip()]


@pytest.fixture(scope="module")
def archive() -> list[dict[str, str]]:
    return list(archive_rows(EMBEDDED))


@pytest.fixture(scope="module")
def journey(archive: list[dict[str, str]]) -> dict[str, str]:
    """A Thai retweet with one frequent hashtag, of the evening after the shooting in Korat began.

    Its UTC day is not its local day.
    """
    uses = Counter(tag for row in archive for tag in set(hashtags(row)))
    return next(
        row
        for row in archive
        if local_day(row) == KORAT
        and not row["tweet_time"].startswith(KORAT)
        and row["tweet_language"] == "th"
        and row["is_retweet"].lower() == "true"
        and hashtags(row)
        and uses[hashtags(row)[0]] > 100
    )


def test_fetch_proves_the_zip_it_is_in(default_study: Project) -> None:
    receipt = rows(default_study.root / f"data/raw/{THAI}/receipt.csv")
    tweets = next(row for row in receipt if row["role"] == "tweets")
    path = default_study.root / tweets["path"]
    assert path.name == EMBEDDED.name
    assert tweets["sha256"] == hashlib.sha256(EMBEDDED.read_bytes()).hexdigest()
    assert int(tweets["bytes"]) == path.stat().st_size


def test_clean_types_it(default_study: Project, journey: dict[str, str]) -> None:
    posts = pl.read_parquet(default_study.root / f"data/clean/{THAI}/tweets.parquet")
    row = posts.row(by_predicate=pl.col("tweetid") == journey["tweetid"], named=True)
    assert row["userid"] == journey["userid"]
    time = datetime.strptime(journey["tweet_time"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    assert row["tweet_time"] == time
    assert row["local_day"].isoformat() == KORAT
    assert (row["language"], row["kind"], row["is_retweet"]) == ("th", "retweet", True)
    assert [tag.lower() for tag in row["hashtags"]] == hashtags(journey)
    accounts = pl.read_parquet(default_study.root / f"data/clean/{THAI}/accounts.parquet")
    account = accounts.row(by_predicate=pl.col("userid") == journey["userid"], named=True)
    assert account["first_post"] <= time <= account["last_post"]


@pytest.mark.parametrize("table", ["languages", "clients", "hashtags"])
def test_describe_counts_it(
    default_study: Project, archive: list[dict[str, str]], journey: dict[str, str], table: str
) -> None:
    cells = {
        "languages": lambda row: {row["tweet_language"]},
        "clients": lambda row: {row["tweet_client_name"]},
        "hashtags": lambda row: set(hashtags(row)),
    }[table]
    name = min(cells(journey))
    counted = [row for row in archive if name in cells(row)]
    found = rows(results(default_study, THAI) / f"describe/{table}.csv")
    column = table.removesuffix("s")
    line = next(row for row in found if row[column] == name)
    assert int(line["accounts"]) == len({row["userid"] for row in counted})
    assert int(line["posts"]) == len(counted)
    assert float(line["share"]) == pytest.approx(len(counted) / len(archive), rel=1e-9)


def test_describe_counts_its_hour(
    default_study: Project, archive: list[dict[str, str]], journey: dict[str, str]
) -> None:
    def hour(row: dict[str, str]) -> tuple[str, str]:
        """Local weekday and hour; Bangkok is seven hours ahead the whole year."""
        weekday = datetime.fromisoformat(local_day(row)).isoweekday()
        return str(weekday), str((int(row["tweet_time"][11:13]) + 7) % 24)

    found = rows(results(default_study, THAI) / "describe/hour_weekday.csv")
    cell = next(row for row in found if (row["weekday"], row["hour"]) == hour(journey))
    assert int(cell["posts"]) == sum(hour(row) == hour(journey) for row in archive)


@pytest.mark.parametrize("series", ["all", "lang:th", "kind:retweet"])
def test_series_adds_it_to_its_local_day(
    default_study: Project, archive: list[dict[str, str]], journey: dict[str, str], series: str
) -> None:
    belongs = {
        "all": lambda row: True,
        "lang:th": lambda row: row["tweet_language"] == "th",
        "kind:retweet": lambda row: row["is_retweet"].lower() == "true",
    }[series]
    counted = [row for row in archive if local_day(row) == KORAT and belongs(row)]
    assert journey in counted
    found = rows(results(default_study, THAI) / "series/daily.csv")
    cell = next(row for row in found if (row["date"], row["series"]) == (KORAT, series))
    assert int(cell["posts"]) == len(counted)


def test_models_figure_and_page_carry_the_same_number(
    default_study: Project, archive: list[dict[str, str]]
) -> None:
    counted = sum(local_day(row) == KORAT for row in archive)
    folder = results(default_study, THAI)
    files = {"daily": "daily", "events": "events", "window": "estimation_window"}
    data = read_data({key: str(folder / f"series/{one}.csv") for key, one in files.items()})
    assert data.series["all"][KORAT] == counted
    assert "2020-02-08" in set(data.events["date"])
    drawn = rows(folder / "figures/volume.csv")
    vertex = [row for row in drawn if (row["layer"], row["date"]) == ("posts", KORAT)]
    assert [(row["name"], row["value"]) for row in vertex] == [("all", str(counted))]
    event = [row for row in drawn if row["date"] == "2020-02-08" and "Korat" in row["name"]]
    assert event, "the event's line is in the figure's data"
    path = rows(folder / "models/interrupted_paths.csv")
    fitted = {row["posts"] for row in path if (row["series"], row["date"]) == ("all", KORAT)}
    assert fitted == {str(counted)}
    page = (folder.parent / "index.html").read_text(encoding="utf-8")
    assert f'href="{THAI}/figures/volume.svg"' in page
    [data] = re.findall(rf'<script type="application/json" id="data-{THAI}">(.*)</script>', page)
    explorer = json.loads(data)
    day = (date.fromisoformat(KORAT) - date.fromisoformat(explorer["start"])).days
    assert explorer["series"][0]["name"] == "all"
    assert explorer["series"][0]["posts"][day] == counted
    assert "Korat mass shooting" in page
    assert '<td class="n">21385</td>' in page
