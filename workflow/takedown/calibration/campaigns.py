"""Series like a campaign's own, with planted truth.

A day's posts are negative binomial about a rate. The rate is the campaign's own weekday pattern and
trend, times a slow noise (a lognormal autoregression: busy days follow busy days), times the effect
of events. Its parameters are read off the real series, so that a method is tried at the length,
the sparsity, the spread and the persistence at which it is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.signal import lfilter
from scipy.special import polygamma

from takedown.models import negbin
from takedown.models.design import baseline, indicators, require_days

LARGEST_CORRELATION = 0.95
LARGEST_RATE = 1e6
LEAST_ALPHA = 0.01


@dataclass(frozen=True)
class Campaign:
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
    def like(cls, posts: pd.Series, trend_days: int) -> Campaign:
        """A campaign with the parameters of ``posts`` (daily counts, indexed by day).

        The mean is the negative binomial fit of weekday and trend. The noise is split by the
        correlations of log(1 + posts) less log(1 + mean) over one and two days: a slow part that
        decays geometrically, and the rest, of which counting alone gives 1 / (1 + mean) and the
        overdispersion the remainder. Raises :class:`TooLittleError` where nothing can be fitted.
        """
        require_days(posts, 30, "a simulated likeness")
        design = baseline(posts.index, trend_days).to_numpy()
        mean = negbin.fit(posts.to_numpy(), design, hac_days=0).mean
        noise = np.log1p(posts.to_numpy()) - np.log1p(mean)
        noise = noise - noise.mean()
        total = float(noise @ noise) / len(noise)
        one, two = (
            max(float(noise[lag:] @ noise[:-lag]) / len(noise) / total, 0.0) for lag in (1, 2)
        )
        persistence = min(two / one, LARGEST_CORRELATION) if one else 0.0
        slow = min(total * one / persistence, total) if persistence else 0.0
        rest = total - slow - float(np.mean(1 / (1 + mean)))
        return cls(
            mean=pd.Series(mean, index=posts.index),
            alpha=overdispersion(rest),
            spread=float(np.sqrt(slow)),
            persistence=persistence,
        )

    def draw(self, rng: np.random.Generator, effect: np.ndarray | float = 1.0) -> pd.Series:
        """Posts per day of one simulated campaign; ``effect`` multiplies each day's rate."""
        days = len(self.mean)
        rate = self.mean.to_numpy() * np.exp(self.slow_noise(rng, days)) * effect
        gamma = rng.gamma(1 / self.alpha, self.alpha, size=days)
        return pd.Series(rng.poisson((rate * gamma).clip(0, LARGEST_RATE)), index=self.mean.index)

    def slow_noise(self, rng: np.random.Generator, days: int) -> np.ndarray:
        """A stationary Gaussian autoregression whose exponential has the mean 1."""
        shocks = rng.normal(size=days) * self.spread
        shocks[1:] *= np.sqrt(1 - self.persistence**2)
        return lfilter([1.0], [1.0, -self.persistence], shocks) - self.spread**2 / 2


def overdispersion(variance: float) -> float:
    """The alpha whose gamma distributed rate has a log of ``variance``, trigamma(1 / alpha)."""
    least, most = LEAST_ALPHA, 20.0
    if variance <= polygamma(1, 1 / least):
        return least
    if variance >= polygamma(1, 1 / most):
        return most
    return float(brentq(lambda alpha: polygamma(1, 1 / alpha) - variance, least, most))


def event_effect(days: int, at: np.ndarray, ratio: float, span: range) -> np.ndarray:
    """Factor of each day's rate when every event multiplies it by ``ratio`` over ``span`` days."""
    return np.exp(np.log(ratio) * indicators(days, at, list(span)).sum(axis=1))
