"""Validity checks of a cleaned archive: the table ``clean/checks.csv``.

Everything is counted from the cleaned tables in a few passes over single columns. Identifiers are
loaded into memory one part at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

import pandas as pd
import polars as pl

from takedown.archives.columns import POST, REFERENCES
from takedown.archives.groups import of_campaign
from takedown.clean.duplicates import PARTS, Ids
from takedown.errors import InputError
from takedown.io.sorted_numbers import among, sorted_once

SNOWFLAKE_EPOCH_MS = 1288834974657
FIRST_SNOWFLAKE = 29700859247  # posts of 4 November 2010; earlier ids carry no time
#: Gaps are sought between these quantiles of the posts, so that a few early posts do not make the
#: period years long.
ACTIVE = (0.01, 0.99)
REPLY, RETWEET = "in_reply_to_tweetid", "retweet_tweetid"
POST_REFERENCES = [name for name in REFERENCES if POST[name].kind == "post reference"]
#: Floats are exact up to EXACT_TO. If at least SURE larger ids all survive a float, some are wrong.
EXACT_TO, SURE = 2**53, 50


def check_archive(
    posts: pl.LazyFrame,
    accounts: pl.DataFrame,
    *,
    campaign: str,
    window: tuple[str, str] | None,
    published: Mapping[str, int],
) -> pd.DataFrame:
    """Check the posts for consistency, and against the accounts, the window and published counts.

    Posts by control accounts, if any, are counted in the first rows and excluded from the others.
    ``posts`` and ``accounts`` are the cleaned tables; ``window`` is (first, last local day);
    ``published`` gives the numbers of posts and accounts that the catalogue knows. Returns the
    columns check, value, unit and ok; ok is None if the value is only for information. Raises
    :class:`InputError` when there are no posts in the window or none by the campaign, and when ids
    were rounded (too many end in zeros, or all went through a float), as different posts or
    accounts may then share an id.
    """
    kept = posts.select(pl.len()).collect().item()
    posts, accounts = of_campaign(posts), of_campaign(accounts)
    found = counts(posts, window)
    if not found["posts"]:
        raise InputError(f"{campaign}: all {kept} posts are of control accounts, none of it.")
    if window and not found["inside"]:
        raise InputError(
            f"{campaign}: no posts in the study window {window[0]} to {window[1]}; the archive "
            f"runs from {found['first']} to {found['last']}. Change `window` in the study file, or "
            "leave it out."
        )
    refuse_zeros(campaign, "posts", found["rounded"], found["with_time"])
    refuse_zeros(campaign, "accounts", *zeros(accounts))
    refuse_floated(campaign, found["tweetid floated"])
    rows: list[tuple[str, Any, str, bool | None]] = [("posts kept", kept, "posts", None)]
    if kept > found["posts"]:
        rows.append(("of these, by control accounts", kept - found["posts"], "posts", None))
    rows += of_identifiers(posts, found)
    rows += of_time(posts, found)
    rows += of_accounts(posts, accounts)
    for name, count in (("posts", found["posts"]), ("accounts", len(accounts))):
        if published.get(name):
            rows.append((f"{name} as published", published[name], name, count == published[name]))
    return pd.DataFrame(rows, columns=["check", "value", "unit", "ok"]).astype({"value": str})


def counts(posts: pl.LazyFrame, window: tuple[str, str] | None) -> dict[str, Any]:
    """The counts that can be made in one pass over the posts."""
    tweetid = pl.col("tweetid").cast(pl.Int64, strict=False)  # null if ids are hashed
    stamped = ((tweetid // 2**22) + SNOWFLAKE_EPOCH_MS).cast(pl.Datetime("ms", "UTC"))
    has_time = tweetid >= FIRST_SNOWFLAKE
    minute = pl.col("tweet_time").dt.truncate("1m")
    day = pl.col("local_day").cast(pl.String)
    inside = day.is_between(*map(pl.lit, window)) if window else day.is_not_null()
    reply = pl.col(REPLY).cast(pl.Int64, strict=False)
    return (
        posts.select(
            posts=pl.len(),
            with_time=has_time.sum(),
            rounded=(has_time & (tweetid % 10_000 == 0)).sum(),
            agree=(has_time & (stamped.dt.truncate("1m") == minute)).sum(),
            inside=inside.sum(),
            early=(pl.col("account_creation_date") > pl.col("tweet_time").dt.date()).sum(),
            undefined=(pl.col("language") == "und").sum(),
            first=pl.col("local_day").min(),
            last=pl.col("local_day").max(),
            replies=pl.col(REPLY).count(),
            reply_numbers=(reply >= 0).sum(),
            reply_inexact=inexact(reply).sum(),
            retweets=pl.col(RETWEET).count(),
            **{name: pl.col(f"{name}_lost").sum() for name in REFERENCES},
            **{f"{name} floated": floated(pl.col(name)) for name in ("tweetid", *POST_REFERENCES)},
        )
        .collect()
        .row(0, named=True)
    )


def inexact(number: pl.Expr) -> pl.Expr:
    """Whether converting a number to a float and back changes it."""
    return number != number.cast(pl.Float64).cast(pl.Int64, strict=False).fill_null(-1)


def floated(reference: pl.Expr) -> pl.Expr:
    """The number of long post ids in a column if a float would change none of them, otherwise 0.

    It is also 0 for fewer than SURE ids. A float changes two in five real ids, so that many
    unchanged ones cannot be chance.
    """
    number = reference.cast(pl.Int64, strict=False)
    long = (number > EXACT_TO).sum()
    return pl.when((long >= SURE) & (inexact(number).sum() == 0)).then(long).otherwise(0)


def refuse_floated(campaign: str, posts: int) -> None:
    """Raise :class:`InputError` if the posts' own ids all went through a float."""
    if posts:
        raise InputError(
            f"{campaign}: of the ids of its {posts:,} posts a float would change none, though it "
            "changes two in five. So they have been through one, as pandas does to a column with a "
            "blank, and different posts may have got one id. Take the file as it was released."
        )


def of_identifiers(posts: pl.LazyFrame, found: Mapping[str, Any]) -> list[tuple]:
    """Checks of the posts' ids, and of the ids of the posts that they reply to or retweet."""
    own, repeated = own_and_repeated(posts)
    agree = found["agree"] == found["with_time"] if found["with_time"] else None
    whole = found["reply_numbers"] == found["replies"] if found["with_time"] else None
    return [
        ("posts with an id of their own", own, "posts", own == found["posts"]),
        ("ids that carry a time", found["with_time"], "posts", None),
        ("ids whose time agrees with tweet_time to the minute", found["agree"], "posts", agree),
        # If there were more than chance allows, the archive would have been refused already.
        ("ids that end in 0000, as rounded ones do", found["rounded"], "posts", True),
        ("replies that name a post", found["replies"], "posts", None),
        ("of these, by an id that is a whole number", found["reply_numbers"], "posts", whole),
        ("of these, by an id that a float would change", found["reply_inexact"], "posts", None),
        ("retweets that name a post", found["retweets"], "posts", None),
        ("of these, one of the archive", repeated, "posts", None),
        *(
            (f"{name} not known, as it was rounded or left out", found[name], "posts", False)
            for name in REFERENCES
            if found[name]
        ),
        *(
            (f"{name} of ids that all went through a float", number, "posts", False)
            for name in POST_REFERENCES
            if (number := found[f"{name} floated"])
        ),
    ]


def zeros(accounts: pl.DataFrame) -> tuple[int, int]:
    """The number of account ids that end in 000, and of those long enough for this to matter."""
    ids = accounts["userid"].filter(accounts["userid"].str.contains(r"^[0-9]{7,}$"))
    return int(ids.str.ends_with("000").sum()), len(ids)


def refuse_zeros(campaign: str, what: str, rounded: int, ids: int) -> None:
    """Raise :class:`InputError` if more ids end in zeros than chance allows.

    By chance, one post id in ten thousand ends in 0000, and one account id in a thousand in 000.
    """
    if rounded > 1 + ids / 100:
        raise InputError(
            f"{campaign}: {rounded} of {ids} ids of {what} end in zeros. A spreadsheet keeps 15 "
            f"digits of a number and puts zeros for the others, so different {what} may have got "
            "one id. Take the file as it was released, and do not open it in a spreadsheet."
        )


def own_and_repeated(posts: pl.LazyFrame) -> tuple[int, int]:
    """The number of distinct post ids, and the number of retweets of posts in this archive."""
    with TemporaryFile() as own_file, TemporaryFile() as named_file:
        ids, named = Ids(own_file), Ids(named_file)
        for frame in posts.select("tweetid", RETWEET).collect_batches():
            ids.add(frame)
            named.add(frame, RETWEET)
        own = repeated = 0
        for part in range(PARTS):
            here = sorted_once(ids.part(part))
            own += len(here)
            repeated += int(among(named.part(part), here).sum())
    return own, repeated


def of_time(posts: pl.LazyFrame, found: Mapping[str, Any]) -> list[tuple]:
    """Checks of the posts' times and languages."""
    inside, early = found["inside"], found["early"]
    first, last = found["first"], found["last"]
    days = posts.group_by("local_day").len().sort("local_day").collect()
    share = days["len"].cum_sum() / max(found["posts"], 1)
    active = days.filter((share >= ACTIVE[0]) & (share - days["len"] / found["posts"] <= ACTIVE[1]))
    start, end = active["local_day"].min(), active["local_day"].max()
    gaps = active["local_day"].diff().drop_nulls() - timedelta(days=1)
    silent = int(gaps.dt.total_days().sum())
    longest = int(gaps.dt.total_days().max() or 0)
    undefined = found["undefined"]
    return [
        ("posts inside the study window", inside, "posts", inside == found["posts"]),
        ("posts before their account was created", early, "posts", early == 0),
        ("posts of undefined language", undefined, "posts", None),
        ("share of undefined language", f"{undefined / found['posts']:.4f}", "share", None),
        ("first post", first, "local day", None),
        ("last post", last, "local day", None),
        ("time span", (last - first).days + 1, "days", None),
        ("period of the middle 98 % of posts", f"{start} to {end}", "local days", None),
        ("days without a post in that period", silent, "days", None),
        ("longest gap in that period", longest, "days", None),
    ]


def of_accounts(posts: pl.LazyFrame, accounts: pl.DataFrame) -> list[tuple]:
    """Checks of the account table against the posts."""
    created = pl.col("account_creation_date")
    posted = (
        posts.group_by("userid")
        .agg(earliest=created.min(), latest=created.max())
        .join(
            accounts.lazy().select("userid", "in_users", created),
            on="userid",
            how="left",
        )
        .collect()
    )
    two = int((posted["earliest"] != posted["latest"]).sum())
    other = posted.filter(pl.col("in_users") & (created != pl.col("earliest")))
    has_users = bool(accounts["in_users"].any())
    unlisted = len(accounts.filter(~pl.col("in_users"))) if has_users else "no users file"
    hashed = len(accounts.filter(~pl.col("userid").str.contains(r"^[0-9]+$")))
    silent = len(accounts.filter(pl.col("posts") == 0))
    missing = "posting accounts missing from the users file"
    return [
        (missing, unlisted, "accounts", unlisted == 0 if has_users else None),
        ("accounts without a post", silent, "accounts", None),
        ("accounts of two creation days in their posts", two, "accounts", not two),
        (
            "accounts created on another day in the users file",
            len(other) if has_users else "no users file",
            "accounts",
            not len(other) if has_users else None,
        ),
        ("accounts with a hashed id", hashed, "accounts", None),
    ]
