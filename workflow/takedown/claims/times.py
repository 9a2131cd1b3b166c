"""Quantities of the times of posts; the docstring of each function is its definition."""

from __future__ import annotations

from datetime import date

import polars as pl

from takedown.claims.question import NotComputableError, Question
from takedown.claims.registry import NONE, POSTS, in_period, most, one, quantity, ratio

#: Days on each side that a peak must exceed.
AROUND = 3
#: A burst: least posts in a day, least ratio to the mean of the days before, and their number.
BURST_POSTS, BURST_RATIO, BURST_DAYS = 20, 10, 28


@quantity("date")
def first_post(ask: Question) -> str:
    """Time of the first post, to the minute."""
    return one(ask.posts.select(pl.col("time").min().dt.strftime("%Y-%m-%d %H:%M")))


@quantity("date")
def last_post(ask: Question) -> str:
    """Time of the last post, to the minute."""
    return one(ask.posts.select(pl.col("time").max().dt.strftime("%Y-%m-%d %H:%M")))


@quantity("date")
def months_of_posting(ask: Question) -> str:
    """Month of the first and month of the last post."""
    return f"{first_post(ask)[:7]} to {last_post(ask)[:7]}"


@quantity("date", of="?period")
def busiest_day(ask: Question) -> str:
    """The day with the most posts, in a period or overall; the first one if several tie."""
    return most(ask.posts.filter(in_period("day", ask.of)), "day")


@quantity("date")
def busiest_week(ask: Question) -> str:
    """The Monday of the week with the most posts; the first one if several tie."""
    monday = pl.col("time").dt.truncate("1w").dt.strftime("%Y-%m-%d")
    return most(ask.posts.select("weight", week=monday), "week")


@quantity("date")
def busiest_month(ask: Question) -> str:
    """The month with the most posts; the first one if several tie."""
    return most(ask.posts, "month")


@quantity("date", of="period")
def local_peak(ask: Question) -> str:
    """The busiest day of a period, if it has more posts than any other day within three days of it.

    Days before the first and after the last post of the archive count as 0 posts.
    """
    counts = per_day(ask)
    peak = busiest_day(ask)
    around = [
        count
        for day, count in counts.items()
        if 0 < abs((date.fromisoformat(day) - date.fromisoformat(peak)).days) <= AROUND
    ]
    return peak if counts[peak] > max(around, default=0) else NONE


@quantity("date", of="months")
def peak_months(ask: Question) -> str:
    """Months of a period with more posts than both the month before and the month after."""
    counts = dict(ask.posts.group_by("month").agg(POSTS).sort("month").collect().iter_rows())
    first, last = ask.of.split("..")
    names = pl.date_range(
        pl.date(int(first[:4]), int(first[5:7]), 1),
        pl.date(int(last[:4]), int(last[5:7]), 1),
        "1mo",
    ).dt.strftime("%Y-%m")
    months = pl.select(names).to_series().to_list()
    height = [counts.get(month, 0) for month in months]
    inside = range(1, len(months) - 1)
    peaks = [months[at] for at in inside if height[at] > max(height[at - 1], height[at + 1])]
    return " and ".join(peaks) or NONE


@quantity("ratio", of="two periods")
def ratio_of_daily_means(ask: Question) -> float:
    """Posts per day in the first period divided by posts per day in the second."""
    first, second = (daily_mean(ask, period) for period in ask.of.split(" / "))
    return ratio(first, second)


@quantity("ratio")
def weekend_ratio(ask: Question) -> float:
    """Posts per day on Saturdays and Sundays divided by posts per day from Monday to Friday.

    Covers the days from the first to the last post, including days without posts.
    """
    counts = per_day(ask)
    weekend = [date.fromisoformat(day).weekday() >= 5 for day in counts]
    groups = [
        [count for count, free in zip(counts.values(), weekend, strict=True) if free is wanted]
        for wanted in (True, False)
    ]
    return ratio(*(ratio(sum(group), len(group)) for group in groups))


@quantity("hours of the day", of="number")
def busiest_hours(ask: Question) -> str:
    """The given number of hours of the day with the most posts, in order of the day."""
    hours = ask.posts.group_by("hour").agg(POSTS).sort(["weight", "hour"], descending=[True, False])
    found = hours.head(int(ask.of)).collect()["hour"].sort()
    return " and ".join(f"{hour:02d}" for hour in found)


@quantity("hours")
def midday_dip(ask: Question) -> int:
    """Length of the longest run of low hours from 11 to 14.

    An hour is low if it is below the midpoint between the lowest of these hours and the lower of
    hours 10 and 15.
    """
    counts = dict(ask.posts.group_by("hour").agg(POSTS).collect().iter_rows())
    edge = min(counts.get(10, 0), counts.get(15, 0))
    inside = [counts.get(hour, 0) for hour in range(11, 15)]
    halfway = (edge + min(inside)) / 2 if min(inside) < edge else 0
    runs = "".join("x" if count < halfway else " " for count in inside).split()
    return max(map(len, runs), default=0)


@quantity("date")
def first_burst(ask: Question) -> str:
    """The first day with at least 20 posts and over ten times the mean of the 28 days before.

    Days before the first post count as 0 posts, so a campaign can begin with a burst.
    """
    counts = per_day(ask)
    heights = [0] * BURST_DAYS + list(counts.values())
    for at, (day, count) in enumerate(counts.items()):
        before = heights[at : at + BURST_DAYS]
        if count >= BURST_POSTS and count > BURST_RATIO * sum(before) / BURST_DAYS:
            return day
    return NONE


def per_day(ask: Question) -> dict[str, int]:
    """Posts by day, from the archive's first to its last, days without posts included."""
    first, last = (
        ask.every_post.select(
            pl.col("time").dt.date().min(), pl.col("time").dt.date().max().alias("last")
        )
        .collect()
        .row(0)
    )
    if first is None:
        raise NotComputableError("there are no posts")
    days = pl.select(day=pl.date_range(first, last).dt.strftime("%Y-%m-%d")).lazy()
    counts = ask.posts.group_by("day").agg(POSTS)
    table = days.join(counts, on="day", how="left", maintain_order="left").fill_null(0)
    return dict(table.collect().iter_rows())


def daily_mean(ask: Question, period: str) -> float:
    """Posts per day in a period, including days without posts."""
    first, last = (date.fromisoformat(day) for day in period.split(".."))
    found = one(ask.posts.filter(in_period("day", period)).select(POSTS))
    return found / ((last - first).days + 1)
