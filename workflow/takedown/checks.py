"""Validity checks of a cleaned archive: the table ``clean/checks.csv``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import polars as pl

from takedown.errors import InputError
from takedown.groups import of_campaign

SNOWFLAKE_EPOCH_MS = 1288834974657
FIRST_SNOWFLAKE = 29700859247  # posts of 4 November 2010; earlier ids carry no time


def check_archive(
    posts: pl.LazyFrame,
    accounts: pl.DataFrame,
    *,
    campaign: str,
    window: tuple[str, str] | None,
    published: Mapping[str, int],
) -> pd.DataFrame:
    """Compare the posts with themselves, with the accounts, the window and published counts.

    Control posts, where there are any, are counted in the first rows and left out of the others.
    ``posts`` and ``accounts`` are the cleaned tables; ``window`` is (first, last local day);
    ``published`` gives posts and accounts where the catalogue knows them. Raises
    :class:`InputError` when no post is in the window.
    """
    kept = posts.select(pl.len()).collect().item()
    posts, accounts = of_campaign(posts), of_campaign(accounts)
    numeric = pl.col("tweetid").cast(pl.Int64, strict=False)  # none where ids are hashed
    stamped = ((numeric // 2**22) + SNOWFLAKE_EPOCH_MS).cast(pl.Datetime("ms", "UTC"))
    has_time = numeric >= FIRST_SNOWFLAKE
    minute = pl.col("tweet_time").dt.truncate("1m")
    day = pl.col("local_day").cast(pl.String)
    inside = day.is_between(*map(pl.lit, window)) if window else day.is_not_null()
    found = (
        posts.select(
            posts=pl.len(),
            ids=pl.col("tweetid").n_unique(),
            with_time=has_time.sum(),
            agree=(has_time & (stamped.dt.truncate("1m") == minute)).sum(),
            inside=inside.sum(),
            early=(pl.col("account_creation_date") > pl.col("tweet_time").dt.date()).sum(),
            undefined=(pl.col("language") == "und").sum(),
            first=day.min(),
            last=day.max(),
        )
        .collect()
        .row(0, named=True)
    )
    if window and not found["inside"]:
        raise InputError(
            f"{campaign}: no posts in the study window {window[0]} to {window[1]}; the archive "
            f"runs from {found['first']} to {found['last']}. Change `window` in the study file, or "
            "leave it out."
        )
    listed = accounts.filter(pl.col("in_users"))
    unlisted = len(accounts.filter(~pl.col("in_users"))) if len(listed) else None
    silent = len(accounts.filter(pl.col("posts") == 0))
    rows = [
        ("posts kept", kept, "posts", None),
        ("posts with an id of their own", found["ids"], "posts", found["ids"] == found["posts"]),
        ("ids that carry a time", found["with_time"], "posts", None),
        (
            "ids whose time agrees with tweet_time to the minute",
            found["agree"],
            "posts",
            found["agree"] == found["with_time"] if found["with_time"] else None,
        ),
        (
            "posts inside the study window",
            found["inside"],
            "posts",
            found["inside"] == found["posts"],
        ),
        ("posts before their account was created", found["early"], "posts", found["early"] == 0),
        ("posts of undefined language", found["undefined"], "posts", None),
        ("first post", found["first"], "local day", None),
        ("last post", found["last"], "local day", None),
        (
            "posting accounts missing from the users file",
            "no users file" if unlisted is None else unlisted,
            "accounts",
            None if unlisted is None else unlisted == 0,
        ),
        ("accounts without a post", silent, "accounts", None),
    ]
    if kept > found["posts"]:
        rows.insert(1, ("of these, by control accounts", kept - found["posts"], "posts", None))
    for name, count in (("posts", found["posts"]), ("accounts", len(accounts))):
        if published.get(name):
            equal = count == published[name]
            rows.append((f"{name} as published", published[name], name, equal))
    return pd.DataFrame(rows, columns=["check", "value", "unit", "ok"]).astype({"value": str})
