"""Series like a campaign's own, with planted truth.

A day's posts are negative binomial about a rate. The rate is the campaign's own weekday pattern and
trend, times a slow noise (a lognormal autoregression: busy days follow busy days), times the effect
of events. Its parameters are read off the real series, so that a method is tried at the length,
the sparsity, the spread and the persistence at which it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.signal import lfilter
from scipy.special import expit

from takedown.estimation import negbin
from takedown.estimation.design import baseline, indicators, require_days

LARGEST_CORRELATION = 0.95
LARGEST_RATE = 1e6
LEAST_ALPHA = 0.01
MATCHING_DRAWS, MATCHING_STEPS, MATCHING_SEED = 60, 120, 1


@dataclass(frozen=True)
class CampaignSimulator:
    """What is planted: ``mean`` posts a day, and the noise about it.

    ``alpha`` is the overdispersion of single days (variance mean + alpha * mean**2); ``spread`` the
    standard deviation of the log rate's slow noise, ``persistence`` its correlation from one day to
    the next.
    """

    mean: pd.Series
    alpha: float
    spread: float
    persistence: float

    @classmethod
    def like(cls, posts: pd.Series, trend_days: int) -> CampaignSimulator:
        """A campaign with the parameters of ``posts`` (daily counts, indexed by day).

        The mean is the negative binomial fit of weekday and trend. The noise is matched by
        simulation (Gourieroux, Monfort, Renault 1993): ``alpha``, ``spread`` and ``persistence``
        are those whose simulated series have the residual :func:`moments` of ``posts``, because a
        fitted trend takes part of a slow noise away. Raises :class:`TooLittleError` where nothing
        can be fitted.
        """
        require_days(posts, 30, "a simulated likeness")
        design = baseline(posts.index, trend_days).to_numpy()
        mean = pd.Series(negbin.fit(posts.to_numpy(), design, hac_days=0).mean, index=posts.index)
        target = moments(posts.to_numpy(), design)

        def candidate(guess: np.ndarray) -> CampaignSimulator:
            spread, persistence, alpha = np.exp(guess[0]), expit(guess[1]), np.exp(guess[2])
            return cls(mean, max(alpha, LEAST_ALPHA), spread, persistence * LARGEST_CORRELATION)

        def distance(guess: np.ndarray) -> float:
            rng = np.random.default_rng(MATCHING_SEED)  # the same noise for every guess
            like = candidate(guess)
            drawn = [moments(like.draw(rng).to_numpy(), design) for _ in range(MATCHING_DRAWS)]
            return float(np.square(np.mean(drawn, axis=0) - target).sum())

        start = np.array([0.5 * np.log(max(target[0], 1e-4)), 1.0, np.log(0.1)])
        # Counts jump, so the search begins with steps wide enough to see past them.
        simplex = start + np.vstack([np.zeros(3), np.diag([0.5, 1.5, 1.5])])
        options = {"initial_simplex": simplex, "maxfev": MATCHING_STEPS}
        found = minimize(distance, start, method="Nelder-Mead", options=options)
        return candidate(found.x)

    def draw(self, rng: np.random.Generator, effect: np.ndarray | float = 1.0) -> pd.Series:
        """Posts per day of one simulated campaign; ``effect`` multiplies each day's rate."""
        days = len(self.mean)
        rate = self.mean.to_numpy() * np.exp(self.slow_noise(rng, days)) * effect
        gamma = rng.gamma(1 / self.alpha, self.alpha, size=days)
        return pd.Series(rng.poisson((rate * gamma).clip(0, LARGEST_RATE)), index=self.mean.index)

    def flat(self) -> CampaignSimulator:
        """The same campaign without rhythm and trend: its only changes are planted."""
        return replace(self, mean=pd.Series(self.mean.mean(), index=self.mean.index))

    def slow_noise(self, rng: np.random.Generator, days: int) -> np.ndarray:
        """A stationary Gaussian autoregression whose exponential has the mean 1."""
        return self.spread * autoregression(rng, days, self.persistence) - self.spread**2 / 2


@dataclass(frozen=True)
class News:
    """A news series to simulate: log(1 + value) is an autoregression about ``centre``."""

    days: pd.DatetimeIndex
    centre: float
    spread: float
    persistence: float

    @classmethod
    def of(cls, attention: pd.DataFrame, days: pd.DatetimeIndex) -> News | None:
        """Like the first attention series that covers all ``days``; None without one."""
        best = None
        for _, table in attention.groupby("series"):
            values = table.set_index(pd.DatetimeIndex(table["date"]))["value"]
            inside = values[values.index.isin(days)]
            if len(inside) == len(days) and inside.nunique() > 1:
                best = best or cls.like(inside)
        return best

    @classmethod
    def like(cls, values: pd.Series) -> News:
        """News with the level, the spread and the persistence of ``values`` (indexed by day)."""
        logs = np.log1p(values.to_numpy(dtype=float))
        noise = logs - logs.mean()
        total = float(noise @ noise)
        persistence = float(noise[1:] @ noise[:-1]) / total if total else 0.0
        return cls(
            days=values.index,
            centre=float(logs.mean()),
            spread=float(logs.std()),
            persistence=min(max(persistence, 0.0), LARGEST_CORRELATION),
        )

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, pd.Series]:
        """The driver (mean 0, variance 1) and the news series it makes."""
        driver = autoregression(rng, len(self.days), self.persistence)
        values = np.expm1((self.centre + self.spread * driver).clip(0))
        return driver, pd.Series(values, index=self.days)


def autoregression(rng: np.random.Generator, days: int, persistence: float) -> np.ndarray:
    """A stationary Gaussian autoregression of order one, of mean 0 and variance 1."""
    shocks = rng.normal(size=days)
    shocks[1:] *= np.sqrt(1 - persistence**2)
    return lfilter([1.0], [1.0, -persistence], shocks)


def planted_mean(
    days: pd.DatetimeIndex,
    level: float,
    *,
    weekend: float = 0.6,
    trend: float = 1.0,
    bursts: Iterable[tuple[str, int, float]] = (),
    sparse: Iterable[tuple[str, str, float]] = (),
) -> pd.Series:
    """The ``mean`` of a campaign made up from scratch, in posts per day.

    ``level`` posts on a weekday at the first day, ``weekend`` times that on a Saturday or Sunday,
    ``trend`` times that on the last day. ``bursts`` (first day, days, factor) multiply, and so do
    ``sparse`` stretches (first day, last day, factor), with a small factor for years of near
    silence.
    """
    mean = pd.Series(level * np.where(days.day_of_week >= 5, weekend, 1.0), index=days)
    mean *= trend ** np.linspace(0, 1, len(days))
    for first, length, factor in bursts:
        mean[(days >= first) & (days < pd.Timestamp(first) + pd.Timedelta(days=length))] *= factor
    for first, last, factor in sparse:
        mean[(days >= first) & (days <= last)] *= factor
    return mean


def moments(posts: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Variance, and correlations over one, two and three days, of log(1 + posts) less its fit."""
    logs = np.log1p(posts)
    rest = logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]
    total = max(float(rest @ rest), 1e-12)
    return np.array([total / len(rest), *(float(rest[k:] @ rest[:-k]) / total for k in (1, 2, 3))])


def event_effect(days: int, at: np.ndarray, ratio: float, span: range) -> np.ndarray:
    """Factor of each day's rate when every event multiplies it by ``ratio`` over ``span`` days."""
    return np.exp(np.log(ratio) * indicators(days, at, list(span)).sum(axis=1))
