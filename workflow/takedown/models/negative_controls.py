"""Negative controls: the event study estimator applied to calendars that should have no effect.

These are: events of one topic against the volume of another, except those within a week of the
other topic's own events; events of another country; and the campaign's own events shifted by 52
weeks. An effect found here is a warning that the estimator, or the period, yields effects for any
calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from takedown.estimation.data import Data, Streams
from takedown.estimation.design import (
    MIN_EVENTS,
    Notes,
    TooLittleError,
    baseline,
    require_days,
)
from takedown.estimation.effects import exponential, shift_effects
from takedown.estimation.estimand import SPANS
from takedown.estimation.settings import Settings

COLUMNS = ["control", "series", "calendar", "events", "effect", "rate_ratio", "lower", "upper"]
COLUMNS += ["p_value"]
LEAST_DAYS = 30
YEAR = 364
#: Topics that are news in every country.
EVERYWHERE = {"covid19"}


class NegativeControls(NamedTuple):
    """``models/negative_controls.csv`` and notes."""

    controls: pd.DataFrame
    notes: pd.DataFrame


def fit(data: Data, use: Settings, _: Streams) -> NegativeControls:
    """The negative controls of a campaign."""
    return negative_controls(data.series, data.calendar, data.foreign, trend_days=use.trend_days)


def negative_controls(
    series: Mapping[str, pd.Series],
    events: pd.DataFrame,
    foreign: pd.DataFrame,
    *,
    trend_days: int,
) -> NegativeControls:
    """The event study with calendars that should have no effect.

    ``events`` are all rows of ``series/events.csv``; ``foreign`` is the calendar of another country
    (columns date, topic). Intervals and p-values come from every circular shift (``log1p_shift``).
    """
    notes = Notes("negative_controls")
    rows: list[tuple] = []
    days = next(iter(series.values())).index
    for control, name, calendar, dates in controls(series, events, foreign):
        at = within(days, dates)
        try:
            if len(at) < MIN_EVENTS:
                raise TooLittleError(
                    f"{control}, {calendar}: {len(at)} distinct event days in the estimation "
                    f"window; pooling needs {MIN_EVENTS}"
                )
            posts = series[name]
            require_days(posts, LEAST_DAYS, "a negative control")
            base = baseline(days, trend_days).to_numpy()
            logs = np.log1p(posts.to_numpy(dtype=float))
            for effect, found in shift_effects(logs, base, at).items():
                found_row = (*exponential(found), found.p_value)
                rows.append((control, name, calendar, len(at), effect, *found_row))
        except TooLittleError as why:
            notes.add(name, why)
    return NegativeControls(pd.DataFrame(rows, columns=COLUMNS), notes.table())


def controls(
    series: Mapping[str, pd.Series], events: pd.DataFrame, foreign: pd.DataFrame
) -> Iterator[tuple[str, str, str, pd.Series]]:
    """Yield control, series, calendar and its dates for everything that should find nothing."""
    for topic, own in events.groupby("topic", sort=True):
        for name in series:
            if name.startswith("topic:") and name != f"topic:{topic}":
                others = events["date"]["topic:" + events["topic"] == name]
                yield "another topic", name, str(topic), apart_from(own["date"], others)
    known = set(events["topic"].dropna())
    for topic, rows in foreign.groupby("topic", sort=True):
        if topic and topic not in known and topic not in EVERYWHERE:
            yield "another country", "all", str(topic), rows["date"]
    for weeks, words in ((YEAR, "52 weeks later"), (-YEAR, "52 weeks earlier")):
        dates = pd.to_datetime(events["date"]) + pd.Timedelta(days=weeks)
        yield "another year", "all", words, dates.dt.strftime("%Y-%m-%d")


def apart_from(dates: pd.Series, others: pd.Series) -> pd.Series:
    """The ``dates`` whose first week does not overlap the first week of any of the ``others``."""
    gaps = pd.to_datetime(dates).to_numpy()[:, None] - pd.to_datetime(others).to_numpy()
    near = np.abs(gaps) < np.timedelta64(len(SPANS["days_0_6"]), "D")
    return dates[~near.any(axis=1)]


def within(days: pd.DatetimeIndex, dates: pd.Series) -> np.ndarray:
    """Sorted, distinct positions of those ``dates`` that are among ``days``."""
    at = days.get_indexer(pd.DatetimeIndex(list(dates)))
    return np.unique(at[at >= 0])
