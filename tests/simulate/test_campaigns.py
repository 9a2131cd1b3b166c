"""Simulated series: what was planted can be found in them."""

import numpy as np
import pandas as pd
import pytest

from takedown.estimation.design import TooLittleError, baseline
from takedown.simulate.campaigns import (
    LEAST_ALPHA,
    CampaignSimulator,
    News,
    autoregression,
    event_effect,
    moments,
)

DAYS = pd.date_range("2019-01-01", periods=400)


def flat(mean: float = 50.0, days: pd.DatetimeIndex = DAYS, **noise: float) -> CampaignSimulator:
    planted = {"alpha": 0.01, "spread": 0.0, "persistence": 0.0} | noise
    return CampaignSimulator(mean=pd.Series(mean, index=days), **planted)


def drawn(
    campaign: CampaignSimulator, effect: np.ndarray | float = 1.0, series: int = 400
) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.array([campaign.draw(rng, effect) for _ in range(series)])


def attention(**series: list[float]) -> pd.DataFrame:
    """Rows of ``series/attention.csv``, each series from the first of ``DAYS`` on."""
    return pd.concat(
        pd.DataFrame({"date": DAYS[: len(values)].strftime("%Y-%m-%d"), "series": name})
        .assign(value=values)
        for name, values in series.items()
    )  # fmt: skip


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


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize(
    ("alpha", "spread", "persistence"), [(0.3, 0.0, 0.0), (0.05, 0.6, 0.8), (0.4, 0.5, 0.6)]
)
def test_a_likeness_has_the_noise_of_its_original(
    alpha: float, spread: float, persistence: float
) -> None:
    days = DAYS[:250]
    original = flat(80.0, days, alpha=alpha, spread=spread, persistence=persistence)
    rng = np.random.default_rng(3)
    series = [original.draw(rng) for _ in range(3)]
    found = [CampaignSimulator.like(posts, trend_days=125) for posts in series]
    assert np.median([one.alpha for one in found]) == pytest.approx(alpha, abs=0.1)
    assert np.median([one.spread**2 for one in found]) == pytest.approx(spread**2, abs=0.12)
    if spread:
        assert np.median([one.persistence for one in found]) == pytest.approx(persistence, abs=0.2)
    design = baseline(days, 125).to_numpy()
    for posts, likeness in zip(series, found, strict=True):
        again = np.mean([moments(likeness.draw(rng).to_numpy(), design) for _ in range(60)], axis=0)
        variance, *correlations = moments(posts.to_numpy(), design)
        assert again[0] == pytest.approx(variance, rel=0.1)
        # Of one series they jump from lag to lag, as no geometric decay does.
        assert again[1:].mean() == pytest.approx(np.mean(correlations), abs=0.1)


@pytest.mark.usefixtures("may_take_long")
def test_a_likeness_of_counting_noise_alone_has_no_more() -> None:
    likeness = CampaignSimulator.like(
        flat(200.0, DAYS[:120]).draw(np.random.default_rng(6)), trend_days=60
    )
    assert LEAST_ALPHA <= likeness.alpha < 0.05
    assert likeness.spread < 0.1


def test_the_moments_are_those_of_the_noise_about_weekday_and_trend() -> None:
    design = baseline(DAYS, 100).to_numpy()
    noise = 0.3 * autoregression(np.random.default_rng(7), len(DAYS), 0.6)
    rhythm = 5 + np.where(DAYS.day_of_week >= 5, -1.0, 0.0) + np.linspace(0, 2, len(DAYS))
    found = moments(np.expm1(rhythm + noise), design)
    assert found == pytest.approx([0.09, 0.6, 0.36, 0.216], abs=0.06)
    assert moments(np.expm1(rhythm), design) == pytest.approx(np.zeros(4), abs=0.05)


def test_a_flat_campaign_keeps_its_mean_and_noise_and_nothing_else() -> None:
    rhythm = pd.Series(np.where(DAYS.day_of_week >= 5, 10.0, 80.0), index=DAYS)
    campaign = CampaignSimulator(rhythm, alpha=0.3, spread=0.5, persistence=0.6)
    even = campaign.flat()
    assert even.mean.nunique() == 1
    assert even.mean.iloc[0] == pytest.approx(rhythm.mean())
    assert even.mean.index.equals(DAYS)
    assert (even.alpha, even.spread, even.persistence) == (0.3, 0.5, 0.6)


def test_the_same_seed_draws_the_same_series() -> None:
    campaign = flat(alpha=0.3, spread=0.4, persistence=0.5)
    once, again = (campaign.draw(np.random.default_rng(5)) for _ in range(2))
    pd.testing.assert_series_equal(once, again)


@pytest.mark.parametrize("posts", [[0] * 60, [7] * 60, [1, 2, 3]])
def test_a_series_without_news_in_it_has_no_likeness(posts: list[int]) -> None:
    days = pd.date_range("2019-01-01", periods=len(posts))
    with pytest.raises(TooLittleError):
        CampaignSimulator.like(pd.Series(posts, index=days), trend_days=30)


def test_simulated_news_have_the_level_the_spread_and_the_persistence_of_their_original() -> None:
    original = News(DAYS, centre=4.0, spread=0.5, persistence=0.6)
    rng = np.random.default_rng(8)
    found = [News.like(original.draw(rng)[1]) for _ in range(30)]
    assert np.median([one.centre for one in found]) == pytest.approx(4, abs=0.05)
    assert np.median([one.spread for one in found]) == pytest.approx(0.5, abs=0.03)
    assert np.median([one.persistence for one in found]) == pytest.approx(0.6, abs=0.04)


def test_the_driver_of_the_news_has_mean_0_and_variance_1_and_makes_the_news() -> None:
    news = News(DAYS, centre=6.0, spread=0.5, persistence=0.6)
    driver, values = news.draw(np.random.default_rng(9))
    np.testing.assert_allclose(np.log1p(values), 6 + 0.5 * driver)
    assert values.index.equals(DAYS)
    rng = np.random.default_rng(10)
    drivers = np.array([news.draw(rng)[0] for _ in range(300)])
    assert drivers.mean() == pytest.approx(0, abs=0.03)
    assert drivers.var(axis=0).mean() == pytest.approx(1, abs=0.03)


def test_simulated_news_are_never_negative_and_constant_ones_stay_constant() -> None:
    rng = np.random.default_rng(11)
    assert News(DAYS, centre=0.2, spread=1.0, persistence=0.5).draw(rng)[1].min() == 0
    _, values = News.like(pd.Series(5.0, index=DAYS)).draw(rng)
    assert values.to_numpy() == pytest.approx(np.full(len(DAYS), 5.0))


def test_the_news_of_a_campaign_are_the_first_series_that_covers_its_days() -> None:
    days = DAYS[:60]
    long, short = [float(day % 9) for day in range(80)], [float(day % 5) for day in range(40)]
    table = attention(a_short=short, b_constant=[3.0] * 80, c_long=long, d_longer=[9.0, *long])
    news, like = News.of(table, days), News.like(pd.Series(long[:60], index=days))
    assert news.days.equals(days)
    for name in ("centre", "spread", "persistence"):
        assert getattr(news, name) == getattr(like, name)
    assert News.of(table[table["series"] < "c"], days) is None
    assert News.of(table.iloc[:0], days) is None
