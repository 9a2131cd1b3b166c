"""The names of estimators: what calibration tries them by, and what estimates are flagged by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Estimator(NamedTuple):
    """An estimator: what it looks at, its method, and the quantity it gives.

    >>> str(Estimator("pooled", "log1p_shift", "days_0_6"))
    'pooled log1p_shift, days_0_6'
    """

    subject: str
    method: str = ""
    quantity: str = ""

    def __str__(self) -> str:
        """The name in ``calibration/estimators.csv``."""
        name = f"{self.subject} {self.method}".rstrip()
        return f"{name}, {self.quantity}" if self.quantity else name


#: Of an estimate that calibration does not try, as of a group of events.
NOT_TRIED = Estimator("not tried")


class Estimate(NamedTuple):
    """What an estimator gives: a value with its 95 % interval and p-value; NaN where it has none.

    The value is a log rate ratio; of a change point, the days from the planted date; of lead and
    lag, the days by which posts follow the news.
    """

    value: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    p_value: float = np.nan


def of_ratio(ratio: float, lower: float, upper: float, p_value: float = np.nan) -> Estimate:
    """The estimate of a rate ratio, on the log scale."""
    return Estimate(float(np.log(ratio)), float(np.log(lower)), float(np.log(upper)), p_value)
