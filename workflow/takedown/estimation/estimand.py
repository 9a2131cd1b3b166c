"""What is estimated: the days of an event's effect, their names, and the level of every test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

Numbers = TypeVar("Numbers", float, np.ndarray)

#: A p-value of at most this counts as found, and intervals hold the truth one time less often.
LEVEL = 0.05
#: Days of an event's early and later effect, fitted jointly, counted from its day.
EARLY, LATE = range(0, 3), range(3, 7)
#: The effects reported: the key in tables, and the days.
SPANS: Mapping[str, range] = {"days_0_2": EARLY, "days_0_6": range(EARLY.start, LATE.stop)}
EFFECT_WORDS = {key: f"days {days[0]} to +{days[-1]}" for key, days in SPANS.items()}
#: So many days after an event its effect is looked for.
EFFECT_DAYS = LATE.stop
#: Days before an event, to see whether posting moved before it.
LEAD = range(-7, 0)
#: Left out where the level beside an event is learnt.
HOLE = range(LEAD.start, LATE.stop)


def each_effect(early: Numbers, late: Numbers) -> dict[str, Numbers]:
    """Each effect, from what was fitted to :data:`EARLY` and :data:`LATE` days; means by days."""
    return {
        "days_0_2": early,
        "days_0_6": (len(EARLY) * early + len(LATE) * late) / (len(EARLY) + len(LATE)),
    }
