"""Placebo tests: the observed effect compared with placebo calendars of the same kind.

The estimate is the least-squares effect on log(1 + posts), adjusted for weekday and trend, over
days 0 to +2 and 0 to +6: of all events, or of one event relative to its prediction from the other
days. The test for trends before the events is the root mean square of the effects on days -7 to -1,
each divided by its standard error. Thousands of placebo calendars are one matrix product.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from takedown.estimation.data import Data, Streams
from takedown.estimation.design import (
    Notes,
    TooLittleError,
    baseline,
    positions,
    require_days,
)
from takedown.estimation.estimand import LATE, LEAD, SPANS
from takedown.estimation.estimators import Estimate, Estimator
from takedown.estimation.inference import exceedance, q_values
from takedown.estimation.randomisation import (
    SMALLEST_ERROR,
    UNIT_TOLERANCE,
    autocorrelation,
    days_after,
    precision,
    redraw,
    shifts,
    span_weights,
    standard_errors,
)
from takedown.estimation.settings import Settings
from takedown.estimation.trial import Trial
from takedown.estimation.windows import admissible, effect_weights, single_weights

COLUMNS = ["series", "event", "statistic", "null", "observed", "p_value", "q_value", "p_family"]
COLUMNS += ["draws"]
LEAST_DAYS = 30
NULLS = ("circular_shift", "free_redraw")
ESTIMATORS = {
    Estimator(f"{subject} placebo", null, statistic)
    for subject, statistics in (("pooled", (*SPANS, "lead_7_1")), ("single", (*SPANS,)))
    for statistic in statistics
    for null in NULLS
}
#: Placebo calendars per trial; a false positive rate does not need finely resolved p-values.
DRAWS_OF_TRIAL = 999


class Placebo(NamedTuple):
    """``models/placebo.csv`` and notes."""

    placebo: pd.DataFrame
    notes: pd.DataFrame


def fit(data: Data, use: Settings, streams: Streams, *, draws: int) -> Placebo:
    """Placebo tests of the events of a campaign."""
    rng = streams("placebo")
    return placebo(data.series, data.events, draws=draws, trend_days=use.trend_days, rng=rng)


def estimators(table: pd.DataFrame) -> list[Estimator]:
    """The estimator of each row."""
    return [
        Estimator("pooled placebo" if event == "pooled" else "single placebo", null, statistic)
        for event, null, statistic in zip(
            table["event"], table["null"], table["statistic"], strict=True
        )
    ]


def try_calendars(trial: Trial) -> dict[Estimator, Estimate]:
    """Placebo tests under both nulls; they give only p-values."""
    table, notes = placebo(
        {"all": trial.posts},
        trial.events,
        draws=DRAWS_OF_TRIAL,
        trend_days=trial.use.trend_days,
        rng=trial.rng,
    )
    if table.empty:
        raise TooLittleError(notes["note"].iloc[0])
    middle = trial.events["event"][trial.events["date"] == trial.middle_event].iloc[0]
    table = table[table["event"].isin(["pooled", middle])]
    p_values = map(float, table["p_value"])
    return {
        name: Estimate(p_value=p_value)
        for name, p_value in zip(estimators(table), p_values, strict=True)
    }


TRIALS = (try_calendars,)


def placebo(
    series: Mapping[str, pd.Series],
    events: pd.DataFrame,
    *,
    draws: int,
    trend_days: int,
    rng: np.random.Generator,
) -> Placebo:
    """Placebo tests of the effects of events and of trends before them.

    All series are tested with the same placebo calendars, so that the largest statistic over the
    series gives family-wise p-values (Westfall and Young 1993). q-values (Benjamini and Hochberg
    1995) are computed within each statistic and null: over the series, or over the single events of
    a series. Family-wise p-values of single events are Bonferroni's. p-values are never zero
    (Phipson and Smyth 2010).
    """
    notes = Notes("placebo")
    logs: dict[str, np.ndarray] = {}
    for name, posts in series.items():
        try:
            require_days(posts, LEAST_DAYS, "placebo calendars")
            if events.empty:
                raise TooLittleError("no event in the estimation window")
            logs[name] = np.log1p(posts.to_numpy(dtype=float))
        except TooLittleError as why:
            notes.add(name, why)
    if not logs:
        return Placebo(pd.DataFrame(columns=COLUMNS), notes.table())
    days = next(iter(series.values())).index
    base = baseline(days, trend_days).to_numpy()
    rho = {name: autocorrelation(base, values) for name, values in logs.items()}
    at = positions(days, events["date"])
    calendars = {
        "free_redraw": redraw(len(days), at, draws, rng),
        "circular_shift": shifts(len(days), at),
    }
    tables = []
    for null, placebos in calendars.items():
        both = np.vstack([at, placebos])
        for statistic, weights in effect_weights(base, both).items():
            present = days_after(len(days), at[None], SPANS[statistic])[0]
            if abs(weights[0] @ present - 1) > UNIT_TOLERANCE:
                for name in logs:
                    reason = f"{statistic}: its days cannot be told apart from weekday and trend"
                    notes.add(name, reason, "pooled")
                continue
            found = {name: studentised(weights, logs[name], rho[name]) for name in logs}
            tables.append(against(found).assign(statistic=statistic, null=null))
        weights = span_weights(base, both, [[offset] for offset in LEAD])
        found = {name: lead_trend(weights, logs[name], rho[name]) for name in logs}
        tables.append(against(found).assign(statistic="lead_7_1", null=null))
    pooled = pd.concat(tables).assign(event="pooled")
    dates = admissible(len(days))
    alone = single_weights(base, dates) if len(dates) else {}
    singles = [of_single(name, logs[name], rho[name], alone, days, events, notes) for name in logs]
    return Placebo(pd.concat([pooled, *singles], ignore_index=True)[COLUMNS], notes.table())


def studentised(weights: np.ndarray, logs: np.ndarray, rho: float) -> np.ndarray:
    """Each calendar's estimate, scaled to the precision of the first; 0 if it has no estimate."""
    return weights @ logs * precision(weights, rho)


def lead_trend(weights: np.ndarray, logs: np.ndarray, rho: float) -> np.ndarray:
    """Root mean square of the effects on the days before, each divided by its standard error.

    ``weights`` has the shape (days before, calendars, days).
    """
    errors = standard_errors(weights, rho)
    usable = errors > SMALLEST_ERROR
    effects = np.divide(weights @ logs, errors, out=np.zeros_like(errors), where=usable)
    return np.sqrt(np.square(effects).mean(axis=0))


def of_single(
    name: str,
    logs: np.ndarray,
    rho: float,
    weights: Mapping[str, np.ndarray],
    days: pd.DatetimeIndex,
    events: pd.DataFrame,
    notes: Notes,
) -> pd.DataFrame:
    """Each event of one series, compared with the same window at other dates.

    ``weights`` are :func:`single_weights` of all admissible dates. ``circular_shift`` uses every
    other date, ``free_redraw`` only dates at least seven days from every event of the calendar.
    """
    dates = admissible(len(days))
    at = positions(days, events["date"])
    quiet = np.abs(dates[:, None] - at).min(axis=1) > LATE[-1]
    rows = []
    for event in events.itertuples():
        date = positions(days, [str(event.date)])[0]
        others = dates != date
        if others.all():
            notes.add(name, "its window leaves no days on one side of it", str(event.event))
            continue
        for statistic, table in weights.items():
            for null, chosen in (("circular_shift", others), ("free_redraw", others & quiet)):
                order = [int(np.flatnonzero(~others)[0]), *np.flatnonzero(chosen)]
                values = studentised(table[order], logs, rho)
                rows.append((event.event, statistic, null, values))
    table = pd.DataFrame(rows, columns=["event", "statistic", "null", "values"])
    parts = []
    for (statistic, null), group in table.groupby(["statistic", "null"], sort=False):
        observed = np.array([values[0] for values in group["values"]])
        p_value = [exceedance(abs(values[0]), np.abs(values[1:])) for values in group["values"]]
        parts.append(
            pd.DataFrame(
                {
                    "series": name,
                    "event": group["event"],
                    "statistic": statistic,
                    "null": null,
                    "observed": observed,
                    "p_value": p_value,
                    "q_value": q_values(p_value),
                    "p_family": np.minimum(np.array(p_value) * len(p_value), 1),
                    "draws": [len(values) - 1 for values in group["values"]],
                }
            )
        )
    return pd.concat(parts) if parts else pd.DataFrame(columns=COLUMNS)


def against(found: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """For each series, the first statistic (the observed one) against the rest, under one null."""
    values = np.array(list(found.values()))
    observed, placebos = values[:, 0], values[:, 1:]
    p_value = exceedance(np.abs(observed)[:, None], np.abs(placebos))
    # If only one placebo calendar is possible there is no spread, and the p-value is 1 anyway.
    scale = np.maximum(placebos.std(axis=1, keepdims=True), np.finfo(float).tiny)
    largest = np.abs(placebos / scale).max(axis=0)
    p_family = exceedance(np.abs(observed[:, None] / scale), largest[None, :])
    return pd.DataFrame(
        {
            "series": list(found),
            "observed": observed,
            "p_value": p_value,
            "q_value": q_values(p_value),
            # At least p: if the placebo estimates do not vary, their spread is mere rounding error.
            "p_family": np.maximum(p_family, p_value),
            "draws": placebos.shape[1],
        }
    )
