"""A simulated archive with a planted effect: found, and flagged as what was not calibrated."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import clean
from flagged import flagged
from simulated import STUDY

from takedown.estimation.flags import Calibration
from takedown.estimation.settings import Settings
from takedown.models import event_study, placebo
from takedown.series.daily import daily_from_posts
from takedown.series.modelled import estimation_window, wide
from takedown.series.news import place_events, read_events
from takedown.simulate.archive import planted_days, simulate_archive

CALIBRATION = Path(__file__).parents[2] / "results/reference/calibration/estimators.csv"
DATES = ["2020-02-03", "2020-03-01", "2020-04-02", "2020-05-01"]
WINDOW = ("2020-01-01", "2020-05-29")
RATIO = 4.0


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """Effects and placebo calendars of an archive in which an event means four times the posts."""
    folder = tmp_path_factory.mktemp("planted")
    days = pd.date_range(*WINDOW)
    truth = planted_days(days, DATES, posts=3_000, effect=RATIO, delay=0, seed=8)
    paths = [folder / f"simulated_{role}.zip" for role in ("tweets", "users")]
    simulate_archive(
        *paths,
        posts=int(truth["posts"].sum()),
        accounts=60,
        start=datetime(2019, 12, 31, 17),  # midnight in Bangkok
        end=datetime(2020, 5, 29, 17),
        seed=3,
        daily=truth["posts"].to_numpy(),
    )
    posts = clean(folder, paths[0], [paths[1]], timezone="Asia/Bangkok").posts
    daily = daily_from_posts(
        posts.lazy(), topics=[], languages=[], window=WINDOW, keep_rare_topics=False
    )
    series = {"all": wide(daily)["all"]}
    assert np.array_equal(series["all"], truth["posts"])

    calendar = pd.DataFrame({"date": DATES, "title": "simulated event"})
    calendar.to_csv(folder / "events.csv", index=False)
    calendar = read_events([str(folder / "events.csv")], [])
    events = place_events(calendar, days, estimation_window(series["all"], WINDOW))
    use = Settings(**STUDY, interrupted_days=28)
    trust = Calibration.read(CALIBRATION, "simulated_planted", series["all"], events, use)
    _, effects, _, _ = event_study.event_study(series, events, **STUDY)
    rng = np.random.default_rng(1)
    table, _ = placebo.placebo(series, events, draws=99, trend_days=use.trend_days, rng=rng)
    return {
        "effects": flagged(trust, event_study, effects),
        "placebo": flagged(trust, placebo, table),
    }


@pytest.mark.usefixtures("may_take_long")
def test_the_effect_is_found_with_an_interval_that_holds_it(found: dict[str, pd.DataFrame]) -> None:
    effects = found["effects"]
    own = effects[(effects.event == "pooled") & (effects.effect == "days_0_6")]
    for method in ("log1p_shift", "negbin_shift"):
        row = own[own.method == method].iloc[0]
        assert 1 < row.lower <= RATIO <= row.upper
        assert row.p_value <= 0.05


@pytest.mark.usefixtures("may_take_long")
def test_both_nulls_agree_that_it_is_no_accident(found: dict[str, pd.DataFrame]) -> None:
    placebos = found["placebo"]
    own = placebos[(placebos.event == "pooled") & (placebos.statistic == "days_0_6")]
    assert set(own.null) == {"free_redraw", "circular_shift"}
    assert (own.p_value <= 0.05).all()


@pytest.mark.usefixtures("may_take_long")
def test_no_estimate_of_a_campaign_that_was_not_calibrated_is_flagged_as_usable(
    found: dict[str, pd.DataFrame],
) -> None:
    for table in found.values():
        assert set(table["calibrated"]) == {"untried"}
