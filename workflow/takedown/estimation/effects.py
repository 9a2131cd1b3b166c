"""Shared by event estimates: groups of events, effects at all calendar shifts, and ratios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from takedown.estimation import negbin
from takedown.estimation.design import MIN_EVENTS, TooLittleError, positions
from takedown.estimation.estimand import EARLY, LATE, SPANS, each_effect
from takedown.estimation.inference import Z95
from takedown.estimation.randomisation import (
    Comparison,
    autocorrelation,
    compare_with_placebos,
    days_after,
    precision,
    shift_weights,
)

LARGEST_LOG = 30.0


def groups(events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All events, and separately the anticipated and the unexpected, if the calendar marks them.

    Posting around a date that was known beforehand may be preparation rather than a reaction.
    """
    found = {"pooled": events}
    if "anticipated" in events:
        for word, group in (("yes", "pooled_anticipated"), ("no", "pooled_unexpected")):
            chosen = events[events["anticipated"] == word]
            if 0 < len(chosen) < len(events):
                found[group] = chosen
    return found


def at_least(posts: pd.Series, events: pd.DataFrame) -> np.ndarray:
    """Positions of the event days; raises :class:`TooLittleError` if there are too few."""
    at = positions(posts.index, events["date"])
    if len(at) < MIN_EVENTS:
        raise TooLittleError(f"{len(at)} distinct event days; pooling needs {MIN_EVENTS}")
    return at


def shift_effects(logs: np.ndarray, base: np.ndarray, at: np.ndarray) -> dict[str, Comparison]:
    """Each effect of the events ``at``, compared with its estimates at all calendar shifts."""
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
    """For each effect, the weight of each day for the events ``at`` and for all their shifts."""
    return each_effect(*shift_weights(base, at, (tuple(EARLY), tuple(LATE))))


def count_effects(
    posts: pd.Series, base: np.ndarray, calendars: np.ndarray
) -> dict[str, np.ndarray]:
    """Log rate ratios by negative binomial regression on days 0 to 2 and 3 to 6, per calendar.

    The dispersion is estimated from the baseline alone, so that no calendar has an advantage.
    """
    counts = posts.to_numpy()
    alpha, _ = negbin.dispersion(counts, base)
    after = [days_after(len(posts), calendars, span) for span in (EARLY, LATE)]
    shared = np.broadcast_to(base, (len(calendars), *base.shape))
    designs = np.concatenate([shared, np.stack(after, axis=2)], axis=2)
    early, late = negbin.coefficients(counts, designs, alpha)[:, -2:].T
    return each_effect(early, late)


def exponential(found: Comparison) -> tuple[float, float, float]:
    """Convert an estimate and its interval from the log scale to ratios."""
    return bounded(found.value, found.lower, found.upper)


def placebo_band(found: Comparison) -> tuple[float, float]:
    """The range that contains 95 % of the placebo estimates, as ratios."""
    return float(np.exp(found.placebo_lower)), float(np.exp(found.placebo_upper))


def bounded(value: float, lower: float, upper: float) -> tuple[float, float, float]:
    """Exponentiate all three. Raises :class:`TooLittleError` if the interval is unbounded."""
    if not max(abs(value), abs(lower), abs(upper)) < LARGEST_LOG:
        raise TooLittleError(
            "the interval is unbounded: too few other dates, or too few posts, to compare with"
        )
    return float(np.exp(value)), float(np.exp(lower)), float(np.exp(upper))


def ratio(log_ratio: float, variance: float) -> tuple[float, float, float]:
    """A rate ratio and its 95 % interval, from a log ratio and its variance.

    Raises :class:`TooLittleError` if the interval is, for all practical purposes, unbounded.
    """
    spread = Z95 * np.sqrt(max(variance, 0.0))
    if abs(log_ratio) + spread > LARGEST_LOG:
        raise TooLittleError("the interval is unbounded: too few posts on the days compared")
    return (
        float(np.exp(log_ratio)),
        float(np.exp(log_ratio - spread)),
        float(np.exp(log_ratio + spread)),
    )
