"""One simulated series on which calibration tests an estimator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from takedown.estimation.design import baseline, positions
from takedown.estimation.settings import Settings


@dataclass(frozen=True)
class Trial:
    """A simulated series with the campaign's events and settings, and its own random generator.

    ``posts`` are posts per day of the estimation window, ``events`` its events (columns event,
    date).
    """

    posts: pd.Series
    events: pd.DataFrame
    use: Settings
    rng: np.random.Generator

    @property
    def base(self) -> pd.DataFrame:
        """The baseline of weekday and trend."""
        return baseline(self.posts.index, self.use.trend_days)

    @property
    def offsets(self) -> range:
        """The days, relative to an event, that its path covers."""
        return range(-self.use.lead_days, self.use.lag_days + 1)

    @property
    def middle_event(self) -> str:
        """The date of the event nearest to the middle of the window."""
        at = positions(self.posts.index, self.events["date"])
        middle = nearest_to_middle(at, len(self.posts))
        return str(self.posts.index[middle].strftime("%Y-%m-%d"))


def nearest_to_middle(at: np.ndarray, days: int) -> int:
    """The event position in ``at`` that is nearest to the middle of the ``days``."""
    return int(at[np.abs(at - days / 2).argmin()])
