"""The bench: what each way has read is compared with what the generator wrote."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from bench import clean as bench
from bench.ways import WAYS, Archive, run
from takedown.simulate.archive import Truth

ROOT = Path(__file__).parents[2]
ROWS = 3000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    (folder / "resources").symlink_to(ROOT / "resources")
    return folder


@pytest.fixture
def archive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.chdir(folder)
    archive, _ = bench.prepare(ROWS)
    bench.unpack(archive)
    return archive


@pytest.mark.usefixtures("may_take_long")
def test_the_truth_is_what_the_archive_holds(archive: Archive) -> None:
    with zipfile.ZipFile(archive.tweets) as packed:
        data = packed.read(packed.namelist()[0])
    assert data == archive.unpacked.read_bytes()
    found = pd.read_csv(archive.unpacked, dtype=str, keep_default_na=False)
    replies = [int(cell) for cell in found["in_reply_to_tweetid"] if cell]
    assert bench.prepare(ROWS)[1] == Truth(
        rows=ROWS,
        ids=sum(map(int, found["tweetid"])) % 2**64,
        reply_ids=sum(replies) % 2**64,
        replies=len(replies),
        texts=ROWS,
        newlines=sum(text.count("\n") for text in found["tweet_text"]),
    )
    assert len(replies) > 100
    assert bench.prepare(ROWS)[1].newlines > 100


@pytest.mark.usefixtures("may_take_long")
def test_an_archive_is_about_as_large_as_a_real_one(archive: Archive) -> None:
    """thailand_092020 has 611 bytes a row, 112 of them packed."""
    assert 500 < archive.unpacked.stat().st_size / ROWS < 700
    assert 90 < archive.tweets.stat().st_size / ROWS < 180


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_measured_and_judged(
    archive: Archive, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in range(len(WAYS[way])):
        run(way, step, archive, started=0)
    cost = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert cost["seconds"] > 0
    assert cost["cpu_seconds"] > 0
    assert cost["peak_mb"] > 10
    judged = bench.wrong(cost["found"], bench.prepare(ROWS)[1])
    expected = {"inflate only": None, "pandas, default": "ids of the posts replied to"}
    assert judged == expected.get(way, "nothing")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tweet_text": pl.col("tweet_text").str.replace_all("\n", " ")}, "newlines in texts"),
        ({"tweet_text": pl.col("tweet_text").replace("a", None)}, "texts"),
        ({"in_reply_to_tweetid": pl.lit(None, pl.String)}, "ids of the posts replied to, blank"),
        ({"tweetid": pl.col("tweetid").str.replace(".$", "0")}, "ids of posts"),
    ],
)
def test_a_wrong_reading_is_named(change: dict[str, pl.Expr], words: str) -> None:
    right = pl.DataFrame(
        {
            "tweetid": ["11", "12"],
            "in_reply_to_tweetid": ["", "9"],
            "tweet_text": ["a", "b\nc"],
        }
    )
    truth, found = Truth(), Truth()
    truth.counted(right)
    found.counted(right.with_columns(**change))
    assert bench.wrong(vars(truth), truth) == "nothing"
    assert str(bench.wrong(vars(found), truth)).startswith(words)
    found.counted(right)
    assert "rows" in str(bench.wrong(vars(found), truth))


@pytest.mark.usefixtures("may_take_long")
def test_the_table_and_its_figure(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}/workflow:{ROOT}/tools")
    limit, *_ = WAYS
    ways = [limit, "pandas, default"]
    bench.main(["--rows", "500", str(ROWS), "--most", "500", "--docs", "--ways", *ways])
    table = pd.read_csv("docs/benchmark/clean.csv")
    assert table["way"].to_list() == [*ways, limit]
    assert table["rows"].to_list() == [500, 500, ROWS]
    assert (table.loc[table["way"] == "inflate only", "of_inflate"] == 1).all()
    drawn = pd.read_csv("results/benchmark/cost.csv")
    assert drawn["way"].to_list() == ways
    words = json.loads(Path("docs/benchmark/cost.json").read_text())
    assert words["title"].startswith("SIMULATED")
    assert "pandas, default: ids of the posts replied to" in words["caption"]
    assert Path("docs/benchmark/cost.png").stat().st_size > 10_000
