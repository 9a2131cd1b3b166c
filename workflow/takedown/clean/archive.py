"""Stage clean: read any archive into typed rows, and account for every row.

Per file, rows in = rows kept + rows quarantined + duplicates. Rows stay in the archive's order.
Only a few blocks are in memory at a time; to find duplicates, post ids are stored as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile

import pandas as pd
import polars as pl

from takedown.archives.columns import POST, Column
from takedown.archives.members import Member, Seen, list_members
from takedown.archives.receipt import read_receipt
from takedown.clean.accounting import Accounting
from takedown.clean.accounts import ABOUT_ACCOUNTS, account_table
from takedown.clean.blocks import Block
from takedown.clean.cells import arranged
from takedown.clean.duplicates import Ids, duplicates
from takedown.clean.parquet import without_rows, write_parquet
from takedown.clean.reader import read_blocks
from takedown.clean.records import Rows
from takedown.clean.rows import DERIVED, derived, typed_rows
from takedown.clean.topics import label
from takedown.engine.progress import byte_bar
from takedown.errors import InputError
from takedown.io.background import in_thread
from takedown.io.files import whole
from takedown.study.topics import Topic

ABOUT_POSTS: Mapping[str, Column] = {**POST, **DERIVED}


def clean_archive(
    *,
    receipt: Path,
    topics: list[Topic],
    timezone: str,
    tweets: Path,
    accounts: Path,
    quarantine: Path,
) -> pd.DataFrame:
    """Clean one campaign; returns the table ``clean/accounting.csv``.

    Writes ``tweets`` and ``accounts`` (Parquet, typed, described) and ``quarantine`` (CSV: file,
    line, reason, raw). Raises :class:`InputError` when the files hold no usable post.
    """
    entries = read_receipt(receipt)
    members = told_apart(
        {
            role: [m for e in entries if e.role == role for m in list_members(Path(e.path))]
            for role in ("tweets", "users")
        }
    )
    every = [member for found in members.values() for member in found]
    posts_of = partial(typed_posts, topics=topics, timezone=timezone)
    users_of = partial(typed_rows, role="users")
    with (
        whole(quarantine) as part,
        part.open("wb") as handle,
        whole(tweets) as new_tweets,  # write all three or none: accounts must match the posts
        whole(accounts) as new_accounts,
        byte_bar("clean", sum(member.packed_bytes for member in every)) as bar,
    ):
        account = Accounting([member.name for member in every], handle)
        blocks = usable_rows(members["tweets"], posts_of, account, bar.update)
        write_posts(blocks, new_tweets, account, members["tweets"][0].where)
        listed = usable_rows(members["users"], users_of, account, bar.update)
        table = account_table(new_tweets, listed, account)
        write_parquet(new_accounts, iter([table]), ABOUT_ACCOUNTS)
    return account.table()


def told_apart(members: Mapping[str, list[Member]]) -> dict[str, list[Member]]:
    """``members`` with unique names: those that share a name get as much of their path as needed.

    They get no more than that, because results show these names and the rest of the path is the
    user's own business.
    """
    places = {member: place_of(member) for found in members.values() for member in found}

    def named(member: Member) -> Member:
        parts = places[member]
        for length in range(1, len(parts) + 1):
            if sum(other[-length:] == parts[-length:] for other in places.values()) == 1:
                return replace(member, name="/".join(parts[-length:]))
        return replace(member, name="/".join(parts))

    return {role: [named(member) for member in found] for role, found in members.items()}


def place_of(member: Member) -> tuple[str, ...]:
    """The parts of a member's path; for a zip member, the zip's path, then the path inside it."""
    inside = Path(member.info.filename).parts if member.info else ()
    return (*member.path.parts, *inside)


def usable_rows(
    members: Iterable[Member], work: Callable[[Block], Rows], account: Accounting, seen: Seen
) -> Iterator[tuple[str, Rows]]:
    """Apply ``work`` to each block of the members; yield the member's name and the resulting rows.

    Unusable records are moved to the quarantine as they are found.
    """
    for member in members:
        for rows in read_blocks(member, work, seen=seen):
            account.set_aside(member.name, rows.bad)
            yield member.name, rows


def typed_posts(block: Block, topics: list[Topic], timezone: str) -> Rows:
    """The usable posts of a block with all their columns, derived ones included."""
    rows = typed_rows(block, role="tweets")
    frame = label(rows.frame.with_columns(derived(timezone)), topics)
    rows.frame = arranged(frame, ABOUT_POSTS)
    return rows


def write_posts(
    blocks: Iterable[tuple[str, Rows]], path: Path, account: Accounting, where: str
) -> None:
    """Write the posts to one Parquet file, without duplicates, and count them.

    Raises :class:`InputError` when there are no usable posts; ``where`` names the first file.
    """

    def frames(ids: Ids) -> Iterator[pl.DataFrame]:
        for file, rows in blocks:
            if len(rows.frame):
                account.keep(file, rows)
                ids.add(rows.frame)
                yield rows.frame

    with TemporaryFile(dir=path.parent) as file:
        ids = Ids(file)
        write_parquet(path, in_thread(frames(ids)), ABOUT_POSTS)
        repeated = ids.repeated()
    if not account.posts:
        raise InputError(
            f"{where}: not one usable post{account.reasons()}. Is it the right file, and complete? "
            "How every column is written: docs/reference/codebook.md."
        )
    if len(repeated):
        found = duplicates(path, repeated, [*POST, "group"])
        account.drop(found)
        drop = found["position"].to_numpy()
        write_parquet(path, without_rows(path, drop), ABOUT_POSTS)
