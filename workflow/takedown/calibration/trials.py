"""The estimators as they are tried: one simulated series in, what they say of its effect out.

Each is the function of the stage models that the study itself uses, with the study's settings; the
naive one is there to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import statsmodels.api as sm

from takedown.estimation.design import TooLittleError, baseline, indicators, positions
from takedown.estimation.effects import admissible
from takedown.estimation.estimand import SPANS
from takedown.estimation.inference import Z95
from takedown.estimation.randomisation import gap_weights
from takedown.estimation.settings import Settings
from takedown.models import change_points, event_study, interrupted, lead_lag, placebo
from takedown.simulate.campaigns import Campaign, News, event_effect

EFFECT_SPAN = SPANS["days_0_6"]
NEWS_LAG = 2
#: Fewer than the study draws: the share of false positives needs no fine p-values.
DRAWS, BOOTSTRAP = 999, 99
COLUMNS = ["estimator", "draw", "estimate", "lower", "upper", "p_value", "why_not"]


@dataclass(frozen=True)
class Said:
    """What an estimator says: an estimate with its interval, a p-value; NaN where it gives none.

    The estimate is a log rate ratio; of a change point, the days from the planted date; of lead and
    lag, the days by which posts follow the news.
    """

    estimate: float = np.nan
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
    """The pooled event study, by counts and by logs, with Newey-West intervals."""
    offsets = range(-use.lead_days, use.lag_days + 1)
    base = baseline(posts.index, use.trend_days)
    path, effects = event_study.pooled(posts, base, events, offsets, use.hac_days)
    return of_study("pooled", path, effects)


def shifted(
    posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator
) -> Finding:
    """The same by logs, with intervals by shifts of the calendar."""
    offsets = range(-use.lead_days, use.lag_days + 1)
    base = baseline(posts.index, use.trend_days)
    return of_study("pooled", *event_study.shifted(posts, base, events, offsets))


def counted(
    posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator
) -> Finding:
    """The same by counts, with intervals by shifts of the calendar."""
    base = baseline(posts.index, use.trend_days)
    return of_study("pooled", *event_study.counted(posts, base, events, ()))


def of_study(kind: str, path: list[tuple], effects: list[tuple]) -> dict[str, Said]:
    """The effects of an event study, and day 0 of its path."""
    found = {f"{kind} {method}, {effect}": of_ratio(*rest) for method, effect, *rest in effects}
    return found | {
        f"{kind} {method}, path": of_ratio(*rest[:3]) for method, day, *rest in path if day == 0
    }


def single(
    posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator
) -> Finding:
    """One event alone, the one nearest to the middle of the model days, by prediction."""
    base = baseline(posts.index, use.trend_days)
    date = middle_event(posts, events)
    path, effects, _warning = event_study.single(
        posts, base, events, date, use.lead_days, use.hac_days
    )
    return of_study("single", path, effects)


def dated(posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator) -> Finding:
    """One event alone against other dates."""
    base = baseline(posts.index, use.trend_days)
    dates = admissible(len(posts))
    weights = gap_weights(base.to_numpy(), dates, event_study.HOLE)
    date = middle_event(posts, events)
    return of_study("single", *event_study.dated(posts, base, date, dates, weights))


def level(posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator) -> Finding:
    """The changes of an interrupted time series at the middle event, by Newey-West."""
    date = middle_event(posts, events)
    rows, _path = interrupted.segmented(posts, date, use.interrupted_days, use.hac_days)
    return of_terms("negbin_hac", rows[: len(interrupted.CHANGES)])


def level_dated(
    posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator
) -> Finding:
    """The same against other dates."""
    date = middle_event(posts, events)
    return of_terms("log1p_dates", interrupted.dated(posts, date, use.interrupted_days))


def of_terms(method: str, rows: list[tuple]) -> dict[str, Said]:
    """The level and the slope of an interrupted time series; only a level is ever planted."""
    found = {}
    for term, estimate, lower, upper, p_value, _reason in rows:
        said = Said(p_value=p_value)
        if term == "level":
            said = of_ratio(estimate, lower, upper, p_value)
        found[f"interrupted {method}, {term}"] = said
    return found


def calendars(
    posts: pd.Series, events: pd.DataFrame, use: Settings, rng: np.random.Generator
) -> Finding:
    """Placebo calendars under both nulls; they give p-values only."""
    table, notes = placebo.placebo(
        {"all": posts}, events, draws=DRAWS, trend_days=use.trend_days, rng=rng
    )
    if table.empty:
        raise TooLittleError(notes["note"].iloc[0])
    middle = events["event"][events["date"] == middle_event(posts, events)].iloc[0]
    kinds = {"pooled": "pooled", middle: "single"}
    return {
        f"{kinds[row.event]} placebo {row.null}, {row.statistic}": Said(p_value=float(row.p_value))
        for row in table[table["event"].isin(kinds)].itertuples()
    }


def naive(posts: pd.Series, events: pd.DataFrame, use: Settings, _: np.random.Generator) -> Finding:
    """Poisson regression on the days 0 to 6 after an event, as if days were independent."""
    base = baseline(posts.index, use.trend_days).to_numpy()
    after = indicators(len(posts), positions(posts.index, events["date"]), EFFECT_SPAN).sum(axis=1)
    design = np.column_stack([base, after])
    try:
        found = sm.GLM(posts.to_numpy(), design, family=sm.families.Poisson()).fit()
    except ValueError as why:
        raise TooLittleError(f"the Poisson fit broke down ({why})") from why
    value, error = found.params[-1], found.bse[-1]
    said = Said(value, value - Z95 * error, value + Z95 * error, float(found.pvalues[-1]))
    return {"naive Poisson, days_0_6": said}


def changes(
    posts: pd.Series, events: pd.DataFrame, use: Settings, rng: np.random.Generator
) -> Finding:
    """Days from the middle event to the nearest change point; none where none is found."""
    planted = posts.index.get_loc(middle_event(posts, events))
    table = change_points.of_series(posts, BOOTSTRAP, rng)
    if table.empty:
        return {"change points": Said()}
    days = {
        name: posts.index.get_indexer(pd.DatetimeIndex(table[name])) - planted
        for name in ("date", "lower", "upper")
    }
    nearest = int(np.abs(days["date"]).argmin())
    return {"change points": Said(*(float(days[name][nearest]) for name in days))}


#: What is planted, and the estimators that look for it.
PLANTED: Mapping[str, list[Estimator]] = {
    "every event, days 0 to 6": [pooled, shifted, counted, single, dated, calendars, naive],
    "middle event, from its day on": [level, level_dated],
    "middle event, from its day on, level before and after": [changes],
}


def middle_event(posts: pd.Series, events: pd.DataFrame) -> str:
    """The date of the event nearest to the middle of the model days."""
    middle = nearest_to_middle(positions(posts.index, events["date"]), len(posts))
    return posts.index[middle].strftime("%Y-%m-%d")


def nearest_to_middle(at: np.ndarray, days: int) -> int:
    """Of the positions ``at`` of events among ``days``, the one nearest to their middle."""
    return int(at[np.abs(at - days / 2).argmin()])


def designs(
    campaign: Campaign, events: pd.DataFrame, ratio: float
) -> dict[str, tuple[Campaign, np.ndarray]]:
    """Of each way to plant ``ratio``: the campaign, and the factor of every day's rate."""
    days = campaign.mean.index
    at = positions(days, events["date"])
    every, lasting, flat = PLANTED
    lasts = np.where(np.arange(len(days)) >= nearest_to_middle(at, len(days)), ratio, 1.0)
    return {
        every: (campaign, event_effect(len(days), at, ratio, EFFECT_SPAN)),
        lasting: (campaign, lasts),
        flat: (campaign.flat(), lasts),
    }


def try_all(
    campaign: Campaign,
    events: pd.DataFrame,
    use: Settings,
    *,
    ratio: float,
    simulations: int,
    rng: np.random.Generator,
    news: News | None = None,
) -> pd.DataFrame:
    """What every estimator says of ``simulations`` series with a planted rate ratio: a row each.

    With ``news``, lead and lag are tried too. Columns: estimator, draw (number of the series),
    estimate, lower, upper, p_value, why_not (why there is no answer; the estimator then goes by the
    name of its function).
    """
    rows: list[tuple] = []
    planted = designs(campaign, events, ratio)
    for number in range(simulations):
        # What one way or estimator draws must not move the series of another.
        *streams, last = rng.spawn(2 * len(PLANTED) + 1)
        for (way, estimators), drawn, own in zip(
            PLANTED.items(), streams[::2], streams[1::2], strict=True
        ):
            drawn_from, effect = planted[way]
            posts = drawn_from.draw(drawn, effect)
            for estimator in estimators:
                attempt = partial(estimator, posts, events, use, own)
                rows += answers(estimator.__name__, number, attempt)
        if news is not None:
            attempt = partial(related, campaign, news, ratio, number, last)
            rows += answers("lead_lag", number, attempt)
    return pd.DataFrame(rows, columns=COLUMNS)


def answers(name: str, number: int, attempt: Callable[[], Finding]) -> Iterator[tuple]:
    """The rows of one estimator on one series."""
    try:
        found = attempt()
    except TooLittleError as why:
        yield (name, number, *(np.nan,) * 4, str(why))
        return
    for estimator, said in found.items():
        yield (estimator, number, said.estimate, said.lower, said.upper, said.p_value, None)


def related(
    campaign: Campaign, news: News, ratio: float, number: int, rng: np.random.Generator
) -> Finding:
    """Lead and lag on a news series that posts follow, in odd draws lead, by two days.

    One standard deviation of the news multiplies the rate by ``ratio``; at 1 they are unrelated.
    """
    leads = number % 2 == 1
    driver, values = news.draw(rng)
    moved = np.roll(driver, -NEWS_LAG if leads else NEWS_LAG)
    posts = campaign.draw(rng, ratio**moved)
    pair = lead_lag.Pair.of(posts, values)
    true = "granger_posts_to_news" if leads else "granger_news_to_posts"
    # Counted from the truth: 0 where the lag was found.
    truth = -NEWS_LAG if leads else NEWS_LAG
    return {
        f"lead_lag {name}": Said(lag - truth if name == "peak_lag" else np.nan, p_value=p_value)
        for name, lag, _statistic, p_value in lead_lag.results(pair)
        if name == "peak_lag" or name.startswith(true if ratio != 1 else "granger")
    }
