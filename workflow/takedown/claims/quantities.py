"""The registry of quantities that claims are about: each a function, its docstring the definition.

A function takes a :class:`~takedown.claims.question.Question` and returns one value: a number, or
text for a date (ISO, as precise as it is known). docs/reference/claims.md is rendered from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import polars.selectors as cs

from takedown.claims import files
from takedown.claims.question import COLUMNS, NotComputableError, Question, columns_in

Compute = Callable[[Question], Any]
POSTS = pl.col("weight").sum()
#: Days on each side that a peak must exceed.
AROUND = 3
#: A burst: at least so many posts in a day, and so many times the mean of so many days before.
BURST_POSTS, BURST_RATIO, BURST_DAYS = 20, 10, 28
#: What is given for a day or a month that there is not.
NONE = "none"
ADDRESS = r"https?://\S+"


@dataclass(frozen=True)
class Quantity:
    """One entry of the registry.

    ``unit`` is the unit of the value, blank where the claim names it. ``of`` and ``where`` say what
    may stand in these columns of a claim (:func:`~takedown.claims.question.check_argument`).
    ``rows`` is what the value is computed from: posts, accounts or files, ``needs`` the columns
    that these must have beside those that the claim names.
    """

    compute: Compute
    unit: str
    of: str
    where: str
    rows: str
    needs: Sequence[str]
    chart: bool

    def __call__(self, ask: Question) -> Any:
        """The value; raises :class:`NotComputableError` where the data cannot give it."""
        if self.rows in COLUMNS:
            frame = ask.posts if self.rows == "posts" else ask.accounts
            of_columns = self.of.removesuffix(" that") in COLUMNS
            ask.need(frame, *self.needs, *(columns_in(ask.of) if of_columns else ()))
        return self.compute(ask)

    @property
    def definition(self) -> str:
        """Its docstring, in one line."""
        return " ".join((self.compute.__doc__ or "").split())


REGISTRY: dict[str, Quantity] = {}


def quantity(
    unit: str, *, of: str = "", rows: str = "posts", needs: str = "", chart: bool = False
) -> Callable[[Compute], Compute]:
    """Enter a function into the registry under its name; ``where`` selects among its rows."""
    where = "" if rows == "files" else f"?{rows} that"

    def enter(compute: Compute) -> Compute:
        found = Quantity(compute, unit, of, where, rows, needs.split(), chart)
        REGISTRY[compute.__name__] = found
        return compute

    return enter


# Numbers of posts


@quantity("posts")
def posts(ask: Question) -> int:
    """Posts. Rows, not lines, of the posts files; a row that stands there twice counts once."""
    return one(ask.posts.select(POSTS))


@quantity("percent", of="posts that")
def share_of_posts(ask: Question) -> float:
    """Of the posts selected, those for which the condition holds."""
    found = (
        counted(ask.posts, ask.of)
        .select(held=pl.col("weight").filter(ask.values.fill_null(False)).sum(), all=POSTS)
        .collect()
    )
    return percent(*found.row(0))


@quantity("", of="posts")
def sum_over_posts(ask: Question) -> float:
    """Sum of a column, or of an expression over columns, over the posts."""
    return one(counted(ask.posts, ask.of).select(ask.values * pl.col("weight")).sum())


@quantity("", of="posts")
def mean_over_posts(ask: Question) -> float:
    """Sum over the posts, divided by the posts."""
    return ratio(sum_over_posts(ask), posts(ask))


@quantity("", of="posts", needs="userid")
def mean_per_posting_account(ask: Question) -> float:
    """Sum over the posts, divided by the accounts with a post."""
    return ratio(sum_over_posts(ask), posting_accounts(ask))


@quantity("", of="posts")
def mean_per_account(ask: Question) -> float:
    """Sum over the posts, divided by all accounts of the users file, silent ones too."""
    return ratio(sum_over_posts(ask), one(ask.every_account.select(pl.len())))


@quantity("", of="posts")
def largest_over_posts(ask: Question) -> float:
    """The largest value among the posts."""
    return ranked(ask, 1)


@quantity("", of="posts")
def second_largest_over_posts(ask: Question) -> float:
    """The second largest value among the posts; equal to the largest if two posts have it."""
    return ranked(ask, 2)


@quantity("", of="columns")
def distinct_in_posts(ask: Question) -> int:
    """Distinct values of a column, or of columns divided by commas; blank is no value."""
    names = [name.strip() for name in ask.of.split(",")]
    ask.need(ask.posts, *names)
    return one(ask.posts.select(names).drop_nulls().unique().select(pl.len()))


@quantity("uses", of="?text", needs="hashtags")
def hashtag_uses(ask: Question) -> int:
    """Uses of a hashtag, or of all: elements of the lists, in lower case."""
    tags = hashtags(ask)
    wanted = pl.col("hashtag") == ask.of.lower() if ask.of else pl.lit(True)
    return one(tags.filter(wanted).select(pl.len()))


@quantity("uses", needs="hashtags")
def hashtag_uses_once_a_post(ask: Question) -> int:
    """Uses of all hashtags, in lower case, where one that a post repeats counts once."""
    tags = pl.col("hashtags").list.eval(pl.element().str.to_lowercase()).list.unique()
    return one(ask.posts.select(tags.list.len().sum()))


@quantity("hashtags", needs="hashtags")
def distinct_hashtags(ask: Question) -> int:
    """Distinct hashtags, in lower case; simplified and traditional forms stay apart."""
    return one(hashtags(ask).select(pl.col("hashtag").n_unique()))


@quantity("hashtag", needs="hashtags")
def most_used_hashtag(ask: Question) -> str:
    """The hashtag with the most uses, in lower case; of several the first in the alphabet."""
    return most(hashtags(ask).select("hashtag", weight=1), "hashtag")


@quantity("occurrences", of="text", needs="tweet_text")
def term_uses(ask: Question) -> int:
    """Occurrences of a term in the posts' text: lower case, addresses left out, as whole words.

    The words of a term of several may stand together or apart.
    """
    text = pl.col("tweet_text").str.to_lowercase().str.replace_all(ADDRESS, " ")
    pattern = r"\b" + r"\s*".join(map(re.escape, ask.of.lower().split())) + r"\b"
    return one(ask.posts.select(text.str.count_matches(pattern).sum()))


# Times of posts


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
    """The day with the most posts, in a period or of all; the first one if several have them."""
    return most(ask.posts.filter(in_period("day", ask.of)), "day")


@quantity("date")
def busiest_week(ask: Question) -> str:
    """The Monday of the week with the most posts; the first one if several have them."""
    monday = pl.col("time").dt.truncate("1w").dt.strftime("%Y-%m-%d")
    return most(ask.posts.select("weight", week=monday), "week")


@quantity("date")
def busiest_month(ask: Question) -> str:
    """The month with the most posts; the first one if several have them."""
    return most(ask.posts, "month")


@quantity("date", of="period")
def local_peak(ask: Question) -> str:
    """The busiest day of a period, if it has more posts than each day within three days of it.

    Days before the first and after the last post of the archive have none.
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
    """Months of a period that have more posts than the month before and the month after."""
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
    """Posts a day in the first period over posts a day in the second."""
    first, second = (daily_mean(ask, period) for period in ask.of.split(" / "))
    return ratio(first, second)


@quantity("ratio")
def weekend_ratio(ask: Question) -> float:
    """Posts a day on Saturdays and Sundays over posts a day from Monday to Friday.

    From the day of the first to that of the last post, days without posts included.
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
    """The hours of the day with the most posts, so many of them, in the order of the day."""
    hours = ask.posts.group_by("hour").agg(POSTS).sort(["weight", "hour"], descending=[True, False])
    found = hours.head(int(ask.of)).collect()["hour"].sort()
    return " and ".join(f"{hour:02d}" for hour in found)


@quantity("hours")
def midday_dip(ask: Question) -> int:
    """Length of the longest run of low hours from 11 to 14.

    Low is below halfway between the lowest of these hours and the lower of those at 10 and 15.
    """
    counts = dict(ask.posts.group_by("hour").agg(POSTS).collect().iter_rows())
    edge = min(counts.get(10, 0), counts.get(15, 0))
    inside = [counts.get(hour, 0) for hour in range(11, 15)]
    halfway = (edge + min(inside)) / 2 if min(inside) < edge else 0
    runs = "".join("x" if count < halfway else " " for count in inside).split()
    return max(map(len, runs), default=0)


@quantity("date")
def first_burst(ask: Question) -> str:
    """The first day with twenty posts or more that are over ten times the mean of 28 days before.

    Days before the first post have none, so a campaign can begin with a burst.
    """
    counts = per_day(ask)
    heights = [0] * BURST_DAYS + list(counts.values())
    for at, (day, count) in enumerate(counts.items()):
        before = heights[at : at + BURST_DAYS]
        if count >= BURST_POSTS and count > BURST_RATIO * sum(before) / BURST_DAYS:
            return day
    return NONE


# Accounts


@quantity("accounts", rows="accounts")
def accounts(ask: Question) -> int:
    """Accounts in the users file, whether they posted or not."""
    return one(ask.accounts.select(pl.col("userid").n_unique()))


@quantity("accounts", needs="userid")
def posting_accounts(ask: Question) -> int:
    """Accounts with at least one of the posts."""
    return one(ask.posts.select(pl.col("userid").n_unique()))


@quantity("percent", of="accounts that", rows="accounts")
def share_of_accounts(ask: Question) -> float:
    """Of the accounts selected in the users file, those for which the condition holds."""
    found = ask.accounts.select(held=ask.values.fill_null(False).sum(), all=pl.len()).collect()
    return percent(*found.row(0))


@quantity("", of="accounts", rows="accounts")
def mean_over_accounts(ask: Question) -> float:
    """Mean of a column over the accounts of the users file."""
    found = counted(ask.accounts, ask.of).select(ask.values.sum(), all=pl.len()).collect()
    return ratio(*found.row(0))


@quantity("percent", of="posts that", needs="userid")
def share_of_posting_accounts(ask: Question) -> float:
    """Of the accounts with such a post, those for which the condition on the account holds."""
    people = ask.posts.unique("userid")
    found = people.select(held=ask.values.fill_null(False).sum(), all=pl.len()).collect()
    return percent(*found.row(0))


@quantity("accounts", of="number", needs="userid")
def accounts_with_more_posts_than(ask: Question) -> int:
    """Accounts with more than so many of the posts."""
    per_account = ask.posts.group_by("userid").agg(POSTS)
    return one(per_account.select((pl.col("weight") > int(ask.of)).sum()))


@quantity("date", rows="accounts")
def first_account_creation(ask: Question) -> str:
    """Day on which the oldest account was created."""
    return one(ask.accounts.select(pl.col("account_creation_date").min()))


@quantity("date", rows="accounts")
def months_of_creation(ask: Question) -> str:
    """Months in which the oldest and the youngest account were created."""
    month = pl.col("creation_month")
    first, last = ask.accounts.select(month.min(), month.max().alias("last")).collect().row(0)
    return f"{first} to {last}"


@quantity("date", of="number", rows="accounts")
def most_common_creation_months(ask: Question) -> str:
    """The months in which the most accounts were created, so many of them, in order of time."""
    counts = ask.accounts.group_by("creation_month").len()
    order = counts.sort(["len", "creation_month"], descending=[True, False])
    return " and ".join(order.head(int(ask.of)).collect()["creation_month"].sort())


@quantity("accounts", of="month", needs="userid account_creation_date")
def accounts_created_for_it(ask: Question) -> int:
    """Accounts created in a month whose first post of all is among the posts."""
    first = ask.every_post.group_by("userid").agg(pl.col("time").min())
    begun = ask.posts.join(first, on=["userid", "time"], how="semi")
    in_month = pl.col("account_creation_date").str.starts_with(ask.of)
    return one(begun.filter(in_month).select(pl.col("userid").n_unique()))


# Files


@quantity("columns", rows="files")
def columns_in_posts_files(ask: Question) -> int:
    """Columns in the header of the posts files."""
    return files.columns(ask.data, "tweets")


@quantity("lines", rows="files")
def lines_in_posts_files(ask: Question) -> int:
    """Line ends in the unpacked posts files; a line is no post, as texts have line breaks."""
    return files.lines(ask.data, "tweets")


@quantity("MB", rows="files")
def megabytes_of_posts_files(ask: Question) -> float:
    """Size of the posts files as downloaded, in decimal megabytes."""
    return files.megabytes(ask.data, "tweets")


@quantity("posts", of="column", rows="files")
def rows_filled_in_posts_files(ask: Question) -> int:
    """Rows of the posts files in which a column is not blank."""
    filled, _ = files.filled(ask.data, "tweets", ask.of)
    return filled


@quantity("percent", of="column", rows="files")
def share_of_users_file_blank(ask: Question) -> float:
    """Of the rows of the users file, those in which a column is blank."""
    filled, rows = files.filled(ask.data, "users", ask.of)
    return percent(rows - filled, rows)


@quantity("", of="text", rows="files")
def outside_the_archive(ask: Question) -> None:
    """A value that no archive holds, for the reason given."""
    raise NotComputableError(ask.of)


# What they share


def one(frame: pl.LazyFrame) -> Any:
    """The one value of a frame; raises :class:`NotComputableError` if there is none."""
    value = frame.collect().item()
    if value is None:
        raise NotComputableError("no row is left to compute it from")
    return value


def counted(rows: pl.LazyFrame, sql: str) -> pl.LazyFrame:
    """The rows with 0 for a blank number in the columns that ``sql`` names."""
    return rows.with_columns((cs.by_name(columns_in(sql)) & cs.numeric()).fill_null(0))


def percent(part: float, whole: float) -> float:
    return 100 * ratio(part, whole)


def ratio(above: float, below: float) -> float:
    """``above`` over ``below``; raises :class:`NotComputableError` when there is nothing below."""
    if not below:
        raise NotComputableError("it would be divided by zero: no row is left below")
    return above / below


def ranked(ask: Question, rank: int) -> float:
    """The value of so high a rank among the posts."""
    values = ask.posts.select(value=ask.values).drop_nulls().top_k(rank, by="value").collect()
    if len(values) < rank:
        raise NotComputableError(f"fewer than {rank} posts have a value")
    return values["value"].sort(descending=True)[rank - 1]


def hashtags(ask: Question) -> pl.LazyFrame:
    """One row per use of a hashtag, in lower case."""
    return ask.posts.select(hashtag=pl.col("hashtags").explode().str.to_lowercase()).drop_nulls()


def most(rows: pl.LazyFrame, name: str) -> str:
    """The value of column ``name`` that most posts have, the smallest of equals."""
    order = rows.group_by(name).agg(POSTS).sort(["weight", name], descending=[True, False])
    found = order.head(1).collect()[name]
    if found.is_empty():
        raise NotComputableError("no row is left to compute it from")
    return found.item()


def in_period(column: str, period: str) -> pl.Expr:
    """Whether an ISO text falls into a period such as 2020-01-01..2020-01-31, or true."""
    if not period:
        return pl.lit(True)
    first, last = period.split("..")
    return pl.col(column).is_between(pl.lit(first), pl.lit(last))


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
    """Posts a day in a period, days without posts included."""
    first, last = (date.fromisoformat(day) for day in period.split(".."))
    found = one(ask.posts.filter(in_period("day", period)).select(POSTS))
    return found / ((last - first).days + 1)
