"""Simulated series: what was planted can be found in them."""

import numpy as np
import pandas as pd
import pytest

from takedown.calibration.campaigns import Campaign, event_effect, overdispersion
from takedown.models.design import TooLittleError

DAYS = pd.date_range("2019-01-01", periods=400)


def flat(mean: float = 50.0, **noise: float) -> Campaign:
    planted = {"alpha": 0.01, "spread": 0.0, "persistence": 0.0} | noise
    return Campaign(mean=pd.Series(mean, index=DAYS), **planted)


def drawn(campaign: Campaign, effect: np.ndarray | float = 1.0, series: int = 400) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.array([campaign.draw(rng, effect) for _ in range(series)])


@pytest.mark.parametrize("noise", [{}, {"alpha": 0.5}, {"spread": 0.7, "persistence": 0.8}])
def test_the_mean_is_the_planted_one_whatever_the_noise(noise: dict[str, float]) -> None:
    assert drawn(flat(**noise)).mean() == pytest.approx(50, rel=0.02)


def test_the_variance_of_days_is_negative_binomial() -> None:
    counts = drawn(flat(alpha=0.4))
    assert counts.var() == pytest.approx(50 + 0.4 * 50**2, rel=0.03)


def test_the_slow_noise_is_stationary_and_persistent() -> None:
    campaign = flat(spread=0.5, persistence=0.7)
    rng = np.random.default_rng(2)
    noise = np.array([campaign.slow_noise(rng, len(DAYS)) for _ in range(2000)])
    assert noise[:, [0, -1]].std(axis=0) == pytest.approx([0.5, 0.5], rel=0.05)
    assert np.corrcoef(noise[:, 200], noise[:, 203])[0, 1] == pytest.approx(0.7**3, abs=0.05)


def test_an_effect_multiplies_the_days_of_the_events_and_no_others() -> None:
    effect = event_effect(len(DAYS), np.array([100, 103, 398]), 2.0, range(0, 7))
    assert effect[99] == 1 and effect[100] == 2 and effect[103] == 4 and effect[107] == 2
    assert effect[110] == 1 and effect[-1] == 2
    ratio = drawn(flat(), effect).mean(axis=0) / 50
    assert ratio == pytest.approx(effect, rel=0.05)


@pytest.mark.parametrize(
    ("alpha", "spread", "persistence"), [(0.3, 0.0, 0.0), (0.05, 0.6, 0.8), (0.4, 0.5, 0.6)]
)
def test_a_likeness_has_the_noise_of_its_original(
    alpha: float, spread: float, persistence: float
) -> None:
    original = flat(80.0, alpha=alpha, spread=spread, persistence=persistence)
    rng = np.random.default_rng(3)
    found = [Campaign.like(original.draw(rng), trend_days=200) for _ in range(20)]
    variances = [one.spread**2 for one in found]
    assert np.median(variances) == pytest.approx(spread**2, abs=0.06)
    assert np.median([one.alpha for one in found]) == pytest.approx(alpha, abs=0.08)
    if spread:
        assert np.median([one.persistence for one in found]) == pytest.approx(persistence, abs=0.1)


@pytest.mark.parametrize("alpha", [0.02, 0.5, 3.0])
def test_the_overdispersion_is_read_off_the_logs(alpha: float) -> None:
    logs = np.log(np.random.default_rng(4).gamma(1 / alpha, alpha, size=400_000))
    assert overdispersion(float(logs.var())) == pytest.approx(alpha, rel=0.02)


def test_no_variance_is_no_overdispersion_and_never_an_error() -> None:
    assert overdispersion(-0.1) == overdispersion(0.0) == 0.01
    assert overdispersion(1e9) == 20


def test_the_same_seed_draws_the_same_series() -> None:
    campaign = flat(alpha=0.3, spread=0.4, persistence=0.5)
    once, again = (campaign.draw(np.random.default_rng(5)) for _ in range(2))
    pd.testing.assert_series_equal(once, again)


@pytest.mark.parametrize("posts", [[0] * 60, [7] * 60, [1, 2, 3]])
def test_a_series_without_news_in_it_has_no_likeness(posts: list[int]) -> None:
    days = pd.date_range("2019-01-01", periods=len(posts))
    with pytest.raises(TooLittleError):
        Campaign.like(pd.Series(posts, index=days), trend_days=30)
