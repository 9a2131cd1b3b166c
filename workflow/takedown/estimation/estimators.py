"""Names of estimators, by which calibration tests them and estimates are flagged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Estimator(NamedTuple):
    """An estimator: its subject, its method, and the quantity it estimates.

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


#: Stands for any estimator that calibration does not test, such as that of a group of events.
NOT_TRIED = Estimator("not tried")


class Estimate(NamedTuple):
    """The output of an estimator: a value with 95 % interval and p-value; NaN where it has none.

    The value is a log rate ratio; for a change point, the distance in days from the planted date;
    for lead and lag, the days by which posts follow the news, less the planted lag.
    """

    value: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    p_value: float = np.nan


def of_ratio(ratio: float, lower: float, upper: float, p_value: float = np.nan) -> Estimate:
    """Convert a rate ratio and its interval to an estimate on the log scale."""
    return Estimate(float(np.log(ratio)), float(np.log(lower)), float(np.log(upper)), p_value)
