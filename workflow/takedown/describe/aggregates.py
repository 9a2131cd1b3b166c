"""Aggregates that a study may use instead of posts: counts, an account table, hashtag totals.

Readers raise :class:`InputError` on a missing column, or on an unreadable cell, giving its line.
"""

from __future__ import annotations

import pandas as pd
import polars as pl

from takedown.archives.columns import YEARS
from takedown.clean.cells import NOTHING, days, in_years, number, with_year
from takedown.clean.topics import folded
from takedown.describe.posts import TIME, quantities
from takedown.errors import InputError
from takedown.io.tables import POOLED
from takedown.io.user_csv import read_rows
from takedown.redaction import described

ISO_TIME = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$"
#: What to write in a cell of a user's table, by column; shown in error messages.
WANTED = {
    "time": f"Write times of {YEARS[0]} to {YEARS[-1]}, in UTC, as 2019-06-01 02:09.",
    "posts": "It must be a whole number, 0 or more.",
    "count": "It must be a whole number, 0 or more.",
    "account_creation_date": "Write days as 2019-06-01.",
}


def read_counts(path: str, timezone: str) -> pl.LazyFrame:
    """Read counts of posts, as the columns time (UTC), language, posts, local_time and local_day.

    The CSV has the columns time (ISO 8601, UTC), language and posts. Raises :class:`InputError` on
    a missing column or a cell that cannot be read.
    """
    written = pl.when(pl.col("time").str.contains(ISO_TIME)).then("time")
    time = in_years(written.str.to_datetime(time_zone="UTC", strict=False))
    posts = whole_number("posts")
    language = pl.col("language").fill_null("").replace(["", *NOTHING], "und")
    table = read_cells(path, time=time, language=language, posts=posts)
    local = pl.col("time").dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    return table.lazy().with_columns(local_time=local, local_day=local.dt.date())


def read_accounts(path: str) -> pl.LazyFrame:
    """Read an account table (CSV) with the column account_creation_date (a date)."""
    day = in_years(days(with_year(pl.col("account_creation_date"))))
    return read_cells(path, account_creation_date=day).lazy()


def read_cells(path: str, **columns: pl.Expr) -> pl.DataFrame:
    """The CSV at ``path``, read as text, with ``columns`` typed.

    Raises :class:`InputError` when a column is missing or null in a row; the message names it.
    """
    given = read_rows(path)
    table = pl.DataFrame(given.rows, schema=dict.fromkeys(given.columns, pl.String))
    table = table.with_columns(pl.all().replace("", None))
    for name in columns:
        if name not in table.columns:
            raise InputError(f"{path}: no column '{name}'. Needed are {', '.join(columns)}.")
    typed = table.with_columns(**columns)
    for name in columns:
        for row in typed[name].is_null().arg_true().to_list():
            raise InputError(
                f"{path}, line {given.lines[row]}, column {name}: "
                f"{described(table[name][row] or '')} cannot be read. "
                f"{WANTED.get(name, '')}".rstrip()
            )
    return typed


def whole_number(column: str) -> pl.Expr:
    """The numbers in a column; null if a cell is not a whole number of 0 or more."""
    return number(pl.col(column).str.extract(r"^([0-9]+)(?:\.0+)?$"))


def summary_of_counts(counts: pl.LazyFrame) -> pd.DataFrame:
    """``describe/summary.csv`` for a campaign of which only counts are known."""
    found = counts.select(
        posts=pl.col("posts").sum(),
        languages_distinct=pl.col("language").n_unique(),
        first_post=pl.col("time").min().dt.strftime(TIME),
        last_post=pl.col("time").max().dt.strftime(TIME),
        days_with_posts=pl.col("local_day").n_unique(),
    ).collect()
    return quantities(found.row(0, named=True))


def languages_of_counts(counts: pl.LazyFrame) -> pd.DataFrame:
    """``describe/languages.csv`` from counts; accounts are unknown, so nothing can be pooled."""
    table = (
        counts.group_by("language")
        .agg(pl.col("posts").sum())
        .sort(["posts", "language"], descending=[True, False])
        .collect()
        .to_pandas()
    )
    return table.assign(
        accounts=pd.array([None] * len(table), dtype="Int64"),
        share=table.posts / table.posts.sum(),
        pooled=0,
    )[["language", "posts", "accounts", "share", "pooled"]]


def hashtag_totals(path: str, min_uses: int) -> pd.DataFrame:
    """``describe/hashtags.csv`` from totals (columns hashtag, count); pools rarely used tags.

    The number of accounts is unknown, but a tag used fewer than ``min_uses`` times must come from
    fewer than ``min_uses`` accounts.
    """
    totals = (
        read_cells(
            path,
            hashtag=folded(pl.col("hashtag")).str.strip_prefix("#"),
            count=whole_number("count"),
        )
        .group_by("hashtag")
        .agg(pl.col("count").sum().alias("posts"))
        .sort(["posts", "hashtag"], descending=[True, False])
    )
    few = totals.filter(pl.col("posts") < min_uses)
    table = totals.filter(pl.col("posts") >= min_uses).to_pandas().assign(pooled=0)
    if len(few):
        table.loc[len(table)] = [POOLED, few["posts"].sum(), len(few)]
    return table.assign(
        accounts=pd.array([None] * len(table), dtype="Int64"),
        share=table.posts / totals["posts"].sum(),
    )[["hashtag", "posts", "accounts", "share", "pooled"]]
