"""p-values and q-values against SciPy, and arrays that are computed once."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from takedown.estimation.inference import exceedance, q_values, wald
from takedown.estimation.remember import remembered


@pytest.mark.parametrize("count", [1, 2, 20])
def test_q_values_are_those_of_benjamini_and_hochberg(count: int) -> None:
    p_values = np.random.default_rng(count).uniform(size=count).round(1)  # with ties
    assert q_values(p_values) == pytest.approx(stats.false_discovery_control(p_values))


@pytest.mark.parametrize(("value", "variance"), [(0.0, 1.0), (1.3, 0.5), (-2.0, 4.0)])
def test_the_wald_test_is_two_sided(value: float, variance: float) -> None:
    expected = 2 * stats.norm.sf(abs(value), scale=variance**0.5)
    assert wald(value, variance) == pytest.approx(expected)


def test_a_p_value_counts_the_observed_draw_and_ties() -> None:
    drawn = np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 1.0]])
    assert exceedance(np.array([[2.0], [6.0]]), drawn).tolist() == [3 / 4, 1 / 4]
    assert exceedance(np.array([[3.0 + 1e-13]]), drawn[:1]).tolist() == [2 / 4]


def test_an_array_is_computed_once_for_equal_arguments_and_cannot_be_changed() -> None:
    asked = []

    @remembered(most=2)
    def twice(values: np.ndarray, by: int) -> np.ndarray:
        asked.append(by)
        return 2 * values * by

    one = twice(np.array([1.0, 2.0]), 1)
    assert twice(np.array([1.0, 2.0]), 1) is one
    assert twice(np.array([[1.0, 2.0]]), 1).shape == (1, 2)  # the same cells in another shape
    assert twice(np.array([1.0, 2.0]), 3).tolist() == [6.0, 12.0]
    assert asked == [1, 1, 3]
    with pytest.raises(ValueError, match="read-only"):
        one[0] = 7
    assert twice(np.array([1.0, 2.0]), 1).tolist() == [2.0, 4.0]
    assert asked == [1, 1, 3, 1], "the two that were asked last are kept"
