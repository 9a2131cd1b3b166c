"""What the models share: baseline, indicators of events, and what they refuse."""

import itertools

import numpy as np
import pandas as pd
import pytest
from simulated import series, where

from takedown.estimation.design import (
    Notes,
    TooLittleError,
    baseline,
    indicators,
    positions,
    require_days,
)


def test_indicators_count_every_event_a_day_belongs_to() -> None:
    table = indicators(6, np.array([1, 2]), range(-1, 3))
    expected = [
        [sum(day - offset == at for at in (1, 2)) for offset in range(-1, 3)] for day in range(6)
    ]
    assert table.tolist() == expected


def test_positions_are_sorted_and_distinct() -> None:
    assert positions(series().index, ["2019-06-03", "2019-06-01", "2019-06-03"]).tolist() == [0, 2]


@pytest.mark.parametrize(("days", "trend"), [*itertools.product((44, 93, 115, 400), (14, 30))])
def test_baseline_has_full_rank_at_every_length_a_model_accepts(days: int, trend: int) -> None:
    table = baseline(pd.date_range("2019-06-01", periods=days), trend)
    assert np.linalg.matrix_rank(table.to_numpy()) == table.shape[1]


def test_the_baseline_is_intercept_weekdays_without_monday_and_a_centred_trend() -> None:
    days = pd.date_range("2019-06-01", periods=150)
    table = baseline(days, 30)
    assert (table["intercept"] == 1).all()
    for number in range(1, 7):
        assert (table[f"weekday_{number + 1}"] == (days.day_of_week == number)).all()
    trend = table.filter(like="trend_")
    assert trend.shape[1] == table.shape[1] - 7 == 5
    np.testing.assert_allclose(trend.mean(), 0, atol=1e-12)


@pytest.mark.parametrize(("days", "terms"), [(44, 3), (119, 3), (120, 4), (400, 13)])
def test_the_trend_has_a_term_for_every_thirty_days_and_at_least_three(
    days: int, terms: int
) -> None:
    table = baseline(pd.date_range("2019-06-01", periods=days), 30)
    assert table.filter(like="trend_").shape[1] == terms


def test_the_trend_follows_a_straight_line_exactly() -> None:
    table = baseline(pd.date_range("2019-06-01", periods=150), 30).to_numpy()
    line = np.linspace(2, 5, 150)
    found = table @ np.linalg.lstsq(table, line, rcond=None)[0]
    np.testing.assert_allclose(found, line, atol=1e-10)


@pytest.mark.parametrize(
    ("posts", "reason"),
    [
        (series(29), "too short: 29 days in the window, a test needs 30"),
        (series() * 0, "no posts in the estimation window"),
        (series() * 0 + 5, "constant: 5 posts every day"),
        (where(series(), [70], 9, 0), "posts on only 1 days of the estimation window"),
    ],
    ids=["short", "all zero", "constant", "one day"],
)
def test_series_that_carry_no_model_are_refused_with_a_reason(
    posts: pd.Series, reason: str
) -> None:
    with pytest.raises(TooLittleError, match=f"^{reason}$"):
        require_days(posts, 30, "a test")


def test_the_same_note_is_written_once() -> None:
    notes = Notes("method")
    for event in ("E1", "E1", "E2"):
        notes.add("all", TooLittleError("too short"), event)
    assert notes.table().to_dict("records") == [
        {"method": "method", "series": "all", "event": event, "note": "too short"}
        for event in ("E1", "E2")
    ]
