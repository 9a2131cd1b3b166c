"""Random-effects meta-analysis of the campaigns' responses to news events.

Each campaign contributes one log rate ratio, that of its events pooled; only estimates that passed
calibration are included. The between-campaign variance is estimated as in Paule and Mandel (1982);
the interval of the mean is that of Hartung and Knapp (2001), never narrower than the usual one
(Knapp and Hartung 2003); the prediction interval is that of Higgins, Thompson and Spiegelhalter
(2009). Whether both intervals reach their nominal coverage with so few campaigns of such precision
is checked by simulation each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, stdtrit

from takedown.calibration.verdicts import band
from takedown.estimation.estimand import LEVEL
from takedown.estimation.flags import NOT_USABLE, USABLE
from takedown.estimation.inference import Z95
from takedown.models.findings import POOLED_ORDER, pooled_on_all_posts

LEAST, LEAST_TO_PREDICT = 2, 3
DRAWS = 1000
TINY = 1e-12  # stands in for a between-campaign spread of zero
MOST_STEPS, SMALL_EXCESS = 50, 1e-5
RESPONSES = ["campaign", "method", "effect", "rate_ratio", "lower", "upper", "calibrated"]
RESPONSES += ["calendar", "weight", "why_not"]
COMBINED = ["method", "effect", "campaigns", "calendars", "rate_ratio", "lower", "upper"]
COMBINED += ["prediction_lower", "prediction_upper", "tau", "i_squared", "q", "q_p_value"]
COMBINED += ["coverage", "calibrated", "prediction_coverage", "prediction_calibrated", "note"]


@dataclass(frozen=True)
class Combined:
    """The mean log effect of several campaigns, and the heterogeneity between them."""

    estimate: float
    lower: float
    upper: float
    tau: float
    i_squared: float
    q: float
    q_p_value: float
    weights: np.ndarray
    predicted: tuple[float, float] | None


@dataclass(frozen=True)
class Means:
    """Random-effects means of many meta-analyses of campaigns with the same variances.

    Arrays have one value per analysis; ``weights`` has the shape (analyses, campaigns).
    """

    mean: np.ndarray
    error: np.ndarray
    tau_squared: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, effects: np.ndarray, variances: np.ndarray) -> Means:
        """From ``effects`` (analyses x campaigns) and ``variances`` (campaigns).

        The standard error is Hartung and Knapp's, never smaller than the usual one.
        """
        tau_squared = paule_mandel(effects, variances)
        weights = 1 / (variances + tau_squared[:, None])
        total = weights.sum(axis=1)
        mean = (weights * effects).sum(axis=1) / total
        spread = (weights * (effects - mean[:, None]) ** 2).sum(axis=1) / (len(variances) - 1)
        error = np.sqrt(np.maximum(1.0, spread) / total)
        return cls(mean, error, tau_squared, weights)

    def half(self) -> np.ndarray:
        """Half-width of the 95 % interval of the mean."""
        return stdtrit(self.weights.shape[1] - 1, 1 - LEVEL / 2) * self.error

    def half_predicted(self) -> np.ndarray:
        """Half-width of the 95 % prediction interval for one more campaign; needs three."""
        spread = np.sqrt(self.tau_squared + 1 / self.weights.sum(axis=1))
        return stdtrit(self.weights.shape[1] - 2, 1 - LEVEL / 2) * spread


def paule_mandel(effects: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Between-campaign variance for each row of ``effects`` (analyses x campaigns).

    The root of Paule and Mandel's equation, found by the iteration of DerSimonian and Kacker
    (2007), appendix 8; 0 if there is no positive root.
    """
    found = np.zeros(len(effects))
    moving = np.arange(len(effects))
    for _ in range(MOST_STEPS):
        weights = 1 / (variances + found[moving, None])
        mean = (weights * effects[moving]).sum(axis=1) / weights.sum(axis=1)
        squares = (effects[moving] - mean[:, None]) ** 2
        excess = (weights * squares).sum(axis=1) - (len(variances) - 1)
        found[moving[excess < 0]] = 0.0
        further = excess > SMALL_EXCESS
        moving = moving[further]
        if not len(moving):
            break
        found[moving] += excess[further] / (weights[further] ** 2 * squares[further]).sum(axis=1)
    return found


def combine(effects: np.ndarray, variances: np.ndarray) -> Combined:
    """The random-effects mean of ``effects`` (log rate ratios) with their ``variances``."""
    found = Means.of(effects[None], variances)
    mean, half = float(found.mean[0]), float(found.half()[0])
    predicted = None
    if len(effects) >= LEAST_TO_PREDICT:
        wide = float(found.half_predicted()[0])
        predicted = (mean - wide, mean + wide)
    free = len(effects) - 1
    fixed = 1 / variances
    q = float(fixed @ (effects - fixed @ effects / fixed.sum()) ** 2)
    return Combined(
        mean,
        mean - half,
        mean + half,
        float(np.sqrt(found.tau_squared[0])),
        1 - free / q if q > free else 0.0,
        q,
        float(chdtrc(free, q)),
        found.weights[0] / found.weights[0].sum(),
        predicted,
    )


def coverage(
    variances: np.ndarray, tau: float, draw: np.random.Generator
) -> tuple[float, float | None]:
    """Coverage of the two intervals in ``DRAWS`` simulated meta-analyses.

    The interval of the mean should contain the true mean; the prediction interval should contain
    the effect in a further campaign (None if there is no such interval). Effects are normal with
    the standard deviation ``tau`` between campaigns and the ``variances`` within.
    """
    spread = np.sqrt(tau**2 + variances)
    drawn = Means.of(draw.normal(0, spread, (DRAWS, len(spread))), variances)
    held = float(np.mean(np.abs(drawn.mean) <= drawn.half()))
    if len(variances) < LEAST_TO_PREDICT:
        return held, None
    wide, scale = drawn.half_predicted(), max(tau, TINY)
    inside = ndtr((drawn.mean + wide) / scale) - ndtr((drawn.mean - wide) / scale)
    return held, float(np.mean(inside))


def worst_coverage(variances: np.ndarray, found: float, seed: int) -> tuple[float, float | None]:
    """The smallest :func:`coverage` of each interval over plausible between-campaign spreads.

    These are zero, the one ``found``, and the smallest, median and largest standard error. Few
    campaigns often show no spread even if there is some, and coverage is worst if the spread is
    about as large as the standard errors.
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
    """Whether an interval with this coverage can be trusted."""
    if kept is None:
        return None
    return USABLE if kept >= band(1 - LEVEL, DRAWS)[0] else NOT_USABLE


def responses(effects: Mapping[str, pd.DataFrame], calendars: Mapping[str, str]) -> pd.DataFrame:
    """``atlas/responses.csv`` without weights: each campaign's pooled effects on all posts.

    ``effects`` are the campaigns' ``models/event_effects.csv``; ``calendars`` names the sources of
    their events.
    """
    rows = [
        (name, row.method, row.effect, row.rate_ratio, row.lower, row.upper, row.calibrated,
         calendars[name], np.nan, why_not(row))
        for name, table in effects.items()
        for row in pooled_on_all_posts(table).itertuples()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=RESPONSES)


def why_not(row: Any) -> str | None:
    """Why an estimate is not included; None if it is."""
    if row.calibrated == NOT_USABLE:
        return "calibration does not allow it"
    if row.calibrated != USABLE:
        return "not calibrated at this campaign's period and settings"
    finite = np.isfinite([row.rate_ratio, row.lower, row.upper]).all()
    return None if finite and 0 < row.lower < row.upper else "its interval has no finite width"


def meta_analysis(given: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``atlas/responses.csv`` with weights, and ``atlas/meta_analysis.csv``.

    The latter has a row for each method and effect that any campaign has, in the order in which the
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
