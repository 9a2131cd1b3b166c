"""Posts by hour of the week: on the wall clock, for each account, whatever the order."""

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from builders import clean, post, write_archive
from hypothesis import given
from hypothesis import strategies as st

from takedown.describe.aggregates import read_counts
from takedown.series.hours import hours_of_week


def count(rows: list[tuple[str, datetime, int]]) -> np.ndarray:
    frame = pl.LazyFrame(
        rows, schema={"who": pl.String, "time": pl.Datetime, "posts": pl.Int64}, orient="row"
    )
    return hours_of_week(frame, pl.col("who"), pl.col("time"), pl.col("posts"))


def filled(table: np.ndarray) -> list[dict[int, int]]:
    """Of each unit, the hours with posts."""
    return [{int(hour): int(row[hour]) for hour in np.flatnonzero(row)} for row in table]


def test_the_week_begins_on_monday_at_midnight_and_ends_on_sunday_at_its_last_minute() -> None:
    times = ["2019-06-03 00:00", "2019-06-04 00:59", "2019-06-08 12:30", "2019-06-09 23:59"]
    found = count([("u", datetime.fromisoformat(time), 1) for time in times])
    assert filled(found) == [{0: 1, 24: 1, 5 * 24 + 12: 1, 167: 1}]


def test_units_come_in_the_order_of_their_names_and_weeks_fall_together() -> None:
    first, later = datetime(2019, 6, 3, 5), datetime(2019, 7, 1, 5, 30)
    found = count([("b", first, 2), ("a", later, 3), ("10", first, 1), ("b", later, 5)])
    assert filled(found) == [{5: 1}, {5: 3}, {5: 7}]


def test_where_every_row_is_one_post_each_of_them_counts() -> None:
    """A literal is one number in a group of rows, not one for each of them."""
    rows = pl.LazyFrame({"who": ["a"] * 5 + ["b"], "time": [datetime(2019, 6, 3, 5)] * 6})
    found = hours_of_week(rows, pl.col("who"), pl.col("time"), pl.lit(1, pl.Int64))
    assert filled(found) == [{5: 5}, {5: 1}]


def test_without_rows_there_are_no_units() -> None:
    assert count([]).shape == (0, 168)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.datetimes(datetime(2019, 1, 1), datetime(2020, 12, 31)),
            st.integers(1, 9),
        ),
        max_size=30,
    ),
    st.randoms(),
)
def test_every_post_is_in_its_hour_in_any_order(rows: list, shuffler) -> None:
    names = sorted({name for name, _, _ in rows})
    expected = np.zeros((len(names), 168), dtype=int)
    for name, time, posts in rows:
        expected[names.index(name), time.weekday() * 24 + time.hour] += posts
    shuffler.shuffle(rows)
    np.testing.assert_array_equal(count(rows), expected)


@pytest.mark.parametrize(
    ("day", "hours"),
    # Sundays on which the clocks of New York went back and forward.
    [("2019-11-03", {1: 2}), ("2019-03-10", {2: 0})],
)
def test_the_day_of_25_hours_and_the_day_of_23_are_on_the_wall_clock(
    tmp_path: Path, day: str, hours: dict[int, int]
) -> None:
    rows = [post(f"{day} {hour:02d}:30") for hour in range(24)]
    rows += [post(f"{day[:-2]}{int(day[-2:]) + 1:02d} {hour:02d}:30") for hour in range(6)]
    posts = clean(tmp_path, write_archive(tmp_path / "a.zip", rows), timezone="America/New_York")
    one = pl.lit(1, pl.Int64)
    utc, local = (
        hours_of_week(posts.posts.lazy(), pl.col("userid"), pl.col(name), one)[0]
        for name in ("tweet_time", "local_time")
    )
    assert utc.sum() == local.sum() == 30
    np.testing.assert_array_equal(utc, [*[1] * 6, *[0] * 138, *[1] * 24])
    sunday = local[6 * 24 :]
    assert [*sunday] == [hours.get(hour, 1) for hour in range(24)]


def test_counts_by_minute_are_units_by_day(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text(
        "time,language,posts\n"
        "2019-06-02T16:59:00Z,en,4\n"  # Sunday, 23:59 in Bangkok
        "2019-06-02T17:00:00Z,th,2\n"
        "2019-06-02T17:00:00Z,en,3\n"
        "2019-06-09T18:00:00Z,en,1\n"
    )
    counts = read_counts(str(tmp_path / "counts.csv"), "Asia/Bangkok")
    day, posts = pl.col("local_day"), pl.col("posts")
    assert filled(hours_of_week(counts, day, pl.col("local_time"), posts)) == [
        {167: 4},
        {0: 5},
        {1: 1},
    ]
    assert filled(hours_of_week(counts, day, pl.col("time"), posts)) == [
        {6 * 24 + 16: 4},
        {6 * 24 + 17: 5},
        {6 * 24 + 18: 1},
    ]
