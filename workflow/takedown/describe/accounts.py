"""When the accounts of a campaign were created and first posted, by month."""

from __future__ import annotations

import pandas as pd
import polars as pl

from takedown.io.tables import POOLED


def account_months(accounts: pl.LazyFrame, timezone: str, min_accounts: int) -> pd.DataFrame:
    """``describe/account_creation_monthly.csv`` from an account table.

    ``first_post`` (UTC) gives the month of first activity in ``timezone``; without that column,
    ``first_posts`` is blank.
    """
    created = months(accounts, pl.col("account_creation_date"), "accounts")
    schema = accounts.collect_schema()
    if "first_post" in schema:
        local = pl.col("first_post").dt.convert_time_zone(timezone)
        created = created.join(
            months(accounts, local, "first_posts"), on="month", how="full", coalesce=True
        ).fill_null(0)
    else:
        created = created.with_columns(first_posts=pl.lit(None, dtype=pl.Int64))
    table = created.sort("month").to_pandas().astype({"first_posts": "Int64"})
    return pool_months(table, min_accounts)


def months(accounts: pl.LazyFrame, day: pl.Expr, name: str) -> pl.DataFrame:
    """Accounts per month of ``day``, as columns month and ``name``."""
    month = day.dt.strftime("%Y-%m").alias("month")
    return (
        accounts.select(month)
        .drop_nulls()
        .group_by("month")
        .agg(pl.len().cast(pl.Int64).alias(name))
        .collect()
    )


def pool_months(table: pd.DataFrame, min_accounts: int) -> pd.DataFrame:
    """Pool the months in which either count is below ``min_accounts`` but not zero.

    As with names, the pool itself must be large enough; until it is, the next smallest month is
    added to it.
    """
    counts = table[["accounts", "first_posts"]].fillna(0).astype(int)
    small = ((counts > 0) & (counts < min_accounts)).any(axis=1)
    for index in counts.sum(axis=1)[~small].sort_values(kind="stable").index:
        pool = counts[small].sum()
        short = (pool > 0) & (pool < min_accounts)
        if short.any() and counts.loc[index][short].any():
            small[index] = True
    kept = table[~small].assign(pooled=0)
    if not small.any():
        return kept
    pool = table[small][["accounts", "first_posts"]].sum(min_count=1)
    row = pd.DataFrame([{"month": POOLED, **pool, "pooled": int(small.sum())}])
    return pd.concat([kept, row.astype(kept.dtypes.to_dict())], ignore_index=True)
