"""What two campaigns have in common: exact when small, within its interval when large."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from takedown.atlas.sketch import SIZE, similarity, sketch
from takedown.io.tables import contract

BIG = 5 * SIZE


def posts(path: Path, **columns: list) -> Path:
    """Cleaned posts of which only what a sketch reads is there."""
    rows = len(next(iter(columns.values())))
    given = {
        "group": pl.Series(["campaign"] * rows, dtype=pl.Categorical),
        "userid": pl.Series([str(number) for number in range(rows)], dtype=pl.String),
        "hashtags": pl.Series([[]] * rows, dtype=pl.List(pl.String)),
        "retweet_tweetid": pl.Series([None] * rows, dtype=pl.String),
        "retweet_tweetid_lost": pl.Series([False] * rows),
        "urls": pl.Series([[]] * rows, dtype=pl.List(pl.String)),
    }
    frame = pl.DataFrame(given).with_columns(
        **{name: pl.Series(values, dtype=given[name].dtype) for name, values in columns.items()}
    )
    frame.write_parquet(path)
    return path


def shares(one: Path, other: Path) -> dict[str, dict]:
    table = similarity({"one": sketch(one, 1), "other": sketch(other, 1)})
    contract("atlas/similarity.csv").validate(table, lazy=True)
    return {row["behaviour"]: row for row in table.to_dict("records")}


def test_small_campaigns_are_compared_whole(tmp_path: Path) -> None:
    one = posts(
        tmp_path / "one",
        hashtags=[["HongKong", "香港"], ["hongkong"], ["taiwan"]],
        retweet_tweetid=["1", "2", None],
        urls=[["https://www.example.org/a"], ["http://example.org:80/b", "https://t.co/x"], []],
    )
    other = posts(
        tmp_path / "other",
        hashtags=[["HONGKONG"], ["guo"], []],
        retweet_tweetid=["2", "3", "3"],
        urls=[["HTTPS://EXAMPLE.org"], [], []],
    )
    found = shares(one, other)
    tags, retweets, sites = (
        found[name] for name in ("hashtags", "retweeted posts", "linked sites")
    )
    assert (tags["things"], tags["things_other"], tags["compared"]) == (3, 2, 4)
    assert (tags["share"], tags["lower"], tags["upper"], tags["exact"]) == (1 / 4,) * 3 + (True,)
    assert retweets["share"] == pytest.approx(1 / 3)
    assert (sites["things"], sites["share"]) == (2, 1 / 2)


def test_posts_of_control_accounts_do_not_enter(tmp_path: Path) -> None:
    group = ["control", "campaign"]
    path = posts(tmp_path / "one", group=group, retweet_tweetid=["1", "2"])
    assert len(sketch(path, 1)) == 1


def test_what_few_accounts_do_is_left_out(tmp_path: Path) -> None:
    users = ["1", "2", "3", "4", "4", "5"]
    path = posts(
        tmp_path / "one",
        userid=users,
        retweet_tweetid=["1", "2", "3", "4", "5", None],  # of four accounts
        hashtags=[["a"]] * 6,  # of five
    )
    assert set(sketch(path, 5)["behaviour"]) == {"hashtags"}


def test_posts_whose_ids_were_rounded_are_compared_with_none(tmp_path: Path) -> None:
    """Those that were not are a part that nobody has drawn at random."""
    ids = [str(number) for number in range(9)]
    lost = [False] * 8 + [True]
    whole = sketch(posts(tmp_path / "one", retweet_tweetid=ids), 5)
    rounded = sketch(posts(tmp_path / "other", retweet_tweetid=ids, retweet_tweetid_lost=lost), 5)
    assert set(whole["behaviour"]) == {"retweeted posts"}
    assert rounded.empty


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("shared", [0, BIG // 10, BIG // 2, BIG])
def test_large_campaigns_are_estimated_within_their_interval(tmp_path: Path, shared: int) -> None:
    first = [str(number) for number in range(BIG)]
    second = [str(number) for number in range(BIG - shared, 2 * BIG - shared)]
    found = shares(
        posts(tmp_path / "one", retweet_tweetid=first),
        posts(tmp_path / "other", retweet_tweetid=second),
    )["retweeted posts"]
    truth = shared / (2 * BIG - shared)
    assert not found["exact"]
    assert found["compared"] == SIZE
    assert found["lower"] - 0.01 <= truth <= found["upper"] + 0.01
    assert found["upper"] - found["lower"] < 0.04
    assert found["things"] == pytest.approx(BIG, rel=0.06)


def test_a_sketch_does_not_depend_on_order_or_repetition(tmp_path: Path) -> None:
    ids = [str(number) for number in range(3 * SIZE)]
    one = sketch(posts(tmp_path / "one", retweet_tweetid=ids), 5)
    other = sketch(posts(tmp_path / "other", retweet_tweetid=[*reversed(ids), *ids[:500]]), 5)
    assert one.equals(other)
    assert len(one) == SIZE


def test_a_behaviour_that_one_lacks_is_left_out(tmp_path: Path) -> None:
    one = posts(tmp_path / "one", retweet_tweetid=["1"])
    other = posts(tmp_path / "other", hashtags=[["a"]])
    assert shares(one, other) == {}
