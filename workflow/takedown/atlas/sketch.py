"""What campaigns have in common, estimated from small sketches: hashtags, retweets, linked sites.

A campaign is reduced to a sketch: for each behaviour, the ``SIZE`` smallest hashes of its distinct
items (bottom-k sampling; Cohen and Kaplan, 2007). Sketches do not grow with the archive, the sketch
of a campaign does not change when others are added, and the share of items that two campaigns have
in common can be estimated from their sketches, with an interval. A sketch contains no accounts and
no text. But anyone with a list of hashtags could find out which of them are in it, so a sketch is
stored with the typed rows and is not one of the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from takedown.archives.groups import of_campaign
from takedown.clean.parquet import row_groups
from takedown.clean.topics import folded
from takedown.estimation.inference import wilson

SIZE = 4096
COLUMNS = ["campaign", "other", "behaviour", "things", "things_other", "compared", "share"]
COLUMNS += ["lower", "upper", "exact"]
#: Behaviour -> the list of items in a post.
THINGS = {
    "hashtags": pl.col("hashtags").list.eval(folded(pl.element())),
    "retweeted posts": pl.concat_list("retweet_tweetid"),
    "linked sites": pl.col("urls").list.eval(
        pl.element().str.to_lowercase().str.extract(r"^https?://(?:www\.)?([^/:?#]+)")
    ),
}
READ = ["group", "userid", "hashtags", "retweet_tweetid", "retweet_tweetid_lost", "urls"]


def sketch(tweets: Path, min_accounts: int) -> pd.DataFrame:
    """The sketch of the cleaned posts at ``tweets``: columns behaviour, hash (up to ``SIZE`` each).

    The hash is 64 bits as hexadecimal text, the same on every machine. Behaviours of fewer than
    ``min_accounts`` accounts are left out, and so are retweeted posts if the release rounded even
    some of their ids.
    """
    smallest = {behaviour: np.array([], dtype=np.uint64) for behaviour in THINGS}
    accounts: dict[str, set[str]] = {behaviour: set() for behaviour in THINGS}
    lost = False
    for posts in posts_of(tweets):
        lost = lost or bool(posts["retweet_tweetid_lost"].any())
        for behaviour, things in THINGS.items():
            used = (
                posts.select("userid", things.alias("thing")).explode("thing").drop_nulls("thing")
            )
            hashes = hashed(used["thing"].unique())
            smallest[behaviour] = np.union1d(smallest[behaviour], hashes)[:SIZE]
            if len(accounts[behaviour]) < min_accounts:
                accounts[behaviour].update(used["userid"].unique())
    rows = [
        (behaviour, f"{one:016x}")
        for behaviour, hashes in smallest.items()
        if len(accounts[behaviour]) >= min_accounts
        and not (lost and behaviour == "retweeted posts")
        for one in hashes
    ]
    return pd.DataFrame(rows, columns=["behaviour", "hash"])


def posts_of(tweets: Path) -> Iterator[pl.DataFrame]:
    """The campaign's own posts, row group by row group."""
    for _, group in row_groups(tweets, READ):
        yield of_campaign(group)


def hashed(names: Iterable[str]) -> np.ndarray:
    """The 64-bit hash of each name."""
    return np.array(
        [int.from_bytes(blake2b(name.encode("utf-8"), digest_size=8).digest()) for name in names],
        dtype=np.uint64,
    )


def similarity(sketches: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """``atlas/similarity.csv``: for each pair of campaigns and behaviour, the share in common.

    The share is the Jaccard index: items used by both campaigns out of all items used by either. It
    is exact if both sketches are complete; otherwise it is estimated from the ``SIZE`` smallest
    hashes of both together, with Wilson's 95 % interval. Behaviours missing from either campaign
    are left out.
    """
    things = {
        name: {
            behaviour: np.array([int(one, 16) for one in rows], dtype=np.uint64)
            for behaviour, rows in table.groupby("behaviour")["hash"]
        }
        for name, table in sketches.items()
    }
    rows = [
        (one, other, behaviour, *in_common(things[one][behaviour], things[other][behaviour]))
        for one, other in combinations(things, 2)
        for behaviour in THINGS
        if behaviour in things[one] and behaviour in things[other]
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def in_common(one: np.ndarray, other: np.ndarray) -> tuple:
    """Items of each campaign, items compared, share in common, its interval, whether exact."""
    both = np.union1d(one, other)
    exact = len(one) < SIZE and len(other) < SIZE
    if not exact:
        both = both[:SIZE]
    shared = int(np.isin(both, np.intersect1d(one, other)).sum())
    share = shared / len(both)
    lower, upper = share, share
    if not exact:
        lower, upper = wilson(shared, len(both))
    return distinct(one), distinct(other), len(both), share, lower, upper, exact


def distinct(hashes: np.ndarray) -> int:
    """Number of distinct items behind a sketch: counted, or estimated from its largest hash."""
    if len(hashes) < SIZE:
        return len(hashes)
    return round((SIZE - 1) / (float(hashes[-1]) / 2**64))
