"""Change points against an exact search, planted changes, and bad input."""

import numpy as np
import pandas as pd
import pytest
import ruptures
from simulated import BAD, calendar, calm, correlated, generator, series, where, whole

from takedown.models.change_points import (
    LEAST_SEGMENT,
    PENALTY,
    adjusted,
    change_points,
    detect,
    interval,
    long_run_variance,
    matches,
)


def found_in(
    posts: pd.Series | dict[str, pd.Series], at: list[int], bootstrap: int = 50
) -> tuple[pd.DataFrame, pd.DataFrame]:
    named = posts if isinstance(posts, dict) else {"all": posts}
    events = calendar(next(iter(named.values())), at)
    return change_points(named, events, bootstrap=bootstrap, generator=generator)


def stepped(posts: pd.Series, steps: dict[int, float]) -> pd.Series:
    """``posts`` times each ratio from its day on, until the next."""
    factor = np.ones(len(posts))
    for at, ratio in steps.items():
        factor[at:] = ratio
    return (posts * factor).round().astype(int)


def best_segmentation(signal: np.ndarray, penalty: float) -> list[int]:
    """Exact optimal partitioning by dynamic programming, written independently."""
    length = len(signal)
    best, last = [0.0] + [np.inf] * length, [0] * (length + 1)
    for end in range(LEAST_SEGMENT, length + 1):
        for start in [0, *range(LEAST_SEGMENT, end - LEAST_SEGMENT + 1)]:
            if end - start < LEAST_SEGMENT or not np.isfinite(best[start]):
                continue
            part = signal[start:end]
            cost = best[start] + ((part - part.mean()) ** 2).sum() + penalty
            if cost < best[end]:
                best[end], last[end] = cost, start
    cuts, end = [], length
    while last[end]:
        end = last[end]
        cuts.append(end)
    return cuts[::-1]


@pytest.mark.parametrize("seed", range(6))
def test_dates_equal_exact_dynamic_programming_and_ruptures_own_search(seed: int) -> None:
    signal = adjusted(stepped(series(80, alpha=0.05, seed=seed), {30: 5, 50: 1, 66: 0.2}))
    penalty = PENALTY * long_run_variance(signal) * np.log(len(signal))
    found = detect(signal)
    assert found == best_segmentation(signal, penalty)
    pelt = ruptures.Pelt(model="l2", min_size=LEAST_SEGMENT, jump=1).fit(signal[:, None])
    assert found == pelt.predict(penalty)[:-1]
    assert len(found) >= 2


def test_the_signal_is_the_log_less_its_weekday() -> None:
    posts = series(90)
    logs = np.log1p(posts.to_numpy())
    expected = [
        logs[day] - np.mean([logs[other] for other in range(90) if (other - day) % 7 == 0])
        for day in range(90)
    ]
    np.testing.assert_allclose(adjusted(posts) - logs.mean(), expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("alike", [0.0, 0.5])
def test_the_long_run_variance_is_that_of_the_noise(alike: float) -> None:
    rng = np.random.default_rng(1)
    noise = np.zeros(20_000)
    for day in range(1, len(noise)):
        noise[day] = alike * noise[day - 1] + rng.normal()
    noise[5000:] += 4  # a change that must not count
    assert long_run_variance(noise) == pytest.approx(1 / (1 - alike) ** 2, rel=0.1)


def test_planted_changes_are_found_inside_their_intervals_without_the_calendar() -> None:
    posts = stepped(series(150, alpha=0.1), {50: 8, 100: 1})
    tables = [found_in(posts, at, bootstrap=200)[0] for at in ([52, 97], [10], [])]
    first = tables[0]
    gaps = pd.to_datetime(first["date"]) - posts.index[[50, 100]]
    assert gaps.dt.days.abs().max() <= 1
    assert (first["lower"] <= first["date"]).all()
    assert (first["upper"] >= first["date"]).all()
    columns = ["date", "lower", "upper", "before", "after"]
    assert all(first[columns].equals(other[columns]) for other in tables[1:])


@pytest.mark.usefixtures("may_take_long")
def test_intervals_are_those_of_weeks_of_residuals_drawn_again() -> None:
    signal = adjusted(stepped(series(80, alpha=0.05), {30: 1.6, 66: 1}))
    cuts = [30, 66]
    levels = np.concatenate([np.full(len(part), part.mean()) for part in np.split(signal, cuts)])
    starts = np.random.default_rng(7).integers(0, 80, size=(20, 12))
    drawn = []
    for row in starts:
        days = [(start + day) % 80 for start in row for day in range(7)][:80]
        again = levels + (signal - levels)[days]
        search = ruptures.Dynp(model="l2", min_size=LEAST_SEGMENT, jump=1).fit(again[:, None])
        drawn.append(search.predict(n_bkps=2)[:-1])
    ends = np.percentile(drawn, [2.5, 97.5], axis=0)
    lower, upper = interval(signal, cuts, 20, np.random.default_rng(7))
    assert (lower < upper).any()
    np.testing.assert_array_equal(lower, np.floor(ends[0]))
    np.testing.assert_array_equal(upper, np.ceil(ends[1]))


def test_a_change_on_a_calm_series_is_dated_to_the_day_with_its_means() -> None:
    posts = stepped(calm(), {60: 2})
    table, notes = found_in(posts, [58, 90])
    day = posts.index[60].strftime("%Y-%m-%d")
    assert table[["date", "lower", "upper"]].to_numpy().tolist() == [[day] * 3]
    assert table["before"].iloc[0] == posts.iloc[:60].mean()
    assert table["after"].iloc[0] == posts.iloc[60:].mean()
    assert table["nearest_event"].tolist() == ["E58"]
    assert table["days_from_event"].tolist() == [2]
    assert notes.empty


def test_without_a_calendar_no_event_is_nearest() -> None:
    table, _ = found_in(stepped(calm(), {60: 2}), [])
    assert table["nearest_event"].isna().all()
    assert table["days_from_event"].isna().all()


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_a_change_is_rarely_found_where_there_is_none(correlation: float) -> None:
    """Also where days resemble their neighbours, as real ones do."""
    found = [bool(detect(adjusted(correlated(115, correlation, seed)))) for seed in range(100)]
    assert sum(found) <= 13  # exact binomial 99.9 % bound about 5 of 100


def test_the_number_of_matches_equals_a_loop_over_shifts() -> None:
    days = series(90).index
    at = [12, 40, 41, 70]
    changes = {"all": [11, 44, 60], "topic:army": [38]}
    found = pd.DataFrame(
        [(name, days[place].strftime("%Y-%m-%d")) for name in changes for place in changes[name]],
        columns=["series", "date"],
    )
    table = matches(found, calendar(series(90), at), days)
    assert list(zip(table["series"], table["within_days"], strict=True)) == [
        (name, within) for name in changes for within in (1, 3)
    ]

    def near(name: str, events: list[int], within: int) -> int:
        return sum(min(abs(one - event) for event in events) <= within for one in changes[name])

    for row in table.itertuples():
        shifted = [
            near(row.series, [(event + move) % 90 for event in at], row.within_days)
            for move in range(1, 90)
        ]
        own = near(row.series, at, row.within_days)
        assert row.changes == len(changes[row.series])
        assert row.matched == own
        assert row.expected == pytest.approx(np.mean(shifted))
        assert row.p_value == pytest.approx((1 + sum(one >= own for one in shifted)) / 90)


def test_changes_on_the_events_match_more_than_by_chance() -> None:
    posts = stepped(calm(), {40: 2, 80: 0.7, 110: 3})
    events = calendar(posts, [40, 80, 110])
    table, _ = found_in(posts, [40, 80, 110])
    found = matches(table, events, posts.index)
    assert (found["matched"] == 3).all()
    assert (found["p_value"] < 0.05).all()
    assert (found["p_value"] > 0).all()


def test_without_changes_or_without_events_nothing_can_match() -> None:
    posts = stepped(calm(), {60: 2})
    table, _ = found_in(posts, [])
    assert matches(table, calendar(posts, []), posts.index).empty
    assert matches(table.iloc[:0], calendar(posts, [50]), posts.index).empty


def test_numbers_of_a_series_do_not_depend_on_the_others() -> None:
    one, two = stepped(series(150), {50: 6, 100: 1}), stepped(series(150, seed=9), {70: 5})
    alone, _ = found_in({"b": two}, [])
    both, _ = found_in({"a": one, "b": two}, [])
    assert len(alone)
    again = both[both["series"] == "b"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, again)


@pytest.mark.parametrize(
    "posts",
    [
        pd.Series(np.random.default_rng(1).poisson(0.2, 120), index=series(120).index),
        where(series(120), range(0, 120, 5), 7, 0),
    ],
    ids=["few posts", "every fifth day"],
)
def test_a_sparse_series_has_no_change_points_but_a_note(posts: pd.Series) -> None:
    table, notes = found_in(posts, [])
    assert table.empty
    assert notes["note"].tolist() == ["too sparse: on most days as many posts as the day before"]


def test_a_series_that_repeats_every_week_has_no_noise_to_measure_changes_by() -> None:
    posts = pd.Series(np.arange(140) % 7 + 1, index=series(140).index)
    table, notes = found_in(posts, [])
    assert table.empty
    assert notes["note"].tolist() == ["too sparse: on most days as many posts as a week before"]


@pytest.mark.parametrize("case", BAD)
def test_bad_input_leaves_finite_rows_or_a_note(case: str) -> None:
    posts, at = BAD[case]
    table, notes = found_in(posts, at)
    assert whole(table, "reason")
    assert table.empty == (len(notes) == 1)
    assert notes["note"].str.len().gt(10).all()
    assert (table["lower"] <= table["upper"]).all()
    events = calendar(posts, at)
    assert whole(matches(table, events, posts.index))


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("no post at all", "no posts"),
        ("posts on one day", "posts on only 1 days"),
        ("as many posts every day", "constant"),
        ("fewer days than parameters", "too short"),
        ("no event", "no change point found"),
    ],
)
def test_what_shows_no_change_is_told_why(case: str, reason: str) -> None:
    table, notes = found_in(*BAD[case])
    assert table.empty
    assert len(notes) == 1
    assert notes["note"].str.contains(reason).all()
