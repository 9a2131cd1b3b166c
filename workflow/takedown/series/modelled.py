"""The estimation window: the days and series of ``series/daily.csv`` that models are fitted to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from takedown.archives.columns import CONTROL_GROUP
from takedown.errors import InputError
from takedown.io.tables import read_table

ACTIVE_SHARE, LONGEST_DAYS = 0.98, 730
LANGUAGE_SHARE = 0.05
WINDOW = ["start", "end", "days", "chosen"]
#: What tells one way of counting from another in ``series/variants.csv``.
VARIANT = ["day", "retweets", "counted"]
#: The languages without a series of their own.
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
    """The days that models are fitted to: those declared, else the active period.

    The active period is the shortest run of days that holds ``share`` of the posts: a few early
    posts years before a campaign would otherwise make it look like silence. Where it is longer than
    ``LONGEST_DAYS``, it is as many days with the most posts: placebo calendars compare every day
    with every other, which takes memory, and years apart are hardly alike.
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
    """``series/estimation_window.csv``: one row with the first and the last of the ``days``."""
    chosen = "declared in the study file" if declared else "active period"
    row = (f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}", len(days), chosen)
    return pd.DataFrame([row], columns=WINDOW)


def days_of(window: pd.DataFrame) -> pd.DatetimeIndex:
    """The days of a table ``series/estimation_window.csv``."""
    return pd.date_range(window["start"].iloc[0], window["end"].iloc[0])


def model_series(table: pd.DataFrame, days: pd.DatetimeIndex) -> dict[str, pd.Series]:
    """The series that models are fitted to, on the ``days``.

    All posts, every topic, and languages and groups of accounts with a share of the posts worth
    modelling; kinds of post and languages that are undefined or pooled answer no question about the
    news, and control accounts are held against the campaign.
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


def read_model_inputs(
    daily: str, events: str, window: str
) -> tuple[dict[str, pd.Series], pd.DataFrame]:
    """What models are fitted to: the series on the estimation window, and the events within it.

    From the files ``series/daily.csv``, ``events.csv`` and ``estimation_window.csv``.
    """
    calendar = read_table(events)
    series = model_series(wide(read_table(daily)), days_of(read_table(window)))
    return series, calendar[calendar["place"] == "modelled"]


def control_posts(daily: str, days: pd.DatetimeIndex) -> pd.Series | None:
    """Posts of control accounts on the ``days``, where the archive has such accounts."""
    table = wide(read_table(daily))
    name = f"group:{CONTROL_GROUP}"
    return table.loc[days, name] if name in table else None
