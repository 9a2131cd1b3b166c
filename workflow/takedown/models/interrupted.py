"""Interrupted time series: segmented regression around each event (Wagner et al. 2002).

Negative binomial with a log link: level and slope before the event, the change in each from the day
of the event on, and weekday (Bernal, Cummins, Gasparrini 2017). The counterfactual is the fitted
mean with both changes set to zero. In addition to its Newey-West intervals, the same model is
fitted by least squares to log(1 + posts) and compared with the estimates at every other date that
could have been the event's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from takedown.estimation import negbin
from takedown.estimation.data import Data, Streams
from takedown.estimation.design import Notes, TooLittleError, positions, require_days
from takedown.estimation.effects import exponential, ratio
from takedown.estimation.estimators import Estimate, Estimator, of_ratio
from takedown.estimation.inference import Z95, wald
from takedown.estimation.randomisation import autocorrelation, compare_with_placebos, precision
from takedown.estimation.settings import Settings
from takedown.estimation.trial import Trial

TERMS = ["series", "event", "method", "term", "estimate", "lower", "upper", "p_value", "reason"]
PATHS = ["series", "event", "date", "posts", "fitted", "counterfactual", "lower", "upper"]
CHANGES = ["level", "slope"]
DIAGNOSTIC = "a diagnostic, no estimate of a change"
MOVED = "other dates are moved as much as the event's own, so they give no interval"
METHODS = ("negbin_hac", "log1p_dates")
ESTIMATORS = {Estimator("interrupted", method, term) for method in METHODS for term in CHANGES}
LEAST_SIDE = 14
LJUNG_BOX_LAGS = 7


class Interrupted(NamedTuple):
    """``models/interrupted.csv``, ``interrupted_paths.csv`` and notes."""

    terms: pd.DataFrame
    paths: pd.DataFrame
    notes: pd.DataFrame


class Term(NamedTuple):
    """A change at the event, or a diagnostic; ``reason`` says why a term has no interval."""

    term: str
    estimate: float
    lower: float | None
    upper: float | None
    p_value: float | None
    reason: str | None


def fit(data: Data, use: Settings, _: Streams) -> Interrupted:
    """The interrupted time series of a campaign."""
    sides = use.interrupted_days
    return interrupted(data.series, data.events, side_days=sides, hac_days=use.hac_days)


def estimators(table: pd.DataFrame) -> list[Estimator | None]:
    """The estimator of each row of terms; None for diagnostics, which are not estimates."""
    return [
        None if pd.isna(p_value) else Estimator("interrupted", method, term)
        for method, term, p_value in zip(
            table["method"], table["term"], table["p_value"], strict=True
        )
    ]


def interrupted(
    series: Mapping[str, pd.Series], events: pd.DataFrame, *, side_days: int, hac_days: int
) -> Interrupted:
    """Level and slope before and after each event.

    Each model is fitted to up to ``side_days`` days on either side of its event, and at least 14,
    within the estimation window.
    """
    notes = Notes("interrupted")
    terms: list[tuple] = []
    paths: list[pd.DataFrame] = []
    for name, posts in series.items():
        if events.empty:
            notes.add(name, "no event in the estimation window")
        for event in events.itertuples():
            try:
                rows, path = segmented(posts, str(event.date), side_days, hac_days)
                terms += [(name, event.event, "negbin_hac", *row) for row in rows]
                paths.append(path.assign(series=name, event=event.event))
            except TooLittleError as why:
                notes.add(name, why, str(event.event))
            try:
                rows = dated(posts, str(event.date), side_days)
                terms += [(name, event.event, "log1p_dates", *row) for row in rows]
            except TooLittleError as why:
                notes.add(name, why, str(event.event))
    return Interrupted(
        pd.DataFrame(terms, columns=TERMS),
        pd.concat(paths, ignore_index=True)[PATHS] if paths else pd.DataFrame(columns=PATHS),
        notes.table(),
    )


def around(posts: pd.Series, date: str, side_days: int) -> tuple[pd.Series, int]:
    """The days around an event, and the event's position among them.

    Raises :class:`TooLittleError` if there are too few days, or no posts on one side.
    """
    at = positions(posts.index, [date])[0]
    start, end = max(0, at - side_days), min(len(posts), at + side_days)
    if at - start < LEAST_SIDE or end - at < LEAST_SIDE:
        raise TooLittleError(
            f"too short: {at - start} days before and {end - at} from the event on in the model "
            f"window, needs {LEAST_SIDE} on each side"
        )
    near = posts.iloc[start:end]
    require_days(near, 2 * LEAST_SIDE, "a segmented regression")
    if not near.iloc[: at - start].any() or not near.iloc[at - start :].any():
        raise TooLittleError("no posts on one side of the event")
    return near, at - start


def segmented(
    posts: pd.Series, date: str, side_days: int, hac_days: int
) -> tuple[list[Term], pd.DataFrame]:
    """The terms and the path of one model. Raises :class:`TooLittleError` if it does not fit."""
    near, at = around(posts, date, side_days)
    design = segments(near.index, at)
    after = design[:, 2]
    fitted = negbin.fit(near.to_numpy(), design, hac_days)
    without = design.copy()
    without[:, [2, 3]] = 0
    log_mean = without @ fitted.params
    spread = Z95 * np.sqrt(np.einsum("ij,jk,ik->i", without, fitted.covariance, without))
    path = pd.DataFrame(
        {
            "date": near.index.strftime("%Y-%m-%d"),
            "posts": near.to_numpy(),
            "fitted": fitted.mean,
            "counterfactual": np.where(after, np.exp(log_mean), np.nan),
            "lower": np.where(after, np.exp(log_mean - spread), np.nan),
            "upper": np.where(after, np.exp(log_mean + spread), np.nan),
        }
    )
    ljung_box = ljung_box_p(fitted.residuals)
    hat = np.linalg.pinv(design.T @ (design * weights(fitted)[:, None]))
    leverage = weights(fitted)[at] * design[at] @ hat @ design[at]
    rows = [
        *(
            Term(term, *ratio(value, variance), wald(value, variance), None)
            for term, value, variance in zip(
                CHANGES, fitted.params[2:4], np.diag(fitted.covariance)[2:4], strict=True
            )
        ),
        *(
            Term(term, float(value), None, None, None, DIAGNOSTIC)
            for term, value in (
                (f"ljung_box_p_lag_{LJUNG_BOX_LAGS}", ljung_box),
                ("pearson_dispersion", fitted.dispersion),
                ("event_day_leverage", leverage),
                ("days", len(near)),
            )
        ),
    ]
    return rows, path


def segments(days: pd.DatetimeIndex, at: int) -> np.ndarray:
    """Intercept, slope, level change, slope change from day number ``at`` on, and weekday."""
    time = np.arange(len(days)) - at
    after = (time >= 0).astype(float)
    weekday = pd.get_dummies(days.day_of_week, drop_first=True, dtype=float).to_numpy()
    return np.column_stack([np.ones(len(days)), time, after, after * time, weekday])


def dated(posts: pd.Series, date: str, side_days: int) -> list[Term]:
    """Level and slope change on ``date``, from logs, compared with all other dates.

    The slope has only a p-value: a change of slope moves the estimates at most other dates as much
    as its own, so these cannot provide an interval. Raises :class:`TooLittleError` if there are too
    few dates for an interval of the level.
    """
    around(posts, date, side_days)
    length = len(posts)
    at = positions(posts.index, [date])[0]
    own = at - LEAST_SIDE
    order = [own, *(row for row in range(length - 2 * LEAST_SIDE + 1) if row != own)]
    weights = weights_of_dates(posts.index[0], length, side_days)[:, order]
    logs = np.log1p(posts.to_numpy(dtype=float))
    near = slice(max(0, at - side_days), min(length, at + side_days))
    design = segments(posts.index[near], at - near.start)
    rho = autocorrelation(design, logs[near])
    since = (np.arange(length) - at).clip(0)
    patterns = ((np.arange(length) >= at).astype(float), since.astype(float))
    level, slope = (
        compare_with_placebos(scale, table @ logs, table @ present)
        for table, scale, present in zip(weights, precision(weights, rho), patterns, strict=True)
    )
    return [
        Term("level", *exponential(level), level.p_value, None),
        Term("slope", float(np.exp(slope.value)), None, None, slope.p_value, MOVED),
    ]


@lru_cache(maxsize=1)  # the same for every series and event of a campaign
def weights_of_dates(first: pd.Timestamp, length: int, side_days: int) -> np.ndarray:
    """Weights of level and slope at each date with enough days: shape (2, dates, days)."""
    index = pd.date_range(first, periods=length)
    dates = range(LEAST_SIDE, length - LEAST_SIDE + 1)
    weights = np.zeros((len(CHANGES), len(dates), length))
    for row, day in enumerate(dates):
        near = slice(max(0, day - side_days), min(length, day + side_days))
        design = segments(index[near], day - near.start)
        weights[:, row, near] = np.linalg.pinv(design)[2:4]
    return weights


def weights(fitted: negbin.Fit) -> np.ndarray:
    """Working weights of the log-link negative binomial GLM: mean / (1 + alpha * mean)."""
    return fitted.mean / (1 + fitted.alpha * fitted.mean)


def ljung_box_p(residuals: np.ndarray) -> float:
    """p-value of Ljung and Box's (1978) test that the first lags' autocorrelations are zero."""
    count = len(residuals)
    rest = residuals - residuals.mean()
    lags = range(1, LJUNG_BOX_LAGS + 1)
    correlations = [float(rest[lag:] @ rest[:-lag]) / float(rest @ rest) for lag in lags]
    statistic = sum(r**2 / (count - lag) for r, lag in zip(correlations, lags, strict=True))
    return float(chdtrc(LJUNG_BOX_LAGS, count * (count + 2) * statistic))


def answers(method: str, terms: list[Term]) -> dict[Estimator, Estimate]:
    """Level and slope; only a level is ever planted, so for the slope only the p-value matters."""
    found = {}
    for row in terms[: len(CHANGES)]:
        p_value = np.nan if row.p_value is None else row.p_value
        estimate = Estimate(p_value=p_value)
        if row.term == "level" and row.lower is not None and row.upper is not None:
            estimate = of_ratio(row.estimate, row.lower, row.upper, p_value)
        found[Estimator("interrupted", method, row.term)] = estimate
    return found


def try_level(trial: Trial) -> dict[Estimator, Estimate]:
    """The changes at the middle event, with Newey-West intervals."""
    use = trial.use
    rows, _path = segmented(trial.posts, trial.middle_event, use.interrupted_days, use.hac_days)
    return answers("negbin_hac", rows)


def try_level_dated(trial: Trial) -> dict[Estimator, Estimate]:
    """The changes at the middle event, compared with other dates."""
    rows = dated(trial.posts, trial.middle_event, trial.use.interrupted_days)
    return answers("log1p_dates", rows)


TRIALS = (try_level, try_level_dated)
