"""Posts per local day: zero-filled, over the right days, and the days and series models use."""

import itertools
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from builders import clean, post, write_archive
from hypothesis import given, settings
from hypothesis import strategies as st

from takedown.errors import InputError
from takedown.estimation.data import read_data
from takedown.io.tables import read_table, write_table
from takedown.series import daily as series
from takedown.series import modelled
from takedown.study.topics import Topic

TOPICS = [Topic("army", "Army", (), ("army",)), Topic("virus", "Virus", (), ("virus",))]


def daily(folder: Path, rows: list[dict], zone: str = "UTC", **settings) -> dict[str, dict]:
    """``series/daily.csv`` as series -> day -> posts, through the file."""
    posts = clean(folder, write_archive(folder / "a.zip", rows), timezone=zone, topics=TOPICS).posts
    settings = {"topics": [], "languages": ["en"], "window": None} | settings
    path = folder / "series/daily.csv"
    path.parent.mkdir()
    write_table(series.daily_from_posts(posts.lazy(), **settings), path)
    table = read_table(path)
    return {
        name: dict(zip(part["date"], part["posts"], strict=True))
        for name, part in table.groupby("series", sort=False)
    }


def test_every_day_between_the_first_and_the_last_post_has_a_row(tmp_path: Path) -> None:
    rows = [post("2019-11-20 05:00"), post("2019-11-20 06:00"), post("2019-11-23 05:00")]
    found = daily(tmp_path, rows)
    days = ["2019-11-20", "2019-11-21", "2019-11-22", "2019-11-23"]
    assert found == {
        name: dict(zip(days, [2, 0, 0, 1], strict=True))
        for name in ("all", "lang:en", "kind:original")
    }


def test_series_add_up_and_come_in_order(tmp_path: Path) -> None:
    rows = [
        post("2019-11-20 05:00", tweet_text="army"),
        post("2019-11-20 06:00", tweet_language="th", tweet_text="army virus"),
        post("2019-11-21 05:00", tweet_language="na", is_retweet="true"),
        post("2019-11-21 06:00", tweet_language="", quoted_tweet_tweetid="4"),
    ]
    found = daily(tmp_path, rows, topics=["army", "virus"], languages=["en", "na"])
    assert {name: list(days.values()) for name, days in found.items()} == {
        "all": [2, 2],
        "topic:army": [2, 0],
        "topic:virus": [1, 0],
        "lang:en": [1, 0],
        "lang:na": [0, 1],
        "lang:other": [1, 1],
        "kind:original": [2, 0],
        "kind:quote": [0, 1],
        "kind:retweet": [0, 1],
    }
    assert list(found) == [
        "all", "topic:army", "topic:virus", "lang:en", "lang:na", "lang:other",
        "kind:original", "kind:quote", "kind:retweet",
    ]  # fmt: skip


@pytest.mark.parametrize("keep", [True, False])
def test_a_topic_without_a_post_is_kept_where_the_study_asks_for_it(
    tmp_path: Path, keep: bool
) -> None:
    found = daily(tmp_path, [post()], topics=["army"], keep_rare_topics=keep)
    assert found.get("topic:army") == ({"2019-11-20": 0} if keep else None)


@pytest.mark.parametrize(("matching", "kept"), [(1, False), (3, True)])
def test_a_topic_that_hardly_any_post_has_is_left_out_unless_asked_for(
    tmp_path: Path, matching: int, kept: bool
) -> None:
    rows = [post(sequence=number) for number in range(150)]
    rows += [post(tweet_text="army", sequence=200 + number) for number in range(matching)]
    found = daily(tmp_path, rows, topics=["army"], keep_rare_topics=False)
    assert ("topic:army" in found) == kept


def test_a_topic_that_is_not_followed_has_no_series(tmp_path: Path) -> None:
    found = daily(tmp_path, [post(tweet_text="army virus")], topics=["virus"])
    assert "topic:army" not in found


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (("2019-11-19", "2019-11-21"), [0, 1, 0]),
        (("2019-11-20", "2019-11-20"), [1]),
        (("2019-11-21", "2019-11-24"), [0, 1, 0, 0]),
    ],
)
def test_the_window_sets_the_days(
    tmp_path: Path, window: tuple[str, str], expected: list[int]
) -> None:
    found = daily(tmp_path, [post("2019-11-20 05:00"), post("2019-11-22 05:00")], window=window)
    assert list(found["all"].values()) == expected
    assert (min(found["all"]), max(found["all"])) == window


def test_a_window_without_a_post_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No posts from 2020-01-01 to 2020-01-02: change `window`"):
        daily(tmp_path, [post()], window=("2020-01-01", "2020-01-02"))


def test_the_day_of_25_hours_and_the_day_of_23_hours_are_one_day_each(tmp_path: Path) -> None:
    hours = [f"2019-{day} {hour:02d}:30" for day in ("11-03", "11-04") for hour in range(24)]
    found = daily(tmp_path, [post(hour) for hour in hours], zone="America/New_York")
    assert found["all"] == {"2019-11-02": 4, "2019-11-03": 25, "2019-11-04": 19}


def test_from_counts() -> None:
    counts = pl.LazyFrame(
        {
            "local_day": [date(2019, 5, 1), date(2019, 5, 1), date(2019, 5, 3)],
            "language": ["zh", "en", "zh"],
            "posts": [5, 2, 30],
        }
    )
    table = series.daily_from_counts(counts, None)
    found = table.groupby("series", sort=False)["posts"].agg(list).to_dict()
    assert found == {"all": [7, 0, 30], "lang:en": [2, 0, 0], "lang:zh": [5, 0, 30]}
    with pytest.raises(InputError, match="change `window`"):
        series.daily_from_counts(counts, ("2018-05-01", "2018-05-02"))


def volume(counts: list[int]) -> pd.Series:
    return pd.Series(counts, index=pd.date_range("2019-01-01", periods=len(counts)))


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=25).filter(any), st.floats(0.05, 1))
def test_the_active_period_is_the_shortest_run_with_its_share(
    counts: list[int], share: float
) -> None:
    found = modelled.estimation_window(volume(counts), None, share)
    runs = [
        (end - start, start)
        for start, end in itertools.combinations(range(len(counts) + 1), 2)
        if sum(counts[start:end]) >= share * sum(counts)
    ]
    length, start = min(runs)
    assert list(found) == list(volume(counts).index[start : start + length])


def test_a_few_early_posts_are_no_active_period() -> None:
    counts = [1, *[0] * 900, *[10] * 60]
    found = modelled.estimation_window(volume(counts), None)
    assert len(found) <= 60
    assert found[0] > volume(counts).index[900]


def test_declared_model_days_and_those_outside_the_series() -> None:
    days = volume([1] * 10)
    assert len(modelled.estimation_window(days, ("2019-01-03", "2019-01-05"))) == 3
    assert len(modelled.estimation_window(days, ("2018-01-01", "2019-01-05"))) == 5
    with pytest.raises(InputError, match="model_window"):
        modelled.estimation_window(days, ("2020-01-01", "2020-02-01"))


def test_which_series_the_models_look_at() -> None:
    days = pd.date_range("2019-01-01", periods=4)
    table = pd.DataFrame(
        {
            "all": 100,
            "topic:rare": 0,
            "lang:en": 50,
            "lang:other": 30,
            "lang:rare": 4,
            "lang:th": 6,
            "lang:und": 10,
            "kind:retweet": 60,
        },
        index=days,
    )
    found = modelled.model_series(table, days[1:3])
    assert list(found) == ["all", "topic:rare", "lang:en", "lang:th"]
    assert list(found["all"].index) == list(days[1:3])
    alone = table[["all"]].assign(**{"lang:th": 100})
    assert list(modelled.model_series(alone, days)) == ["all"]


def test_wide_keeps_the_order_of_the_series() -> None:
    days = [str(date(2019, 1, 1) + timedelta(n)) for n in range(2)]
    names = ["all", "topic:z", "lang:a"]
    rows = [(day, name, n) for n, (name, day) in enumerate(itertools.product(names, days))]
    table = modelled.wide(pd.DataFrame(rows, columns=["date", "series", "posts"]))
    assert list(table) == names
    assert table["lang:a"].to_list() == [4, 5]
    assert isinstance(table.index, pd.DatetimeIndex)


def test_what_models_read(tmp_path: Path) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    days = pd.date_range("2019-01-01", periods=3)
    daily = pd.DataFrame({"date": days.astype(str), "series": "all", "posts": [3, 0, 5]})
    write_table(daily, folder / "daily.csv")
    events = pd.DataFrame(
        {
            "number": pd.array([1, None], dtype="Int64"),
            "event": ["E01", "E02"],
            "date": ["2019-01-01", "2020-01-01"],
            "end_date": None,
            "title": ["one", "two"],
            "topic": None,
            "anticipated": None,
            "source": None,
            "place": ["modelled", "outside the study window"],
        }
    )
    write_table(events, folder / "events.csv")
    days = modelled.estimation_window(modelled.wide(daily)["all"], None)
    write_table(modelled.window_table(days, False), folder / "estimation_window.csv")
    files = {"daily": "daily", "events": "events", "window": "estimation_window"}
    data = read_data({key: str(folder / f"{name}.csv") for key, name in files.items()})
    assert data.series["all"].to_list() == [3, 0, 5]
    assert data.events["event"].to_list() == ["E01"]


def test_an_active_period_of_many_years_is_cut_to_the_two_with_the_most_posts():
    days = pd.date_range("2009-01-01", "2019-12-31")
    posts = pd.Series(10, index=days)
    posts.loc["2017-03-01":"2018-12-31"] = 11
    found = modelled.estimation_window(posts, None)
    assert len(found) == 730
    assert posts[found].sum() == posts.rolling(730).sum().max()
    declared = ("2010-01-01", "2015-12-31")
    assert len(modelled.estimation_window(posts, declared)) == 2191
