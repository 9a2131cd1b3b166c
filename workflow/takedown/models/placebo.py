"""Randomisation inference: the observed statistic against placebo calendars.

Abnormal log volume is the residual of log(1 + posts) after weekday and trend. The statistics: its
mean over days 0 to +2 (or +6) of all events; and, as the test of trends before the events, the root
mean square over the days -7 to -1 of its mean over events. Thousands of placebo calendars are one
look-up in an array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from takedown.models.design import Notes, TooLittleError, baseline, positions, require_days

COLUMNS = ["series", "statistic", "null", "observed", "p_value", "q_value", "p_family", "draws"]
SPANS = {"abnormal_0_2": range(0, 3), "abnormal_0_6": range(0, 7)}
LEAD = range(-7, 0)
LEAST_DAYS = 30


def placebo(
    series: Mapping[str, pd.Series],
    events: pd.DataFrame,
    *,
    draws: int,
    trend_days: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``models/placebo.csv`` and notes.

    Every series meets the same placebo calendars, so that the largest statistic over the series
    gives family-wise p-values (Westfall and Young 1993); q-values are Benjamini and Hochberg 1995
    within statistic and null; p-values are never zero (Phipson and Smyth 2010).
    """
    notes = Notes("placebo")
    residuals: dict[str, np.ndarray] = {}
    for name, posts in series.items():
        try:
            require_days(posts, LEAST_DAYS, "placebo calendars")
            if events.empty:
                raise TooLittleError("no event in the model window")
            residuals[name] = log_residuals(posts, trend_days)
        except TooLittleError as why:
            notes.add(name, why)
    if not residuals:
        return pd.DataFrame(columns=COLUMNS), notes.table()
    days = next(iter(series.values())).index
    at = positions(days, events["date"])
    calendars = {
        "free_redraw": redraw(len(days), at, draws, rng),
        "circular_shift": shifts(len(days), at),
    }
    tables = []
    for null, placebos in calendars.items():
        for statistic, span in SPANS.items():
            found = {name: mean_abnormal(rest, at[None], span) for name, rest in residuals.items()}
            drawn = {name: mean_abnormal(rest, placebos, span) for name, rest in residuals.items()}
            tables.append(against(found, drawn).assign(statistic=statistic, null=null))
        found = {name: lead_trend(rest, at[None]) for name, rest in residuals.items()}
        drawn = {name: lead_trend(rest, placebos) for name, rest in residuals.items()}
        tables.append(against(found, drawn).assign(statistic="lead_7_1", null=null))
    return pd.concat(tables, ignore_index=True)[COLUMNS], notes.table()


def log_residuals(posts: pd.Series, trend_days: int) -> np.ndarray:
    """log(1 + posts) less its least-squares fit on weekday and trend; the mean is zero."""
    design = baseline(posts.index, trend_days).to_numpy()
    logs = np.log1p(posts.to_numpy(dtype=float))
    return logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]


def mean_abnormal(rest: np.ndarray, calendars: np.ndarray, span: Sequence[int]) -> np.ndarray:
    """Mean residual over ``span`` days of all events, for each of the ``calendars`` (one a row).

    Days beyond the window are left out, so an event near its end rests on fewer days.
    """
    return ahead(rest, span)[calendars].mean(axis=1)


def lead_trend(rest: np.ndarray, calendars: np.ndarray) -> np.ndarray:
    """Root mean square, over the days before, of the mean residual over events."""
    days = [ahead(rest, [offset])[calendars].mean(axis=1) for offset in LEAD]
    return np.sqrt(np.square(days).mean(axis=0))


def ahead(rest: np.ndarray, span: Sequence[int]) -> np.ndarray:
    """For each day, the mean residual over the ``span`` of days from it; 0 where none exists."""
    length = len(rest)
    days = np.arange(length)[:, None] + np.asarray(span)
    inside = (days >= 0) & (days < length)
    sums = np.where(inside, rest[days.clip(0, length - 1)], 0).sum(axis=1)
    return sums / np.maximum(inside.sum(axis=1), 1)


def redraw(length: int, at: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Placebo calendars of as many events, no nearer to each other: shape (draws, events).

    Choosing from a window shortened by the gaps, then putting the gaps back, makes every
    calendar that keeps the observed smallest gap equally likely.
    """
    count = len(at)
    gap = int(np.diff(at).min()) if count > 1 else 1
    room = length - (count - 1) * (gap - 1)
    chosen = np.argsort(rng.random((draws, room)), axis=1)[:, :count]
    return np.sort(chosen, axis=1) + np.arange(count) * (gap - 1)


def shifts(length: int, at: np.ndarray) -> np.ndarray:
    """Every other circular shift of the calendar: shape (length - 1, events)."""
    return (at + np.arange(1, length)[:, None]) % length


def against(found: Mapping[str, np.ndarray], drawn: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Observed statistics (one per series) against the drawn ones, under one null."""
    observed = np.concatenate(list(found.values()))
    placebos = np.array(list(drawn.values()))
    p_value = exceedance(np.abs(observed)[:, None], np.abs(placebos))
    # A calendar that can be drawn in one way only has no spread: its p-value is 1 by itself.
    scale = np.maximum(placebos.std(axis=1, keepdims=True), np.finfo(float).tiny)
    largest = np.abs(placebos / scale).max(axis=0)
    return pd.DataFrame(
        {
            "series": list(found),
            "observed": observed,
            "p_value": p_value,
            "q_value": stats.false_discovery_control(p_value, method="bh"),
            "p_family": exceedance(np.abs(observed[:, None] / scale), largest[None, :]),
            "draws": placebos.shape[1],
        }
    )


def exceedance(observed: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """(1 + number of draws at least as large) / (1 + draws), along the last axis."""
    # A draw equal to the observed one up to rounding counts as equal.
    as_large = drawn >= observed - 1e-12
    return (1 + as_large.sum(axis=-1)) / (1 + drawn.shape[-1])
