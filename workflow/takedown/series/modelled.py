"""The estimation window: the days and series of ``series/daily.csv`` that models are fitted to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from takedown.archives.columns import CONTROL_GROUP
from takedown.errors import InputError

ACTIVE_SHARE, LONGEST_DAYS = 0.98, 730
LANGUAGE_SHARE = 0.05
WINDOW = ["start", "end", "days", "chosen"]
#: The columns of ``series/variants.csv`` that identify a way of counting.
VARIANT = ["day", "retweets", "counted"]
#: Name of the series shared by the languages that have no series of their own.
OTHER = "other"
#: The series of effects relative to control accounts.
OVER_CONTROLS = "all over controls"


def wide(daily: pd.DataFrame) -> pd.DataFrame:
    """``series/daily.csv`` as one column per series, indexed by day (datetime)."""
    table = daily.pivot(index="date", columns="series", values="posts")
    return table.set_index(pd.DatetimeIndex(table.index))[list(daily["series"].unique())]


def estimation_window(
    all_posts: pd.Series, declared: tuple[str, str] | None, share: float = ACTIVE_SHARE
) -> pd.DatetimeIndex:
    """The days that models are fitted to: those declared, or else the active period.

    The active period is the shortest run of days with ``share`` of the posts; otherwise, a few
    posts years before the campaign would make most of the window silent. If it is longer than
    ``LONGEST_DAYS``, it becomes the run of that many days with the most posts: placebo calendars
    compare every day with every other, which takes memory, and days years apart are hardly
    comparable.
    """
    index = all_posts.index
    if declared:
        days = index[(index >= declared[0]) & (index <= declared[1])]
        if not len(days):
            raise InputError(
                f"No day of the series lies in the estimation window {declared[0]} to "
                f"{declared[1]}: change `model_window` in the study file."
            )
        return days
    sums = [0, *all_posts.cumsum()]
    need = share * sums[-1]
    best, end = (0, len(index)), 0
    for start in range(len(index)):
        while end < len(index) and sums[end] - sums[start] < need:
            end += 1
        if sums[end] - sums[start] < need:
            break
        if end - start < best[1] - best[0]:
            best = (start, end)
    if best[1] - best[0] > LONGEST_DAYS:
        held = np.asarray(sums[LONGEST_DAYS:]) - np.asarray(sums[:-LONGEST_DAYS])
        start = int(held.argmax())
        best = (start, start + LONGEST_DAYS)
    return index[best[0] : best[1]]


def window_table(days: pd.DatetimeIndex, declared: bool) -> pd.DataFrame:
    """``series/estimation_window.csv``: one row with the first and last of the ``days``."""
    chosen = "declared in the study file" if declared else "active period"
    row = (f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}", len(days), chosen)
    return pd.DataFrame([row], columns=WINDOW)


def days_of(window: pd.DataFrame) -> pd.DatetimeIndex:
    """The days in the table ``series/estimation_window.csv``."""
    return pd.date_range(window["start"].iloc[0], window["end"].iloc[0])


def model_series(table: pd.DataFrame, days: pd.DatetimeIndex) -> dict[str, pd.Series]:
    """The series that models are fitted to, on the ``days``.

    These are all posts, every topic, and the languages and account groups with at least
    ``LANGUAGE_SHARE`` of the posts. Kinds of post, and undefined or pooled languages, are left out
    because they answer no question about the news; so are control accounts, because the campaign is
    compared with them.
    """
    total = table["all"].sum()
    chosen = [
        name
        for name in table
        if name == "all"
        or name.startswith("topic:")
        or (
            name.startswith(("lang:", "group:"))
            and name not in ("lang:und", f"lang:{OTHER}", f"group:{CONTROL_GROUP}")
            and LANGUAGE_SHARE * total <= table[name].sum() < total
        )
    ]
    return {name: table.loc[days, name] for name in chosen}


def control_posts(table: pd.DataFrame, days: pd.DatetimeIndex) -> pd.Series | None:
    """Posts by control accounts on the ``days``; None if the archive has no such accounts."""
    name = f"group:{CONTROL_GROUP}"
    return table.loc[days, name] if name in table else None
