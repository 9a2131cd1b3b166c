"""Posts by hour of the week, for each account or each day."""

from __future__ import annotations

import numpy as np
import polars as pl

HOURS = 168


def hours_of_week(rows: pl.LazyFrame, unit: pl.Expr, time: pl.Expr, posts: pl.Expr) -> np.ndarray:
    """Posts of each ``unit`` by hour of the week of ``time``: shape (units, 168).

    The first hour starts on Monday at 0:00. Units are sorted by name, so that the same input gives
    the same rows.
    """
    hour = (time.dt.weekday() - 1).cast(pl.Int32) * 24 + time.dt.hour()
    rows = rows.select(unit=unit.cast(pl.String), hour=hour, posts=posts)
    units = rows.select("unit").unique().collect().sort("unit").with_row_index("row")
    table = np.zeros((len(units), HOURS), dtype=np.int64)
    for batch in rows.collect_batches():  # grouping all posts at once takes 100 times the memory
        counts = batch.group_by("unit", "hour").agg(pl.col("posts").sum()).join(units, on="unit")
        table[counts["row"].to_numpy(), counts["hour"].to_numpy()] += counts["posts"].to_numpy()
    return table
