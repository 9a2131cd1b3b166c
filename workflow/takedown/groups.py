"""Campaign and control posts in one table, and the campaign's alone."""

from __future__ import annotations

from typing import TypeVar

import polars as pl

from takedown.archives.columns import CAMPAIGN_GROUP, CONTROL_GROUP

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def with_group(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the column ``group`` in place of the labelled format's ``is_control``."""
    campaign, control = (pl.lit(name, pl.Categorical) for name in (CAMPAIGN_GROUP, CONTROL_GROUP))
    if "is_control" not in frame.columns:
        return frame.with_columns(group=campaign)
    group = pl.when("is_control").then(control).otherwise(campaign)
    return frame.with_columns(group=group).drop("is_control")


def of_campaign(frame: Frame) -> Frame:
    """The rows of the campaign itself, without those of control accounts."""
    return frame.filter(pl.col("group") == CAMPAIGN_GROUP)
