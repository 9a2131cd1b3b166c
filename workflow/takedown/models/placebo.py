"""Randomisation inference: the observed statistic against placebo calendars.

The statistic is the mean, over events, of the abnormal log volume in days 0 to +2 (or +6): the
residual of log(1 + posts) after weekday and trend. Because it is linear in the calendar, thousands
of placebo calendars are one look-up in an array.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from takedown.models.design import Notes, TooLittleError, baseline, positions, require_days

COLUMNS = ["series", "statistic", "null", "observed", "p_value", "q_value", "p_family", "draws"]
SPANS = {"abnormal_0_2": 3, "abnormal_0_6": 7}
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
    tables = [
        against(residuals, at, placebos, null, statistic, span)
        for statistic, span in SPANS.items()
        for null, placebos in calendars.items()
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS], notes.table()


def log_residuals(posts: pd.Series, trend_days: int) -> np.ndarray:
    """log(1 + posts) less its least-squares fit on weekday and trend; the mean is zero."""
    design = baseline(posts.index, trend_days).to_numpy()
    logs = np.log1p(posts.to_numpy(dtype=float))
    return logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]


def abnormal(residuals: np.ndarray, span: int) -> np.ndarray:
    """For each day, the mean residual of that day and the next; fewer at the end of the window."""
    ahead = np.convolve(residuals, np.ones(span))[span - 1 :]
    days = np.convolve(np.ones_like(residuals), np.ones(span))[span - 1 :]
    return ahead / days


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


def against(
    residuals: Mapping[str, np.ndarray],
    at: np.ndarray,
    placebos: np.ndarray,
    null: str,
    statistic: str,
    span: int,
) -> pd.DataFrame:
    """Observed statistics and their p-values under one null, one row per series."""
    volumes = {name: abnormal(values, span) for name, values in residuals.items()}
    observed = np.array([volume[at].mean() for volume in volumes.values()])
    drawn = np.array([volume[placebos].mean(axis=1) for volume in volumes.values()])
    p_value = exceedance(np.abs(observed)[:, None], np.abs(drawn))
    scale = drawn.std(axis=1, keepdims=True)
    largest = np.abs(drawn / scale).max(axis=0)
    return pd.DataFrame(
        {
            "series": list(volumes),
            "statistic": statistic,
            "null": null,
            "observed": observed,
            "p_value": p_value,
            "q_value": stats.false_discovery_control(p_value, method="bh"),
            "p_family": exceedance(np.abs(observed[:, None] / scale), largest[None, :]),
            "draws": placebos.shape[0],
        }
    )


def exceedance(observed: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """(1 + number of draws at least as large) / (1 + draws), along the last axis."""
    # A draw equal to the observed one up to rounding counts as equal.
    as_large = drawn >= observed - 1e-12
    return (1 + as_large.sum(axis=-1)) / (1 + drawn.shape[-1])
