"""How often each estimator erred, whether that is within its band, and so whether to use it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

LEVEL = 0.05
BAND = 0.99
LEAST_ANSWERED = 0.95
COLUMNS = "estimator setting simulations fpr fpr_lower fpr_upper coverage power_rr1_5 power_rr2"
COLUMNS += " usable why"


def band(rate: float, simulations: int) -> tuple[float, float]:
    """The exact binomial 99 % band of a share of ``simulations`` whose expectation is ``rate``."""
    low, high = stats.binom.interval(BAND, simulations, rate)
    return float(low) / simulations, float(high) / simulations


def verdicts(setting: str, trials: Mapping[float, pd.DataFrame]) -> pd.DataFrame:
    """The rows of ``calibration/estimators.csv`` for one setting.

    ``trials`` holds, of each planted rate ratio (1, 1.5 and 2), what :func:`trials.try_all` found.
    The share of false positives must lie in the band about 5 %; the coverage, the smallest over the
    planted ratios, must not lie below the band about 95 %. An estimator that gave no answer in more
    than one of twenty series is not usable either.
    """
    null = trials[1.0]
    answers = null[null["why_not"].isna()]
    rows = [verdict(name, setting, trials) for name in answers["estimator"].unique()]
    return pd.DataFrame(rows, columns=COLUMNS.split())


def verdict(
    estimator: str, setting: str, trials: Mapping[float, pd.DataFrame]
) -> dict[str, object]:
    """One estimator's row."""
    said = {ratio: table[table["estimator"] == estimator] for ratio, table in trials.items()}
    answered = len(said[1.0])
    asked = trials[1.0]["draw"].nunique()
    false = float(positive(said[1.0]).mean())
    low, high = band(LEVEL, answered)
    covered = [coverage(table, ratio) for ratio, table in said.items()]
    least = float(np.min(covered)) if not np.isnan(covered).any() else np.nan
    why = []
    if answered < LEAST_ANSWERED * asked:
        why.append(f"no answer in {asked - answered} of {asked} series")
    if not low <= false <= high:
        why.append("too many false positives" if false > high else "too few false positives")
    if least < band(1 - LEVEL, answered)[0]:
        why.append("intervals too narrow")
    return {
        "estimator": estimator,
        "setting": setting,
        "simulations": answered,
        "fpr": false,
        "fpr_lower": low,
        "fpr_upper": high,
        "coverage": least,
        "power_rr1_5": float(positive(said[1.5]).mean()),
        "power_rr2": float(positive(said[2.0]).mean()),
        "usable": "no" if why else "yes",
        "why": "; ".join(why),
    }


def positive(said: pd.DataFrame) -> pd.Series:
    """Whether each answer claims an effect: p at most 5 %, or, without a p, by its interval."""
    by_interval = (said["lower"] > 0) | (said["upper"] < 0)
    return (said["p_value"] <= LEVEL).where(said["p_value"].notna(), by_interval)


def coverage(said: pd.DataFrame, ratio: float) -> float:
    """Share of intervals that hold the planted ``ratio``; NaN without intervals."""
    intervals = said.dropna(subset=["lower"])
    if intervals.empty:
        return np.nan
    truth = np.log(ratio)
    return float(((intervals["lower"] <= truth) & (truth <= intervals["upper"])).mean())
