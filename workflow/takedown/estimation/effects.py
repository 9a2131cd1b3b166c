"""What the estimates of events share: groups of events, effects at all shifts, ratios in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from takedown.estimation import negbin
from takedown.estimation.design import MIN_EVENTS, TooLittleError, positions
from takedown.estimation.estimand import EARLY, HOLE, LATE, LEAD, SPANS, each_effect
from takedown.estimation.inference import Z95
from takedown.estimation.randomisation import (
    Comparison,
    autocorrelation,
    compare_with_placebos,
    days_after,
    gap_weights,
    precision,
    shift_weights,
    span_weights,
)

#: A single event needs so many days of the series on either side of its window.
BRACKET_DAYS = 3
LARGEST_LOG = 30.0


def groups(events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The events together, and, if the calendar tells, the anticipated and the others apart.

    Posting around a day that was known beforehand may be preparation, not a reaction.
    """
    found = {"pooled": events}
    if "anticipated" in events:
        for word, group in (("yes", "pooled_anticipated"), ("no", "pooled_unexpected")):
            chosen = events[events["anticipated"] == word]
            if 0 < len(chosen) < len(events):
                found[group] = chosen
    return found


def at_least(posts: pd.Series, events: pd.DataFrame) -> np.ndarray:
    """Positions of the events' days; raises :class:`TooLittleError` when they are too few."""
    at = positions(posts.index, events["date"])
    if len(at) < MIN_EVENTS:
        raise TooLittleError(f"{len(at)} distinct event days; pooling needs {MIN_EVENTS}")
    return at


def shift_effects(logs: np.ndarray, base: np.ndarray, at: np.ndarray) -> dict[str, Comparison]:
    """Of each effect over days after the events ``at``, the estimate against all shifts."""
    rho = autocorrelation(base, logs)
    return {
        effect: compare_with_placebos(
            precision(weights, rho),
            weights @ logs,
            weights @ days_after(len(logs), at[None], SPANS[effect])[0],
        )
        for effect, weights in shifted_effects(base, at).items()
    }


def shifted_effects(base: np.ndarray, at: np.ndarray) -> dict[str, np.ndarray]:
    """Of each effect, the weights of every day for the events ``at`` and all their shifts."""
    return each_effect(*shift_weights(base, at, (tuple(EARLY), tuple(LATE))))


def effect_weights(base: np.ndarray, calendars: np.ndarray) -> dict[str, np.ndarray]:
    """Of each effect, the weights of every day for every calendar: shape (calendars, days).

    Days 0 to 2 and 3 to 6 after an event are fitted jointly; an effect over seven days is their
    mean, weighted by days.
    """
    return each_effect(*span_weights(base, calendars, [EARLY, LATE]))


def admissible(length: int) -> np.ndarray:
    """Dates with :data:`BRACKET_DAYS` days of the series on either side of an event's window."""
    return np.arange(-LEAD[0] + BRACKET_DAYS, length - LATE[-1] - BRACKET_DAYS)


def single_weights(base: np.ndarray, dates: np.ndarray) -> dict[str, np.ndarray]:
    """Of each effect of one event on each of the ``dates``, the weights of every day.

    Shape (dates, days). The days -7 to +6 are predicted from all others.
    """
    return mean_weights(gap_weights(base, dates, HOLE))


def mean_weights(weights: np.ndarray) -> dict[str, np.ndarray]:
    """The mean, over the days of each effect, of the weights that :func:`gap_weights` gives."""
    return {
        effect: weights[:, [HOLE.index(day) for day in span]].mean(axis=1)
        for effect, span in SPANS.items()
    }


def count_effects(
    posts: pd.Series, base: np.ndarray, calendars: np.ndarray
) -> dict[str, np.ndarray]:
    """Log rate ratios by negative binomial regression of days 0 to 2 and 3 to 6, per calendar.

    The dispersion is the one of the baseline alone, so that no calendar has an advantage.
    """
    counts = posts.to_numpy()
    alpha, _ = negbin.dispersion(counts, base)
    after = [days_after(len(posts), calendars, span) for span in (EARLY, LATE)]
    shared = np.broadcast_to(base, (len(calendars), *base.shape))
    designs = np.concatenate([shared, np.stack(after, axis=2)], axis=2)
    early, late = negbin.coefficients(counts, designs, alpha)[:, -2:].T
    return each_effect(early, late)


def exponential(found: Comparison) -> tuple[float, float, float]:
    """An estimate on the log scale as a ratio with its interval."""
    return bounded(found.value, found.lower, found.upper)


def placebo_band(found: Comparison) -> tuple[float, float]:
    """Where 95 % of the placebo estimates lie, as ratios."""
    return float(np.exp(found.placebo_lower)), float(np.exp(found.placebo_upper))


def bounded(value: float, lower: float, upper: float) -> tuple[float, float, float]:
    """The exponentials. Raises :class:`TooLittleError` when the interval has no end."""
    if not max(abs(value), abs(lower), abs(upper)) < LARGEST_LOG:
        raise TooLittleError(
            "the interval is unbounded: too few other dates, or too few posts, to compare with"
        )
    return float(np.exp(value)), float(np.exp(lower)), float(np.exp(upper))


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
