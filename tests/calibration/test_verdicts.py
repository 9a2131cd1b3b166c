"""Verdicts: an estimator within its bands is usable; one outside is not, and it says why."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from takedown.calibration.verdicts import band, positive, verdicts

COLUMNS = ["estimator", "draw", "log_ratio", "lower", "upper", "p_value", "why_not"]


def answers(
    false: int, missed: int = 50, ratio: float = 1.0, asked: int = 1000, answered: int = 1000
) -> pd.DataFrame:
    """``answered`` answers, the first ``false`` of them significant, ``missed`` intervals wrong."""
    draw = np.arange(asked)
    centre = np.log(ratio) + np.where(draw < missed, 5.0, 0.0)
    p_value = np.where(draw < false, 0.01, 0.6)
    table = pd.DataFrame(
        {
            "estimator": "one",
            "draw": draw,
            "log_ratio": centre,
            "lower": centre - 1,
            "upper": centre + 1,
            "p_value": p_value,
            "why_not": None,
        }
    )
    silent = table["draw"] >= answered
    table.loc[silent, ["log_ratio", "lower", "upper", "p_value"]] = np.nan
    table.loc[silent, ["estimator", "why_not"]] = ["function", "too short"]
    return table[COLUMNS]


def row(null: pd.DataFrame, **planted: pd.DataFrame) -> pd.Series:
    trials = {1.0: null, 1.5: answers(400, ratio=1.5), 2.0: answers(900, ratio=2.0)} | {
        float(name[2:].replace("_", ".")): table for name, table in planted.items()
    }
    [found] = verdicts("here", trials).itertuples()
    return pd.Series(found._asdict())


def test_the_band_is_the_exact_binomial_one() -> None:
    low, high = band(0.05, 1000)
    assert (low, high) == (0.033, 0.069)
    assert stats.binom.cdf(69, 1000, 0.05) >= 0.995 > stats.binom.cdf(68, 1000, 0.05)


@pytest.mark.parametrize(
    ("false", "usable", "why"),
    [
        (50, "yes", ""),
        (33, "yes", ""),
        (69, "yes", ""),
        (70, "no", "too many false positives"),
        (32, "no", "too few false positives"),
    ],
)
def test_false_positives_must_lie_in_the_band(false: int, usable: str, why: str) -> None:
    found = row(answers(false))
    assert (found.fpr, found.usable, found.why) == (false / 1000, usable, why)


@pytest.mark.parametrize(("missed", "usable"), [(0, "yes"), (68, "yes"), (70, "no")])
def test_coverage_must_not_lie_below_its_band(missed: int, usable: str) -> None:
    found = row(answers(50, missed))
    assert found.usable == usable
    assert found.why == ("" if usable == "yes" else "intervals too narrow")


def test_coverage_is_the_smallest_over_the_planted_ratios() -> None:
    found = row(answers(50), rr1_5=answers(400, missed=200, ratio=1.5))
    assert found.coverage == 0.8 and found.usable == "no"


def test_power_is_the_share_found_at_each_planted_ratio() -> None:
    found = row(answers(50))
    assert (found.power_rr1_5, found.power_rr2) == (0.4, 0.9)


def test_silence_in_one_series_of_ten_is_not_usable() -> None:
    found = row(answers(45, answered=900))
    assert found.simulations == 900 and found.fpr == 0.05
    assert found.usable == "no" and found.why == "no answer in 100 of 1000 series"


def test_without_a_p_value_the_interval_decides() -> None:
    said = answers(0, missed=30).assign(p_value=np.nan)
    assert positive(said).sum() == 30


def test_without_an_interval_there_is_no_coverage() -> None:
    bare = {ratio: answers(50).assign(lower=np.nan, upper=np.nan) for ratio in (1.0, 1.5, 2.0)}
    [found] = verdicts("here", bare).itertuples()
    assert np.isnan(found.coverage) and found.usable == "yes"
