"""Event study: posting around dated events against a counterfactual (MacKinlay 1997).

Pooled over events: negative binomial regression on event-day indicators beside weekday and trend,
with Newey-West intervals, and a log1p-OLS version of the same design. Windows that overlap are
modelled jointly, because a day's indicator counts every event it belongs to.

One event: an indicator per day would fit each day perfectly and leave no error to estimate. The
event's own window (to day +6) is therefore left out of the fit, its mean is predicted, and the
interval adds the negative binomial spread of single days, correlated from day to day as the
residuals are, to the uncertainty of the mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from takedown.models import negbin
from takedown.models.design import (
    Z95,
    Notes,
    TooLittleError,
    baseline,
    indicators,
    positions,
    require_days,
)

PATH = ["series", "event", "method", "day", "rate_ratio", "lower", "upper"]
EFFECTS = ["series", "event", "method", "effect", "rate_ratio", "lower", "upper", "p_value"]
SPANS = {"days_0_2": range(0, 3), "days_0_6": range(0, 7)}
MIN_EVENTS = 3
EFFECT_DAYS = 7
BRACKET_DAYS = 3
LARGEST_LOG = 30.0


def event_study(
    series: Mapping[str, pd.Series],
    events: pd.DataFrame,
    *,
    lead_days: int,
    lag_days: int,
    trend_days: int,
    hac_days: int,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """``models/event_study.csv``, ``event_effects.csv`` and notes.

    ``series`` holds posts per day of the model window; ``events`` the modelled rows of
    ``series/events.csv`` (columns event, date). Events on one day count once when pooled.
    """
    notes = Notes("event_study")
    path: list[tuple] = []
    effects: list[tuple] = []
    offsets = range(-lead_days, lag_days + 1)
    for name, posts in series.items():
        try:
            require_days(posts, 2 * len(offsets), "an event study")
            if events.empty:
                raise TooLittleError("no event in the model window")
            base = baseline(posts.index, trend_days)
        except TooLittleError as why:
            notes.add(name, why)
            continue
        try:
            rows, sums = pooled(posts, base, events, offsets, hac_days)
            path += [(name, "pooled", *row) for row in rows]
            effects += [(name, "pooled", *row) for row in sums]
        except TooLittleError as why:
            notes.add(name, why, "pooled")
        for event in events.itertuples():
            try:
                rows, sums, warning = single(
                    posts, base, events, str(event.date), lead_days, hac_days
                )
                path += [(name, event.event, *row) for row in rows]
                effects += [(name, event.event, *row) for row in sums]
                if warning:
                    notes.add(name, warning, str(event.event))
            except TooLittleError as why:
                notes.add(name, why, str(event.event))
    return (
        pd.DataFrame(path, columns=PATH),
        pd.DataFrame(effects, columns=EFFECTS),
        notes.table(),
    )


def pooled(
    posts: pd.Series,
    base: pd.DataFrame,
    events: pd.DataFrame,
    offsets: Sequence[int],
    hac_days: int,
) -> tuple[list[tuple], list[tuple]]:
    """Path rows (method, day, ratio, lower, upper) and effect rows over all events together.

    Raises :class:`TooLittleError` with fewer than three distinct event days, on a design that
    cannot be told apart, or on a relative day without any post.
    """
    at = positions(base.index, events["date"])
    if len(at) < MIN_EVENTS:
        raise TooLittleError(f"{len(at)} distinct event days; pooling needs {MIN_EVENTS}")
    days = indicators(len(posts), at, offsets)
    seen = [column for column in range(len(offsets)) if days[:, column].any()]
    kept = [offsets[column] for column in seen]
    days = days[:, seen]
    for column, offset in enumerate(kept):
        if not posts.to_numpy()[days[:, column] > 0].any():
            raise TooLittleError(f"no post at all on day {offset} of the events")
    design = np.hstack([base.to_numpy(), days])
    count = negbin.fit(posts.to_numpy(), design, hac_days)
    logs = sm.OLS(np.log1p(posts.to_numpy()), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": hac_days, "use_correction": True}
    )
    first = base.shape[1]
    path: list[tuple] = []
    effects: list[tuple] = []
    for method, params, covariance in (
        ("negbin_hac", count.params[first:], count.covariance[first:, first:]),
        ("log1p_ols_hac", logs.params[first:], logs.cov_params()[first:, first:]),
    ):
        for column, offset in enumerate(kept):
            path.append((method, offset, *ratio(params[column], covariance[column, column])))
        for effect, span in SPANS.items():
            weights = np.isin(kept, list(span)) / np.isin(kept, list(span)).sum()
            value, variance = weights @ params, weights @ covariance @ weights
            effects.append((method, effect, *ratio(value, variance), wald(value, variance)))
    return path, effects


def single(
    posts: pd.Series,
    base: pd.DataFrame,
    events: pd.DataFrame,
    date: str,
    lead_days: int,
    hac_days: int,
) -> tuple[list[tuple], list[tuple], str | None]:
    """Path rows, effect rows and a warning for the event on ``date``, from the other days.

    Raises :class:`TooLittleError` unless some days of the model window lie on either side of the
    event's own, because a trend must not be extrapolated.
    """
    at = positions(base.index, [date])[0]
    inside = np.arange(at - lead_days, at + EFFECT_DAYS)
    before, after = inside[0], len(posts) - 1 - inside[-1]
    if min(before, after) < BRACKET_DAYS:
        raise TooLittleError(
            f"{max(before, 0)} days of the model window before and {max(after, 0)} after the "
            f"event's own, needs {BRACKET_DAYS} each: the trend would be extrapolated"
        )
    outside = np.setdiff1d(np.arange(len(posts)), inside)
    design = base.to_numpy()
    others = positions(base.index, events["date"])
    near = indicators(len(posts), others[others != at], range(EFFECT_DAYS)).sum(axis=1)
    # Otherwise a day or two would decide what the other events are worth.
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
        ("negbin_predictive", int(day[row]), *ratio(logs[row], covariance[row, row]))
        for row in range(len(inside))
    ]
    effects = []
    for effect, span in SPANS.items():
        chosen = np.isin(day, list(span))
        weights = chosen / chosen.sum()
        value, variance = weights @ logs, weights @ covariance @ weights
        effects.append(
            ("negbin_predictive", effect, *ratio(value, variance), wald(value, variance))
        )
    overlaps = near[inside].any() and not separable
    return path, effects, "a neighbouring event cannot be told apart" if overlaps else None


def neighbours_alike(residuals: np.ndarray, gap: int) -> float:
    """Correlation of neighbouring days' residuals, at least 0; ``gap`` days precede the hole."""
    pairs = np.delete(np.column_stack([residuals[:-1], residuals[1:]]), gap - 1, axis=0)
    return max(0.0, float(np.corrcoef(pairs.T)[0, 1]))


def ratio(log_ratio: float, variance: float) -> tuple[float, float, float]:
    """A rate ratio with its 95 % interval, from a log ratio and its variance.

    Raises :class:`TooLittleError` when the interval has no end worth printing.
    """
    spread = Z95 * np.sqrt(max(variance, 0.0))
    if abs(log_ratio) + spread > LARGEST_LOG:
        raise TooLittleError("the interval is unbounded: too few posts on the days compared")
    return (
        float(np.exp(log_ratio)),
        float(np.exp(log_ratio - spread)),
        float(np.exp(log_ratio + spread)),
    )


def wald(value: float, variance: float) -> float:
    """p-value of the Wald test that ``value`` is zero."""
    return float(2 * stats.norm.sf(abs(value) / np.sqrt(variance)))
