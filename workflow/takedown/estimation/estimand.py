"""The estimands: the days over which effects are measured, their names, and the test level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

Numbers = TypeVar("Numbers", float, np.ndarray)

#: Significance level of all tests; intervals have a nominal coverage of 1 - LEVEL.
LEVEL = 0.05
#: Days of an event's early and late effect, relative to the event; fitted jointly.
EARLY, LATE = range(0, 3), range(3, 7)
#: Reported effects: key used in tables -> days.
SPANS: Mapping[str, range] = {"days_0_2": EARLY, "days_0_6": range(EARLY.start, LATE.stop)}
EFFECT_WORDS = {key: f"days {days[0]} to +{days[-1]}" for key, days in SPANS.items()}
#: Number of days, from the event's own day on, over which an effect is estimated.
EFFECT_DAYS = LATE.stop
#: Days before an event, used to test whether posting changed before it.
LEAD = range(-7, 0)
#: Days left out of the fit from which a single event's counterfactual is predicted.
HOLE = range(LEAD.start, LATE.stop)


def each_effect(early: Numbers, late: Numbers) -> dict[str, Numbers]:
    """Combine :data:`EARLY` and :data:`LATE` effects into those reported, weighted by days."""
    return {
        "days_0_2": early,
        "days_0_6": (len(EARLY) * early + len(LATE) * late) / (len(EARLY) + len(LATE)),
    }
