"""Error rates of each estimator, whether they are within their bands, and whether to use it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import bdtr

from takedown.estimation.estimand import LEVEL

BAND = 0.99
LARGEST_RATIO = 2.0
LEAST_ANSWERED = 0.95
COLUMNS = "estimator setting simulations fpr fpr_lower fpr_upper coverage power_rr1_5 power_rr2"
COLUMNS += " usable why"
POWER = ["estimator", "setting", "ratio", "simulations", "claimed", "coverage", "median"]
RECOVERY = ["estimator", "setting", "ratio", "simulations", "found", "within_1_day", "right_way"]
#: These estimate a date or a lag, not a size. Change points have no nominal level of 5 %.
CHANGE_POINTS, PEAK_LAG = "change points", "lead_lag peak_lag"
NEWS_LAG = 2


def band(rate: float, simulations: int) -> tuple[float, float]:
    """The exact binomial 99 % band of a share of ``simulations`` whose expectation is ``rate``."""
    below = bdtr(np.arange(simulations + 1), simulations, rate)
    low, high = np.searchsorted(below, [(1 - BAND) / 2, (1 + BAND) / 2])
    return float(low) / simulations, float(high) / simulations


def verdicts(trials: pd.DataFrame) -> pd.DataFrame:
    """``calibration/estimators.csv``, from the rows of ``trials/`` for all settings and ratios.

    The false positive rate must lie within the band around 5 % (for change points, which have no
    nominal level, only not above it). The coverage, taken as the smallest over the planted ratios
    up to 2, must not lie below the band around 95 %. An estimator that gives no answer for more
    than one in twenty series is not usable either.
    """
    rows = []
    for setting, table in trials.groupby("setting", sort=True):
        null = table[table["ratio"] == 1]
        answered = table[table["why_not"].isna()]["estimator"].unique()
        # An estimator that never answered is listed under the name of its function.
        refusals = null.groupby("estimator")["why_not"].count()
        silent = refusals.index[refusals == null["draw"].nunique()]
        rows += [verdict(str(name), str(setting), table) for name in [*answered, *silent]]
    return pd.DataFrame(rows, columns=COLUMNS.split())


def verdict(estimator: str, setting: str, trials: pd.DataFrame) -> dict[str, object]:
    """One estimator's row."""
    own = trials[trials["estimator"] == estimator]
    said = {float(ratio): table for ratio, table in own.groupby("ratio")}
    asked = trials[trials["ratio"] == 1]["draw"].nunique()
    null = said.get(1.0, own.iloc[:0])
    null = null[null["why_not"].isna()]
    answered = len(null)
    if not answered:
        return dict.fromkeys(COLUMNS.split()) | {
            "estimator": estimator,
            "setting": setting,
            "simulations": 0,
            "usable": "no",
            "why": f"no answer in any of {asked} series",
        }
    false = claimed(null)
    low, high = band(LEVEL, answered)
    covered = [coverage(table, ratio) for ratio, table in said.items() if ratio <= LARGEST_RATIO]
    least = float(np.min(covered)) if not np.isnan(covered).any() else np.nan
    why = []
    if answered < LEAST_ANSWERED * asked:
        why.append(f"no answer in {asked - answered} of {asked} series")
    if false > high:
        why.append("too many false positives")
    if false < low and estimator != CHANGE_POINTS:
        why.append("too few false positives")
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
        "power_rr1_5": claimed(said[1.5]) if 1.5 in said else np.nan,
        "power_rr2": claimed(said[2.0]) if 2.0 in said else np.nan,
        "usable": "no" if why else "yes",
        "why": "; ".join(why) or None,
    }


def power(trials: pd.DataFrame) -> pd.DataFrame:
    """``calibration/power.csv``: by planted ratio, share of claims, coverage, median estimate."""
    answers = trials[trials["why_not"].isna()]
    rows = []
    for (setting, estimator, ratio), table in answers.groupby(
        ["setting", "estimator", "ratio"], sort=False
    ):
        if estimator not in (CHANGE_POINTS, PEAK_LAG):
            found = (claimed(table), coverage(table, float(ratio)))
            median = float(np.exp(table["estimate"].median()))
            rows.append((estimator, setting, ratio, len(table), *found, median))
    return pd.DataFrame(rows, columns=POWER)


def recovery(trials: pd.DataFrame) -> pd.DataFrame:
    """``calibration/recovery.csv``: was the planted date, or the planted lag, found?

    ``found`` is the share of series in which anything was claimed, ``within_1_day`` the share in
    which the date or lag found was within a day of the planted one, and ``right_way`` (lead and lag
    only) the share in which the lag had the right sign.
    """
    rows = []
    answers = trials[trials["estimator"].isin([CHANGE_POINTS, PEAK_LAG]) & (trials["ratio"] > 1)]
    for (setting, estimator, ratio), table in answers.groupby(
        ["setting", "estimator", "ratio"], sort=False
    ):
        found = positive(table)
        close = found & (table["estimate"].abs() <= 1)
        right = np.nan
        if estimator == PEAK_LAG:
            truth = np.where(table["draw"] % 2, -NEWS_LAG, NEWS_LAG)
            lag = table["estimate"] + truth
            right = float((found & (np.sign(lag) == np.sign(truth))).mean())
        row = (len(table), float(found.mean()), float(close.mean()), right)
        rows.append((estimator, setting, ratio, *row))
    return pd.DataFrame(rows, columns=RECOVERY)


def claimed(said: pd.DataFrame) -> float:
    """Share of answers that claim an effect."""
    return float(positive(said).mean())


def positive(said: pd.DataFrame) -> pd.Series:
    """Whether each answer claims an effect.

    It does if p is at most 5 %; without a p-value, if its interval excludes 0; for change points,
    if one was found.
    """
    if (said["estimator"] == CHANGE_POINTS).all():
        return said["estimate"].notna()
    by_interval = (said["lower"] > 0) | (said["upper"] < 0)
    return (said["p_value"] <= LEVEL).where(said["p_value"].notna(), by_interval)


def coverage(said: pd.DataFrame, ratio: float) -> float:
    """Share of intervals that contain the planted effect; NaN if there are no intervals.

    Also NaN for change points, whose estimates are dates rather than effects.
    """
    intervals = said.dropna(subset=["lower"])
    if intervals.empty:
        return np.nan
    truth = np.log(ratio)
    if (said["estimator"] == CHANGE_POINTS).all():
        return np.nan
    return float(((intervals["lower"] <= truth) & (truth <= intervals["upper"])).mean())
