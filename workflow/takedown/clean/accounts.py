"""The accounts of an archive: one row each, with what its posts say of it."""

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
#: What a row of a post says of its account.
PROFILE = [*(name for name in ACCOUNT if name != "userid"), "group"]


def account_table(
    posts: Path, listed: Iterable[tuple[str, Rows]], account: Accounting
) -> pl.DataFrame:
    """One row per account: from the users files, else from the posts; with its posting record.

    ``posts`` is the Parquet file of the cleaned posts, ``listed`` the blocks of the users files
    with their names. Accounts fit in memory.
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
    # The posts know which group an account is of, a users file does not.
    accounts = accounts.with_columns(group=pl.coalesce("posted_as", "group")).drop("posted_as")
    unlisted = record.join(users, on="userid", how="anti").with_columns(in_users=False)
    return in_order(pl.concat([accounts, unlisted.select(accounts.columns)]))


def posting_record(posts: Path) -> pl.DataFrame:
    """Of each account that posted: what its first row says of it, and its number of posts.

    A scan of the whole file would hold many row groups in memory; here they are joined whenever
    they have as many rows as accounts are known, so that time grows with the posts alone.
    """
    time, one = pl.col("tweet_time"), pl.lit(1, pl.Int64).alias("posts")
    parts: list[pl.DataFrame] = []
    for _, group in row_groups(posts, [*PROFILE, "userid", "tweet_time"]):
        parts.append(group.select("userid", *PROFILE, one, first_post=time, last_post=time))
        if sum(map(len, parts[1:])) >= len(parts[0]):
            parts = [by_account(parts)]
    return by_account(parts)


def by_account(records: list[pl.DataFrame]) -> pl.DataFrame:
    """Posting records as one, an account in one row, in the order in which they come first."""
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
    """Rows of a users file with its name, and a note where their bytes were mended."""
    notes = np.full(len(rows.frame), "", dtype=object)
    notes[rows.mended] = MENDED
    return rows.frame.with_columns(file=pl.lit(file), note=pl.Series(notes, dtype=pl.String))


def count_repeated(users: pl.DataFrame, accounts: pl.DataFrame, account: Accounting) -> None:
    """Count the rows of the users files: kept, or of an account listed before."""
    for file, note in accounts.select("file", "note").iter_rows():
        account.tallies[file].kept[note] += 1
    repeated = Counter(users["file"].to_list()) - Counter(accounts["file"].to_list())
    for file, rows in repeated.items():
        account.tallies[file].duplicate["same userid"] += rows


def in_order(accounts: pl.DataFrame) -> pl.DataFrame:
    """The table as it is written, by userid."""
    counted = accounts.with_columns(pl.col("posts").fill_null(0))
    return arranged(counted.sort("userid"), ABOUT_ACCOUNTS)
