"""Tell campaign posts from control posts in one table, and select the campaign's."""

from __future__ import annotations

from typing import TypeVar

import polars as pl

from takedown.archives.columns import CAMPAIGN_GROUP, CONTROL_GROUP

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


def with_group(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with the column ``group``: control, the account's category, or else campaign.

    It replaces the column ``is_control`` if there is one.
    """
    campaign, control = (pl.lit(name, pl.Categorical) for name in (CAMPAIGN_GROUP, CONTROL_GROUP))
    group = campaign
    if "group" in frame.columns:  # a category named "control" is not the control group
        names = pl.col("group").cast(pl.String).fill_null(CAMPAIGN_GROUP)
        group = names.replace(CONTROL_GROUP, f"{CONTROL_GROUP} (category)").cast(pl.Categorical)
    if "is_control" in frame.columns:
        group = pl.when("is_control").then(control).otherwise(group)
    return frame.with_columns(group=group).drop("is_control", strict=False)


def of_campaign(frame: Frame) -> Frame:
    """The rows of the campaign itself, without those of control accounts."""
    return frame.filter(pl.col("group") != CONTROL_GROUP)
