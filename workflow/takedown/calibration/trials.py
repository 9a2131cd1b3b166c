"""The estimators as they are tried: one simulated series in, what they say of its effect out.

Each is the function of the stage models that the study itself uses, with the study's settings; the
naive one is there to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from takedown.calibration.campaigns import Campaign, event_effect
from takedown.models import event_study, interrupted, placebo
from takedown.models.design import Z95, TooLittleError, baseline, indicators, positions

EFFECT_SPAN = range(0, 7)
COLUMNS = ["estimator", "draw", "log_ratio", "lower", "upper", "p_value", "why_not"]


@dataclass(frozen=True)
class Settings:
    """The study's settings of the models, and the number of random calendars."""

    lead_days: int
    lag_days: int
    trend_days: int
    hac_days: int
    interrupted_days: int
    draws: int

    @classmethod
    def of(cls, params: Any) -> Settings:
        """From what has an attribute for each of them, as the params of a rule."""
        return cls(**{field.name: getattr(params, field.name) for field in fields(cls)})


@dataclass(frozen=True)
class Said:
    """What an estimator says: a log ratio with its interval, a p-value; NaN where it gives none."""

    log_ratio: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    p_value: float = np.nan


Finding = Mapping[str, Said]
Estimator = Callable[[pd.Series, pd.DataFrame, Settings, np.random.Generator], Finding]


def of_ratio(ratio: float, lower: float, upper: float, p_value: float = np.nan) -> Said:
    return Said(float(np.log(ratio)), float(np.log(lower)), float(np.log(upper)), p_value)


def pooled(
    posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator
) -> Finding:
    """The pooled event study, by counts and by logs."""
    offsets = range(-use.lead_days, use.lag_days + 1)
    base = baseline(posts.index, use.trend_days)
    _, effects = event_study.pooled(posts, base, events, offsets, use.hac_days)
    return {f"pooled {method}, {effect}": of_ratio(*rest) for method, effect, *rest in effects}


def single(
    posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator
) -> Finding:
    """One event alone: the one nearest to the middle of the model days."""
    base = baseline(posts.index, use.trend_days)
    date = middle_event(posts, events)
    _, effects, _ = event_study.single(posts, base, events, date, use.lead_days, use.hac_days)
    return {f"single {method}, {effect}": of_ratio(*rest) for method, effect, *rest in effects}


def level(posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator) -> Finding:
    """The level change of an interrupted time series at the middle event."""
    date = middle_event(posts, events)
    rows, _ = interrupted.segmented(posts, date, use.interrupted_days, use.hac_days)
    _, *interval = rows[0]
    return {"interrupted, level": of_ratio(*interval)}


def calendars(
    posts: pd.Series, events: pd.DataFrame, use: Settings, rng: np.random.Generator
) -> Finding:
    """Placebo calendars under both nulls; they give p-values only."""
    table, notes = placebo.placebo(
        {"all": posts}, events, draws=use.draws, trend_days=use.trend_days, rng=rng
    )
    if len(notes):
        raise TooLittleError(notes["note"].iloc[0])
    return {
        f"placebo {row.null}, {row.statistic}": Said(p_value=float(row.p_value))
        for row in table.itertuples()
    }


def naive(posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator) -> Finding:
    """Poisson regression on the days 0 to 6 after an event, as if days were independent."""
    base = baseline(posts.index, use.trend_days).to_numpy()
    after = indicators(len(posts), positions(posts.index, events["date"]), EFFECT_SPAN).sum(axis=1)
    design = np.column_stack([base, after])
    found = sm.GLM(posts.to_numpy(), design, family=sm.families.Poisson()).fit()
    value, error = found.params[-1], found.bse[-1]
    said = Said(value, value - Z95 * error, value + Z95 * error, float(found.pvalues[-1]))
    return {"naive Poisson, days_0_6": said}


#: What is planted, and the estimators that look for it.
PLANTED: Mapping[str, list[Estimator]] = {
    "every event, days 0 to 6": [pooled, single, calendars, naive],
    "middle event, from its day on": [level],
}


def middle_event(posts: pd.Series, events: pd.DataFrame) -> str:
    """The date of the event nearest to the middle of the model days."""
    middle = nearest_to_middle(positions(posts.index, events["date"]), len(posts))
    return posts.index[middle].strftime("%Y-%m-%d")


def nearest_to_middle(at: np.ndarray, days: int) -> int:
    """Of the positions ``at`` of events among ``days``, the one nearest to their middle."""
    return int(at[np.abs(at - days / 2).argmin()])


def effects(days: pd.DatetimeIndex, events: pd.DataFrame, ratio: float) -> dict[str, np.ndarray]:
    """Of each way to plant ``ratio``: the factor of every day's rate."""
    at = positions(days, events["date"])
    middle = nearest_to_middle(at, len(days))
    every, lasting = PLANTED
    return {
        every: event_effect(len(days), at, ratio, EFFECT_SPAN),
        lasting: np.where(np.arange(len(days)) >= middle, ratio, 1.0),
    }


def try_all(
    campaign: Campaign,
    events: pd.DataFrame,
    use: Settings,
    *,
    ratio: float,
    simulations: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """What every estimator says of ``simulations`` series with a planted rate ratio: a row each.

    Columns: estimator, draw (number of the series), log_ratio, lower, upper (log scale), p_value,
    why_not (why there is no answer; the estimator then goes by the name of its function).
    """
    rows: list[tuple] = []
    planted = effects(campaign.mean.index, events, ratio)
    for number in range(simulations):
        for way, estimators in PLANTED.items():
            posts = campaign.draw(rng, planted[way])
            for estimator in estimators:
                try:
                    found = estimator(posts, events, use, rng)
                except TooLittleError as why:
                    rows.append((estimator.__name__, number, *(np.nan,) * 4, str(why)))
                    continue
                rows += [
                    (name, number, said.log_ratio, said.lower, said.upper, said.p_value, None)
                    for name, said in found.items()
                ]
    return pd.DataFrame(rows, columns=COLUMNS)
