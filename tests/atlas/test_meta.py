"""The meta-analysis against published values, its own promises, and what may not enter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from takedown.atlas.meta import (
    DRAWS,
    SMALL_EXCESS,
    combine,
    coverage,
    meta_analysis,
    paule_mandel,
    responses,
    worst_coverage,
)
from takedown.calibration.verdicts import band
from takedown.io.tables import contract

#: The BCG trials (Colditz and others 1994) as every textbook of meta-analysis has them: cases and
#: others among the vaccinated, cases and others among the controls.
BCG = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]  # fmt: skip


def bcg() -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = np.array(BCG, dtype=float).T
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def test_the_bcg_trials_give_the_published_values() -> None:
    """Viechtbauer (2010), Journal of Statistical Software 36(3), with Paule and Mandel's spread."""
    found = combine(*bcg())
    assert found.estimate == pytest.approx(-0.7150, abs=5e-5)
    assert found.tau**2 == pytest.approx(0.3181, abs=5e-5)
    assert found.q == pytest.approx(152.2330, abs=5e-5)
    assert found.i_squared == pytest.approx(0.9212, abs=5e-5)
    assert found.weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("spread", [0.0, 0.3, 3.0])
def test_the_spread_solves_the_equation_of_paule_and_mandel(spread: float) -> None:
    rng = np.random.default_rng(1)
    variances = rng.uniform(0.01, 0.3, size=7)
    effects = rng.normal(0, spread, size=(50, 7)) + rng.normal(size=(50, 7)) * variances**0.5
    found = paule_mandel(effects, variances)
    weights = 1 / (variances + found[:, None])
    means = (weights * effects).sum(axis=1) / weights.sum(axis=1)
    excess = (weights * (effects - means[:, None]) ** 2).sum(axis=1) - 6
    assert (abs(excess[found > 0]) <= SMALL_EXCESS).all()
    assert (excess[found == 0] <= 0).all()
    assert (found > 0).any()


def test_the_intervals_follow_their_formulas() -> None:
    effects, variances = bcg()
    found = combine(effects, variances)
    weights = 1 / (variances + found.tau**2)
    mean = (weights * effects).sum() / weights.sum()
    scale = (weights * (effects - mean) ** 2).sum() / (len(effects) - 1)
    error = np.sqrt(max(1, scale) / weights.sum())
    assert found.upper - found.estimate == pytest.approx(stats.t.ppf(0.975, 12) * error, rel=1e-6)
    spread = np.sqrt(found.tau**2 + 1 / weights.sum())
    assert found.predicted is not None
    assert found.predicted[1] - mean == pytest.approx(stats.t.ppf(0.975, 11) * spread, rel=1e-6)


def test_equal_effects_have_no_spread_and_no_interval_narrower_than_theirs() -> None:
    found = combine(np.array([0.3, 0.3, 0.3]), np.array([0.04, 0.04, 0.04]))
    assert (found.tau, found.i_squared) == (0, 0)
    assert found.upper - found.estimate == pytest.approx(stats.t.ppf(0.975, 2) * 0.2 / 3**0.5)


def test_two_campaigns_give_a_mean_but_no_prediction() -> None:
    assert combine(np.array([0.1, 0.5]), np.array([0.1, 0.1])).predicted is None


@pytest.mark.parametrize("tau", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("count", [2, 4, 12])
def test_campaigns_of_one_precision_keep_the_intervals_promise(tau: float, count: int) -> None:
    kept, _ = coverage(np.full(count, 0.1), tau, np.random.default_rng(7))
    assert kept >= band(0.95, DRAWS)[0]


def test_where_the_promise_is_not_kept_the_mean_is_not_to_be_believed() -> None:
    """One precise campaign among three vague ones that differ: 93 % instead of 95 %."""
    ends = [(1.0, 0.27), (3.0, 0.9), (0.5, 1.1), (4.0, 1.24)]
    tables = {
        name: effects(
            [("negbin_shift", "days_0_6", ratio, ratio / np.exp(half), ratio * np.exp(half), "yes")]
        )
        for name, (ratio, half) in zip("abcd", ends, strict=True)
    }
    _, combined = analysed(tables)
    assert 0.85 < combined["coverage"][0] < band(0.95, DRAWS)[0]
    assert combined["calibrated"].tolist() == ["no"]


def test_a_spread_that_does_not_show_is_reckoned_with() -> None:
    """Four equal effects show no spread; with one like their errors, 91 % hold the mean."""
    variances = (np.array([0.27, 0.9, 1.1, 1.24]) / 1.96) ** 2
    assert combine(np.zeros(4), variances).tau == 0
    assert coverage(variances, 0.0, np.random.default_rng(7))[0] >= band(0.95, DRAWS)[0]
    assert worst_coverage(variances, 0.0, seed=1)[0] < band(0.95, DRAWS)[0]


def test_the_prediction_has_a_verdict_of_its_own() -> None:
    """One precise campaign among nine: the mean may be believed, the prediction not."""
    ends = [(1.0, 0.2), *[(1.2, 0.62)] * 9]
    tables = {
        f"c{number}": effects(
            [("negbin_shift", "days_0_6", ratio, ratio / np.exp(half), ratio * np.exp(half), "yes")]
        )
        for number, (ratio, half) in enumerate(ends)
    }
    _, combined = analysed(tables)
    assert combined["prediction_coverage"][0] < 0.9 < combined["coverage"][0]
    assert combined["prediction_calibrated"].tolist() == ["no"]


def test_a_prediction_holds_one_more_campaign_as_often_as_counted_one_by_one() -> None:
    variances, tau, draw = np.full(6, 0.1), 0.4, np.random.default_rng(7)
    found = coverage(variances, tau, np.random.default_rng(8))[1]
    held = []
    for _ in range(2000):
        *effects, more = draw.normal(0, np.sqrt(tau**2 + np.append(variances, 0)))
        lower, upper = combine(np.array(effects), variances).predicted or (0, 0)
        held.append(lower <= more <= upper)
    assert found == pytest.approx(np.mean(held), abs=0.025)


def effects(rows: list[tuple]) -> pd.DataFrame:
    """``event_effects.csv`` of pooled effects on all posts."""
    columns = ["method", "effect", "rate_ratio", "lower", "upper", "calibrated"]
    return pd.DataFrame(rows, columns=columns).assign(series="all", event="pooled", p_value=0.5)


def analysed(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    calendars = dict.fromkeys(tables, "events_china.csv")
    found = meta_analysis(responses(tables, calendars), seed=1)
    contract("atlas/responses.csv").validate(found[0], lazy=True)
    contract("atlas/meta_analysis.csv").validate(found[1], lazy=True)
    return found


ONE = ("negbin_shift", "days_0_6", 2.0, 1.0, 4.0)


def test_only_what_calibration_allows_enters() -> None:
    tables = {
        "a": effects([(*ONE, "yes")]),
        "b": effects([(*ONE, "yes")]),
        "c": effects([("negbin_shift", "days_0_6", 9.0, 8.0, 10.0, "no")]),
        "d": effects([("negbin_shift", "days_0_6", 9.0, 8.0, 10.0, "untried")]),
        "e": effects([("negbin_shift", "days_0_6", 9.0, 8.0, np.inf, "yes")]),
    }
    rows, combined = analysed(tables)
    assert combined["campaigns"].tolist() == [2]
    assert combined["calendars"].tolist() == [1]
    assert combined["rate_ratio"][0] == pytest.approx(2)
    assert rows["why_not"].isna().tolist() == [True, True, False, False, False]
    assert rows["weight"].tolist()[:2] == pytest.approx([0.5, 0.5])
    assert rows["weight"].isna().tolist() == [False, False, True, True, True]


def test_the_standard_error_is_that_of_the_interval() -> None:
    wide = ("negbin_shift", "days_0_6", 2.0, 0.25, 16.0, "yes")
    rows, _ = analysed({"a": effects([(*ONE, "yes")]), "b": effects([wide])})
    # Three times as wide on the log scale: with no spread, a ninth of the weight.
    assert rows["weight"][0] / rows["weight"][1] == pytest.approx(9)


def test_one_campaign_is_no_meta_analysis_and_the_table_says_so() -> None:
    _, combined = analysed({"a": effects([(*ONE, "yes")]), "b": effects([(*ONE, "no")])})
    assert combined["rate_ratio"].isna().all()
    assert combined["note"].tolist() == ["1 of 2 campaigns may enter"]


def test_campaigns_without_events_give_empty_tables() -> None:
    rows, combined = analysed({"a": effects([]), "b": effects([])})
    assert rows.empty
    assert combined.empty
