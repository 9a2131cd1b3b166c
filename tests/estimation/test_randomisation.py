"""Weights, errors and intervals against explicit loops and least squares."""

import numpy as np
import pandas as pd
import pytest
from simulated import series

from takedown.estimation.design import TooLittleError, baseline, indicators
from takedown.estimation.estimand import EARLY, LATE
from takedown.estimation.randomisation import (
    autocorrelation,
    compare_with_placebos,
    days_after,
    exceedance,
    gap_weights,
    interval,
    precision,
    redraw,
    shifts,
    span_weights,
    standard_errors,
)

DAYS = 70
BASE = baseline(pd.date_range("2019-06-01", periods=DAYS), 30).to_numpy()
LOGS = np.log1p(series(DAYS).to_numpy())


def test_the_days_after_events_are_their_indicators_summed() -> None:
    calendars = np.array([[0, 3, 3], [10, 12, 69], [68, 1, 40]])
    found = days_after(DAYS, calendars, LATE)
    expected = [indicators(DAYS, at, LATE).sum(axis=1) for at in calendars]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("spans", [[EARLY, LATE], [[offset] for offset in range(-7, 15)], [[0]]])
def test_weights_of_spans_equal_a_regression_for_each_calendar(spans: list) -> None:
    calendars = np.vstack([[10, 25, 29, 50], shifts(DAYS, np.array([10, 25, 29, 50]))[:40:6]])
    found = span_weights(BASE, calendars, spans) @ LOGS
    for place, at in enumerate(calendars):
        terms = [indicators(DAYS, at, span).sum(axis=1) for span in spans]
        design = np.column_stack([BASE, *terms])
        expected = np.linalg.lstsq(design, LOGS, rcond=None)[0][BASE.shape[1] :]
        np.testing.assert_allclose(found[:, place], expected, rtol=1e-6, atol=1e-9)


def test_weights_undo_whatever_the_baseline_can_follow() -> None:
    weights = span_weights(BASE, np.array([[10, 25, 50]]), [EARLY, LATE])
    np.testing.assert_allclose(weights @ BASE, 0, atol=1e-10)


def test_a_span_on_no_day_weighs_nothing() -> None:
    early, late = span_weights(BASE, np.array([[DAYS - 1]]), [EARLY, LATE])
    assert early.any()
    assert not late.any()


def test_a_span_that_is_a_weekday_weighs_nothing() -> None:
    base = baseline(pd.date_range("2019-06-01", periods=147), 30).to_numpy()
    weights = span_weights(base, np.arange(0, 147, 7)[None], [EARLY, LATE])
    np.testing.assert_allclose(weights[0], 0, atol=1e-6)


def test_weights_of_a_gap_are_the_day_less_its_prediction_from_outside() -> None:
    hole = range(-7, 7)
    dates = np.array([12, 33, 58])
    found = gap_weights(BASE, dates, hole) @ LOGS
    for date, row in zip(dates, found, strict=True):
        inside = [date + offset for offset in hole]
        outside = [day for day in range(DAYS) if day not in inside]
        fitted = np.linalg.lstsq(BASE[outside], LOGS[outside], rcond=None)[0]
        np.testing.assert_allclose(row, LOGS[inside] - BASE[inside] @ fitted, rtol=1e-6)


@pytest.mark.parametrize("alike", [0.0, 0.4, 0.9])
def test_standard_errors_equal_a_double_loop(alike: float) -> None:
    weights = np.random.default_rng(1).normal(size=(2, 3, 12))
    found = standard_errors(weights, alike)
    for place in np.ndindex(2, 3):
        row = weights[place]
        variance = sum(
            row[one] * row[two] * alike ** abs(one - two) for one in range(12) for two in range(12)
        )
        assert found[place] == pytest.approx(variance**0.5, rel=1e-6)


def test_the_autocorrelation_of_residuals_is_held_between_0_and_0_9() -> None:
    days = np.arange(50)
    base = np.column_stack([np.ones(50), days])
    logs = np.random.default_rng(2).normal(size=50).cumsum() + 0.3 * days
    rest = logs - np.polyval(np.polyfit(days, logs, 1), days)
    expected = sum(rest[day] * rest[day - 1] for day in range(1, 50)) / sum(rest**2)
    assert 0 < expected < 0.9
    assert autocorrelation(base, logs) == pytest.approx(expected)
    zeros = np.zeros((40, 1))
    assert autocorrelation(zeros, np.tile([1.0, -1.0], 20)) == 0
    assert autocorrelation(np.zeros((500, 1)), np.linspace(-1, 1, 500)) == 0.9
    assert autocorrelation(zeros, np.zeros(40)) == 0


def test_exceedance_equals_a_loop_and_is_never_zero() -> None:
    rng = np.random.default_rng(3)
    observed, drawn = rng.normal(size=4), rng.normal(size=(4, 30)).round(1)
    observed[0], drawn[0, :3] = 0.5, 0.5
    found = exceedance(observed[:, None], drawn)
    for value, row, p_value in zip(observed, drawn, found, strict=True):
        assert p_value == (1 + sum(one >= value for one in row)) / 31
    assert exceedance(np.array(99.0), drawn[0]) == 1 / 31
    assert exceedance(np.array(1.0), np.array([])) == 1


def rejection(effect: float, observed: float, others: np.ndarray, response: np.ndarray) -> float:
    """p-value of ``effect``, taken away from the estimate and from each placebo."""
    left = abs(observed - effect)
    as_large = [
        abs(other - effect * share) >= left for other, share in zip(others, response, strict=True)
    ]
    return (1 + sum(as_large)) / (1 + len(others))


def kept(observed: float, others: np.ndarray, response: np.ndarray, grid: np.ndarray) -> np.ndarray:
    return np.array([rejection(one, observed, others, response) > 0.05 for one in grid])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("count", [19, 20, 39, 149])
def test_the_interval_holds_the_effects_that_are_not_rejected(count: int, seed: int) -> None:
    rng = np.random.default_rng([seed, count])
    others, observed = rng.normal(size=count), float(rng.normal(0, 2))
    response = rng.uniform(-0.95, 0.95, count) * (rng.random(count) < 0.5)
    lower, upper = interval(observed, others, response)
    assert lower < observed < upper
    width = upper - lower
    grid = np.linspace(lower - width, upper + width, 600)
    inside = (grid >= lower) & (grid <= upper)
    np.testing.assert_array_equal(kept(observed, others, response, grid), inside)
    ends = np.array([lower, upper])
    inwards = np.array([1, -1]) * 1e-6 * width
    assert kept(observed, others, response, ends + inwards).all()
    assert not kept(observed, others, response, ends - inwards).any()


@pytest.mark.parametrize("count", [0, 1, 18])
def test_there_is_no_interval_with_fewer_than_19_placebos(count: int) -> None:
    others = np.random.default_rng(1).normal(size=count)
    assert interval(1.0, others, np.zeros(count)) == (-np.inf, np.inf)


@pytest.mark.parametrize("seed", range(6))
def test_the_interval_is_never_too_narrow_where_placebos_move_as_much_as_the_estimate(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    others, observed = rng.normal(size=60), float(rng.normal())
    response = rng.uniform(-0.5, 0.5, 60)
    response[:6] = [1, -1, 1.3, -1.2, 1 - 1e-12, 0.999]
    lower, upper = interval(observed, others, response)
    grid = np.linspace(-60, 60, 4001)
    outside = (grid < lower) | (grid > upper)
    assert not kept(observed, others, response, grid[outside]).any()


def test_placebos_that_move_with_the_estimate_leave_no_end() -> None:
    others = np.random.default_rng(1).normal(size=30)
    assert interval(2.0, others, np.ones(30)) == (-np.inf, np.inf)


def test_an_estimate_against_others_equals_the_same_at_equal_precision() -> None:
    rng = np.random.default_rng(4)
    weights = rng.normal(size=(41, DAYS))
    weights[[5, 17]] = 0
    response = rng.uniform(-0.4, 0.4, 41)
    response[0] = 1
    found = compare_with_placebos(precision(weights, 0.3), weights @ LOGS, response)
    errors = standard_errors(weights, 0.3)
    usable = [row for row in range(1, 41) if row not in (5, 17)]
    others = [float(weights[row] @ LOGS) * errors[0] / errors[row] for row in usable]
    value = float(weights[0] @ LOGS)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.placebos == 38
    assert found.p_value == (1 + sum(abs(one) >= abs(value) for one in others)) / 39
    moved = response[usable] * errors[0] / errors[usable]
    ends = interval(value, np.array(others), moved)
    np.testing.assert_allclose([found.lower, found.upper], ends, rtol=1e-9)


def test_an_estimate_without_weight_is_refused() -> None:
    weights = np.zeros((20, DAYS))
    with pytest.raises(TooLittleError, match="cannot be told apart from weekday and trend"):
        compare_with_placebos(precision(weights, 0.3), weights @ LOGS, np.zeros(20))


def test_redrawn_calendars_keep_number_and_smallest_gap_and_reach_every_day() -> None:
    at = np.array([3, 8, 30, 35])
    drawn = redraw(60, at, 5000, np.random.default_rng(1))
    assert drawn.shape == (5000, 4)
    assert np.diff(drawn, axis=1).min() == 5
    assert set(np.unique(drawn)) == set(range(60))
    assert redraw(60, np.array([7]), 50, np.random.default_rng(1)).shape == (50, 1)


def test_every_calendar_with_the_smallest_gap_is_drawn_equally_often() -> None:
    drawn = redraw(6, np.array([0, 2]), 20_000, np.random.default_rng(1))
    calendars, counts = np.unique(drawn, axis=0, return_counts=True)
    expected = [[one, two] for one in range(6) for two in range(one + 2, 6)]
    assert calendars.tolist() == expected
    np.testing.assert_allclose(counts / 20_000, 1 / len(expected), atol=0.01)


def test_shifts_are_all_the_other_ones() -> None:
    assert shifts(5, np.array([0, 3])).tolist() == [[1, 4], [2, 0], [3, 1], [4, 2]]
    assert shifts(150, np.array([7, 20, 149])).shape == (149, 3)
