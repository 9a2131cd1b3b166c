"""Change points: dates on which the level of posting changes, found without the calendar.

PELT (Killick, Fearnhead, Eckley 2012) as implemented in ruptures, with a squared-error cost on
log(1 + posts) less its weekday means. The penalty per change is 3 * v * log(n), where v is the
long-run variance of the noise, because autocorrelated days carry less information than independent
ones. The Bayesian information criterion, for a date and a level, would give 2 * v * log(n), which
finds more changes in series that have none. Calibration shows whether 3 is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
import pandas as pd
import ruptures

from takedown.estimation.data import Data, Streams
from takedown.estimation.design import Notes, TooLittleError, positions, require_days
from takedown.estimation.estimators import Estimate, Estimator
from takedown.estimation.inference import exceedance
from takedown.estimation.randomisation import shifts
from takedown.estimation.settings import Settings
from takedown.estimation.trial import Trial

COLUMNS = ["series", "date", "lower", "upper", "before", "after", "nearest_event"]
COLUMNS += ["days_from_event", "reason"]
MATCHES = ["series", "within_days", "changes", "matched", "expected", "p_value"]
WITHIN_DAYS = (1, 3)
LEAST_SEGMENT = 4
LEAST_DAYS = 30
BLOCK_DAYS = 7
PENALTY = 3
LARGEST_CORRELATION = 0.9
SMALLEST_VARIANCE = 1e-9
NAME = Estimator("change points")
ESTIMATORS = {NAME}
#: Bootstrap samples per calibration trial.
BOOTSTRAP_OF_TRIAL = 99


class ChangePoints(NamedTuple):
    """``models/change_points.csv``, ``change_point_matches.csv`` and notes."""

    change_points: pd.DataFrame
    matches: pd.DataFrame
    notes: pd.DataFrame


def fit(data: Data, _: Settings, streams: Streams, *, bootstrap: int) -> ChangePoints:
    """The change points of a campaign, and how many lie near its events."""
    table, notes = change_points(
        data.series,
        data.events,
        bootstrap=bootstrap,
        generator=lambda name: streams(f"change_points {name}"),
    )
    return ChangePoints(table, matches(table, data.events, data.days), notes)


def estimators(table: pd.DataFrame) -> list[Estimator]:
    """The estimator of each row."""
    return [NAME] * len(table)


def try_search(trial: Trial) -> dict[Estimator, Estimate]:
    """Days from the middle event to the nearest change point; no estimate if none is found."""
    planted = trial.posts.index.get_loc(trial.middle_event)
    table = of_series(trial.posts, BOOTSTRAP_OF_TRIAL, trial.rng)
    if table.empty:
        return {NAME: Estimate()}
    days = {
        name: trial.posts.index.get_indexer(pd.DatetimeIndex(table[name])) - planted
        for name in ("date", "lower", "upper")
    }
    nearest = int(np.abs(days["date"]).argmin())
    return {NAME: Estimate(*(float(days[name][nearest]) for name in days))}


TRIALS = (try_search,)


def change_points(
    series: Mapping[str, pd.Series],
    events: pd.DataFrame,
    *,
    bootstrap: int,
    generator: Callable[[str], np.random.Generator],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The change points of every series, and notes.

    The dates are found first; ``events`` (columns event, date) is used only afterwards, to name the
    nearest event. ``generator`` returns a separate random generator for each series.
    """
    notes = Notes("change_points")
    tables = []
    for name, posts in series.items():
        try:
            require_days(posts, LEAST_DAYS, "a change-point search")
            table = of_series(posts, bootstrap, generator(name))
        except TooLittleError as why:
            notes.add(name, why)
            continue
        if table.empty:
            notes.add(name, "no change point found")
            continue
        tables.append(with_nearest(table, events).assign(series=name))
    if not tables:
        return pd.DataFrame(columns=COLUMNS), notes.table()
    return pd.concat(tables, ignore_index=True)[COLUMNS], notes.table()


def of_series(posts: pd.Series, bootstrap: int, rng: np.random.Generator) -> pd.DataFrame:
    """The change points of one series with bootstrap intervals and segment means."""
    if np.median(np.abs(np.diff(posts.to_numpy()))) == 0:
        raise TooLittleError("too sparse: on most days as many posts as the day before")
    signal = adjusted(posts)
    if long_run_variance(signal) < SMALLEST_VARIANCE:
        raise TooLittleError("too sparse: on most days as many posts as a week before")
    found = detect(signal)
    if not found:
        return pd.DataFrame(columns=["date", "lower", "upper", "before", "after"])
    lower, upper = interval(signal, found, bootstrap, rng)
    bounds = [0, *found, len(posts)]
    means = [posts.iloc[start:end].mean() for start, end in pairwise(bounds)]
    day = posts.index.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "date": day[found],
            "lower": day[lower],
            "upper": day[upper],
            "before": means[:-1],
            "after": means[1:],
        }
    )


def adjusted(posts: pd.Series) -> np.ndarray:
    """log(1 + posts) minus its weekday mean, plus the overall mean."""
    logs = pd.Series(np.log1p(posts.to_numpy(dtype=float)))
    weekday = pd.Index(posts.index.day_of_week)
    return (logs - logs.groupby(weekday).transform("mean") + logs.mean()).to_numpy()


def spread(signal: np.ndarray, lag: int) -> float:
    """Noise variance from differences over ``lag`` days, which a few changes hardly affect."""
    return float(np.median(np.abs(signal[lag:] - signal[:-lag])) / (0.6745 * np.sqrt(2))) ** 2


def long_run_variance(signal: np.ndarray) -> float:
    """Variance times (1 + r) / (1 - r), where r is the correlation of neighbouring days.

    Differences over a week are almost uncorrelated and give the variance v; differences over one
    day give v * (1 - r), and hence r.
    """
    day, week = spread(signal, 1), spread(signal, 7)
    correlation = min(max(1 - day / week, 0.0), LARGEST_CORRELATION) if week else 0.0
    return week * (1 + correlation) / (1 - correlation)


def detect(signal: np.ndarray) -> list[int]:
    """Index of the first day of each new level."""
    penalty = PENALTY * long_run_variance(signal) * np.log(len(signal))
    search = ruptures.KernelCPD(kernel="linear", min_size=LEAST_SEGMENT)
    return search.fit(signal.reshape(-1, 1)).predict(pen=penalty)[:-1]


def interval(
    signal: np.ndarray, found: list[int], draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile interval of each date, by a block bootstrap of the residuals.

    Each draw adds week-long blocks of residuals to the fitted levels and searches for the same
    number of changes.
    """
    length = len(signal)
    labels = np.searchsorted(found, np.arange(length), side="right")
    levels = pd.Series(signal).groupby(labels).transform("mean").to_numpy()
    residuals = signal - levels
    blocks = -(-length // BLOCK_DAYS)
    starts = rng.integers(0, length, size=(draws, blocks))
    taken = ((starts[:, :, None] + np.arange(BLOCK_DAYS)) % length).reshape(draws, -1)[:, :length]
    dates = np.empty((draws, len(found)), dtype=int)
    for draw in range(draws):
        again = (levels + residuals[taken[draw]]).reshape(-1, 1)
        search = ruptures.KernelCPD(kernel="linear", min_size=LEAST_SEGMENT).fit(again)
        dates[draw] = search.predict(n_bkps=len(found))[:-1]
    lower, upper = np.percentile(dates, [2.5, 97.5], axis=0)
    return np.floor(lower).astype(int), np.ceil(upper).astype(int)


def matches(found: pd.DataFrame, events: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """``models/change_point_matches.csv``: change points near events, compared with chance.

    ``found`` is ``models/change_points.csv``. Counts the change points within one and within three
    days of a calendar event, and compares each count with those under every circular shift of the
    calendar over the model ``days``: their mean, and a one-sided p-value.
    """
    rows = []
    if len(events):
        at = positions(days, events["date"])
        calendars = np.vstack([at, shifts(len(days), at)])
        for (name, table), within in product(found.groupby("series", sort=False), WITHIN_DAYS):
            changes = positions(days, table["date"])
            gaps = np.abs(changes[None, :, None] - calendars[:, None, :]).min(axis=2)
            near = (gaps <= within).sum(axis=1)
            p_value = float(exceedance(near[0], near[1:]))
            row = (name, within, len(changes), int(near[0]), float(near[1:].mean()), p_value)
            rows.append(row)
    return pd.DataFrame(rows, columns=MATCHES)


def with_nearest(table: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """``table`` with the nearest calendar event and the number of days from it."""
    if events.empty:
        empty = pd.array([pd.NA] * len(table), dtype="Int64")
        reason = "no event in the estimation window"
        return table.assign(nearest_event=None, days_from_event=empty, reason=reason)
    days = pd.to_datetime(events["date"]).to_numpy()
    found = pd.to_datetime(table["date"]).to_numpy()
    gaps = (found[:, None] - days[None, :]) // np.timedelta64(1, "D")
    nearest = np.abs(gaps).argmin(axis=1)
    return table.assign(
        nearest_event=events["event"].to_numpy()[nearest],
        days_from_event=pd.array(gaps[np.arange(len(table)), nearest], dtype="Int64"),
        reason=None,
    )
