"""Trials: estimators of the study, put to series of known truth."""

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from takedown.calibration.trials import (
    NEWS_LAG,
    designs,
    related,
    try_all,
)
from takedown.calibration.verdicts import band, power, recovery, verdicts
from takedown.estimation.estimators import Estimate, Estimator
from takedown.estimation.settings import Settings, setting
from takedown.estimation.trial import Trial
from takedown.models.registry import EVERY_EVENT, FLAT, LASTING, MODELS
from takedown.simulate.campaigns import CampaignSimulator, News

DAYS = pd.date_range("2019-10-01", periods=70)
EVENTS = pd.DataFrame(
    {
        "event": ["A", "B", "C", "D", "E"],
        "date": ["2019-10-12", "2019-10-23", "2019-11-04", "2019-11-13", "2019-11-26"],
    }
)
USE = Settings(lead_days=7, lag_days=14, trend_days=35, hac_days=7, interrupted_days=28)
NEWS = News(DAYS, centre=3.0, spread=0.5, persistence=0.5)
SPANS = ("days_0_2", "days_0_6")
PEAK = Estimator("lead_lag", "peak_lag")
BY_RANDOMISATION = "_shift|_dates|placebo"
ESTIMATORS = {
    *(
        f"pooled {method}, {effect}"
        for method in ("negbin_hac", "log1p_ols_hac", "log1p_shift", "negbin_shift")
        for effect in SPANS
    ),
    *(f"pooled {method}, path" for method in ("negbin_hac", "log1p_ols_hac", "log1p_shift")),
    *(
        f"single {method}, {effect}"
        for method in ("negbin_predictive", "log1p_dates")
        for effect in (*SPANS, "path")
    ),
    *(
        f"{kind} placebo {null}, {statistic}"
        for kind, statistics in (("pooled", (*SPANS, "lead_7_1")), ("single", SPANS))
        for null in ("circular_shift", "free_redraw")
        for statistic in statistics
    ),
    *(
        f"interrupted {method}, {term}"
        for method in ("negbin_hac", "log1p_dates")
        for term in ("level", "slope")
    ),
    "naive Poisson, days_0_6",
    "change points",
}
RELATIONS = {
    f"lead_lag {quantity}"
    for quantity in (
        "granger_news_to_posts",
        "granger_news_to_posts_shift",
        "granger_posts_to_news",
        "granger_posts_to_news_shift",
        "peak_lag",
    )
}


def campaign(
    days: pd.DatetimeIndex = DAYS, mean: float = 60.0, **noise: float
) -> CampaignSimulator:
    planted = {"alpha": 0.2, "spread": 0.0, "persistence": 0.0} | noise
    return CampaignSimulator(mean=pd.Series(mean, index=days), **planted)


NOISY = campaign(spread=0.6, persistence=0.7)


def trials(
    of: CampaignSimulator, ratio: float, simulations: int, news: News | None = None
) -> pd.DataFrame:
    """As ``make calibrate`` writes them, with their setting and their ratio."""
    rng = np.random.default_rng(1)
    found = try_all(of, EVENTS, USE, ratio=ratio, simulations=simulations, rng=rng, news=news)
    return found.assign(setting="here", ratio=ratio)


@pytest.fixture(scope="module")
def null(may_take_long: None) -> pd.DataFrame:
    """A small calibration: some noisy series without any effect."""
    return trials(NOISY, 1.0, 24, NEWS)


def test_every_estimator_answers_every_series(null: pd.DataFrame) -> None:
    assert null["why_not"].isna().all()
    assert set(null["estimator"]) == ESTIMATORS | RELATIONS
    assert (null.groupby("estimator")["draw"].nunique() == 24).all()
    assert (null.groupby(["estimator", "draw"]).size() == 1).all()


def test_every_estimator_that_flags_are_looked_up_by_is_tried() -> None:
    known = {
        str(name)
        for model in MODELS
        if model.calibrated
        for name in import_module(model.module).ESTIMATORS
    }
    assert known | {"naive Poisson, days_0_6"} == ESTIMATORS | RELATIONS


def test_without_news_lead_and_lag_are_not_tried(null: pd.DataFrame) -> None:
    """And the other estimators see the same series as with them."""
    alone = trials(NOISY, 1.0, 2)
    same = (null["draw"] < 2) & null["estimator"].isin(ESTIMATORS)
    pd.testing.assert_frame_equal(alone, null[same].reset_index(drop=True))


def test_the_same_seed_gives_the_same_answers(null: pd.DataFrame) -> None:
    again = trials(NOISY, 1.0, 2, NEWS)
    pd.testing.assert_frame_equal(again, null[null["draw"] < 2].reset_index(drop=True))


def test_the_wrong_estimator_fails_its_calibration(null: pd.DataFrame) -> None:
    """Poisson regression takes every cluster of busy days for an effect."""
    naive = verdicts(null).set_index("estimator").loc["naive Poisson, days_0_6"]
    assert naive["fpr"] > 0.5 > band(0.05, 24)[1]
    assert naive["usable"] == "no"
    assert naive["why"] == "too many false positives; intervals too narrow"


def test_estimates_against_other_dates_claim_no_more_than_chance(null: pd.DataFrame) -> None:
    table = verdicts(null).set_index("estimator")
    held = table[table.index.str.contains(BY_RANDOMISATION)]
    assert len(held) == 22
    assert (held["fpr"] <= held["fpr_upper"]).all()
    assert (held["usable"] == "yes").all()


@pytest.mark.usefixtures("may_take_long")
def test_a_large_planted_effect_is_found_with_its_size() -> None:
    found = power(trials(campaign(alpha=0.02), 3.0, 6)).set_index("estimator")
    for name in (
        "pooled negbin_hac, days_0_6",
        "pooled negbin_shift, days_0_6",
        "pooled log1p_shift, days_0_6",
        "single negbin_predictive, days_0_6",
        "interrupted negbin_hac, level",
        "interrupted log1p_dates, level",
    ):
        assert found["median"][name] == pytest.approx(3, rel=0.2), name


@pytest.mark.usefixtures("may_take_long")
def test_a_large_lasting_change_is_dated_to_the_day() -> None:
    found = recovery(trials(campaign(alpha=0.02), 6.0, 6)).set_index("estimator")
    assert found["within_1_day"]["change points"] == 1


def test_what_is_planted_is_what_the_estimators_look_for() -> None:
    weekly = CampaignSimulator(pd.Series(np.arange(70) % 7 + 1.0, index=DAYS), 0.2, 0.5, 0.6)
    (every, first), (lasting, second), (flat, third) = designs(weekly, EVENTS, 2.0).values()
    assert list(designs(weekly, EVENTS, 2.0)) == [EVERY_EVENT, LASTING, FLAT]
    trial = Trial(pd.Series(0, index=DAYS), EVENTS, USE, np.random.default_rng(1))
    assert trial.middle_event == "2019-11-04"
    assert first[DAYS == "2019-11-04"] == 2 and first[DAYS == "2019-11-11"] == 1
    assert (first == 2).sum() == 5 * 7
    for lasts in (second, third):
        assert lasts[DAYS < "2019-11-04"].max() == 1 and lasts[DAYS >= "2019-11-04"].min() == 2
    assert every is weekly and lasting is weekly
    assert flat.mean.nunique() == 1 and flat.mean.iloc[0] == pytest.approx(weekly.mean.mean())


def test_nothing_is_planted_at_a_ratio_of_1() -> None:
    assert all((effect == 1).all() for _, effect in designs(NOISY, EVENTS, 1.0).values())


@pytest.mark.parametrize("number", [0, 1])
def test_posts_follow_the_news_in_even_draws_and_lead_them_in_odd_ones(number: int) -> None:
    rng = np.random.default_rng(number)
    found = related(campaign(alpha=0.02), NEWS, 3.0, number, rng)
    assert found[PEAK].value == 0  # counted from the truth
    assert found[PEAK].p_value < 0.001
    way = Estimator("lead_lag", f"granger_{'posts_to_news' if number else 'news_to_posts'}")
    assert set(found) == {way, Estimator("lead_lag", f"{way.method}_shift"), PEAK}
    assert repr(found[way]) == repr(Estimate(p_value=found[way].p_value))  # the others are nan
    assert found[way].p_value < 0.001


def test_unrelated_news_are_put_to_both_tests() -> None:
    found = related(NOISY, NEWS, 1.0, 0, np.random.default_rng(2))
    assert {str(name) for name in found} == RELATIONS
    lag = found[PEAK].value + NEWS_LAG
    assert lag in range(-7, 8)


def test_no_answer_is_a_row_with_its_reason() -> None:
    short = campaign(DAYS[:40])
    rng = np.random.default_rng(1)
    found = try_all(short, EVENTS[:1], USE, ratio=1.0, simulations=2, rng=rng)
    silent = found[found["why_not"].notna()].set_index("estimator")
    for name in ("pooled", "shifted", "counted"):
        assert silent["why_not"][name].str.contains("pooling needs 3").all()
    assert (silent.groupby("estimator")["draw"].nunique() == 2).any()
    assert silent[["estimate", "lower", "upper", "p_value"]].isna().all(axis=None)


def rough(kind: str) -> CampaignSimulator:
    """Like a campaign that is silent on four days of five, or one of sudden bursts, or near to
    nothing at all.
    """
    rng = np.random.default_rng(3)
    if kind == "silent":
        posts = np.where(rng.random(70) < 0.8, 0, rng.integers(1, 6, 70))
        assert (posts == 0).mean() >= 0.8
    if kind == "bursts":
        posts = rng.poisson(10, 70)
        posts[[20, 21, 22, 45]] = [400, 900, 300, 600]
    if kind == "hardly any":
        posts = np.zeros(70, dtype=int)
        posts[[3, 12, 21, 30, 39, 48, 57]] = 1
    return CampaignSimulator.like(pd.Series(posts, index=DAYS), USE.trend_days)


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("kind", ["silent", "bursts", "hardly any"])
def test_a_rough_campaign_has_an_answer_or_a_reason_from_every_estimator(kind: str) -> None:
    of = rough(kind)
    found = pd.concat([trials(of, ratio, 2, NEWS) for ratio in (1.0, 6.0)], ignore_index=True)
    answered = found["why_not"].isna()
    numbers = found[["estimate", "lower", "upper", "p_value"]]
    assert np.isfinite(numbers.fillna(0)).all(axis=None)
    assert numbers[~answered].isna().all(axis=None)
    # Where nothing changes, the search for change points says so by no date.
    said = numbers.notna().any(axis=1) | (found["estimator"] == "change points")
    assert said[answered].all()
    assert len(verdicts(found)) and len(power(found))
    recovery(found)


@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_a_series_without_any_post_claims_nothing() -> None:
    found = trials(campaign(mean=1e-9), 1.0, 1, NEWS)
    answered = found[found["why_not"].isna()]
    assert {"calendars", "search", "lead_lag"} <= set(found["estimator"])
    assert (answered["p_value"].fillna(1) == 1).all()
    assert (answered["estimate"].fillna(0) == 0).all()


def test_settings_are_read_from_the_params_of_a_rule_and_put_in_words() -> None:
    params = SimpleNamespace(**vars(USE), seed=1, model_window=None)
    assert Settings.of(params) == USE
    assert USE.words() == (
        "lead_days 7, lag_days 14, trend_days 35, hac_days 7, interrupted_days 28"
    )


def test_a_setting_names_campaign_period_event_days_and_settings() -> None:
    twice = pd.concat([EVENTS, EVENTS[:1].assign(event="F")])
    words = f"sim, 2019-10-01 to 2019-12-09, 5 event days, {USE.words()}"
    assert setting("sim", DAYS, EVENTS, USE) == words
    assert setting("sim", DAYS, twice, USE) == words  # two events on one day
