"""The daily series under each way to count posts, against posts counted one by one."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from builders import LABELLED_COLUMNS, campaign, clean, labelled, post, to_csv, write_archive

from takedown.describe.aggregates import read_counts
from takedown.io.tables import read_table, write_table
from takedown.series import daily as series
from takedown.series import modelled
from takedown.study.topics import Topic

TOPICS = [Topic("army", "Army", (), ("army",)), Topic("virus", "Virus", (), ("virus",))]
WAYS = {
    "all": lambda row: True,
    "on a topic": lambda row: bool(row["topics"]),
    "on a topic, strictly": lambda row: bool(row["topics_strict"]),
}
Days = dict[tuple[str, str, str], dict[str, int]]


def by_variant(table: pd.DataFrame, folder: Path) -> Days:
    """``series/variants.csv``, through the file: variant -> day -> posts."""
    path = folder / "series/variants.csv"
    path.parent.mkdir(exist_ok=True)
    write_table(table, path)
    return {
        variant: dict(zip(rows["date"], rows["posts"], strict=True))
        for variant, rows in read_table(path).groupby(series.VARIANT)
    }


def of_posts(folder: Path, rows: list[dict], days: list[str], zone: str = "Asia/Bangkok") -> Days:
    posts = clean(folder, write_archive(folder / "a.zip", rows), timezone=zone, topics=TOPICS).posts
    return by_variant(series.variants_of_posts(posts.lazy(), days), folder)


def dates(first: str, periods: int) -> list[str]:
    return [str(day.date()) for day in pd.date_range(first, periods=periods)]


def one_by_one(posts: pl.DataFrame, day: str, kind: Callable, way: Callable) -> Counter[str]:
    column = {"local": "local_day", "UTC": "tweet_time"}[day]
    return Counter(
        str(row[column])[:10] for row in posts.iter_rows(named=True) if kind(row) and way(row)
    )


def test_every_variant_is_the_sum_of_its_own_posts(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a.zip", campaign(days=40))
    posts = clean(tmp_path, archive, timezone="Asia/Bangkok", topics=TOPICS).posts
    days = dates("2019-11-01", 41)
    found = by_variant(series.variants_of_posts(posts.lazy(), days), tmp_path)
    kinds = {"in": lambda row: True, "out": lambda row: row["kind"] != "retweet"}
    assert set(found) == {
        (day, kind, way) for day in ("local", "UTC") for kind in kinds for way in WAYS
    }
    for (day, kind, way), counts in found.items():
        assert list(counts) == days
        expected = one_by_one(posts, day, kinds[kind], WAYS[way])
        assert counts == {date: expected[date] for date in days}
        assert sum(expected.values()) == sum(counts.values()) > 0
    assert len({tuple(counts.values()) for counts in found.values()}) == 12


def test_the_local_variant_of_all_posts_is_the_daily_series(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a.zip", campaign(days=40))
    posts = clean(tmp_path, archive, timezone="Asia/Bangkok", topics=TOPICS).posts.lazy()
    daily = series.daily_from_posts(posts, ["army"], ["en"], ("2019-11-05", "2019-11-20"))
    every = modelled.wide(daily)["all"]
    table = series.variants_of_posts(posts, every.index.strftime("%Y-%m-%d"))
    found = by_variant(table, tmp_path)[("local", "in", "all")]
    assert list(found.values()) == every.to_list()


@pytest.mark.parametrize(
    ("zone", "local"),
    [("Asia/Bangkok", "2019-11-21"), ("UTC", "2019-11-20"), ("America/New_York", "2019-11-20")],
)
def test_a_post_before_midnight_utc_may_be_of_the_next_day_where_it_was_made(
    tmp_path: Path, zone: str, local: str
) -> None:
    days = dates("2019-11-19", 4)
    found = of_posts(tmp_path, [post("2019-11-20 17:00")], days, zone)
    assert found["local", "in", "all"] == {day: int(day == local) for day in days}
    assert found["UTC", "in", "all"] == {day: int(day == "2019-11-20") for day in days}


def test_midnight_belongs_to_the_day_it_begins(tmp_path: Path) -> None:
    rows = [post("2019-11-20 16:59"), post("2019-11-20 17:00", sequence=1),
            post("2019-11-21 00:00", sequence=2)]  # fmt: skip
    found = of_posts(tmp_path, rows, dates("2019-11-20", 2))
    assert list(found["local", "in", "all"].values()) == [1, 2]
    assert list(found["UTC", "in", "all"].values()) == [2, 1]


def test_retweets_are_left_out_and_quotes_and_replies_are_not(tmp_path: Path) -> None:
    rows = [
        post(sequence=1),
        post(sequence=2, is_retweet="true", retweet_tweetid="9"),
        post(sequence=3, quoted_tweet_tweetid="9"),
        post(sequence=4, in_reply_to_tweetid="9"),
    ]
    found = of_posts(tmp_path, rows, ["2019-11-20"])
    assert found["local", "in", "all"] == {"2019-11-20": 4}
    assert found["local", "out", "all"] == {"2019-11-20": 3}


def test_a_topic_by_the_strict_rule_is_one_in_a_hashtag(tmp_path: Path) -> None:
    rows = [
        post(sequence=1, tweet_text="the army and the virus"),
        post(sequence=2, tweet_text="#army", hashtags="['army']"),
        post(sequence=3, tweet_text="plain"),
        post(sequence=4, tweet_text="army", is_retweet="true"),
    ]
    found = of_posts(tmp_path, rows, ["2019-11-20"])
    counts = {variant[1:]: days["2019-11-20"] for variant, days in found.items()}
    assert counts == {
        ("in", "all"): 4,
        ("in", "on a topic"): 3,
        ("in", "on a topic, strictly"): 1,
        ("out", "all"): 3,
        ("out", "on a topic"): 2,
        ("out", "on a topic, strictly"): 1,
    }


def test_days_without_posts_have_a_row_and_days_outside_have_none(tmp_path: Path) -> None:
    rows = [post("2019-11-20 05:00"), post("2019-11-24 05:00"), post("2019-12-30 05:00")]
    found = of_posts(tmp_path, rows, dates("2019-11-19", 6))
    assert found == {
        (day, retweets, "all"): dict(zip(dates("2019-11-19", 6), [0, 1, 0, 0, 0, 1], strict=True))
        for day in ("local", "UTC")
        for retweets in ("in", "out")
    }


def test_posts_of_control_accounts_are_left_out(tmp_path: Path) -> None:
    rows = [
        labelled(post("2019-11-20 05:20", "u1", 1)),
        labelled(post("2019-11-20 05:20", "c1", 2, tweet_text="the army"), control=True),
        labelled(post("2019-11-21 05:20", "c1", 3), control=True),
    ]
    path = tmp_path / "part_0.csv"
    path.write_bytes(to_csv(rows, LABELLED_COLUMNS))
    posts = clean(tmp_path, path, topics=TOPICS).posts.lazy()
    days = dates("2019-11-20", 2)
    found = by_variant(series.variants_of_posts(posts, days), tmp_path)
    assert {variant[2] for variant in found} == {"all"}
    assert all(list(counts.values()) == [1, 0] for counts in found.values())
    daily = series.daily_from_posts(posts, [], ["en"], None)
    write_table(daily, tmp_path / "series/daily.csv")
    model_days = modelled.wide(daily).index
    stored = modelled.wide(read_table(tmp_path / "series/daily.csv"))
    controls = modelled.control_posts(stored, model_days)
    assert controls is not None
    assert dict(zip(model_days.strftime("%d"), controls, strict=True)) == {"20": 1}


def test_without_control_accounts_there_is_no_series_of_theirs(tmp_path: Path) -> None:
    posts = clean(tmp_path, write_archive(tmp_path / "a.zip", [post()])).posts.lazy()
    daily = series.daily_from_posts(posts, [], ["en"], None)
    (tmp_path / "series").mkdir()
    write_table(daily, tmp_path / "series/daily.csv")
    stored = modelled.wide(read_table(tmp_path / "series/daily.csv"))
    assert modelled.control_posts(stored, stored.index) is None


def test_of_counts_the_end_of_the_day_is_the_one_choice(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text(
        "time,language,posts\n"
        "2019-05-01T15:59:00Z,en,4\n"
        "2019-05-01T16:00:00Z,zh,2\n"  # midnight in Hong Kong
        "2019-05-01T16:00:00Z,en,3\n"
        "2019-05-03T05:00:00Z,zh,7\n"
        "2019-06-03T05:00:00Z,zh,9\n"
    )
    counts = read_counts(str(tmp_path / "counts.csv"), "Asia/Hong_Kong")
    days = dates("2019-05-01", 4)
    found = by_variant(series.variants_of_counts(counts, days), tmp_path)
    assert found == {
        ("UTC", "in", "all"): dict(zip(days, [9, 0, 7, 0], strict=True)),
        ("local", "in", "all"): dict(zip(days, [4, 5, 7, 0], strict=True)),
    }
    daily = modelled.wide(series.daily_from_counts(counts, (days[0], days[-1])))["all"]
    assert daily.to_list() == list(found["local", "in", "all"].values())


def test_rows_are_in_the_order_of_variant_and_day_whatever_the_order_of_posts() -> None:
    frame = pl.DataFrame(
        {
            "day": ["local", "UTC", "local"],
            "retweets": ["in", "out", "in"],
            "counted": ["all", "all", "all"],
            "date": ["2019-05-02", "2019-05-01", "2019-05-01"],
            "posts": [5, 6, 7],
        }
    )
    days = dates("2019-05-01", 2)
    table = series.filled(frame, days)
    assert table.to_numpy().tolist() == [
        ["UTC", "out", "all", days[0], 6],
        ["UTC", "out", "all", days[1], 0],
        ["local", "in", "all", days[0], 7],
        ["local", "in", "all", days[1], 5],
    ]
    pd.testing.assert_frame_equal(series.filled(frame.reverse(), days[::-1]), table)
