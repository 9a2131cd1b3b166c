"""Verdicts: an estimator within its bands is usable; one outside is not, and it says why."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from takedown.calibration.verdicts import (
    CHANGE_POINTS,
    PEAK_LAG,
    band,
    positive,
    power,
    recovery,
    verdicts,
)
from takedown.io.tables import read_table, write_table

NUMBERS = ["estimate", "lower", "upper", "p_value"]


def answers(
    false: int,
    missed: int = 50,
    ratio: float = 1.0,
    asked: int = 1000,
    answered: int = 1000,
    estimator: str = "one",
) -> pd.DataFrame:
    """``answered`` answers, the first ``false`` of them significant, ``missed`` intervals wrong."""
    draw = np.arange(asked)
    centre = np.log(ratio) + np.where(draw < missed, 5.0, 0.0)
    table = pd.DataFrame(
        {
            "setting": "here",
            "ratio": ratio,
            "estimator": estimator,
            "draw": draw,
            "estimate": centre,
            "lower": centre - 1,
            "upper": centre + 1,
            "p_value": np.where(draw < false, 0.01, 0.6),
            "why_not": None,
        }
    )
    silent = table["draw"] >= answered
    table.loc[silent, NUMBERS] = np.nan
    table.loc[silent, ["estimator", "why_not"]] = ["function", "too short"]
    return table


def row(null: pd.DataFrame, **planted: pd.DataFrame) -> pd.Series:
    """The verdict on the estimator of ``null``, with some power at other ratios."""
    name = str(null["estimator"].iloc[0])
    more = {
        "rr1_5": answers(400, ratio=1.5, estimator=name),
        "rr2": answers(900, ratio=2.0, estimator=name),
    }
    table = verdicts(pd.concat([null, *(more | planted).values()], ignore_index=True))
    return table.set_index("estimator").loc[name]


def dates(found: int, days: list[float], ratio: float = 1.0, asked: int = 1000) -> pd.DataFrame:
    """Answers of the search for change points: ``found`` of them, so many ``days`` off."""
    table = answers(0, asked=asked, ratio=ratio, estimator=CHANGE_POINTS)
    table[NUMBERS] = np.nan
    table.loc[table["draw"] < found, "estimate"] = days * (found // len(days))
    table.loc[table["draw"] < found, ["lower", "upper"]] = [-3.0, 3.0]
    return table


@pytest.mark.parametrize("rate", [0.05, 0.95])
@pytest.mark.parametrize("simulations", [20, 40, 50, 250, 1000])
def test_the_band_is_the_exact_binomial_one(simulations: int, rate: float) -> None:
    """Neither end is so far out that one tail holds less than half a percent."""
    inside = [
        count
        for count in range(simulations + 1)
        if stats.binomtest(count, simulations, rate, "less").pvalue >= 0.005
        and stats.binomtest(count, simulations, rate, "greater").pvalue > 0.005
    ]
    assert band(rate, simulations) == (inside[0] / simulations, inside[-1] / simulations)


@pytest.mark.parametrize("simulations", [50, 1000])
def test_a_good_estimator_lies_in_the_band_99_times_of_100(simulations: int) -> None:
    shares = np.random.default_rng(1).binomial(simulations, 0.05, size=20_000) / simulations
    low, high = band(0.05, simulations)
    assert ((low <= shares) & (shares <= high)).mean() >= 0.99


def test_the_band_of_a_thousand_series() -> None:
    assert band(0.05, 1000) == (0.033, 0.069)


@pytest.mark.parametrize(
    ("false", "usable", "why"),
    [
        (50, "yes", None),
        (33, "yes", None),
        (69, "yes", None),
        (70, "no", "too many false positives"),
        (32, "no", "too few false positives"),
    ],
)
def test_false_positives_must_lie_in_the_band(false: int, usable: str, why: str | None) -> None:
    found = row(answers(false))
    assert (found["fpr"], found["fpr_lower"], found["fpr_upper"]) == (false / 1000, 0.033, 0.069)
    assert found["usable"] == usable
    assert (None if pd.isna(found["why"]) else found["why"]) == why


@pytest.mark.parametrize(("missed", "usable"), [(0, "yes"), (69, "yes"), (70, "no")])
def test_coverage_must_not_lie_below_its_band(missed: int, usable: str) -> None:
    found = row(answers(50, missed))
    assert found["usable"] == usable
    assert pd.isna(found["why"]) if usable == "yes" else found["why"] == "intervals too narrow"


def test_coverage_is_the_smallest_over_the_planted_ratios_up_to_2() -> None:
    found = row(answers(50), rr1_5=answers(400, missed=200, ratio=1.5))
    assert found["coverage"] == 0.8 and found["usable"] == "no"
    found = row(answers(50), rr3=answers(1000, missed=900, ratio=3.0))
    assert found["coverage"] == 0.95 and found["usable"] == "yes"


def test_all_that_is_wrong_is_said() -> None:
    assert row(answers(300, 400, answered=900))["why"] == (
        "no answer in 100 of 1000 series; too many false positives; intervals too narrow"
    )


def test_power_is_the_share_found_at_each_planted_ratio() -> None:
    found = row(answers(50))
    assert (found["power_rr1_5"], found["power_rr2"]) == (0.4, 0.9)
    alone = verdicts(answers(50)).iloc[0]
    assert alone[["power_rr1_5", "power_rr2"]].isna().all()


def test_silence_in_one_series_of_ten_is_not_usable() -> None:
    found = row(answers(45, answered=900))
    assert found["simulations"] == 900 and found["fpr"] == 0.05
    assert found["usable"] == "no" and found["why"] == "no answer in 100 of 1000 series"
    assert row(answers(48, answered=950))["usable"] == "yes"


def test_an_estimator_that_never_answers_is_not_usable() -> None:
    trials = pd.concat([answers(50), answers(0, answered=0)], ignore_index=True)
    found = verdicts(trials).set_index("estimator")
    assert list(found.index) == ["one", "function"]
    assert found["usable"]["function"] == "no"
    assert found["simulations"]["function"] == 0
    assert found["why"]["function"] == "no answer in any of 1000 series"


def test_without_a_p_value_the_interval_decides() -> None:
    said = answers(0, missed=30).assign(p_value=np.nan)
    assert positive(said).sum() == 30


def test_without_an_interval_there_is_no_coverage() -> None:
    bare = {
        f"rr{ratio:g}".replace(".", "_"): answers(50, ratio=ratio).assign(
            lower=np.nan, upper=np.nan
        )
        for ratio in (1.0, 1.5, 2.0)
    }
    found = row(bare.pop("rr1"), **bare)
    assert np.isnan(found["coverage"]) and found["usable"] == "yes"


@pytest.mark.parametrize(("found", "usable"), [(0, "yes"), (10, "yes"), (69, "yes"), (70, "no")])
def test_change_points_are_refused_only_where_they_find_too_many(found: int, usable: str) -> None:
    """They have no nominal level: to find hardly any where there is none is no fault."""
    verdict = row(dates(found, [20.0]), rr1_5=dates(300, [0.0], 1.5), rr2=dates(600, [0.0], 2.0))
    assert (verdict["fpr"], verdict["usable"]) == (found / 1000, usable)
    assert np.isnan(verdict["coverage"])
    assert verdict["power_rr2"] == 0.6


def test_every_setting_is_judged_by_its_own_series() -> None:
    there = answers(300).assign(setting="there")
    found = verdicts(pd.concat([answers(50), there])).set_index("setting")
    assert list(found.index) == ["here", "there"]
    assert found["usable"].to_dict() == {"here": "yes", "there": "no"}


def test_the_power_table_has_claims_coverage_and_the_median_estimate() -> None:
    trials = pd.concat(
        [
            answers(50, missed=40),
            answers(800, missed=100, ratio=3.0, answered=900),
            answers(600, ratio=3.0, estimator="test only").assign(
                estimate=np.nan, lower=np.nan, upper=np.nan
            ),
            dates(500, [0.0], 3.0),
            answers(900, ratio=3.0, estimator=PEAK_LAG),
        ],
        ignore_index=True,
    )
    found = power(trials).set_index(["estimator", "ratio"])
    assert set(found.index) == {("one", 1.0), ("one", 3.0), ("test only", 3.0)}
    assert found.loc[("one", 1.0), ["simulations", "claimed", "coverage"]].tolist() == [
        1000,
        0.05,
        0.96,
    ]
    planted = found.loc[("one", 3.0)]
    assert planted["simulations"] == 900
    assert planted["claimed"] == pytest.approx(800 / 900)
    assert planted["coverage"] == pytest.approx(800 / 900)
    assert planted["median"] == pytest.approx(3)
    assert found.loc[("test only", 3.0), "claimed"] == 0.6
    assert found.loc[("test only", 3.0), ["coverage", "median"]].isna().all()


def test_change_points_are_recovered_where_they_lie_within_a_day() -> None:
    found = recovery(pd.concat([dates(100, [5.0]), dates(800, [0.0, 1.0, -1.0, 2.0], 2.0)]))
    [only] = found.to_dict("records")
    assert (only["estimator"], only["ratio"], only["simulations"]) == (CHANGE_POINTS, 2.0, 1000)
    assert (only["found"], only["within_1_day"]) == (0.8, 0.6)
    assert np.isnan(only["right_way"])


@pytest.mark.parametrize(
    ("draw", "lag", "within", "right"),
    [
        (0, 2, 1, 1),
        (0, 1, 1, 1),
        (0, 6, 0, 1),
        (0, 0, 0, 0),
        (0, -2, 0, 0),
        (1, -2, 1, 1),
        (1, -3, 1, 1),
        (1, -7, 0, 1),
        (1, 0, 0, 0),
        (1, 2, 0, 0),
    ],
)
def test_a_lag_is_recovered_with_its_sign(draw: int, lag: int, within: int, right: int) -> None:
    """Posts follow the news by two days in even draws, and lead them in odd ones."""
    truth = -2 if draw % 2 else 2
    said = answers(1, asked=1, ratio=2.0, estimator=PEAK_LAG)
    said = said.assign(draw=draw, estimate=float(lag - truth), lower=np.nan, upper=np.nan)
    [found] = recovery(said).to_dict("records")
    assert (found["found"], found["within_1_day"], found["right_way"]) == (1, within, right)
    [silent] = recovery(said.assign(p_value=0.2)).to_dict("records")
    assert (silent["found"], silent["within_1_day"], silent["right_way"]) == (0, 0, 0)


def test_where_nothing_was_planted_nothing_can_be_recovered() -> None:
    assert recovery(pd.concat([dates(100, [0.0]), answers(9, estimator=PEAK_LAG)])).empty


def test_the_tables_keep_their_contracts(tmp_path: Path) -> None:
    trials = pd.concat(
        [
            answers(50),
            answers(900, ratio=2.0),
            dates(30, [4.0]),
            dates(600, [0.0], 2.0),
            answers(0, answered=0),
        ],
        ignore_index=True,
    )
    folder = tmp_path / "calibration"
    folder.mkdir()
    for make in (verdicts, power, recovery):
        name = {"verdicts": "estimators"}.get(make.__name__, make.__name__)
        write_table(make(trials), folder / f"{name}.csv")
        assert len(read_table(folder / f"{name}.csv")) == len(make(trials))
