"""Stage clean: typed rows from any archive, every row accounted for.

Rows in = rows kept + rows quarantined + duplicates, per file. Rows stay in the archive's order; no
more than one block of them is in memory, and of each post only two 8-byte keys are kept, to find
duplicates at the end.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd
import polars as pl

from takedown.archive import ACCOUNT, POST, is_labelled, our_names
from takedown.errors import InputError
from takedown.files import whole
from takedown.groups import with_group
from takedown.members import Member, list_members
from takedown.parquet import drop_rows, parquet_file
from takedown.reader import BadRecord, read_blocks
from takedown.receipt import read_receipt
from takedown.rows import DERIVED, derived, first_reason, plain_cells, typed_cell
from takedown.structure import check_columns, columns_of
from takedown.topics import Topic, label


@dataclass
class Tally:
    """The running account of one file: rows per outcome and reason, and duplicate keys."""

    kept: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)


@dataclass
class Keys:
    """Of every post written, its id and a hash of its whole row, in the order written."""

    ids: list[np.ndarray] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)
    files: list[tuple[str, int]] = field(default_factory=list)

    def add(self, frame: pl.DataFrame, file: str) -> None:
        # An id that is itself a hash, as in the labelled format, is known by its own hash.
        number = frame["tweetid"].cast(pl.UInt64, strict=False)
        if number.null_count():
            number = number.fill_null(frame["tweetid"].hash(seed=0))
        self.ids.append(number.to_numpy())
        self.rows.append(frame.hash_rows(seed=0).to_numpy())
        self.files.append((file, len(frame)))

    def duplicates(self) -> dict[int, tuple[str, str]]:
        """Position of each duplicate among all rows -> (file, reason); the first one is kept."""
        if not self.ids:
            return {}
        ids, rows = np.concatenate(self.ids), np.concatenate(self.rows)
        order = np.argsort(ids, kind="stable")
        later = np.flatnonzero(ids[order][1:] == ids[order][:-1]) + 1
        if not len(later):
            return {}
        first_of_run = np.searchsorted(ids[order], ids[order][later])
        starts = np.cumsum([0, *(count for _, count in self.files)])
        found = {}
        for position, first in zip(order[later], order[first_of_run], strict=True):
            same = rows[position] == rows[first]
            reason = "same row again" if same else "same tweetid, other content"
            file = self.files[int(np.searchsorted(starts, position, side="right")) - 1][0]
            found[int(position)] = (file, reason)
        return found


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
    tallies: dict[str, Tally] = {}
    with (
        whole(quarantine) as part,
        part.open("w", encoding="utf-8", newline="") as handle,
        whole(tweets) as new_tweets,  # all three or none: accounts must belong to the posts
        whole(accounts) as new_accounts,
    ):
        aside = Quarantine(handle)
        write_posts(members["tweets"], topics, timezone, new_tweets, tallies, aside)
        posts = pl.scan_parquet(new_tweets)
        write_accounts(members["users"], posts, new_accounts, tallies, aside)
    return accounting_table(tallies)


def told_apart(members: Mapping[str, list[Member]]) -> dict[str, list[Member]]:
    """``members``, those that share a name with another renamed to their full path."""
    counts = Counter(member.name for found in members.values() for member in found)

    def named(member: Member) -> Member:
        if counts[member.name] == 1:
            return member
        inside = f"/{member.info.filename}" if member.info else ""
        return replace(member, name=member.path.as_posix() + inside)

    return {role: [named(member) for member in found] for role, found in members.items()}


def reasons(tallies: Mapping[str, Tally]) -> str:
    """Why rows were quarantined, as ``" (12 rows: tweet_time unreadable)"``; empty if none was."""
    total = sum((tally.quarantined for tally in tallies.values()), Counter())
    named = ", ".join(f"{count} rows: {reason}" for reason, count in total.most_common(3))
    return f" ({named})" if named else ""


class Quarantine:
    """Where rows are set aside, with the file, the line, the reason and the raw record."""

    def __init__(self, handle: TextIO) -> None:
        self.writer = csv.writer(handle, lineterminator="\n")
        self.writer.writerow(["file", "line", "reason", "raw"])

    def add(self, file: str, bad: Iterable[BadRecord]) -> None:
        for record in bad:
            raw = record.raw.decode("utf-8", "backslashreplace")
            self.writer.writerow([file, record.line, record.reason, raw])


def write_posts(
    members: list[Member],
    topics: list[Topic],
    timezone: str,
    path: Path,
    tallies: dict[str, Tally],
    aside: Quarantine,
) -> None:
    """Stream the members into one Parquet file, without duplicates, counting as it goes."""
    keys = Keys()
    about = {name: column.about for name, column in POST.items()} | DERIVED
    with parquet_file(path, about) as write:
        for member in members:
            tally = tallies.setdefault(member.name, Tally())
            for frame in typed_blocks(member, "tweets", tally, aside):
                frame = label(frame.with_columns(derived(timezone)), topics)
                keys.add(frame.select([*POST, "group"]), member.name)
                write(frame)
                tally.kept += len(frame)
        if not keys.ids or not sum(map(len, keys.ids)):
            raise InputError(
                f"{members[0].where}: not one usable post"
                f"{reasons(tallies)}. Is it the right file, and complete?"
            )
    duplicates = keys.duplicates()
    for file, reason in duplicates.values():
        tallies[file].kept -= 1
        tallies[file].duplicates[reason] += 1
    if duplicates:
        drop_rows(path, about, np.fromiter(duplicates, dtype=np.int64))


def typed_blocks(
    member: Member, role: str, tally: Tally, aside: Quarantine
) -> Iterator[pl.DataFrame]:
    """The member's rows, typed; rows that cannot be typed go to the quarantine with a reason."""
    for block in read_blocks(member):
        header = block.frame.columns
        check_columns(header, role, member.where)
        columns, names = columns_of(header, role), our_names(header)
        raw = block.frame.rename(dict(zip(header, names, strict=True)))
        texts = raw.select(
            pl.col(name) if name in names else pl.lit("").alias(name) for name in columns
        )
        if is_labelled(header):
            texts = plain_cells(texts)
        typed = texts.select(typed_cell(columns[name], name) for name in columns)
        reason = texts.hstack(typed.rename(lambda name: f"typed {name}")).select(
            first_reason(columns, numeric_ids=not is_labelled(header))
        )["reason"]
        bad = [block.record(row, reason[row]) for row in reason.is_not_null().arg_true().to_list()]
        set_aside = sorted([*block.bad, *bad], key=lambda record: record.line)
        aside.add(member.name, set_aside)
        tally.quarantined.update(record.reason for record in set_aside)
        yield with_group(typed.filter(reason.is_null()))


def write_accounts(
    members: list[Member],
    posts: pl.LazyFrame,
    path: Path,
    tallies: dict[str, Tally],
    aside: Quarantine,
) -> None:
    """One row per account: from the users files, else from the posts; with its posting record.

    Accounts fit in memory.
    """
    per_account = (
        posts.group_by("userid")
        .agg(
            pl.col(*(name for name in ACCOUNT if name != "userid")).first(),
            pl.col("group").first(),
            pl.len().cast(pl.Int64).alias("posts"),
            pl.col("tweet_time").min().alias("first_post"),
            pl.col("tweet_time").max().alias("last_post"),
        )
        .collect()
    )
    listed = []
    for member in members:
        tallies.setdefault(member.name, Tally())
        for frame in typed_blocks(member, "users", tallies[member.name], aside):
            listed.append(frame.with_columns(file=pl.lit(member.name)))
    if listed:
        users = pl.concat(listed)
        accounts = users.unique("userid", keep="first", maintain_order=True)
        kept = Counter(accounts["file"].to_list())
        for file, rows in Counter(users["file"].to_list()).items():
            tallies[file].kept += kept[file]
            if rows > kept[file]:
                tallies[file].duplicates["same userid"] += rows - kept[file]
        accounts = accounts.drop("file").with_columns(in_users=True)
        accounts = accounts.join(
            per_account.select("userid", "posts", "first_post", "last_post", posted_as="group"),
            on="userid",
            how="left",
        )
        # The posts know which group an account is of, a users file does not.
        accounts = accounts.with_columns(group=pl.coalesce("posted_as", "group")).drop("posted_as")
        unlisted = per_account.join(users, on="userid", how="anti").with_columns(in_users=False)
        accounts = pl.concat([accounts, unlisted.select(accounts.columns)])
    else:
        accounts = per_account.with_columns(in_users=False)
    accounts = accounts.with_columns(pl.col("posts").fill_null(0)).sort("userid")
    about = {name: column.about for name, column in ACCOUNT.items()} | {
        "group": DERIVED["group"],
        "in_users": "whether the users file lists it",
        "posts": "posts in the archive",
        "first_post": "time of its first post, UTC",
        "last_post": "time of its last post, UTC",
    }
    with parquet_file(path, about) as write:
        write(accounts.select(list(about)))


def accounting_table(tallies: Mapping[str, Tally]) -> pd.DataFrame:
    """The table ``clean/accounting.csv``."""
    rows = []
    for file, tally in tallies.items():
        rows.append((file, "kept", "", tally.kept))
        for outcome, reasons in (
            ("quarantined", tally.quarantined),
            ("duplicate", tally.duplicates),
        ):
            rows += [(file, outcome, reason, count) for reason, count in sorted(reasons.items())]
    return pd.DataFrame(rows, columns=["file", "outcome", "reason", "rows"])
