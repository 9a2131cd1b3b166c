"""Trials: run every estimator on simulated series and collect its estimates.

The estimators are the ``TRIALS`` functions of the models, with the study's settings. The naive one
is included because it is expected to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module

import numpy as np
import pandas as pd
import statsmodels.api as sm

from takedown.estimation.design import TooLittleError, indicators, positions
from takedown.estimation.estimand import SPANS
from takedown.estimation.estimators import Estimate, Estimator
from takedown.estimation.inference import Z95
from takedown.estimation.settings import Settings
from takedown.estimation.trial import Trial, nearest_to_middle
from takedown.models import lead_lag
from takedown.models.registry import EVERY_EVENT, FLAT, LASTING, MODELS
from takedown.simulate.campaigns import CampaignSimulator, News, event_effect

EFFECT_SPAN = SPANS["days_0_6"]
NEWS_LAG = 2
COLUMNS = ["estimator", "draw", "estimate", "lower", "upper", "p_value", "why_not"]

Answers = Mapping[Estimator, Estimate]


def naive(trial: Trial) -> Answers:
    """Poisson regression on the days 0 to 6 after an event, as if days were independent."""
    days = trial.posts.index
    at = positions(days, trial.events["date"])
    after = indicators(len(days), at, EFFECT_SPAN).sum(axis=1)
    design = np.column_stack([trial.base.to_numpy(), after])
    try:
        found = sm.GLM(trial.posts.to_numpy(), design, family=sm.families.Poisson()).fit()
    except ValueError as why:
        raise TooLittleError(f"the Poisson fit broke down ({why})") from why
    value, error = found.params[-1], found.bse[-1]
    estimate = Estimate(value, value - Z95 * error, value + Z95 * error, float(found.pvalues[-1]))
    return {Estimator("naive", "Poisson", "days_0_6"): estimate}


def tried(way: str) -> list[Callable[[Trial], Answers]]:
    """The functions to run on series with an effect that is planted in this ``way``."""
    own = [
        attempt
        for model in MODELS
        if model.planted == way
        for attempt in import_module(model.module).TRIALS
    ]
    return [*own, naive] if way == EVERY_EVENT else own


def designs(
    campaign: CampaignSimulator, events: pd.DataFrame, ratio: float
) -> dict[str, tuple[CampaignSimulator, np.ndarray]]:
    """For each way to plant ``ratio``: the campaign, and the factor on each day's rate."""
    days = campaign.mean.index
    at = positions(days, events["date"])
    lasts = np.where(np.arange(len(days)) >= nearest_to_middle(at, len(days)), ratio, 1.0)
    return {
        EVERY_EVENT: (campaign, event_effect(len(days), at, ratio, EFFECT_SPAN)),
        LASTING: (campaign, lasts),
        FLAT: (campaign.flat(), lasts),
    }


def try_all(
    campaign: CampaignSimulator,
    events: pd.DataFrame,
    use: Settings,
    *,
    ratio: float,
    simulations: int,
    rng: np.random.Generator,
    news: News | None = None,
) -> pd.DataFrame:
    """Estimates of every estimator on ``simulations`` series with a planted rate ratio, as rows.

    If ``news`` is given, lead and lag are tested too. Columns: estimator, draw (number of the
    series), estimate, lower, upper, p_value, why_not (why there is no estimate; the estimator is
    then named after its function).
    """
    rows: list[tuple] = []
    planted = designs(campaign, events, ratio)
    for number in range(simulations):
        # Separate streams: what one way or estimator draws must not change another's series.
        *streams, last = rng.spawn(2 * len(planted) + 1)
        for (way, (drawn_from, effect)), drawn, own in zip(
            planted.items(), streams[::2], streams[1::2], strict=True
        ):
            trial = Trial(drawn_from.draw(drawn, effect), events, use, own)
            for attempt in tried(way):
                name = attempt.__name__.removeprefix("try_")
                rows += answers(name, number, partial(attempt, trial))
        if news is not None:
            attempt = partial(related, campaign, news, ratio, number, last)
            rows += answers("lead_lag", number, attempt)
    return pd.DataFrame(rows, columns=COLUMNS)


def answers(name: str, number: int, attempt: Callable[[], Answers]) -> Iterator[tuple]:
    """The rows of one estimator on one series."""
    try:
        found = attempt()
    except TooLittleError as why:
        yield (name, number, *(np.nan,) * 4, str(why))
        return
    for estimator, estimate in found.items():
        yield (str(estimator), number, *estimate, None)


def related(
    campaign: CampaignSimulator, news: News, ratio: float, number: int, rng: np.random.Generator
) -> Answers:
    """Lead and lag on a news series that posts follow (even draws) or lead (odd) by two days.

    One standard deviation of the news multiplies the rate by ``ratio``; at 1 they are unrelated.
    """
    leads = number % 2 == 1
    driver, values = news.draw(rng)
    moved = np.roll(driver, -NEWS_LAG if leads else NEWS_LAG)
    posts = campaign.draw(rng, ratio**moved)
    pair = lead_lag.Pair.of(posts, values)
    true = "granger_posts_to_news" if leads else "granger_news_to_posts"
    # Relative to the planted lag: 0 if that lag was found.
    truth = -NEWS_LAG if leads else NEWS_LAG
    return {
        Estimator("lead_lag", name): Estimate(
            lag - truth if name == "peak_lag" else np.nan, p_value=p_value
        )
        for name, lag, _statistic, p_value in lead_lag.results(pair)
        if name == "peak_lag" or name.startswith(true if ratio != 1 else "granger")
    }
