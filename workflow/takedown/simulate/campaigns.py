"""Simulated daily series that resemble a real campaign, with a planted, known effect.

Posts per day are negative binomial around a rate. The rate is the campaign's own weekday pattern
and trend, times slow noise (a lognormal autoregression: busy days follow busy days), times the
effect of events. The parameters are estimated from the real series, so that a method is tested at
the length, sparsity, dispersion and persistence of the series that it is used on.
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
    """A simulated campaign: ``mean`` posts per day, and the noise around that mean.

    ``alpha`` is the overdispersion of single days (variance mean + alpha * mean**2); ``spread`` is
    the standard deviation of the slow noise in the log rate, and ``persistence`` its correlation
    from one day to the next.
    """

    mean: pd.Series
    alpha: float
    spread: float
    persistence: float

    @classmethod
    def like(cls, posts: pd.Series, trend_days: int) -> CampaignSimulator:
        """A campaign with the parameters of ``posts`` (daily counts, indexed by day).

        The mean is the negative binomial fit of weekday and trend. Because a fitted trend absorbs
        part of the slow noise, the noise parameters are matched by simulation (Gourieroux, Monfort,
        Renault 1993): ``alpha``, ``spread`` and ``persistence`` are those for which simulated
        series have the same residual :func:`moments` as ``posts``. Raises :class:`TooLittleError`
        if nothing can be fitted.
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
        # Simulated counts make the distance jumpy, so the first steps must be wide.
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
        """The same campaign without weekday pattern and trend: all its changes are planted."""
        return replace(self, mean=pd.Series(self.mean.mean(), index=self.mean.index))

    def slow_noise(self, rng: np.random.Generator, days: int) -> np.ndarray:
        """A stationary Gaussian autoregression whose exponential has the mean 1."""
        return self.spread * autoregression(rng, days, self.persistence) - self.spread**2 / 2


@dataclass(frozen=True)
class News:
    """A simulated news series: log(1 + value) is an autoregression around ``centre``."""

    days: pd.DatetimeIndex
    centre: float
    spread: float
    persistence: float

    @classmethod
    def of(cls, attention: pd.DataFrame, days: pd.DatetimeIndex) -> News | None:
        """Modelled on the first attention series to cover all ``days``; None if there is none."""
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
        """Draw the driver (mean 0, variance 1) and the news series that it generates."""
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
    """The ``mean`` of a fictitious campaign, in posts per day.

    It is ``level`` on a weekday at the start, ``weekend`` times that on Saturdays and Sundays, and
    ``trend`` times that on the last day. ``bursts`` (first day, days, factor) multiply it, and so
    do ``sparse`` stretches (first day, last day, factor), where a small factor gives years of near
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
    """Variance and lag-1 to lag-3 autocorrelation of the residuals of log(1 + posts)."""
    logs = np.log1p(posts)
    rest = logs - design @ np.linalg.lstsq(design, logs, rcond=None)[0]
    total = max(float(rest @ rest), 1e-12)
    return np.array([total / len(rest), *(float(rest[k:] @ rest[:-k]) / total for k in (1, 2, 3))])


def event_effect(days: int, at: np.ndarray, ratio: float, span: range) -> np.ndarray:
    """Factor of each day's rate when every event multiplies it by ``ratio`` over ``span`` days."""
    return np.exp(np.log(ratio) * indicators(days, at, list(span)).sum(axis=1))
