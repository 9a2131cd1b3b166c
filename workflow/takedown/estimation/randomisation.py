"""Randomisation inference: an estimate compared with the same estimate at other dates.

Every estimate here is linear in the log of the posts: a weighted sum over days. Applying the same
weights at placebo calendars (or dates) gives the distribution of the estimate when nothing
happened, with the campaign's own rhythm, bursts and autocorrelation. No model of the noise is
needed. The only assumption is that the event's dates are exchangeable with others: without the
event, they would have been no different from any other dates.

Precision differs between calendars, so each estimate is divided by its standard error under a
working correlation of neighbouring days. A wrong working correlation costs power, not validity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from takedown.estimation.design import TooLittleError
from takedown.estimation.estimand import LEVEL
from takedown.estimation.inference import exceedance
from takedown.estimation.remember import remembered

LARGEST_CORRELATION = 0.9
SMALLEST_ERROR = 1e-9
ROUNDING = 1e-9
#: An effect of 1 must be recovered as 1 to within this; otherwise it is not identified.
UNIT_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Comparison:
    """An estimated log effect, with 95 % interval and p-value from ``placebos`` other estimates.

    ``placebo_lower`` and ``placebo_upper`` enclose 95 % of the placebo estimates.
    """

    value: float
    lower: float
    upper: float
    p_value: float
    placebos: int
    placebo_lower: float
    placebo_upper: float


def compare_with_placebos(
    scale: np.ndarray, values: np.ndarray, response: np.ndarray
) -> Comparison:
    """Compare the first of ``values``, the estimate at the true date, with those at other dates.

    ``scale`` is the :func:`precision` of the estimates or, for a non-linear estimate, of its linear
    counterpart. ``response`` is how much an effect of 1 at the true date changes each estimate. All
    three have one value per date. Dates where nothing can be estimated (precision 0) are not used
    as placebos.
    """
    usable = scale > 0
    if not usable[0] or abs(response[0] - 1) > UNIT_TOLERANCE:
        raise TooLittleError("its days cannot be told apart from weekday and trend")
    scale = scale[usable][1:]
    others = values[usable][1:] * scale
    lower, upper = interval(values[0], others, response[usable][1:] * scale)
    band = np.quantile(others, [LEVEL / 2, 1 - LEVEL / 2])
    return Comparison(
        value=float(values[0]),
        lower=lower,
        upper=upper,
        p_value=float(exceedance(np.abs(values[0]), np.abs(others))),
        placebos=len(others),
        placebo_lower=float(band[0]),
        placebo_upper=float(band[1]),
    )


def shifts(length: int, at: np.ndarray) -> np.ndarray:
    """All circular shifts of the calendar except the observed one: shape (length - 1, events)."""
    return (at + np.arange(1, length)[:, None]) % length


def redraw(length: int, at: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Random calendars with as many events, at least as far apart: shape (draws, events).

    Days are drawn from a window shortened by the gaps, which are then put back. Every calendar that
    keeps the observed smallest gap is therefore equally likely.
    """
    count = len(at)
    gap = int(np.diff(at).min()) if count > 1 else 1
    room = length - (count - 1) * (gap - 1)
    chosen = np.argsort(rng.random((draws, room)), axis=1)[:, :count]
    return np.sort(chosen, axis=1) + np.arange(count) * (gap - 1)


def days_after(length: int, calendars: np.ndarray, span: Sequence[int]) -> np.ndarray:
    """Number of events that each day follows by an offset in ``span``: shape (calendars, days)."""
    table = np.zeros((len(calendars), length))
    for offset in span:
        day = calendars + offset
        row, column = np.nonzero((day >= 0) & (day < length))
        np.add.at(table, (row, day[row, column]), 1)
    return table


def span_weights(
    base: np.ndarray, calendars: np.ndarray, spans: Sequence[Sequence[int]]
) -> np.ndarray:
    """Weights of the least-squares effect over each of the ``spans`` of days after the events.

    Shape (spans, calendars, days). The ``spans`` must not overlap. They are fitted jointly with the
    baseline ``base`` (days x terms), by the theorem of Frisch and Waugh (1933): each regressor is
    replaced by its residuals from the baseline. A span that is not identified under a calendar has
    weight zero.
    """
    length = len(base)
    after = np.stack([days_after(length, calendars, span) for span in spans], axis=2)
    solved = np.linalg.pinv(base)
    rest = after - base @ (solved @ after)
    # A span that the baseline fully explains must be exactly 0, not a rounding residue.
    size = np.linalg.norm(after, axis=1, keepdims=True)
    rest = np.where(np.linalg.norm(rest, axis=1, keepdims=True) < ROUNDING * size, 0, rest)
    gram = np.swapaxes(rest, 1, 2) @ rest
    return np.moveaxis(rest @ np.linalg.pinv(gram, hermitian=True), 2, 0)


@remembered(4)
def shift_weights(
    base: np.ndarray, at: np.ndarray, spans: tuple[tuple[int, ...], ...]
) -> np.ndarray:
    """:func:`span_weights` of the calendar ``at`` and of all its circular shifts."""
    return span_weights(base, np.vstack([at, shifts(len(base), at)]), spans)


@remembered(1)
def gap_weights(base: np.ndarray, dates: np.ndarray, hole: range) -> np.ndarray:
    """Weights for each day of the ``hole`` around a date minus its prediction from other days.

    Shape (dates, days of the hole, days). The prediction is a least-squares fit of the baseline
    without the hole.
    """
    length = len(base)
    weights = np.zeros((len(dates), len(hole), length))
    for row, date in enumerate(dates):
        inside = date + np.asarray(hole)
        outside = np.setdiff1d(np.arange(length), inside)
        weights[row][:, outside] = -base[inside] @ np.linalg.pinv(base[outside])
        weights[row][np.arange(len(hole)), inside] = 1
    return weights


def autocorrelation(base: np.ndarray, logs: np.ndarray) -> float:
    """Lag-1 autocorrelation of the residuals from the baseline ``base``, limited to 0 to 0.9."""
    rest = logs - base @ np.linalg.lstsq(base, logs, rcond=None)[0]
    total = float(rest @ rest)
    return min(max(float(rest[1:] @ rest[:-1]) / total, 0.0), LARGEST_CORRELATION) if total else 0.0


def standard_errors(weights: np.ndarray, rho: float) -> np.ndarray:
    """Relative standard error of each estimate if days correlate as ``rho`` ** distance."""
    # Sum over all pairs of days, computed recursively from the weighted sum of earlier days.
    before = np.empty_like(weights)
    total = np.zeros(weights.shape[:-1])
    for day in range(weights.shape[-1]):
        total = weights[..., day] + rho * total
        before[..., day] = total
    squares = np.einsum("...d,...d->...", 2 * before - weights, weights)
    return np.sqrt(np.maximum(squares, 0))


def precision(weights: np.ndarray, rho: float) -> np.ndarray:
    """Factors that scale each estimate to the precision of the first; 0 if there is no estimate.

    ``weights`` has the shape (..., dates, days).
    """
    errors = standard_errors(weights, rho)
    usable = errors > SMALLEST_ERROR
    return np.divide(errors[..., :1], errors, out=np.zeros_like(errors), where=usable)


def interval(observed: float, others: np.ndarray, response: np.ndarray) -> tuple[float, float]:
    """The 95 % interval: all effects that the placebo calendars do not reject at 5 %.

    ``others`` are the (studentised) placebo estimates, and ``response`` is how much an effect of 1
    at the true calendar changes each of them: subtracting an effect from the data also changes a
    placebo estimate if its days overlap the event's. For each placebo, the effects at which it is
    at least as extreme as the observed estimate form an interval around the observed estimate,
    whose ends are the roots of two linear equations. The ends of the 95 % interval are therefore
    order statistics of these roots. Infinite with fewer than 19 placebos.
    """
    count = len(others)
    # One more than the largest number of as-extreme placebos at which an effect is rejected.
    needed = int(np.floor(LEVEL * (1 + count) + 1e-9))
    if needed == 0:
        return -np.inf, np.inf
    moves = np.abs(response) < 1 - 1e-9
    share = np.where(moves, response, 0.0)
    roots = np.array([(observed - others) / (1 - share), (observed + others) / (1 + share)])
    low = np.where(moves, roots.min(axis=0), -np.inf)
    high = np.where(moves, roots.max(axis=0), np.inf)
    return float(np.sort(low)[needed - 1]), float(np.sort(high)[-needed])
