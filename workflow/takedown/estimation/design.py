"""Shared by all models: the baseline of weekday and trend, event indicators, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

MIN_EVENTS = 3
NOTES = ["method", "series", "event", "note"]


class TooLittleError(Exception):
    """There is too little data for the model; the message says what is missing."""


@dataclass
class Notes:
    """Collects what a method did not estimate, and why: ``models/notes.csv``."""

    method: str
    rows: list[tuple[str, str, str | None, str]] = field(default_factory=list)

    def add(self, series: str, note: object, event: str | None = None) -> None:
        row = (self.method, series, event, str(note))
        if row not in self.rows:
            self.rows.append(row)

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=NOTES)


def baseline(days: pd.DatetimeIndex, trend_days: int) -> pd.DataFrame:
    """Intercept, weekday indicators (Monday left out) and a smooth trend, one row per day.

    The trend has one degree of freedom per ``trend_days`` days, at least 3.
    """
    weekdays = np.unique(days.day_of_week)[1:]
    trend = spline(len(days), max(3, len(days) // trend_days))
    names = ["intercept", *(f"weekday_{number + 1}" for number in weekdays)]
    names += [f"trend_{number}" for number in range(trend.shape[1])]
    weekday = days.day_of_week.to_numpy()[:, None] == weekdays
    return pd.DataFrame(
        np.column_stack([np.ones(len(days)), weekday, trend]), columns=names, index=days
    )


@lru_cache(maxsize=8)  # the same for all series of a campaign
def spline(length: int, freedom: int) -> np.ndarray:
    """Natural cubic regression spline (Wood 2006, ch. 4), centred to leave the mean unchanged.

    Shape (``length``, ``freedom``).
    """
    from patsy import dmatrix  # imported here, because few of this module's importers need it

    terms = f"cr(time, df={freedom}, constraints='center') - 1"
    found = np.asarray(dmatrix(terms, {"time": np.linspace(0, 1, length)}))
    found.setflags(write=False)
    return found


def positions(days: pd.DatetimeIndex, dates: Iterable[str]) -> np.ndarray:
    """Sorted, unique positions of the ``dates`` in ``days``, which must contain all of them."""
    return np.unique(days.get_indexer(pd.DatetimeIndex(list(dates))))


def indicators(length: int, at: np.ndarray, offsets: Sequence[int]) -> np.ndarray:
    """Number of events that each day follows by each of the ``offsets``: shape (days, offsets)."""
    table = np.zeros((length, len(offsets)))
    for column, offset in enumerate(offsets):
        day = at + offset
        np.add.at(table[:, column], day[(day >= 0) & (day < length)], 1)
    return table


def require_days(posts: pd.Series, least: int, method: str) -> None:
    """Raise :class:`TooLittleError` on a series that is too short, empty, or constant."""
    if len(posts) < least:
        raise TooLittleError(f"too short: {len(posts)} days in the window, {method} needs {least}")
    if not posts.any():
        raise TooLittleError("no posts in the estimation window")
    if posts.nunique() == 1:
        raise TooLittleError(f"constant: {posts.iloc[0]} posts every day")
    if (posts > 0).sum() < 5:
        raise TooLittleError(f"posts on only {(posts > 0).sum()} days of the estimation window")
