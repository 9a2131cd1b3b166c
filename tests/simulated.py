"""Simulated daily series, calendars, and input that a model may not be able to use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import statsmodels.api as sm

STUDY = {"lead_days": 7, "lag_days": 14, "trend_days": 30, "hac_days": 7}
SIDES = {"side_days": 28, "hac_days": 7}


def series(days: int = 150, mean: float = 60, alpha: float = 0.3, seed: int = 3) -> pd.Series:
    """Negative binomial counts, fewer of them on weekends."""
    rng = np.random.default_rng(seed)
    index = pd.date_range("2019-06-01", periods=days)
    level = mean * np.where(index.day_of_week < 5, 1.2, 0.5)
    return pd.Series(rng.negative_binomial(1 / alpha, 1 / (1 + alpha * level)), index=index)


def calm(days: int = 150, seed: int = 3) -> pd.Series:
    """A series with so little noise that an effect can be read off it."""
    return series(days, mean=3000, alpha=0.001, seed=seed)


def correlated(days: int, correlation: float, seed: int) -> pd.Series:
    """Counts around a constant level whose log noise is correlated from day to day."""
    rng = np.random.default_rng(seed)
    noise = np.zeros(days)
    for day in range(1, days):
        noise[day] = correlation * noise[day - 1] + rng.normal(0, 0.6 * (1 - correlation**2) ** 0.5)
    index = pd.date_range("2019-06-01", periods=days)
    return pd.Series(rng.poisson(80 * np.exp(noise)), index=index)


def planted(posts: pd.Series, at: Sequence[int], ratio: float, days: int = 7) -> pd.Series:
    """``posts`` times ``ratio`` on the first ``days`` days of every event."""
    factor = np.ones(len(posts))
    for place in at:
        factor[place : place + days] *= ratio
    return (posts * factor).round().astype(int)


def calendar(posts: pd.Series, at: Sequence[int]) -> pd.DataFrame:
    """Events named E<position>, on the days at these positions of the series."""
    days = [posts.index[place].strftime("%Y-%m-%d") for place in at]
    return pd.DataFrame({"event": [f"E{place}" for place in at], "date": days})


def generator(name: str) -> np.random.Generator:
    return np.random.default_rng([4, *name.encode()])


def where(
    posts: pd.Series, at: Sequence[int], value: int, elsewhere: int | None = None
) -> pd.Series:
    """``posts`` with ``value`` on the days ``at``, and ``elsewhere`` on all others."""
    changed = posts.copy() if elsewhere is None else posts * 0 + elsewhere
    changed.iloc[list(at)] = value
    return changed


EVENTS = [20, 35, 50, 65]
WEEKS = [place + day for place in EVENTS for day in range(7)]
PLAIN = series(90)
#: Input that is hard or impossible to use: posts, and places of the events.
BAD: dict[str, tuple[pd.Series, list[int]]] = {
    "no post at all": (PLAIN * 0, EVENTS),
    "posts on one day": (where(PLAIN, [40], 9, 0), EVENTS),
    "posts on one day, the event's": (where(PLAIN, [40], 9, 0), [40]),
    "as many posts every day": (PLAIN * 0 + 5, EVENTS),
    "fewer days than parameters": (series(20), [5, 10, 15]),
    "just enough days": (series(44), [15, 21, 28]),
    "events on the first and last day": (PLAIN, [0, 45, 89]),
    "events on the last days only": (PLAIN, [87, 88, 89]),
    "all events on one day": (PLAIN, [45, 45, 45]),
    "every event twice": (PLAIN, [20, 20, 45, 45, 65, 65]),
    "two adjacent events": (PLAIN, [44, 45]),
    "an extreme day at one event": (where(PLAIN, [35], 10**9), EVENTS),
    "extreme days at all events": (where(PLAIN, EVENTS, 10**6), EVENTS),
    "no post on any event's day": (where(PLAIN, EVENTS, 0), EVENTS),
    "no post in any event's week": (where(PLAIN, WEEKS, 0), EVENTS),
    "posts on events' days only": (where(PLAIN, EVENTS, 50, 0), EVENTS),
    "posts in events' weeks only": (where(PLAIN, WEEKS, 50, 0), EVENTS),
    "never a post on Sundays": (PLAIN.where(PLAIN.index.day_of_week != 6, 0), EVENTS),
    "an event on every fourth day": (PLAIN, list(range(0, 90, 4))),
    "no event": (PLAIN, []),
}


def whole(table: pd.DataFrame, *may_be_empty: str) -> bool:
    """Whether all cells are filled and all numbers finite; ``may_be_empty`` names exceptions."""
    numbers = table.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan)
    return bool(table.drop(columns=list(may_be_empty)).notna().all(axis=None)) and not bool(
        np.isinf(numbers).any()
    )


def explained(table: pd.DataFrame, notes: pd.DataFrame, event: str, methods: Sequence[str]) -> bool:
    """Whether each of the ``methods`` has rows on the event, or a note says why not."""
    noted = notes["event"].isna() | (notes["event"] == event)
    assert notes["note"].str.len().gt(10).all()
    return set(methods) <= set(table["method"][table["event"] == event]) or bool(noted.any())


def column(days: int, at: list[int], span: range) -> np.ndarray:
    """Number of events that each day follows by an offset in ``span``."""
    return np.array([sum(day - place in span for place in at) for day in range(days)], dtype=float)


def working_correlation(logs: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Working correlation of days, from the residuals of the baseline alone."""
    rest = sm.OLS(logs, base).fit().resid
    share = min(max((rest[1:] * rest[:-1]).sum() / (rest**2).sum(), 0), 0.9)
    day = np.arange(len(logs))
    return share ** np.abs(np.subtract.outer(day, day))
