"""Lead and lag: does posting follow a news series, lead it, or neither?

Both series are log(1 + value) minus weekday means, and both are differenced if either is
integrated. The cross-correlation is prewhitened: both series are filtered by the autoregression of
the news (Box, Jenkins, Reinsel 2008, ch. 12), because two autocorrelated series correlate even if
they are unrelated. Granger causality is tested in both directions in a vector autoregression; if a
series is integrated, in levels and with one lag more than is tested (Toda and Yamamoto 1995). With
a few months of data its F test has too many false positives, so its rank among all circular shifts
of the news is reported as well.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.special import fdtrc
from statsmodels.tsa.ar_model import AutoReg, ar_select_order
from statsmodels.tsa.stattools import adfuller, kpss
from statsmodels.tsa.tsatools import lagmat
from statsmodels.tsa.vector_ar.util import varsim
from statsmodels.tsa.vector_ar.var_model import VAR, VARResults

from takedown.estimation.data import Data, Streams
from takedown.estimation.design import Notes, TooLittleError, require_days
from takedown.estimation.estimand import LEVEL
from takedown.estimation.estimators import Estimator
from takedown.estimation.inference import Z95, exceedance
from takedown.estimation.settings import Settings

COLUMNS = ["series", "attention", "test", "lag", "statistic", "p_value", "differenced"]
COLUMNS += ["days"]
PATHS = ["series", "attention", "path", "lag", "value", "lower", "upper"]
LEAST_DAYS = 45
MOST_LAGS = 7
HORIZON = 14
#: Burn-in days at the start of each simulated series.
BURN = 100
LEAST_STEPS = 10
SMALLEST_SPREAD = 1e-9
LARGEST_CORRELATION = 1 - 1e-9
TESTS = ("granger_news_to_posts", "granger_posts_to_news")
ESTIMATORS = {
    *(Estimator("lead_lag", f"{test}{ending}") for test in TESTS for ending in ("", "_shift")),
    Estimator("lead_lag", "peak_lag"),
}


class LeadLag(NamedTuple):
    """``models/lead_lag.csv``, ``lead_lag_paths.csv`` and notes."""

    lead_lag: pd.DataFrame
    paths: pd.DataFrame
    notes: pd.DataFrame


def fit(data: Data, _: Settings, streams: Streams, *, bootstrap: int) -> LeadLag:
    """Lead and lag of a campaign against every news series."""
    return lead_lag(
        data.series,
        data.attention,
        bootstrap=bootstrap,
        generator=lambda name: streams(f"lead_lag {name}"),
    )


def estimators(table: pd.DataFrame) -> list[Estimator | None]:
    """The estimator of each row; None for tests of assumptions, which are not estimates."""
    names = (Estimator("lead_lag", test) for test in table["test"])
    return [name if name in ESTIMATORS else None for name in names]


def lead_lag(
    series: Mapping[str, pd.Series],
    attention: pd.DataFrame,
    *,
    bootstrap: int,
    generator: Callable[[str], np.random.Generator],
) -> LeadLag:
    """Tests of the relation between posts and news, their correlations and impulse responses.

    ``attention`` has the columns date, series, value. Every news series is compared with every
    series of posts on the days they share. ``generator`` returns a separate random generator for
    each pair.
    """
    notes = Notes("lead_lag")
    rows: list[tuple] = []
    paths: list[tuple] = []
    if attention.empty:
        for name in series:
            notes.add(name, "no attention series in the study window")
    for news, values in attention.groupby("series", sort=False):
        own = values.set_index(pd.DatetimeIndex(values["date"]))["value"]
        for name, posts in series.items():
            try:
                pair = Pair.of(posts, own)
                found = results(pair)
                drawn = responses(pair, bootstrap, generator(f"{name} {news}"))
            except (TooLittleError, np.linalg.LinAlgError) as why:
                notes.add(name, f"{news}: {why}")
                continue
            rows += [(name, news, *row, pair.integrated, len(pair.posts)) for row in found]
            paths += [(name, news, *row) for row in [*correlations(pair), *drawn]]
    return LeadLag(
        pd.DataFrame(rows, columns=COLUMNS),
        pd.DataFrame(paths, columns=PATHS),
        notes.table(),
    )


class Result(NamedTuple):
    """A test statistic and its p-value, with the number of lags used or the lag it refers to."""

    lag: int
    statistic: float
    p_value: float


@dataclass(frozen=True)
class Pair:
    """Posts and news on the days they share: adjusted logs, and whether either is integrated."""

    posts: np.ndarray
    news: np.ndarray
    premises: Mapping[str, Result]
    integrated: bool

    @classmethod
    def of(cls, posts: pd.Series, news: pd.Series) -> Pair:
        """Raises :class:`TooLittleError` when the pair cannot be compared; the message says why."""
        news = shared(news, posts.index)
        posts = posts.loc[news.index]
        require_days(posts, LEAST_DAYS, "lead and lag")
        adjusted = {"posts": adjust(posts), "news": adjust(news)}
        for name, values in adjusted.items():
            if values.std() < SMALLEST_SPREAD:
                raise TooLittleError(f"the {name} depend on the weekday alone")
        if abs(np.corrcoef(*adjusted.values())[0, 1]) > LARGEST_CORRELATION:
            raise TooLittleError("is the series of posts itself, or a multiple of it")
        premises = {
            f"{test}_{name}": found
            for name, values in adjusted.items()
            for test, found in stationarity(values).items()
        }
        integrated = any(
            premises[f"adf_{name}"].p_value > LEVEL > premises[f"kpss_{name}"].p_value
            for name in adjusted
        )
        return cls(adjusted["posts"], adjusted["news"], premises, integrated)

    def stationary(self) -> tuple[np.ndarray, np.ndarray]:
        """Posts and news, both differenced where either is integrated."""
        if self.integrated:
            return np.diff(self.posts), np.diff(self.news)
        return self.posts, self.news


def shared(news: pd.Series, days: pd.DatetimeIndex) -> pd.Series:
    """``news`` on the model days it covers.

    Raises :class:`TooLittleError` if it is too short, has gaps, is constant, or is a running total.
    """
    inside = news[news.index.isin(days)].sort_index()
    if len(inside) < LEAST_DAYS:
        raise TooLittleError(
            f"covers {len(inside)} of the model days, lead and lag needs {LEAST_DAYS}"
        )
    missing = pd.date_range(inside.index[0], inside.index[-1]).difference(inside.index)
    if len(missing):
        raise TooLittleError(
            f"has gaps: no value on {len(missing)} days, the first {missing[0].date()}; fill them "
            "in its file, with 0 only where that is known"
        )
    if inside.index.has_duplicates:
        again = inside.index[inside.index.duplicated()][0].date()
        raise TooLittleError(
            f"has two values on {again}: give the series of each file its own name"
        )
    if (inside < 0).any():
        raise TooLittleError("has values below 0, whose logarithm is not taken: give counts")
    if inside.nunique() == 1:
        raise TooLittleError(f"is constant at {inside.iloc[0]:g}")
    steps = np.diff(inside)
    if (steps >= 0).all() and (steps > 0).sum() >= LEAST_STEPS:
        raise TooLittleError(
            "never falls, as a running total does: give the daily increase (its differences)"
        )
    return inside


def adjust(values: pd.Series) -> np.ndarray:
    """log(1 + value) minus its weekday mean."""
    logs = pd.Series(np.log1p(values.to_numpy(dtype=float)))
    return (logs - logs.groupby(values.index.day_of_week).transform("mean")).to_numpy()


def stationarity(values: np.ndarray) -> dict[str, Result]:
    """Tests of a unit root (augmented Dickey-Fuller) and of stationarity (KPSS)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # KPSS warns if p is outside its table: 0.01 or 0.1
        found = {
            "adf": adfuller(values, maxlag=MOST_LAGS, autolag="AIC"),
            "kpss": kpss(values, nlags="auto"),
        }
    return {
        name: Result(int(lags), float(statistic), float(p_value))
        for name, (statistic, p_value, lags, *_) in found.items()
    }


def results(pair: Pair) -> list[tuple]:
    """Rows test, lag, statistic, p_value: tests of the assumptions, then of the relation."""
    lags = var_lags(pair)
    rows: list[tuple] = [(name, *test) for name, test in pair.premises.items()]
    extra = int(pair.integrated)
    for name, effect, cause in (
        ("granger_news_to_posts", pair.posts, pair.news),
        ("granger_posts_to_news", pair.news, pair.posts),
    ):
        value, p_value, p_shift = granger(effect, cause, lags, extra)
        rows.append((name, lags, value, p_value))
        rows.append((f"{name}_shift", lags, value, p_shift))
    rows.append(("peak_lag", *peak(pair)))
    return rows


def var_lags(pair: Pair) -> int:
    """Lags of the vector autoregression, 1 to 7, chosen by Akaike's criterion."""
    table = np.column_stack(pair.stationary())
    return max(1, int(VAR(table).select_order(MOST_LAGS).aic))


def granger(
    effect: np.ndarray, cause: np.ndarray, lags: int, extra: int
) -> tuple[float, float, float]:
    """F statistic of ``lags`` lags of ``cause`` given those of ``effect``, and two p-values.

    The first p-value is from the F distribution. The second is the rank of F among its values when
    ``cause`` is circularly shifted by every other number of days, which preserves the
    autocorrelation of each series. The regression includes ``extra`` more lags of both series than
    are tested.
    """
    total = lags + extra
    own = np.column_stack([np.ones(len(effect) - total), lagmat(effect, total, trim="both")])
    target = effect[total:]
    values = []
    for move in range(len(cause)):
        other = lagmat(np.roll(cause, move), total, trim="both")
        less = residual_sum(target, np.column_stack([own, other[:, lags:]]))
        full = residual_sum(target, np.column_stack([own, other]))
        free = len(target) - own.shape[1] - total
        values.append((less - full) / lags / (full / free))
    return (
        float(values[0]),
        float(fdtrc(lags, free, values[0])),
        float(exceedance(np.array(values[0]), np.array(values[1:]))),
    )


def residual_sum(target: np.ndarray, design: np.ndarray) -> float:
    """Sum of squared residuals of a least-squares fit."""
    rest = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return float(rest @ rest)


def whitened(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Posts and news through the filter that whitens the news, each scaled to variance 1."""
    posts, news = pair.stationary()
    chosen = ar_select_order(news, MOST_LAGS, ic="aic").ar_lags
    lags = max(chosen) if chosen else 0
    if lags:
        params = AutoReg(news, lags).fit().params[1:]
        taps = np.concatenate([[1.0], -params])
        posts, news = (lfilter(taps, [1.0], each - each.mean())[lags:] for each in (posts, news))
    return tuple((each - each.mean()) / each.std() for each in (posts, news))


def correlation_at(posts: np.ndarray, news: np.ndarray, lag: int) -> float:
    """Correlation of posts with the news ``lag`` days before; both of mean 0 and variance 1."""
    length = len(posts)
    first, second = (posts[lag:], news[: length - lag]) if lag >= 0 else (posts[:lag], news[-lag:])
    return float(first @ second) / length


def correlations(pair: Pair) -> list[tuple]:
    """Rows of the prewhitened cross-correlation with the band of unrelated series."""
    posts, news = whitened(pair)
    band = Z95 / np.sqrt(len(posts))
    return [
        ("cross_correlation", lag, correlation_at(posts, news, lag), -band, band)
        for lag in range(-MOST_LAGS, MOST_LAGS + 1)
    ]


def peak(pair: Pair) -> Result:
    """The lag of the largest correlation; its p-value is adjusted for all lags tried (Sidak).

    A positive lag means that posts follow the news.
    """
    posts, news = whitened(pair)
    lags = range(-MOST_LAGS, MOST_LAGS + 1)
    found = np.array([correlation_at(posts, news, lag) for lag in lags])
    best = int(np.abs(found).argmax())
    alone = math.erfc(abs(found[best]) * math.sqrt(len(posts) / 2))
    p_value = float(-np.expm1(len(lags) * np.log1p(-alone)))
    return Result(lags[best], float(found[best]), p_value)


def responses(pair: Pair, bootstrap: int, rng: np.random.Generator) -> list[tuple]:
    """Rows of the impulse responses to a shock of one standard deviation, news ordered first.

    The bands come from a parametric bootstrap of the fitted vector autoregression.
    """
    posts, news = pair.stationary()
    found = VAR(np.column_stack([news, posts])).fit(var_lags(pair))
    values = found.irf(HORIZON).orth_irfs
    lower, upper = bands(found, bootstrap, np.random.RandomState(int(rng.integers(2**31))))
    return [
        (path, lag, *(float(table[lag, effect, cause]) for table in (values, lower, upper)))
        for path, effect, cause in (("posts_after_news", 1, 0), ("news_after_posts", 0, 1))
        for lag in range(HORIZON + 1)
    ]


def bands(
    found: VARResults, draws: int, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """95 % bands of the orthogonalised impulse responses: shape (lags, effects, causes) each.

    The same bands as those of ``found.irf_errband_mc``, which fits the simulated series one after
    another; here they are all fitted at once.
    """
    lags, size = found.k_ar, found.neqs
    drawn = varsim(
        found.coefs,
        found.intercept,
        found.sigma_u,
        steps=BURN + lags + found.nobs,
        rng=rng,
        nsimulations=draws,
    )[:, BURN:]
    past = [drawn[:, lags - lag : lags - lag + found.nobs] for lag in range(1, lags + 1)]
    design = np.concatenate([np.ones((draws, found.nobs, 1)), *past], axis=2)
    params = np.linalg.pinv(design) @ drawn[:, lags:]
    rest = drawn[:, lags:] - design @ params
    covariance = np.swapaxes(rest, 1, 2) @ rest / (found.nobs - design.shape[2])
    # For each lag, the coefficients of all series (rows) on all series (columns).
    coefs = np.swapaxes(params[:, 1:].reshape(draws, lags, size, size), 2, 3)
    responses = [np.broadcast_to(np.eye(size), (draws, size, size))]
    for step in range(1, HORIZON + 1):
        reach = range(1, min(step, lags) + 1)
        responses.append(sum(responses[step - lag] @ coefs[:, lag - 1] for lag in reach))
    paths = np.sort(np.stack(responses, axis=1) @ np.linalg.cholesky(covariance)[:, None], axis=0)
    return paths[round(0.025 * draws) - 1], paths[round(0.975 * draws) - 1]
