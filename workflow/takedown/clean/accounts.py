"""The accounts of an archive: one row each, including what the posts tell us about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from takedown.archives.columns import ACCOUNT, Column
from takedown.clean.accounting import MENDED, Accounting
from takedown.clean.cells import arranged
from takedown.clean.parquet import row_groups
from takedown.clean.records import Rows
from takedown.clean.rows import DERIVED

ABOUT_ACCOUNTS: Mapping[str, Column] = {
    **ACCOUNT,
    "group": DERIVED["group"],
    "in_users": Column("flag", "whether the users file lists it"),
    "posts": Column("count", "posts in the archive", unit="posts"),
    "first_post": Column("time", "time of its first post", unit="UTC"),
    "last_post": Column("time", "time of its last post", unit="UTC"),
}
#: The columns of a post that describe its account.
PROFILE = [*(name for name in ACCOUNT if name != "userid"), "group"]


def account_table(
    posts: Path, listed: Iterable[tuple[str, Rows]], account: Accounting
) -> pl.DataFrame:
    """One row per account, with its posting record; from the users files, or else from the posts.

    ``posts`` is the Parquet file of the cleaned posts; ``listed`` yields each users file's name
    with its blocks. All accounts must fit in memory.
    """
    record = posting_record(posts)
    blocks = [with_origin(file, rows) for file, rows in listed]
    if not blocks:
        return in_order(record.with_columns(in_users=False))
    users = pl.concat(blocks)
    accounts = users.unique("userid", keep="first", maintain_order=True)
    count_repeated(users, accounts, account)
    accounts = accounts.drop("file", "note").with_columns(in_users=True)
    accounts = accounts.join(
        record.select("userid", "posts", "first_post", "last_post", posted_as="group"),
        on="userid",
        how="left",
    )
    # The group of an account is known from its posts, not from a users file.
    accounts = accounts.with_columns(group=pl.coalesce("posted_as", "group")).drop("posted_as")
    unlisted = record.join(users, on="userid", how="anti").with_columns(in_users=False)
    return in_order(pl.concat([accounts, unlisted.select(accounts.columns)]))


def posting_record(posts: Path) -> pl.DataFrame:
    """For each account that posted: its profile from its first row, and its number of posts.

    Scanning the whole file would hold many row groups in memory. Instead, new row groups are merged
    as soon as they have as many rows as there are known accounts, so time is linear in the posts.
    """
    time, one = pl.col("tweet_time"), pl.lit(1, pl.Int64).alias("posts")
    parts: list[pl.DataFrame] = []
    for _, group in row_groups(posts, [*PROFILE, "userid", "tweet_time"]):
        parts.append(group.select("userid", *PROFILE, one, first_post=time, last_post=time))
        if sum(map(len, parts[1:])) >= len(parts[0]):
            parts = [by_account(parts)]
    return by_account(parts)


def by_account(records: list[pl.DataFrame]) -> pl.DataFrame:
    """Merge posting records into one row per account, in order of first appearance."""
    return (
        pl.concat(records)
        .group_by("userid", maintain_order=True)
        .agg(
            pl.col(PROFILE).first(),
            pl.col("posts").sum(),
            pl.col("first_post").min(),
            pl.col("last_post").max(),
        )
    )


def with_origin(file: str, rows: Rows) -> pl.DataFrame:
    """Rows of a users file with the file's name, and a note where invalid UTF-8 was replaced."""
    notes = np.full(len(rows.frame), "", dtype=object)
    notes[rows.mended] = MENDED
    return rows.frame.with_columns(file=pl.lit(file), note=pl.Series(notes, dtype=pl.String))


def count_repeated(users: pl.DataFrame, accounts: pl.DataFrame, account: Accounting) -> None:
    """Count the rows of the users files as kept, or as duplicates of an account listed earlier."""
    for file, note in accounts.select("file", "note").iter_rows():
        account.tallies[file].kept[note] += 1
    repeated = Counter(users["file"].to_list()) - Counter(accounts["file"].to_list())
    for file, rows in repeated.items():
        account.tallies[file].duplicate["same userid"] += rows


def in_order(accounts: pl.DataFrame) -> pl.DataFrame:
    """The table in its final form, sorted by userid."""
    counted = accounts.with_columns(pl.col("posts").fill_null(0))
    return arranged(counted.sort("userid"), ABOUT_ACCOUNTS)
