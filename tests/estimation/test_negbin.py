"""Negative binomial regression against direct calls of statsmodels and published digits."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from simulated import series, where

from takedown.estimation import negbin
from takedown.estimation.design import TooLittleError, baseline, indicators
from takedown.estimation.estimand import EARLY, LATE
from takedown.estimation.randomisation import days_after, shifts


def family(alpha: float) -> sm.families.NegativeBinomial:
    return sm.families.NegativeBinomial(alpha=alpha)


@pytest.mark.parametrize("alpha", [0.02, 0.3, 1.2])
def test_coefficients_and_covariance_equal_direct_statsmodels_calls(alpha: float) -> None:
    posts = series(alpha=alpha)
    design = baseline(posts.index, 30).to_numpy()
    fitted = negbin.fit(posts.to_numpy(), design, hac_days=7)
    direct = sm.GLM(posts.to_numpy(), design, family=family(fitted.alpha)).fit(
        method="newton",
        maxiter=300,
        disp=False,
        cov_type="HAC",
        cov_kwds={"maxlags": 7, "use_correction": True},
    )
    np.testing.assert_allclose(fitted.params, direct.params, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(fitted.covariance, direct.cov_params(), rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(fitted.mean, direct.mu, rtol=1e-6)
    np.testing.assert_allclose(fitted.residuals, direct.resid_pearson, rtol=1e-6, atol=1e-8)
    assert fitted.dispersion == pytest.approx(direct.pearson_chi2 / direct.df_resid, rel=1e-6)


def test_the_covariance_is_the_sandwich_of_newey_and_west_written_out() -> None:
    posts = series().to_numpy()
    design = baseline(series().index, 30).to_numpy()
    fitted = negbin.fit(posts, design, hac_days=4)
    scale = 1 + fitted.alpha * fitted.mean
    information = fitted.mean * (1 + fitted.alpha * posts) / scale**2
    bread = np.linalg.inv(design.T @ (design * information[:, None]))
    score = design * ((posts - fitted.mean) / scale)[:, None]
    meat = np.zeros_like(bread)
    for one in range(len(posts)):
        for two in range(len(posts)):
            if abs(one - two) <= 4:
                meat += (1 - abs(one - two) / 5) * np.outer(score[one], score[two])
    factor = len(posts) / (len(posts) - design.shape[1])
    np.testing.assert_allclose(fitted.covariance, factor * bread @ meat @ bread, rtol=1e-6)


def test_the_dispersion_maximises_the_joint_likelihood() -> None:
    posts = series()
    design = baseline(posts.index, 30).to_numpy()
    fitted = negbin.fit(posts.to_numpy(), design, hac_days=7)
    discrete = sm.NegativeBinomial(posts.to_numpy(), design).fit(
        start_params=[*fitted.params, fitted.alpha * 1.1], method="newton", disp=False, tol=1e-12
    )
    assert fitted.alpha == pytest.approx(discrete.params[-1], rel=1e-6)


def test_published_digits_of_the_rand_health_insurance_experiment() -> None:
    """Cameron and Trivedi 2005 (data of table 20.5), visits to a doctor.

    Coefficients by glm.nb of R's MASS 7.3-22, dispersion by nbreg of Stata 11, as statsmodels
    prints them among its reference results (discrete/tests/results/results_discrete.py, class
    RandHIE); its data set holds the data.
    """
    data = sm.datasets.randhie.load_pandas()
    names = ["lncoins", "idp", "lpi", "fmde", "physlm", "disea", "hlthg", "hlthf", "hlthp"]
    design = np.column_stack([data.exog[names], np.ones(len(data.exog))])
    fitted = negbin.fit(data.endog.to_numpy(), design, hac_days=0)
    published = [
        -0.0579469537244314,
        -0.267787718814838,
        0.0412060770911646,
        -0.0381376804392121,
        0.268915772213171,
        0.0381637446219235,
        -0.0441338846217674,
        0.0172521803400544,
        0.177960787443151,
        0.663556087183864,
    ]
    np.testing.assert_allclose(fitted.params, published, rtol=1e-6)
    assert fitted.alpha == pytest.approx(1.292953339909746, rel=1e-6)


def test_newton_reaches_a_maximum_where_reweighting_cycles() -> None:
    """Reweighted least squares stop at a worse likelihood on sparse bursts."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2019-11-01", periods=115)
    posts = rng.poisson(np.exp(np.linspace(-3, 4, 115) + rng.normal(0, 1, 115)))
    at = np.array([10, 30, 45, 60, 62, 80, 95, 96])
    design = np.hstack([baseline(index, 30), indicators(115, at, range(-7, 15))])
    fitted = negbin.fit(posts, design, hac_days=7)
    gradient = sm.GLM(posts, design, family=family(fitted.alpha)).score(fitted.params)
    assert np.abs(gradient).max() < 1e-6


def test_counts_less_spread_than_poisson_lean_on_the_smallest_dispersion() -> None:
    posts = np.random.default_rng(1).integers(48, 53, 100)
    design = baseline(pd.date_range("2019-06-01", periods=100), 30).to_numpy()
    assert negbin.fit(posts, design, 7).alpha == pytest.approx(np.exp(-8))


@pytest.mark.parametrize(
    ("posts", "design", "reason"),
    [
        (np.arange(40), np.ones((40, 2)), "coincide"),
        (np.arange(12), np.eye(12)[:, :8], "too short: 12 days for 8 parameters"),
        (np.arange(40) % 2, np.column_stack([np.ones(40), np.arange(40) % 2 == 0]), "no post"),
    ],
    ids=["coinciding terms", "too few days", "term without posts"],
)
def test_designs_that_cannot_be_fitted_are_refused(
    posts: np.ndarray, design: np.ndarray, reason: str
) -> None:
    with pytest.raises(TooLittleError, match=reason):
        negbin.fit(posts, design.astype(float), 3)


def test_a_fit_that_does_not_converge_is_refused() -> None:
    posts = where(series(90), [20, 35, 50, 65], 10**6)
    design = baseline(posts.index, 30).to_numpy()
    with pytest.raises(TooLittleError, match="did not converge"):
        negbin.fit(posts.to_numpy(), design, 7)


@pytest.mark.parametrize("alpha", [0.05, 0.6])
def test_coefficients_of_many_designs_equal_statsmodels_one_by_one(alpha: float) -> None:
    posts = series(80, mean=30)
    base = baseline(posts.index, 30).to_numpy()
    at = np.array([10, 25, 28, 60])
    calendars = np.vstack([at, shifts(80, at)[::5]])
    after = np.stack([days_after(80, calendars, span) for span in (EARLY, LATE)], axis=2)
    designs = np.concatenate([np.broadcast_to(base, (len(after), *base.shape)), after], axis=2)
    found = negbin.coefficients(posts.to_numpy(), designs, alpha)
    for design, row in zip(designs, found, strict=True):
        model = sm.GLM(posts.to_numpy(), design, family=family(alpha))
        # Reweighting stops some 1e-9 short of the maximum, too far for a coefficient near 0.
        exact = model.fit(method="newton", maxiter=300, disp=False).params
        np.testing.assert_allclose(row, exact, rtol=1e-6)


def test_a_term_without_posts_runs_far_down_and_disturbs_no_other_design() -> None:
    posts = where(series(80), [30, 31, 32], 0).to_numpy()
    base = baseline(series(80).index, 30).to_numpy()
    without, other = np.zeros(80), np.zeros(80)
    without[30:33], other[50:53] = 1, 1
    designs = np.stack([np.column_stack([base, column]) for column in (without, other)])
    found = negbin.coefficients(posts, designs, 0.3)
    assert found[0, -1] < -10
    np.testing.assert_allclose(found[1:], negbin.coefficients(posts, designs[1:], 0.3), atol=1e-8)


@pytest.mark.parametrize("alpha", [0.001, 0.3, 1.7])
def test_the_score_of_alpha_is_the_slope_of_the_likelihood(alpha: float) -> None:
    posts = series().to_numpy()
    mean = np.full(len(posts), 55.0)
    step = alpha * 1e-5
    above, below = (family(at).loglike(posts, mean) for at in (alpha + step, alpha - step))
    found = negbin.alpha_score(posts, mean, alpha)
    assert found == pytest.approx((above - below) / (2 * step), rel=1e-4)


@pytest.mark.parametrize(("mean", "alpha"), [(0.4, 1.5), (6.0, 0.3), (800.0, 0.6), (90_000.0, 0.6)])
def test_moments_of_log_counts_are_those_of_a_large_sample(mean: float, alpha: float) -> None:
    rng = np.random.default_rng(2)
    logs = np.log(rng.negative_binomial(1 / alpha, 1 / (1 + alpha * mean), 400_000) + 0.5)
    centre, spread = negbin.log_moments(np.array([mean]), alpha)
    assert centre[0] == pytest.approx(logs.mean(), abs=0.01)
    assert spread[0] == pytest.approx(logs.var(), rel=0.02)


def test_moments_do_not_jump_where_the_sum_is_given_up() -> None:
    (below, above) = (negbin.log_moments(np.array([mean]), 3.0) for mean in (4999.0, 5001.0))
    assert above[0] == pytest.approx(below[0], abs=0.01)
    assert above[1] == pytest.approx(below[1], rel=0.02)
