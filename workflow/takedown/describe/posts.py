"""Describe the posts of a campaign in small tables that identify no one.

Tables by name (languages, clients, hashtags) pool the names used by fewer than ``min_accounts``
accounts, and state how many were pooled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
import polars as pl

from takedown.archives.columns import CONTROL_GROUP
from takedown.archives.groups import of_campaign
from takedown.clean.topics import folded
from takedown.io.tables import POOLED

ENGAGEMENTS = ["quote_count", "reply_count", "like_count", "retweet_count"]
TIME = "%Y-%m-%d %H:%M"
#: The rows of ``describe/summary.csv``.
ORDER = """
    posts accounts posting_accounts accounts_without_posts retweets accounts_without_followers
    originals replies quotes posts_with_hashtag hashtags_distinct languages_distinct engagements
    first_post last_post days_with_posts control_posts control_accounts
""".split()


def summary(posts: pl.LazyFrame, accounts: pl.LazyFrame) -> pd.DataFrame:
    """``describe/summary.csv`` from a campaign's posts; control accounts are counted separately."""
    control = pl.col("group") == CONTROL_GROUP
    of_controls = {
        f"control_{name}": frame.select(control.sum()).collect().item()
        for name, frame in (("posts", posts), ("accounts", accounts))
    }
    posts, accounts = of_campaign(posts), of_campaign(accounts)
    of_posts = posts.select(
        posts=pl.len(),
        originals=(pl.col("kind") == "original").sum(),
        retweets=(pl.col("kind") == "retweet").sum(),
        replies=(pl.col("kind") == "reply").sum(),
        quotes=(pl.col("kind") == "quote").sum(),
        posts_with_hashtag=(pl.col("hashtags").list.len() > 0).sum(),
        engagements=pl.sum_horizontal(ENGAGEMENTS).sum(),
        engagements_known=pl.any_horizontal(pl.col(ENGAGEMENTS).is_not_null()).any(),
        first_post=pl.col("tweet_time").min(),
        last_post=pl.col("tweet_time").max(),
    ).collect()
    of_posts = of_posts.with_columns(pl.col("first_post", "last_post").dt.strftime(TIME))
    # Count these one by one: together, polars would hold all their columns in memory.
    different = {
        "posting_accounts": pl.col("userid"),
        "hashtags_distinct": folded(pl.col("hashtags").explode().drop_nulls()),
        "languages_distinct": pl.col("language"),
        "days_with_posts": pl.col("local_day"),
    }
    distinct = {
        name: posts.select(values).unique().select(pl.len()).collect().item()
        for name, values in different.items()
    }
    of_accounts = accounts.select(
        accounts=pl.len(),
        accounts_without_posts=(pl.col("posts") == 0).sum(),
        accounts_without_followers=(pl.col("follower_count") == 0).sum(),
    ).collect()
    found = of_accounts.row(0, named=True) | of_posts.row(0, named=True) | distinct
    if not found.pop("engagements_known"):  # the labelled format has no engagement counts
        del found["engagements"]
    if of_controls["control_posts"]:
        found |= of_controls
    return quantities({name: found[name] for name in ORDER if name in found})


def quantities(found: Mapping[str, object]) -> pd.DataFrame:
    """``describe/summary.csv`` from quantity -> value, in that order."""
    units = {"first_post": "UTC", "last_post": "UTC", "days_with_posts": "local days"}
    return pd.DataFrame(
        [(name, str(value), units.get(name, unit_of(name))) for name, value in found.items()],
        columns=["quantity", "value", "unit"],
    )


def unit_of(quantity: str) -> str:
    """A quantity's unit, from its name: accounts, hashtags, languages, engagements or posts."""
    known = ("accounts", "hashtags_distinct", "languages_distinct", "engagements")
    kind = next((name for name in known if name in quantity), "posts")
    return kind.removesuffix("_distinct")


def by_name(posts: pl.LazyFrame, names: pl.Expr, column: str, min_accounts: int) -> pd.DataFrame:
    """Posts and accounts per name: ``describe/languages.csv`` and similar tables.

    ``names`` may be a list column; a post then counts once for each distinct name in its list.
    """
    rows = posts.select(names.alias(column), "userid").with_row_index("post")
    if isinstance(rows.collect_schema()[column], pl.List):
        rows = rows.with_columns(pl.col(column).list.unique()).explode(column).drop_nulls(column)
    total = posts.select(pl.len()).collect().item()
    counts = (
        rows.group_by(column)
        .agg(pl.len().cast(pl.Int64).alias("posts"), pl.col("userid").n_unique().alias("accounts"))
        .sort(["posts", column], descending=[True, False])
        .collect()
    )
    few = names_to_pool(rows, counts, column, min_accounts)
    kept = counts.filter(~pl.col(column).is_in(few)).with_columns(pooled=pl.lit(0))
    table = kept.to_pandas()
    if few:
        pool = (
            rows.filter(pl.col(column).is_in(few))
            .select(posts=pl.col("post").n_unique(), accounts=pl.col("userid").n_unique())
            .collect()
            .row(0)
        )
        table.loc[len(table)] = [POOLED, *pool, len(few)]
    table["share"] = table["posts"] / total
    return table[[column, "posts", "accounts", "share", "pooled"]]


def names_to_pool(
    rows: pl.LazyFrame, counts: pl.DataFrame, column: str, min_accounts: int
) -> list[str]:
    """The names to pool: those with too few accounts, and then more until the pool is large enough.

    Without the additional names, a pool of one name would reveal that name's count, since the rows
    of a table add up to the total.
    """
    few = counts.filter(pl.col("accounts") < min_accounts)[column].to_list()
    others = counts.filter(pl.col("accounts") >= min_accounts).sort(["accounts", column])[column]
    for name in [None, *others] if few else []:
        few += [name] if name is not None else []
        pool = rows.filter(pl.col(column).is_in(few)).select(pl.col("userid").n_unique())
        if pool.collect().item() >= min_accounts:
            break
    return few


def topic_coverage(posts: pl.LazyFrame, names: Iterable[str]) -> pd.DataFrame:
    """``describe/topics.csv``: posts per topic, by broad and strict rule, and with other topics."""
    broad, strict = pl.col("topics"), pl.col("topics_strict")
    total = posts.select(pl.len()).collect().item()
    tests = {
        name: (broad.list.contains(name), strict.list.contains(name), broad.list.len() > 1)
        for name in names
    }
    tests["(any)"] = (broad.list.len() > 0, strict.list.len() > 0, broad.list.len() > 1)
    rows = []
    for name, (wide, narrow, shared) in tests.items():
        found = posts.select(
            posts=wide.sum(), posts_strict=narrow.sum(), posts_shared=(wide & shared).sum()
        )
        counts = found.collect().row(0, named=True)
        rows.append({"topic": name, "share": counts["posts"] / total, **counts})
    return pd.DataFrame(rows)[["topic", "posts", "share", "posts_strict", "posts_shared"]]


def hour_weekday(local_time: pl.Expr, posts: pl.Expr, rows: pl.LazyFrame) -> pd.DataFrame:
    """``describe/hour_weekday.csv``: all 168 hours of the week, including those without posts."""
    grid = pl.DataFrame({"weekday": range(1, 8)}).join(
        pl.DataFrame({"hour": range(24)}), how="cross"
    )
    counts = (
        rows.group_by(
            local_time.dt.weekday().cast(pl.Int64).alias("weekday"),
            local_time.dt.hour().cast(pl.Int64).alias("hour"),
        )
        .agg(posts.cast(pl.Int64).alias("posts"))
        .collect()
    )
    full = grid.join(counts, on=["weekday", "hour"], how="left").fill_null(0)
    return full.sort("weekday", "hour").to_pandas()
