"""Event study: posting around dated events against a counterfactual (MacKinlay 1997).

Pooled over events: negative binomial regression on event-day indicators, weekday and trend, with
Newey-West intervals; and an OLS version of the same design on log1p. Overlapping windows are
modelled jointly, because a day's indicator counts all events that the day belongs to.

Over the few months that a campaign lasts, Newey-West intervals are too narrow (calibration shows by
how much). They are therefore accompanied by randomisation intervals, which compare the estimate
with the same estimate at every circular shift of the calendar. These are computed from counts and
from logs, with days 0 to 2 and 3 to 6 as the only terms besides the baseline, because every further
term costs precision.

Single events: an indicator per day would fit each day perfectly and leave no error to estimate. The
event's own window (to day +6) is therefore left out of the fit and its mean is predicted. The
interval adds to the uncertainty of that mean the negative binomial variance of single days, with
the day-to-day correlation of the residuals. It is accompanied by an estimate from logs, compared
with every other date that could have been the event's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from takedown.estimation import negbin
from takedown.estimation.data import Data, Streams
from takedown.estimation.design import (
    Notes,
    TooLittleError,
    baseline,
    indicators,
    positions,
    require_days,
)
from takedown.estimation.effects import (
    at_least,
    count_effects,
    exponential,
    groups,
    placebo_band,
    ratio,
    shift_effects,
    shifted_effects,
)
from takedown.estimation.estimand import EFFECT_DAYS, HOLE, SPANS
from takedown.estimation.estimators import NOT_TRIED, Estimate, Estimator, of_ratio
from takedown.estimation.inference import wald
from takedown.estimation.randomisation import (
    autocorrelation,
    compare_with_placebos,
    days_after,
    gap_weights,
    precision,
    shift_weights,
    shifts,
)
from takedown.estimation.settings import Settings
from takedown.estimation.trial import Trial
from takedown.estimation.windows import BRACKET_DAYS, admissible, mean_weights
from takedown.series.modelled import OVER_CONTROLS

PATH = ["series", "event", "method", "day", "rate_ratio", "lower", "upper"]
BANDS = ["series", "event", "method", "day", "lower", "upper"]
EFFECTS = ["series", "event", "method", "effect", "rate_ratio", "lower", "upper", "p_value"]
ESTIMATORS = {
    Estimator(subject, method, quantity)
    for subject, methods in (
        ("pooled", ("negbin_hac", "log1p_ols_hac", "log1p_shift", "negbin_shift")),
        ("single", ("negbin_predictive", "log1p_dates")),
    )
    for method in methods
    for quantity in (*SPANS, "path")
} - {Estimator("pooled", "negbin_shift", "path")}


class EventStudy(NamedTuple):
    """``models/event_study.csv``, ``event_effects.csv``, ``placebo_bands.csv`` and notes."""

    path: pd.DataFrame
    effects: pd.DataFrame
    bands: pd.DataFrame
    notes: pd.DataFrame


class PathRow(NamedTuple):
    """The rate ratio on a day relative to the event, and the range of 95 % of the placebos."""

    method: str
    day: int
    rate_ratio: float
    lower: float
    upper: float
    placebo_lower: float | None = None
    placebo_upper: float | None = None


class EffectRow(NamedTuple):
    """The rate ratio over the days of an effect."""

    method: str
    effect: str
    rate_ratio: float
    lower: float
    upper: float
    p_value: float


class Fit(NamedTuple):
    """The estimates of one estimator, for one event or for all events pooled."""

    path: list[PathRow]
    effects: list[EffectRow]
    warning: str | None = None


def fit(data: Data, use: Settings, _: Streams) -> EventStudy:
    """The event study of a campaign."""
    return event_study(
        data.series,
        data.events,
        lead_days=use.lead_days,
        lag_days=use.lag_days,
        trend_days=use.trend_days,
        hac_days=use.hac_days,
        control=data.control,
    )


def estimators(table: pd.DataFrame) -> list[Estimator]:
    """The estimator of each row of paths or effects; those of event groups are not calibrated."""
    quantities = table["effect"] if "effect" in table else ["path"] * len(table)
    return [
        NOT_TRIED
        if event.startswith("pooled_")
        else Estimator("pooled" if event == "pooled" else "single", method, quantity)
        for event, method, quantity in zip(table["event"], table["method"], quantities, strict=True)
    ]


def event_study(
    series: Mapping[str, pd.Series],
    events: pd.DataFrame,
    *,
    lead_days: int,
    lag_days: int,
    trend_days: int,
    hac_days: int,
    control: pd.Series | None = None,
) -> EventStudy:
    """Path and effects of all events pooled, of groups of events, and of single events.

    ``series`` holds posts per day of the estimation window; ``events`` the modelled rows of
    ``series/events.csv`` (columns event, date). Events on the same day count once when pooled. If
    posts of ``control`` accounts are given, the pooled effects on all posts are also estimated
    relative to them, as the series ``all over controls``: a difference in differences.
    """
    notes = Notes("event_study")
    path: list[tuple] = []
    bands: list[tuple] = []
    effects: list[tuple] = []
    offsets = range(-lead_days, lag_days + 1)
    for name, posts in series.items():
        try:
            require_days(posts, 2 * len(offsets), "an event study")
            if events.empty:
                raise TooLittleError("no event in the estimation window")
            base = baseline(posts.index, trend_days)
        except TooLittleError as why:
            notes.add(name, why)
            continue
        dates = admissible(len(posts))
        weights = gap_weights(base.to_numpy(), dates, HOLE)
        attempts = [
            (group, partial(estimate, posts, base, chosen, offsets))
            for group, chosen in groups(events).items()
            for estimate in (partial(pooled, hac_days=hac_days), shifted, counted)
        ] + [
            (str(event.event), attempt)
            for event in events.itertuples()
            for attempt in (
                partial(single, posts, base, events, str(event.date), lead_days, hac_days),
                partial(dated, posts, base, str(event.date), dates, weights),
            )
        ]
        for event, attempt in attempts:
            try:
                found = attempt()
            except TooLittleError as why:
                notes.add(name, why, event)
                continue
            path += [(name, event, *row[:5]) for row in found.path]
            bands += [
                (name, event, row.method, row.day, row.placebo_lower, row.placebo_upper)
                for row in found.path
                if row.placebo_lower is not None
            ]
            effects += [(name, event, *row) for row in found.effects]
            if found.warning:
                notes.add(name, found.warning, event)
    if control is not None:
        for group, chosen in groups(events).items():
            try:
                rows = over_controls(series["all"], control, chosen, trend_days)
                effects += [(OVER_CONTROLS, group, *row) for row in rows]
            except TooLittleError as why:
                notes.add(OVER_CONTROLS, why, group)
    return EventStudy(
        pd.DataFrame(path, columns=PATH),
        pd.DataFrame(effects, columns=EFFECTS),
        pd.DataFrame(bands, columns=BANDS),
        notes.table(),
    )


def shifted(
    posts: pd.Series, base: pd.DataFrame, events: pd.DataFrame, offsets: Sequence[int]
) -> Fit:
    """Pooled path and effects from logs, against every circular shift (``log1p_shift``).

    Path rows end with the band that contains 95 % of the placebo estimates.

    Raises :class:`TooLittleError` with fewer than three distinct event days, or if the days of an
    effect are collinear with weekday and trend. Path days that are collinear are left out.
    """
    at = at_least(posts, events)
    table = base.to_numpy()
    logs = np.log1p(posts.to_numpy(dtype=float))
    rho = autocorrelation(table, logs)
    path = []
    daily = shift_weights(table, at, tuple((offset,) for offset in offsets))
    for offset, weights, scale in zip(offsets, daily, precision(daily, rho), strict=True):
        present = days_after(len(posts), at[None], [offset])[0]
        try:
            found = compare_with_placebos(scale, weights @ logs, weights @ present)
            path.append(PathRow("log1p_shift", offset, *exponential(found), *placebo_band(found)))
        except TooLittleError:
            continue
    effects = [
        EffectRow("log1p_shift", effect, *exponential(found), found.p_value)
        for effect, found in shift_effects(logs, table, at).items()
    ]
    return Fit(path, effects)


def counted(
    posts: pd.Series, base: pd.DataFrame, events: pd.DataFrame, offsets: Sequence[int]
) -> Fit:
    """Pooled effects from counts, against every circular shift (``negbin_shift``); no path.

    Raises :class:`TooLittleError` with fewer than three distinct event days, or if the regression
    cannot be fitted.
    """
    at = at_least(posts, events)
    table = base.to_numpy()
    rho = autocorrelation(table, np.log1p(posts.to_numpy(dtype=float)))
    calendars = np.vstack([at, shifts(len(posts), at)])
    ratios = count_effects(posts, table, calendars)
    effects = []
    for effect, weights in shifted_effects(table, at).items():
        present = days_after(len(posts), at[None], SPANS[effect])[0]
        found = compare_with_placebos(precision(weights, rho), ratios[effect], weights @ present)
        effects.append(EffectRow("negbin_shift", effect, *exponential(found), found.p_value))
    return Fit([], effects)


def over_controls(
    posts: pd.Series, control: pd.Series, events: pd.DataFrame, trend_days: int
) -> list[EffectRow]:
    """Effects on log(1 + posts) minus that of control accounts, against all calendar shifts.

    Whatever moves both alike, such as a day on which all of Twitter is busier, cancels out.
    """
    for each in (posts, control):
        require_days(each, 2 * EFFECT_DAYS, "a difference in differences")
    at = at_least(posts, events)
    difference = np.log1p(posts.to_numpy(dtype=float)) - np.log1p(control.to_numpy(dtype=float))
    base = baseline(posts.index, trend_days).to_numpy()
    return [
        EffectRow("log1p_shift", effect, *exponential(found), found.p_value)
        for effect, found in shift_effects(difference, base, at).items()
    ]


def dated(
    posts: pd.Series, base: pd.DataFrame, date: str, dates: np.ndarray, weights: np.ndarray
) -> Fit:
    """Path and effects of the event on ``date``, against all other ``dates`` (``log1p_dates``).

    ``weights`` (dates x days of the hole x days) come from :func:`gap_weights`. Raises
    :class:`TooLittleError` if ``date`` is not among ``dates``.
    """
    at = positions(base.index, [date])[0]
    true = dates == at
    if not true.any():
        raise TooLittleError("its window leaves no days on one side of it")
    own = weights[[*np.flatnonzero(true), *np.flatnonzero(~true)]]
    logs = np.log1p(posts.to_numpy(dtype=float))
    rho = autocorrelation(base.to_numpy(), logs)
    scale = precision(np.swapaxes(own, 0, 1), rho)
    path, effects = [], []
    for column, offset in enumerate(HOLE):
        present = days_after(len(posts), np.array([[at]]), [offset])[0]
        found = compare_with_placebos(
            scale[column], own[:, column] @ logs, own[:, column] @ present
        )
        path.append(PathRow("log1p_dates", offset, *exponential(found), *placebo_band(found)))
    for effect, mean in mean_weights(own).items():
        present = days_after(len(posts), np.array([[at]]), SPANS[effect])[0]
        found = compare_with_placebos(precision(mean, rho), mean @ logs, mean @ present)
        effects.append(EffectRow("log1p_dates", effect, *exponential(found), found.p_value))
    return Fit(path, effects)


def pooled(
    posts: pd.Series,
    base: pd.DataFrame,
    events: pd.DataFrame,
    offsets: Sequence[int],
    hac_days: int,
) -> Fit:
    """Path and effects of all events pooled, by regression.

    Raises :class:`TooLittleError` with fewer than three distinct event days, if the design is
    collinear, or if there is no post at all on some day relative to the events.
    """
    at = at_least(posts, events)
    days = indicators(len(posts), at, offsets)
    seen = [column for column in range(len(offsets)) if days[:, column].any()]
    kept = [offsets[column] for column in seen]
    days = days[:, seen]
    for column, offset in enumerate(kept):
        if not posts.to_numpy()[days[:, column] > 0].any():
            raise TooLittleError(f"no post at all on day {offset} of the events")
    design = np.hstack([base.to_numpy(), days])
    count = negbin.fit(posts.to_numpy(), design, hac_days)
    logs = OLS(np.log1p(posts.to_numpy()), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": hac_days, "use_correction": True}
    )
    first = base.shape[1]
    path: list[PathRow] = []
    effects: list[EffectRow] = []
    for method, params, covariance in (
        ("negbin_hac", count.params[first:], count.covariance[first:, first:]),
        ("log1p_ols_hac", logs.params[first:], logs.cov_params()[first:, first:]),
    ):
        for column, offset in enumerate(kept):
            path.append(PathRow(method, offset, *ratio(params[column], covariance[column, column])))
        for effect, span in SPANS.items():
            weights = np.isin(kept, list(span)) / np.isin(kept, list(span)).sum()
            value, variance = weights @ params, weights @ covariance @ weights
            effects.append(
                EffectRow(method, effect, *ratio(value, variance), wald(value, variance))
            )
    return Fit(path, effects)


def single(
    posts: pd.Series,
    base: pd.DataFrame,
    events: pd.DataFrame,
    date: str,
    lead_days: int,
    hac_days: int,
) -> Fit:
    """Path and effects of the event on ``date``, predicted from the other days.

    Raises :class:`TooLittleError` unless there are some days of the estimation window on either
    side of the event's own window, because a trend must not be extrapolated.
    """
    at = positions(base.index, [date])[0]
    inside = np.arange(at - lead_days, at + EFFECT_DAYS)
    before, after = inside[0], len(posts) - 1 - inside[-1]
    if min(before, after) < BRACKET_DAYS:
        raise TooLittleError(
            f"{max(before, 0)} days of the estimation window before and {max(after, 0)} after the "
            f"event's own, needs {BRACKET_DAYS} each: the trend would be extrapolated"
        )
    outside = np.setdiff1d(np.arange(len(posts)), inside)
    design = base.to_numpy()
    others = positions(base.index, events["date"])
    near = indicators(len(posts), others[others != at], range(EFFECT_DAYS)).sum(axis=1)
    # With fewer days, one or two would determine the estimated effect of the other events.
    separable = (near[outside] > 0).sum() >= EFFECT_DAYS
    if separable:
        design = np.column_stack([design, near])
    fitted = negbin.fit(posts.to_numpy()[outside], design[outside], hac_days)
    rows = design[inside]
    expected = np.exp(rows @ fitted.params)
    centre, spread = negbin.log_moments(expected, fitted.alpha)
    logs = np.log(posts.to_numpy()[inside] + 0.5) - centre
    day = inside - at
    alike = neighbours_alike(fitted.residuals, before) ** np.abs(day[:, None] - day[None, :])
    covariance = rows @ fitted.covariance @ rows.T
    covariance = covariance + np.sqrt(np.outer(spread, spread)) * alike
    path = [
        PathRow("negbin_predictive", int(day[row]), *ratio(logs[row], covariance[row, row]))
        for row in range(len(inside))
    ]
    effects = []
    for effect, span in SPANS.items():
        chosen = np.isin(day, list(span))
        weights = chosen / chosen.sum()
        value, variance = weights @ logs, weights @ covariance @ weights
        effects.append(
            EffectRow("negbin_predictive", effect, *ratio(value, variance), wald(value, variance))
        )
    overlaps = near[inside].any() and not separable
    warning = "a neighbouring event cannot be told apart" if overlaps else None
    return Fit(path, effects, warning)


def neighbours_alike(residuals: np.ndarray, gap: int) -> float:
    """Lag-1 autocorrelation of the residuals, at least 0; ``gap`` days precede the hole."""
    pairs = np.delete(np.column_stack([residuals[:-1], residuals[1:]]), gap - 1, axis=0)
    return max(0.0, float(np.corrcoef(pairs.T)[0, 1]))


# The estimators as calibration runs them, each on one simulated series.


def answers(subject: str, found: Fit) -> dict[Estimator, Estimate]:
    """Estimates of the effects, and of day 0 of the path."""
    effects = {
        Estimator(subject, row.method, row.effect): of_ratio(*row[2:]) for row in found.effects
    }
    return effects | {
        Estimator(subject, row.method, "path"): of_ratio(*row[2:5])
        for row in found.path
        if row.day == 0
    }


def try_pooled(trial: Trial) -> dict[Estimator, Estimate]:
    """All events pooled, from counts and from logs, with Newey-West intervals."""
    found = pooled(trial.posts, trial.base, trial.events, trial.offsets, trial.use.hac_days)
    return answers("pooled", found)


def try_shifted(trial: Trial) -> dict[Estimator, Estimate]:
    """All events pooled, from logs, compared with all shifts of the calendar."""
    return answers("pooled", shifted(trial.posts, trial.base, trial.events, trial.offsets))


def try_counted(trial: Trial) -> dict[Estimator, Estimate]:
    """All events pooled, from counts, compared with all shifts of the calendar."""
    return answers("pooled", counted(trial.posts, trial.base, trial.events, ()))


def try_single(trial: Trial) -> dict[Estimator, Estimate]:
    """The event nearest to the middle of the window, predicted from the other days."""
    use, date = trial.use, trial.middle_event
    found = single(trial.posts, trial.base, trial.events, date, use.lead_days, use.hac_days)
    return answers("single", found)


def try_dated(trial: Trial) -> dict[Estimator, Estimate]:
    """The same event, against all other dates."""
    dates = admissible(len(trial.posts))
    weights = gap_weights(trial.base.to_numpy(), dates, HOLE)
    return answers("single", dated(trial.posts, trial.base, trial.middle_event, dates, weights))


TRIALS = (try_pooled, try_shifted, try_counted, try_single, try_dated)
