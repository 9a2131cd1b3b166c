"""The reader and the cleaning against an independent reading with the standard library alone."""

import ast
import csv
import datetime as dt
import io
import os
import zipfile
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from builders import Cleaned, clean

from takedown.archives.columns import POST
from takedown.archives.members import list_members
from takedown.clean.reader import read_blocks
from takedown.clean.records import text_rows
from takedown.series.daily import daily_from_posts
from takedown.study.topics import read_topics

ROOT = Path(__file__).parents[2]
EMBEDDED = ROOT / "resources/embedded"
ORIGINALS = os.environ.get("TAKEDOWN_ORIGINALS", "")
ZONE = ZoneInfo("Asia/Bangkok")


def pair(folder: Path, form: str) -> tuple[Path, Path]:
    return tuple(folder / f"thailand_092020_{role}_{form}.zip" for role in ("tweets", "users"))


@pytest.fixture(scope="module", params=["reduced", "original"])
def zips(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    if request.param == "reduced":
        return pair(EMBEDDED, "reduced")
    found = pair(Path(ORIGINALS), "csv_hashed")
    if not ORIGINALS or not all(path.is_file() for path in found):
        pytest.skip("TAKEDOWN_ORIGINALS names no folder with the original zips")
    return found


@pytest.fixture(scope="module")
def rows(zips: tuple[Path, Path]) -> list[dict[str, str]]:
    with zipfile.ZipFile(zips[0]) as archive:
        [name] = archive.namelist()
        text = io.TextIOWrapper(archive.open(name), "utf-8", newline="")
        return list(csv.DictReader(text))


@pytest.fixture(scope="module")
def cleaned(zips: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Cleaned:
    folder = tmp_path_factory.mktemp("real")
    topics = read_topics(ROOT / "resources/topics.yaml")
    return clean(folder, zips[0], [zips[1]], timezone=ZONE.key, topics=topics)


@pytest.mark.usefixtures("may_take_long")
def test_every_cell_is_read_as_the_csv_module_reads_it(
    zips: tuple[Path, Path], rows: list[dict[str, str]]
) -> None:
    [member] = list_members(zips[0])
    for block_bytes in (2**18, 2**25):
        frame = pl.concat(
            block.frame for block in read_blocks(member, text_rows, block_bytes=block_bytes)
        )
        assert frame.columns == list(rows[0])
        for name in frame.columns:
            assert frame[name].to_list() == [row[name] for row in rows], name


def typed(name: str, cell: str) -> object:
    """A cell as cleaning should type it, worked out without polars."""
    kind = POST[name].kind
    if kind == "list":
        return ast.literal_eval(cell) if cell else []
    if not cell:
        return None
    if kind == "time":
        return dt.datetime.strptime(cell, "%Y-%m-%d %H:%M").replace(tzinfo=dt.UTC)
    if kind == "date":
        return dt.date.fromisoformat(cell)
    if kind == "count":
        return int(float(cell))
    return {"true": True, "false": False}[cell.lower()] if kind == "flag" else cell


@pytest.mark.usefixtures("may_take_long")
def test_every_typed_cell_of_every_row(cleaned: Cleaned, rows: list[dict[str, str]]) -> None:
    assert cleaned.outcomes == {("kept", ""): 21_385 + 926}
    assert len(cleaned.quarantine) == 0
    for name in POST:
        expected = [typed(name, row.get(name, "")) for row in rows]
        assert cleaned.posts[name].to_list() == expected, name


@pytest.mark.usefixtures("may_take_long")
def test_local_days_equal_an_independent_count(
    cleaned: Cleaned, rows: list[dict[str, str]]
) -> None:
    times = [dt.datetime.fromisoformat(row["tweet_time"]).replace(tzinfo=dt.UTC) for row in rows]
    counts = Counter(str(time.astimezone(ZONE).date()) for time in times)
    daily = daily_from_posts(cleaned.posts.lazy(), [], ["th"], None)
    whole = daily[daily["series"] == "all"].set_index("date")["posts"]
    assert {day: count for day, count in whole.items() if count} == counts
    assert whole.sum() == 21_385
    assert counts["2020-02-20"] == 1313
    assert whole.index[0] == min(counts)
    assert whole.index[-1] == max(counts)
    first, last = (dt.date.fromisoformat(whole.index[end]) for end in (0, -1))
    assert len(whole) == (last - first).days + 1


@pytest.mark.usefixtures("may_take_long")
def test_the_published_numbers(cleaned: Cleaned, rows: list[dict[str, str]]) -> None:
    assert len({row["tweetid"] for row in rows}) == len(cleaned.posts) == 21_385
    assert len(cleaned.accounts) == 926
    assert (cleaned.accounts["posts"] > 0).sum() == len({row["userid"] for row in rows}) == 455
    retweets = sum(row["is_retweet"].lower() == "true" for row in rows)
    assert (cleaned.posts["kind"] == "retweet").sum() == retweets == 11_199
    check = "ids whose time agrees with tweet_time to the minute"
    assert cleaned.check(check) == ("21385", True)
    assert cleaned.check("posting accounts missing from the users file") == ("0", True)
