"""The weights of every day in the effects of events, pooled or of a single event."""

from __future__ import annotations

import numpy as np

from takedown.estimation.estimand import EARLY, HOLE, LATE, LEAD, SPANS, each_effect
from takedown.estimation.randomisation import gap_weights, span_weights

#: Days of data that a single event needs on either side of its window.
BRACKET_DAYS = 3


def effect_weights(base: np.ndarray, calendars: np.ndarray) -> dict[str, np.ndarray]:
    """For each effect, the weight of each day under each calendar: shape (calendars, days).

    Days 0 to 2 and 3 to 6 after an event are fitted jointly. The effect over all seven days is the
    mean of the two, weighted by their numbers of days.
    """
    return each_effect(*span_weights(base, calendars, [EARLY, LATE]))


def admissible(length: int) -> np.ndarray:
    """Dates with at least :data:`BRACKET_DAYS` days of data on either side of an event's window."""
    return np.arange(-LEAD[0] + BRACKET_DAYS, length - LATE[-1] - BRACKET_DAYS)


def single_weights(base: np.ndarray, dates: np.ndarray) -> dict[str, np.ndarray]:
    """For each effect of a single event on each of the ``dates``, the weight of each day.

    Shape (dates, days). Days -7 to +6 are predicted from all other days.
    """
    return mean_weights(gap_weights(base, dates, HOLE))


def mean_weights(weights: np.ndarray) -> dict[str, np.ndarray]:
    """For each effect, the mean over its days of the weights from :func:`gap_weights`."""
    return {
        effect: weights[:, [HOLE.index(day) for day in span]].mean(axis=1)
        for effect, span in SPANS.items()
    }
