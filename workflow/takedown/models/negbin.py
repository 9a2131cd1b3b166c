"""Negative binomial regression with a log link, its dispersion by maximum likelihood."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import statsmodels.api as sm
from scipy.optimize import minimize_scalar

from takedown.models.design import TooLittleError

LOG_ALPHA = (-8.0, 3.0)


@dataclass(frozen=True)
class Fit:
    """A fitted model: ``mean`` per row, ``alpha`` with variance mean + alpha * mean**2."""

    params: np.ndarray
    covariance: np.ndarray
    mean: np.ndarray
    alpha: float
    residuals: np.ndarray
    dispersion: float


def fit(posts: np.ndarray, design: np.ndarray, hac_days: int) -> Fit:
    """Fit ``posts`` (days) on ``design`` (days x terms) with Newey-West covariance.

    The dispersion alpha maximises the profile likelihood of the GLM (Hilbe 2011, ch. 8); the
    covariance is the HAC sandwich of Newey and West 1987 with ``hac_days`` lags and the
    small-sample factor n / (n - k). Raises :class:`TooLittleError` when the design is rank
    deficient or the fit does not converge.
    """
    rows, terms = design.shape
    if rows <= terms + 5:
        raise TooLittleError(f"too short: {rows} days for {terms} parameters")
    if np.linalg.matrix_rank(design) < terms:
        raise TooLittleError("terms of the design coincide (events on the same days, or too many)")

    # Iteratively reweighted least squares can cycle under this link; the log likelihood is concave
    # in the parameters, so Newton's method from a least-squares start is safe and exact.
    start = np.linalg.lstsq(design, np.log(posts + 0.5), rcond=None)[0]

    def fitted(log_alpha: float, **covariance: Any) -> Any:
        family = sm.families.NegativeBinomial(alpha=float(np.exp(log_alpha)))
        model = sm.GLM(posts, design, family=family)
        return model.fit(method="newton", start_params=start, maxiter=100, disp=False, **covariance)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what goes wrong is read off the result below
        found = minimize_scalar(
            lambda log_alpha: -fitted(log_alpha).llf,
            bounds=LOG_ALPHA,
            method="bounded",
            options={"xatol": 1e-6},
        )
        hac = {"maxlags": hac_days, "use_correction": True}
        try:
            result = fitted(found.x, cov_type="HAC", cov_kwds=hac)
            converged = result.mle_retvals["converged"] and np.isfinite(result.llf)
        except (np.linalg.LinAlgError, ValueError) as error:
            raise TooLittleError(f"the negative binomial fit broke down ({error})") from error
    if not converged or not np.isfinite(result.cov_params()).all():
        raise TooLittleError("the negative binomial fit did not converge")
    return Fit(
        params=np.asarray(result.params),
        covariance=np.asarray(result.cov_params()),
        mean=np.asarray(result.mu),
        alpha=float(np.exp(found.x)),
        residuals=np.asarray(result.resid_pearson),
        dispersion=float(result.pearson_chi2 / result.df_resid),
    )
