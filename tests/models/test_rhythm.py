"""The rhythm of posting and the operator's clock: planted hours, loops, and too little to tell.

Posts here are simulated.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from takedown.io.tables import contract
from takedown.models.rhythm import direction, rayleigh, rhythm
from takedown.series.hours import hours_of_week

DAYS = pd.date_range("2019-06-03", periods=28)  # four weeks


def week(hours: range, days: range = range(7)) -> np.ndarray:
    """One post in each of the ``hours`` of each of the ``days``, Monday first."""
    return np.array([int(day in days and hour in hours) for day in range(7) for hour in range(24)])


OFFICE = week(range(9, 18), range(5))


def accounts(count: int = 60, seed: int = 1, posts: int = 40) -> np.ndarray:
    """Accounts that post at any hour, in the office hours more often; some far more than others."""
    rng = np.random.default_rng(seed)
    chance = (1 + 3 * OFFICE) / (1 + 3 * OFFICE).sum()
    return np.array([rng.multinomial(1 + rng.poisson(posts), chance) for _ in range(count)])


def measure(
    local: np.ndarray, utc: np.ndarray | None = None, days: pd.DatetimeIndex = DAYS, seed: int = 1
) -> tuple[pd.DataFrame, pd.Series]:
    """The table by quantity, and the notes."""
    table, clock, notes = rhythm(
        local,
        local if utc is None else utc,
        days,
        resampled="accounts",
        bootstrap=400,
        rng=np.random.default_rng(seed),
    )
    contract("models/rhythm.csv").validate(table, lazy=True)
    contract("models/operators_clock.csv").validate(clock, lazy=True)
    if len(clock):
        best = clock["offset"][clock["share"].argmax()]
        assert [best] == table["estimate"][table["quantity"] == "operators_clock"].to_list()
        assert clock["offset"].to_list() == list(range(-12, 15))
    return table.set_index("quantity"), notes["note"]


@pytest.mark.parametrize("offset", [7, 0, -3, -8, -12, 14])
def test_office_hours_tell_the_clock_of_the_operator(offset: int) -> None:
    local = np.tile(OFFICE, (25, 1))
    found, notes = measure(local, np.roll(local, -offset, axis=1))
    assert found["estimate"]["operators_clock"] == offset
    assert found["estimate"]["operators_clock_certainty"] == 1
    assert found["estimate"]["working_hours_share"] == 1
    assert notes.to_list() == ["too few posts on weekends: no ratio of weekdays to weekends"]


def test_the_clock_does_not_look_at_the_local_time_that_the_study_supposes() -> None:
    """A campaign set down as Thai may be run from Moscow: the clock is found from UTC alone."""
    moscow = np.tile(np.roll(OFFICE, -3), (25, 1))
    found, _ = measure(np.roll(moscow, 7, axis=1), moscow)
    assert found["estimate"]["operators_clock"] == 3
    assert found["estimate"]["working_hours_share"] == 5 / 9


@pytest.mark.parametrize("minutes", [330, -210, 345])
def test_in_a_zone_of_half_hours_the_clock_is_next_to_it(minutes: int) -> None:
    monday = datetime(2019, 6, 3, 9, tzinfo=UTC) - timedelta(minutes=minutes)
    times = [
        monday + timedelta(days=day, minutes=15 * quarter)
        for day in range(5)
        for quarter in range(9 * 4)
    ]
    rows = pl.LazyFrame({"time": times, "posts": 1})
    utc = hours_of_week(rows, pl.lit("u"), pl.col("time"), pl.col("posts"))
    found, _ = measure(np.tile(OFFICE, (20, 1)), np.tile(utc, (20, 1)))
    assert abs(found["estimate"]["operators_clock"] - minutes / 60) <= 0.5


def test_of_equally_good_clocks_the_smallest_offset_is_taken() -> None:
    noon = np.tile(week(range(12, 13), range(1, 2)), (20, 1))
    found, _ = measure(noon)
    assert found["estimate"]["operators_clock"] == -3


def test_the_interval_of_the_clock_goes_round_it() -> None:
    """Twelve hours ahead and twelve behind are one time of day."""
    ahead, behind = (np.tile(np.roll(OFFICE, -offset), (20, 1)) for offset in (12, -12))
    found, _ = measure(np.vstack([ahead, behind]))
    row = found.loc["operators_clock"]
    assert abs(row["estimate"]) == 12
    assert row["lower"] == row["estimate"] == row["upper"]


def test_posts_at_all_hours_have_no_rhythm() -> None:
    found, notes = measure(np.ones((20, 168), dtype=int))
    assert found["estimate"]["working_hours_share"] == pytest.approx(45 / 168)
    assert found["estimate"]["weekday_weekend_ratio"] == pytest.approx(1)
    assert found["estimate"]["daily_concentration"] == pytest.approx(0, abs=1e-12)
    assert found["estimate"]["rayleigh_p_value"] == 1
    assert notes.empty


def test_accounts_at_random_hours_pass_the_rayleigh_test_as_often_as_they_should() -> None:
    rng = np.random.default_rng(2)
    p_values = [rayleigh(np.eye(168)[rng.integers(0, 168, 25)]) for _ in range(2000)]
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.015)
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.03)


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("hours", [8, 13, 18])
def test_the_rayleigh_p_is_that_of_simulated_directions(hours: int) -> None:
    rng = np.random.default_rng(3)
    units = np.eye(168)[rng.integers(0, hours, 20)]
    length = abs(direction(units).sum())
    drawn = np.abs(np.exp(2j * np.pi * rng.random((200_000, 20))).sum(axis=1))
    assert rayleigh(units) == pytest.approx((drawn >= length).mean(), abs=0.003)


def test_an_account_is_one_direction_however_much_it_posts() -> None:
    units = accounts()
    louder = units.copy()
    louder[3] *= 1000
    silent = np.vstack([units, np.zeros(168, dtype=int), np.ones(168, dtype=int)])
    assert rayleigh(louder) == rayleigh(units) == rayleigh(silent)
    assert 0 < rayleigh(units) < 1e-3


def test_the_numbers_are_those_of_posts_counted_one_by_one() -> None:
    local, utc = accounts(), np.roll(accounts(), -5, axis=1)
    days = DAYS[:10]  # eight weekdays, two of a weekend
    found, _ = measure(local, utc, days)
    posts = [
        (hour // 24, hour % 24) for hour, count in enumerate(local.sum(0)) for _ in range(count)
    ]
    working = sum(day < 5 and 9 <= hour < 18 for day, hour in posts)
    weekday = sum(day < 5 for day, _ in posts)
    angles = np.array([2 * np.pi * (hour + 0.5) / 24 for _, hour in posts])
    length = np.hypot(np.cos(angles).mean(), np.sin(angles).mean())
    assert found["estimate"]["working_hours_share"] == pytest.approx(working / len(posts))
    ratio = (weekday / 8) / ((len(posts) - weekday) / 2)
    assert found["estimate"]["weekday_weekend_ratio"] == pytest.approx(ratio)
    assert found["estimate"]["daily_concentration"] == pytest.approx(length)
    assert found["estimate"]["operators_clock"] == 5


def test_every_interval_holds_its_value_and_comes_from_whole_accounts() -> None:
    units = accounts(40)
    found, notes = measure(units)
    inner = found[found["reason"].isna()]
    assert len(inner) == 4
    assert (inner["lower"] <= inner["estimate"]).all() and (
        inner["estimate"] <= inner["upper"]
    ).all()
    assert notes.empty
    assert (found["resampled"] == "accounts").all()
    # The same posts by accounts that are all alike leave nothing to doubt.
    alike, _ = measure(np.tile(units.sum(axis=0), (40, 1)))
    shares = alike.loc["working_hours_share"]
    assert shares["estimate"] == pytest.approx(inner["estimate"]["working_hours_share"])
    assert shares["lower"] == pytest.approx(shares["upper"])
    # A few accounts with most of the posts leave more to doubt than as many alike.
    one_loud = units.copy()
    one_loud[0] *= 100
    loud, _ = measure(one_loud)
    width = found["upper"] - found["lower"]
    assert (loud["upper"] - loud["lower"])["working_hours_share"] > width["working_hours_share"]


def test_neither_the_order_of_the_accounts_nor_the_seed_moves_a_value() -> None:
    units = accounts()
    values = ["estimate", "unit"]
    first, _ = measure(units)
    turned, _ = measure(units[::-1], seed=2)
    certainty = "operators_clock_certainty"  # a share of bootstrap samples
    pd.testing.assert_frame_equal(first[values].drop(certainty), turned[values].drop(certainty))
    again, _ = measure(units)
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize(("units", "rows"), [(0, 0), (19, 0), (20, 6)])
def test_fewer_than_twenty_accounts_have_no_rhythm(units: int, rows: int) -> None:
    found, notes = measure(accounts(units).reshape(units, 168))
    assert len(found) == rows
    assert notes.to_list() == ([] if rows else [f"{units} accounts; the rhythm needs 20"])


@pytest.mark.parametrize("posting", [0, 1])
def test_without_posts_on_weekends_there_is_no_ratio_but_a_note(posting: int) -> None:
    """One account that posts on weekends is missing from every third bootstrap sample."""
    units = np.tile(OFFICE, (25, 1))
    units[:posting, 150] = 1
    found, notes = measure(units)
    assert "weekday_weekend_ratio" not in found.index
    assert len(found) == 5
    assert notes.str.contains("too few posts on weekends").to_list() == [True]


@pytest.mark.parametrize("days", [DAYS[:5], DAYS[5:7]], ids=["weekdays", "weekend"])
def test_a_window_of_weekdays_or_of_a_weekend_alone_has_no_ratio(days: pd.DatetimeIndex) -> None:
    found, notes = measure(accounts(), days=days)
    assert "weekday_weekend_ratio" not in found.index
    assert len(notes) == 1
