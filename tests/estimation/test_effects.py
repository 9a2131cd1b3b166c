"""Ratios with their intervals, or the reason why there is none."""

from __future__ import annotations

import numpy as np
import pytest

from takedown.estimation.design import TooLittleError
from takedown.estimation.effects import ratio


def test_an_interval_is_that_of_the_normal_distribution_on_the_log_scale() -> None:
    found = ratio(np.log(2), 0.04)
    assert found == pytest.approx((2, 2 * np.exp(-1.959964 * 0.2), 2 * np.exp(1.959964 * 0.2)))
    assert ratio(np.log(2), -1e-20) == pytest.approx((2, 2, 2))  # rounding may make it negative


@pytest.mark.parametrize(("log_ratio", "variance"), [(0.0, 1e6), (80.0, 0.01), (-80.0, 0.01)])
def test_an_interval_without_an_end_is_none(log_ratio: float, variance: float) -> None:
    with pytest.raises(TooLittleError, match="the interval is unbounded"):
        ratio(log_ratio, variance)
