"""Exercises of notebook 6: can you trust the method?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from takedown.calibration.trials import naive
from takedown.estimation.design import positions
from takedown.estimation.estimand import LEVEL
from takedown.estimation.estimators import Estimator
from takedown.estimation.settings import Settings
from takedown.estimation.trial import Trial
from takedown.models.event_study import try_shifted
from takedown.notebooks.data import table
from takedown.notebooks.exercise import Answer, Part, right, wrong
from takedown.series.modelled import days_of, wide
from takedown.simulate.campaigns import CampaignSimulator, event_effect

PART = Part()
USE = Settings(lead_days=7, lag_days=14, trend_days=30, hac_days=7, interrupted_days=28)
METHODS = {"naive": naive, "shifted": try_shifted}
DAYS_0_6 = {
    "naive": Estimator("naive", "Poisson", "days_0_6"),
    "shifted": Estimator("pooled", "log1p_shift", "days_0_6"),
}
DRAWS = 100


@cache
def tried(ratio: float, seed: int) -> pd.DataFrame:
    """What both methods say about simulated Thai campaigns, as in the notebook's function."""
    posts = wide(table("thailand_092020/series/daily.csv"))["all"]
    events = table("thailand_092020/series/events.csv")
    events = events[events["place"] == "modelled"]
    days = days_of(table("thailand_092020/series/estimation_window.csv"))
    like = CampaignSimulator.like(posts[days], USE.trend_days)
    at = positions(like.mean.index, events["date"])
    effect = event_effect(len(like.mean), at, ratio, range(7))
    rng, rows = np.random.default_rng(seed), []
    for _ in range(DRAWS):
        trial = Trial(like.draw(rng, effect), events, USE, rng)
        for name, method in METHODS.items():
            found = method(trial)[DAYS_0_6[name]]
            rows.append((name, found.lower, found.upper, found.p_value))
    return pd.DataFrame(rows, columns=["method", "lower", "upper", "p_value"])


def claims(ratio: float, seed: int) -> pd.Series:
    """Share of the campaigns in which an effect is claimed, by method."""
    found = tried(ratio, seed)
    return (found["p_value"] < LEVEL).groupby(found["method"]).mean()


@PART.exercise(
    "6.1",
    "Choose the rows of the method, then compare the column `p_value` with 0.05.",
    '`(nothing[nothing["method"] == "naive"]["p_value"] < 0.05).mean()`',
)
def false_alarms_of_the_naive() -> Iterator[Answer]:
    share = claims(1, 64)
    yield right(
        float(share["naive"]),
        "It promised 5 %. Most of what this method finds, it would find in pure noise as well.",
    )
    yield wrong(float(share["shifted"]), "That is the other method.")
    yield wrong(float(share.mean()), "That is the share over both methods: choose one first.")
    yield wrong(int(share["naive"] * DRAWS), "That is the number; give the share.")


@PART.exercise("6.2", "As in 6.1, for the other method.", 'The method is called "shifted".')
def false_alarms_of_the_shifted() -> Iterator[Answer]:
    share = claims(1, 64)
    yield right(
        float(share["shifted"]),
        "Close to 5 %. With 100 campaigns, the 99 % band runs from 0 to 11 %.",
    )
    yield wrong(float(share["naive"]), "That is the naive method.")
    yield wrong(int(share["shifted"] * DRAWS), "That is the number; give the share.")
    yield wrong(LEVEL, "That is the promise. What did the simulation give?")


@PART.exercise(
    "6.3",
    "Divide the upper of the two numbers by 1,000.",
    "`scipy.stats.binom.interval(0.99, 1000, 0.05)[1] / 1000`",
)
def band_of_luck() -> Iterator[Answer]:
    lower, upper = (float(end) / 1000 for end in stats.binom.interval(0.99, 1000, LEVEL))
    yield right(upper, "From 3.3 to 6.9 %: a rate in this band is compatible with the promise.")
    yield wrong(lower, "That is the lower end.")
    yield wrong(upper * 1000, "That is a number of campaigns; divide it by 1,000.")
    yield wrong(
        float(stats.binom.interval(0.99, DRAWS, LEVEL)[1]) / DRAWS,
        "That is the band for 100 campaigns, which is wider.",
    )
    yield wrong(float(stats.binom.interval(0.95, 1000, LEVEL)[1]) / 1000, "That is the 95 % band.")


def covered(method: str, truth: float) -> float:
    """Share of a method's intervals that hold ``truth``, where events double posting."""
    own = tried(2, 62).query("method == @method")
    return float(((own["lower"] <= truth) & (truth <= own["upper"])).mean())


@PART.exercise(
    "6.4",
    "The interval contains the truth if `lower <= np.log(2)` and `np.log(2) <= upper`.",
    "Choose the rows of the method `naive` first, then take the mean of both conditions with `&`.",
)
def coverage_of_the_naive() -> Iterator[Answer]:
    yield right(
        covered("naive", float(np.log(2))),
        "It promised 95 %. The interval is far too narrow: precise, and wrong.",
    )
    yield wrong(covered("shifted", float(np.log(2))), "That is the other method's.")
    yield wrong(
        covered("naive", 2.0),
        "The columns are logarithms, and there is an effect: compare with np.log(2), not with 2 "
        "or 0.",
    )


@PART.exercise(
    "6.5",
    'Choose the rows of `doubled` whose method is "shifted".',
    '`(doubled[doubled["method"] == "shifted"]["p_value"] < 0.05).mean()`',
)
def power_of_the_shifted() -> Iterator[Answer]:
    found, null = claims(2, 62), claims(1, 64)
    yield right(
        float(found["shifted"]),
        "If every event doubled posting for a week, this is how often it would be noticed. Smaller "
        "effects are noticed less often: finding nothing does not prove that nothing is there.",
    )
    yield wrong(float(1 - found["shifted"]), "That is how often the effect is overlooked.")
    yield wrong(
        float(found["naive"]),
        "That is the naive method. One that cries wolf in most campaigns without an effect has no "
        "power worth the name.",
    )
    yield wrong(float(null["shifted"]), "These are its false alarms; take the campaigns `doubled`.")


@PART.exercise("6.6", "Compare the four pictures: where is the naive method near 5 %?")
def what_else_breaks_it() -> Iterator[Answer]:
    yield right(
        "b",
        "Only when both are removed is it near its promised 5 %. Real campaigns have both.",
    )
    yield wrong("a", "Both methods have the same trend in their baseline.")
    yield wrong("c", "The other method has the same twelve events, and keeps its promise.")
