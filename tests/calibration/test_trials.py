"""Trials: estimators of the study, put to series of known truth."""

import numpy as np
import pandas as pd
import pytest

from takedown.calibration.campaigns import Campaign
from takedown.calibration.trials import PLANTED, Settings, effects, middle_event, try_all
from takedown.calibration.verdicts import band, verdicts

DAYS = pd.date_range("2019-10-01", periods=150)
EVENTS = pd.DataFrame(
    {
        "event": ["A", "B", "C", "D", "E"],
        "date": ["2019-10-20", "2019-11-10", "2019-12-14", "2019-12-30", "2020-01-30"],
    }
)
USE = Settings(lead_days=7, lag_days=14, trend_days=75, hac_days=7, interrupted_days=28, draws=99)


def campaign(**noise: float) -> Campaign:
    planted = {"alpha": 0.2, "spread": 0.0, "persistence": 0.0} | noise
    return Campaign(mean=pd.Series(60.0, index=DAYS), **planted)


def trials(of: Campaign, ratio: float, simulations: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return try_all(of, EVENTS, USE, ratio=ratio, simulations=simulations, rng=rng)


@pytest.fixture(scope="module")
def quiet() -> pd.DataFrame:
    return trials(campaign(), 1.0, 60)


def test_every_estimator_answers_every_series(quiet: pd.DataFrame) -> None:
    assert quiet["why_not"].isna().all()
    assert set(quiet["estimator"]) == {
        "pooled negbin_hac, days_0_2",
        "pooled negbin_hac, days_0_6",
        "pooled log1p_ols_hac, days_0_2",
        "pooled log1p_ols_hac, days_0_6",
        "single negbin_predictive, days_0_2",
        "single negbin_predictive, days_0_6",
        "interrupted, level",
        *(
            f"placebo {null}, {statistic}"
            for null in ("circular_shift", "free_redraw")
            for statistic in ("abnormal_0_2", "abnormal_0_6", "lead_7_1")
        ),
        "naive Poisson, days_0_6",
    }
    assert (quiet.groupby("estimator")["draw"].nunique() == 60).all()


def test_a_large_planted_effect_is_found_with_its_size() -> None:
    found = trials(campaign(alpha=0.02), 3.0, 20)
    middle = found.groupby("estimator")["log_ratio"].median()
    for name in ("pooled negbin_hac, days_0_6", "single negbin_predictive, days_0_6"):
        assert middle[name] == pytest.approx(np.log(3), abs=0.15)
    assert middle["interrupted, level"] == pytest.approx(np.log(3), abs=0.15)


def test_the_wrong_estimator_fails_its_calibration() -> None:
    """Poisson regression takes every cluster of busy days for an effect."""
    noisy = campaign(spread=0.6, persistence=0.7)
    tried = {ratio: trials(noisy, ratio, 60) for ratio in (1.0, 1.5, 2.0)}
    table = verdicts("noisy", tried).set_index("estimator")
    naive = table.loc["naive Poisson, days_0_6"]
    assert naive["fpr"] > 0.5 > band(0.05, 60)[1]
    assert naive["usable"] == "no"
    assert naive["why"] == "too many false positives; intervals too narrow"


def test_what_is_planted_is_what_the_estimators_look_for() -> None:
    every, lasting = effects(DAYS, EVENTS, 2.0).values()
    assert middle_event(pd.Series(0, index=DAYS), EVENTS) == "2019-12-14"
    assert every[DAYS == "2019-12-14"] == 2 and every[DAYS == "2019-12-21"] == 1
    assert lasting[DAYS < "2019-12-14"].max() == 1 and lasting[DAYS >= "2019-12-14"].min() == 2
    assert len(PLANTED) == 2


def test_no_answer_is_a_row_with_its_reason() -> None:
    short = Campaign(pd.Series(60.0, index=DAYS[:40]), 0.2, 0.0, 0.0)
    use = Settings(7, 14, 75, 7, 28, 9)
    early = EVENTS[:1]
    found = try_all(short, early, use, ratio=1.0, simulations=2, rng=np.random.default_rng(1))
    silent = found[found["why_not"].notna()]
    assert set(silent["estimator"]) == {"pooled"}
    assert silent["why_not"].str.contains("pooling needs 3").all()
    assert len(silent) == 2


def test_the_same_seed_gives_the_same_answers(quiet: pd.DataFrame) -> None:
    again = trials(campaign(), 1.0, 2)
    pd.testing.assert_frame_equal(again, quiet[quiet["draw"] < 2].reset_index(drop=True))
