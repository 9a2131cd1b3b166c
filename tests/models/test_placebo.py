"""Placebo calendars against refitted regressions, planted effects, and bad input."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from simulated import (
    BAD,
    calendar,
    calm,
    column,
    correlated,
    planted,
    series,
    where,
    whole,
    working_correlation,
)

from takedown.estimation.design import baseline
from takedown.estimation.randomisation import autocorrelation, redraw, shifts, span_weights
from takedown.estimation.windows import effect_weights
from takedown.models.placebo import against, lead_trend, placebo, studentised

SPANS = {"days_0_2": range(3), "days_0_6": range(7)}


def tables(
    posts: pd.Series | dict[str, pd.Series], at: list[int], draws: int = 99, seed: int = 5
) -> tuple[pd.DataFrame, pd.DataFrame]:
    series = posts if isinstance(posts, dict) else {"all": posts}
    events = calendar(next(iter(series.values())), at)
    rng = np.random.default_rng(seed)
    return placebo(series, events, draws=draws, trend_days=30, rng=rng)


def refitted(
    logs: np.ndarray, base: np.ndarray, terms: list[np.ndarray], share: list[float]
) -> tuple[float, float]:
    """Sum of the terms' effects times ``share``, and its working standard error."""
    design = np.column_stack([base, *terms])
    contrast = np.concatenate([np.zeros(base.shape[1]), share])
    weights = contrast @ np.linalg.pinv(design)
    found = sm.OLS(logs, design).fit().params @ contrast
    return found, float(np.sqrt(weights @ working_correlation(logs, base) @ weights))


def test_pooled_effects_equal_regressions_refitted_for_every_calendar() -> None:
    posts, at = series(60), [10, 25, 40]
    table, notes = tables(posts, at, draws=40)
    logs, base = np.log1p(posts.to_numpy()), baseline(posts.index, 30).to_numpy()
    calendars = {
        "free_redraw": redraw(60, np.array(at), 40, np.random.default_rng(5)).tolist(),
        "circular_shift": [[(day + move) % 60 for day in at] for move in range(1, 60)],
    }
    share = {"days_0_2": [1, 0], "days_0_6": [3 / 7, 4 / 7]}
    for row in table[(table.event == "pooled") & (table.statistic != "lead_7_1")].itertuples():

        def value(days: list[int], share: list[float] = share[row.statistic]):
            terms = [column(60, days, range(3)), column(60, days, range(3, 7))]
            return refitted(logs, base, terms, share)

        observed, error = value(at)
        drawn = [abs(one) * error / other for one, other in map(value, calendars[row.null])]
        assert row.observed == pytest.approx(observed, rel=1e-6)
        expected = (1 + sum(one >= abs(observed) - 1e-12 for one in drawn)) / (1 + len(drawn))
        assert row.p_value == pytest.approx(expected)
        assert row.draws == len(drawn)
    assert notes.empty


def test_the_trend_before_events_equals_regressions_refitted_for_every_shift() -> None:
    posts, at = series(50), [12, 26, 41]
    table, _ = tables(posts, at)
    logs, base = np.log1p(posts.to_numpy()), baseline(posts.index, 30).to_numpy()

    def value(days: list[int]) -> float:
        terms = [column(50, days, range(-lead, -lead + 1)) for lead in range(7, 0, -1)]
        present = [term.any() for term in terms]
        ratios = []
        for place in range(7):
            if present[place]:
                one = np.eye(7)[place]
                effect, error = refitted(logs, base, terms, one)
                ratios.append(effect / error)
        return float(np.sqrt(sum(ratio**2 for ratio in ratios) / 7))

    observed = value(at)
    drawn = [value([(day + move) % 50 for day in at]) for move in range(1, 50)]
    row = table[(table.statistic == "lead_7_1") & (table.null == "circular_shift")].iloc[0]
    assert row.observed == pytest.approx(observed, rel=1e-6)
    assert row.p_value == pytest.approx((1 + sum(one >= observed for one in drawn)) / 50)


def test_single_events_equal_predictions_from_outside_their_window() -> None:
    posts, at = series(60), [20, 38]
    table, _ = tables(posts, at)
    logs, base = np.log1p(posts.to_numpy()), baseline(posts.index, 30).to_numpy()
    working = working_correlation(logs, base)

    def value(date: int, span: range) -> tuple[float, float]:
        window = range(date - 7, date + 7)
        outside = [day for day in range(60) if day not in window]
        days = [date + offset for offset in span]
        fitted = sm.OLS(logs[outside], base[outside]).fit()
        weights = np.zeros(60)
        weights[days] = 1 / len(days)
        weights[outside] -= base[days].mean(axis=0) @ np.linalg.pinv(base[outside])
        effect = float(np.mean(logs[days] - fitted.predict(base[days])))
        return effect, float(np.sqrt(weights @ working @ weights))

    dates = range(10, 51)
    for row in table[table.event != "pooled"].itertuples():
        own = int(row.event[1:])
        observed, error = value(own, SPANS[row.statistic])
        others = [date for date in dates if date != own]
        if row.null == "free_redraw":
            others = [date for date in others if all(abs(date - one) > 6 for one in at)]
        found = [value(date, SPANS[row.statistic]) for date in others]
        drawn = [abs(one) * error / other for one, other in found]
        assert row.observed == pytest.approx(observed, rel=1e-6)
        assert row.draws == len(others)
        expected = (1 + sum(one >= abs(observed) for one in drawn)) / (1 + len(others))
        assert row.p_value == pytest.approx(expected)


def test_q_values_are_those_of_benjamini_and_hochberg_over_the_series() -> None:
    names = {f"topic:{seed}": series(80, seed=seed) for seed in range(6)}
    table, _ = tables(names, [15, 30, 60])
    for _, group in table[table.event == "pooled"].groupby(["statistic", "null"]):
        assert len(group) == 6
        np.testing.assert_allclose(
            group.q_value, stats.false_discovery_control(group.p_value, method="bh"), rtol=1e-6
        )


def test_single_events_have_q_values_and_bonferroni_over_the_events() -> None:
    at = [15, 30, 45, 60]
    table, _ = tables({"all": series(80), "topic:army": series(80, seed=9)}, at)
    single = table[table.event != "pooled"]
    for _, group in single.groupby(["series", "statistic", "null"]):
        assert list(group.event) == [f"E{place}" for place in at]
        np.testing.assert_allclose(
            group.q_value, stats.false_discovery_control(group.p_value, method="bh"), rtol=1e-6
        )
        np.testing.assert_allclose(group.p_family, (group.p_value * 4).clip(upper=1), rtol=1e-6)


def test_the_family_is_held_against_the_largest_of_all_series_in_units_of_their_spread() -> None:
    rng = np.random.default_rng(6)
    found = {name: rng.normal(0, spread, 80) for name, spread in (("a", 1), ("b", 9), ("c", 0.1))}
    found["a"][0] = 2.5
    table = against(found).set_index("series")
    spread = {name: np.std(values[1:]) for name, values in found.items()}
    largest = [
        max(abs(values[draw]) / spread[name] for name, values in found.items())
        for draw in range(1, 80)
    ]
    for name, values in found.items():
        own = abs(values[0]) / spread[name]
        assert table.p_family[name] == (1 + sum(one >= own for one in largest)) / 80
        assert table.p_value[name] == (1 + sum(np.abs(values[1:]) >= abs(values[0]))) / 80


def test_a_family_wise_p_is_never_below_the_p_itself_and_none_is_zero() -> None:
    names = {f"topic:{seed}": series(80, seed=seed) for seed in range(5)}
    names["all"] = planted(series(80), [15, 30, 60], 50)
    table, _ = tables(names, [15, 30, 60])
    assert (table.p_family >= table.p_value - 1e-12).all()
    assert (table.p_value >= 1 / (1 + table.draws)).all()
    strongest = table[(table.series == "all") & (table.statistic == "days_0_6")]
    assert (strongest.p_value[strongest.event == "pooled"] == 1 / (1 + strongest.draws)[:2]).all()


def test_a_series_that_repeats_every_week_has_no_small_family_wise_p() -> None:
    weekly = pd.Series(np.arange(140) % 7 + 1, index=series(140).index)
    table, _ = tables({"weekly": weekly, "all": series(140)}, [30, 60, 90])
    assert (table.p_family >= table.p_value - 1e-12).all()


def test_numbers_of_a_series_do_not_depend_on_the_others_but_for_q_and_family() -> None:
    one, two = series(80), series(80, seed=9)
    alone, _ = tables({"b": two}, [15, 30, 60])
    both, _ = tables({"a": one, "b": two}, [15, 30, 60])
    columns = ["event", "statistic", "null", "observed", "p_value", "draws"]
    again = both[both.series == "b"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone[columns], again[columns])


def test_a_series_that_carries_no_test_leaves_a_note_and_the_others_alone() -> None:
    table, notes = tables({"none": series(80) * 0, "b": series(80, seed=9)}, [15, 30, 60])
    alone, _ = tables({"b": series(80, seed=9)}, [15, 30, 60])
    pd.testing.assert_frame_equal(table, alone)
    assert notes[["series", "note"]].values.tolist() == [
        ["none", "no posts in the estimation window"]
    ]


def test_circular_shifts_are_one_fewer_than_the_days() -> None:
    table, _ = tables(series(77), [20, 40])
    pooled = table[table.event == "pooled"].set_index("null").draws
    assert (pooled["circular_shift"] == 76).all()
    assert (pooled["free_redraw"] == 99).all()


@pytest.mark.parametrize("at", [[30, 60, 90, 120], [70]])
def test_a_planted_effect_is_read_off_a_calm_series(at: list[int]) -> None:
    table, _ = tables(planted(calm(), at, 2), at)
    event = "pooled" if len(at) > 1 else "E70"
    days = table[(table.event == event) & (table.statistic != "lead_7_1")]
    assert len(days) == 4
    assert (np.exp(days.observed) - 2).abs().max() < 0.1
    assert (days.p_value == 1 / (1 + days.draws)).all()


@pytest.mark.usefixtures("may_take_long")
def test_the_level_is_held_where_nothing_happens() -> None:
    """Also where days resemble their neighbours and events come in clusters."""
    at = np.array([11, 33, 64, 65, 73, 91])
    base = baseline(series(115).index, 30).to_numpy()
    both = np.vstack([at, shifts(115, at)])
    logs = {str(seed): np.log1p(correlated(115, 0.6, seed).to_numpy()) for seed in range(300)}
    rho = {name: autocorrelation(base, each) for name, each in logs.items()}
    leads = span_weights(base, both, [[offset] for offset in range(-7, 0)])
    values = {
        name: {each: studentised(weights, logs[each], rho[each]) for each in logs}
        for name, weights in effect_weights(base, both).items()
    } | {"lead_7_1": {each: lead_trend(leads, logs[each], rho[each]) for each in logs}}
    for found in values.values():
        claimed = int((against(found).p_value <= 0.05).sum())
        assert claimed <= 28  # exact binomial 99.9 % bound about 5 % of 300


def test_a_trend_before_the_events_is_found() -> None:
    posts = series(115, alpha=0.1)
    for place in (30, 60, 90):
        posts.iloc[place - 5 : place] *= 6
    table, _ = tables(posts, [30, 60, 90], draws=199)
    assert (table.p_value[table.statistic == "lead_7_1"] < 0.05).all()


@pytest.mark.parametrize("case", BAD)
def test_bad_input_leaves_finite_rows_or_a_note(case: str) -> None:
    posts, at = BAD[case]
    table, notes = tables(posts, at)
    assert whole(table)
    assert table.p_value.between(0, 1, inclusive="right").all()
    assert notes.note.str.len().gt(10).all()
    if notes.event.notna().all():
        refused = notes.note[notes.event == "pooled"].str.split(":").str[0]
        pooled = table.statistic[table.event == "pooled"]
        assert {*pooled, *refused} == {*SPANS, "lead_7_1"}
        assert {f"E{place}" for place in at} == {*table.event, *notes.event} - {"pooled"}


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("no post at all", "no posts"),
        ("posts on one day", "posts on only 1 days"),
        ("as many posts every day", "constant"),
        ("fewer days than parameters", "too short"),
        ("no event", "no event in the estimation window"),
    ],
)
def test_what_carries_no_test_is_refused_with_its_reason(case: str, reason: str) -> None:
    table, notes = tables(*BAD[case])
    assert table.empty
    assert len(notes) == 1
    assert notes.note.str.contains(reason).all()


def test_an_effect_that_weekdays_explain_leaves_a_note_and_no_row() -> None:
    table, notes = tables(series(150), list(range(3, 150, 7)))
    assert table[(table.event == "pooled") & (table.statistic == "days_0_2")].empty
    assert notes.note.str.contains("cannot be told apart").any()


def test_an_event_near_the_edge_has_no_test_of_its_own() -> None:
    table, notes = tables(series(80), [5, 40, 75])
    assert set(table.event) == {"pooled", "E40"}
    assert list(notes.event) == ["E5", "E75"]


def test_one_extreme_day_cannot_be_more_extreme_than_its_rank() -> None:
    posts = where(series(80), [40], 10**9)
    table, _ = tables(posts, [40])
    assert (table.p_value >= 1 / (1 + table.draws)).all()
