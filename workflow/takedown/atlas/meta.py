"""How campaigns answer the news, taken together: a random-effects meta-analysis.

Each campaign gives one log rate ratio, that of its events together; only estimates that calibration
allows enter. The variance between campaigns is Paule and Mandel's (1982); the interval of the mean
is Hartung and Knapp's (2001), never narrower than the usual one (Knapp and Hartung 2003); the
prediction interval is that of Higgins, Thompson and Spiegelhalter (2009). Whether both intervals
keep their promise for so few campaigns of such precision is simulated each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from takedown.calibration.flags import NOT_USABLE, USABLE
from takedown.calibration.verdicts import LEVEL, band
from takedown.findings import POOLED_ORDER, pooled_on_all_posts
from takedown.models.design import Z95

LEAST, LEAST_TO_PREDICT = 2, 3
DRAWS = 1000
TINY = 1e-12  # the spread of effects that are all the same
RESPONSES = ["campaign", "method", "effect", "rate_ratio", "lower", "upper", "calibrated"]
RESPONSES += ["calendar", "weight", "why_not"]
COMBINED = ["method", "effect", "campaigns", "calendars", "rate_ratio", "lower", "upper"]
COMBINED += ["prediction_lower", "prediction_upper", "tau", "i_squared", "q", "q_p_value"]
COMBINED += ["coverage", "calibrated", "prediction_coverage", "prediction_calibrated", "note"]


@dataclass(frozen=True)
class Combined:
    """The mean of several campaigns' effects on the log scale, and how much these differ."""

    estimate: float
    lower: float
    upper: float
    tau: float
    i_squared: float
    q: float
    q_p_value: float
    weights: np.ndarray
    predicted: tuple[float, float] | None


def combine(effects: np.ndarray, variances: np.ndarray) -> Combined:
    """The random-effects mean of ``effects`` (log rate ratios) with their ``variances``."""
    found = combine_effects(effects, variances, method_re="iterated")
    mean, error = float(found.mean_effect_re), float(found.sd_eff_w_re)
    half = stats.t.ppf(1 - LEVEL / 2, found.df_resid) * error * max(1.0, found.scale_hksj_re) ** 0.5
    tau_squared = max(0.0, float(found.tau2))
    predicted = None
    if len(effects) >= LEAST_TO_PREDICT:
        spread = float(np.sqrt(tau_squared + error**2))
        wide = stats.t.ppf(1 - LEVEL / 2, len(effects) - 2) * spread
        predicted = (mean - wide, mean + wide)
    return Combined(
        mean,
        mean - half,
        mean + half,
        tau_squared**0.5,
        1 - float(found.df_resid / found.q) if found.q > found.df_resid else 0.0,
        float(found.q),
        float(stats.chi2.sf(found.q, found.df_resid)),
        np.asarray(found.weights_rel_re),
        predicted,
    )


def coverage(
    variances: np.ndarray, tau: float, draw: np.random.Generator
) -> tuple[float, float | None]:
    """How often, of ``DRAWS`` simulated meta-analyses, the two intervals hold what they should.

    The interval of the mean, the true mean; the prediction interval, the effect in one more
    campaign (None where there is none). The effects are normal with the spread ``tau`` between
    campaigns and the ``variances`` within.
    """
    spread = np.sqrt(tau**2 + variances)
    drawn = [
        combine(effects, variances) for effects in draw.normal(0, spread, (DRAWS, len(spread)))
    ]
    held = float(np.mean([one.lower <= 0 <= one.upper for one in drawn]))
    if len(variances) < LEAST_TO_PREDICT:
        return held, None
    ends = np.array([one.predicted for one in drawn])
    return held, float(np.mean(np.diff(stats.norm.cdf(ends, scale=max(tau, TINY)))))


def worst_coverage(variances: np.ndarray, found: float, seed: int) -> tuple[float, float | None]:
    """The smaller :func:`coverage` of each, over spreads that such campaigns could have.

    None, the one ``found``, and the least, middle and largest standard error: few campaigns often
    show no spread where there is one, and the intervals are at their worst where it is like the
    errors.
    """
    errors = np.sqrt(variances)
    spreads = sorted({0.0, found, errors.min(), float(np.median(errors)), errors.max()})
    tried = [
        coverage(variances, tau, np.random.default_rng([seed, number]))
        for number, tau in enumerate(spreads)
    ]
    held, predicted = zip(*tried, strict=True)
    return min(held), None if None in predicted else min(predicted)


def verdict(kept: float | None) -> str | None:
    """Whether an interval with this coverage is to be believed."""
    if kept is None:
        return None
    return USABLE if kept >= band(1 - LEVEL, DRAWS)[0] else NOT_USABLE


def responses(effects: Mapping[str, pd.DataFrame], calendars: Mapping[str, str]) -> pd.DataFrame:
    """``atlas/responses.csv`` but for the weights: each campaign's pooled effects on all posts.

    ``effects`` are the campaigns' ``models/event_effects.csv``; ``calendars`` name what their
    events come from.
    """
    rows = [
        (name, row.method, row.effect, row.rate_ratio, row.lower, row.upper, row.calibrated,
         calendars[name], np.nan, why_not(row))
        for name, table in effects.items()
        for row in pooled_on_all_posts(table).itertuples()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=RESPONSES)


def why_not(row: Any) -> str | None:
    """Why an estimate does not enter; None where it does."""
    if row.calibrated == NOT_USABLE:
        return "calibration does not allow it"
    if row.calibrated != USABLE:
        return "not calibrated at this campaign's period and settings"
    finite = np.isfinite([row.rate_ratio, row.lower, row.upper]).all()
    return None if finite and 0 < row.lower < row.upper else "its interval has no finite width"


def meta_analysis(given: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``atlas/responses.csv`` with weights, and ``atlas/meta_analysis.csv``.

    A row of the second for each method and effect that any campaign has, in the order in which
    findings prefer them.
    """
    given = given.copy()
    rows = []
    for method, effect in POOLED_ORDER:
        asked = given[(given["method"] == method) & (given["effect"] == effect)]
        if asked.empty:
            continue
        used = asked[asked["why_not"].isna()]
        head = (method, effect, len(used), used["calendar"].str.split(", ").explode().nunique())
        if len(used) < LEAST:
            blank = [None] * (len(COMBINED) - len(head) - 1)
            rows.append((*head, *blank, f"{len(used)} of {len(asked)} campaigns may enter"))
            continue
        logs = np.log(used[["lower", "rate_ratio", "upper"]].to_numpy())
        variances = ((logs[:, 2] - logs[:, 0]) / (2 * Z95)) ** 2
        found = combine(logs[:, 1], variances)
        given.loc[used.index, "weight"] = found.weights
        kept, kept_ahead = worst_coverage(variances, found.tau, seed)
        lower, upper = found.predicted or (np.nan, np.nan)
        ratios = np.exp([found.estimate, found.lower, found.upper, lower, upper])
        note = None if found.predicted else f"no prediction from {len(used)} campaigns"
        rows.append(
            (*head, *ratios, found.tau, found.i_squared, found.q, found.q_p_value, kept,
             verdict(kept), kept_ahead, verdict(kept_ahead), note)
        )  # fmt: skip
    return given, pd.DataFrame(rows, columns=COMBINED)
