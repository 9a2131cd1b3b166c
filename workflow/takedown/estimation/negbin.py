"""Negative binomial regression with a log link; dispersion estimated by maximum likelihood."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma

from takedown.estimation.design import TooLittleError

LOG_ALPHA = (-8.0, 3.0)
LARGEST_COUNT = 50_000
QUANTILES = (np.arange(2000) + 0.5) / 2000
LOG_MEAN = (-30.0, 30.0)
MOST_STEPS, MOST_NEWTON = 200, 100
SMALL_STEP = 1e-10
RIDGE = 1e-10


@dataclass(frozen=True)
class Fit:
    """A fitted model: ``mean`` per row; ``alpha`` gives the variance, mean + alpha * mean**2."""

    params: np.ndarray
    covariance: np.ndarray
    mean: np.ndarray
    alpha: float
    residuals: np.ndarray
    dispersion: float


def fit(posts: np.ndarray, design: np.ndarray, hac_days: int) -> Fit:
    """Fit ``posts`` (days) on ``design`` (days x terms) with Newey-West covariance.

    The dispersion comes from :func:`dispersion`. The covariance is the HAC sandwich of Newey and
    West 1987 with ``hac_days`` lags and the small-sample factor n / (n - k). Raises
    :class:`TooLittleError` if the design is rank deficient or the fit does not converge.
    """
    # Imported here: statsmodels is slow to import, and dispersion() does not need it.
    from statsmodels.genmod.families import NegativeBinomial
    from statsmodels.genmod.generalized_linear_model import GLM

    alpha, start = dispersion(posts, design)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # failures are detected from the result below
        try:
            result = GLM(posts, design, family=NegativeBinomial(alpha=alpha)).fit(
                method="newton",
                start_params=start,
                maxiter=100,
                disp=False,
                cov_type="HAC",
                cov_kwds={"maxlags": hac_days, "use_correction": True},
            )
            converged = result.mle_retvals["converged"] and np.isfinite(result.llf)
        except (np.linalg.LinAlgError, ValueError) as error:
            raise TooLittleError(f"the negative binomial fit broke down ({error})") from error
    if not converged or not np.isfinite(result.cov_params()).all():
        raise TooLittleError("the negative binomial fit did not converge")
    return Fit(
        params=np.asarray(result.params),
        covariance=np.asarray(result.cov_params()),
        mean=np.asarray(result.mu),
        alpha=alpha,
        residuals=np.asarray(result.resid_pearson),
        dispersion=float(result.pearson_chi2 / result.df_resid),
    )


def dispersion(posts: np.ndarray, design: np.ndarray) -> tuple[float, np.ndarray]:
    """The alpha that maximises the profile likelihood (Hilbe 2011, ch. 8), and its coefficients.

    Raises :class:`TooLittleError` when the design is rank deficient or the fit does not converge.
    """
    rows, terms = design.shape
    if rows <= terms + 5:
        raise TooLittleError(f"too short: {rows} days for {terms} parameters")
    if np.linalg.matrix_rank(design) < terms:
        raise TooLittleError("terms of the design coincide (events on the same days, or too many)")
    if ((design >= 0).all(axis=0) & (posts @ (design > 0) == 0)).any():
        raise TooLittleError("no post at all on the days of one term, such as one weekday")
    start = np.linalg.lstsq(design, np.log(posts + 0.5), rcond=None)[0]

    def slope(log_alpha: float) -> float:
        """Derivative of the profile likelihood; by the envelope theorem, the partial derivative."""
        alpha = float(np.exp(log_alpha))
        params, _ = solve(posts, design, alpha, start)
        return alpha_score(posts, np.exp(design @ params), alpha)

    with np.errstate(all="ignore"):  # failures are detected from the result
        try:
            alpha = float(np.exp(best_log_alpha(slope)))
        except ValueError as error:
            raise TooLittleError(f"the negative binomial fit broke down ({error})") from error
        params, converged = solve(posts, design, alpha, start)
    if not converged:
        raise TooLittleError("the negative binomial fit did not converge")
    return alpha, params


def solve(
    posts: np.ndarray, design: np.ndarray, alpha: float, start: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Maximum likelihood coefficients of one design at a given ``alpha``; whether they converged.

    Iteratively reweighted least squares can cycle under this link; the log likelihood is concave
    in the parameters, so Newton's method from a least-squares ``start`` is safe and exact.
    """
    params = start
    for _ in range(MOST_NEWTON):
        mean = np.exp(design @ params)
        scale = 1 + alpha * mean
        score = ((posts - mean) / scale) @ design
        curvature = mean * (1 + alpha * posts) / scale**2
        try:
            step = np.linalg.solve((design.T * curvature) @ design, score)
        except np.linalg.LinAlgError:  # a Newton step went too far
            break
        params = params + step
        if np.abs(step).max() < SMALL_STEP:
            return params, True
    return params, False


def coefficients(posts: np.ndarray, designs: np.ndarray, alpha: float) -> np.ndarray:
    """Maximum likelihood coefficients of many designs for one series: shape (designs, terms).

    ``designs`` has the shape (designs, days, terms); ``alpha`` is held fixed. All designs are
    fitted in parallel by Fisher scoring. The coefficient of a term without posts on any of its days
    tends to minus infinity and is left at a large negative value.
    """
    found = np.linalg.pinv(designs) @ np.log(posts + 0.5)
    ridge = RIDGE * np.eye(designs.shape[2])
    moving = np.arange(len(designs))
    for _ in range(MOST_STEPS):
        design = designs[moving]
        mean = np.exp(np.clip((design @ found[moving, :, None])[:, :, 0], *LOG_MEAN))
        weight = mean / (1 + alpha * mean)
        score = ((posts - mean) / (1 + alpha * mean))[:, None, :] @ design
        information = np.swapaxes(design * weight[:, :, None], 1, 2) @ design
        step = np.linalg.solve(information + ridge, np.swapaxes(score, 1, 2))[:, :, 0]
        found[moving] += np.clip(step, -1.0, 1.0)
        moving = moving[np.abs(step).max(axis=1) >= SMALL_STEP]
        if not len(moving):
            break
    return found


def best_log_alpha(slope: Callable[[float], float]) -> float:
    """The log alpha that maximises the profile likelihood: the root of its slope, or a bound.

    The root is found to rounding error. A minimiser would stop at about the square root of that
    error, and the last digits of every estimate would differ between machines.
    """
    low, high = LOG_ALPHA
    if not slope(low) > 0:
        return low
    if not slope(high) < 0:
        return high
    return float(brentq(slope, low, high, xtol=1e-12))


def alpha_score(posts: np.ndarray, mean: np.ndarray, alpha: float) -> float:
    """Derivative in alpha of the negative binomial log likelihood (Lawless 1987, section 2)."""
    size = 1 / alpha
    ascent = np.log1p(alpha * mean) - (digamma(posts + size) - digamma(size))
    return float((size**2 * ascent + (posts - mean) / (alpha * (1 + alpha * mean))).sum())


def log_moments(mean: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of log(Y + 1/2) for negative binomial Y with each ``mean``.

    Computed as a sum over the distribution, because the log of a skewed count is not centred on the
    log of its mean. If counts are so large that the sum would not fit in memory, the distribution
    is replaced by its quantiles.
    """
    from scipy import stats  # imported here for the same reason as in fit()

    size = 1 / alpha
    chance = size / (size + mean)
    largest = stats.nbinom.ppf(1 - 1e-9, size, chance.min())
    if largest > LARGEST_COUNT:
        logs = np.log(stats.nbinom.ppf(QUANTILES, size, chance[:, None]) + 0.5)
        return logs.mean(axis=1), logs.var(axis=1)
    counts = np.arange(largest + 1)
    weight = stats.nbinom.pmf(counts[None, :], size, chance[:, None])
    logs = np.log(counts + 0.5)
    centre = weight @ logs
    return centre, weight @ logs**2 - centre**2
