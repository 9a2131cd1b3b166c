"""A simulated archive with a planted effect: the workflow finds it, and does not overstate."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Project, copy_project

from takedown.simulate.archive import planted_days, simulate_archive
from takedown.tables import read_table

pytestmark = pytest.mark.slow
NAME = "simulated_planted"
DATES = ["2020-02-03", "2020-03-01", "2020-04-02", "2020-05-01"]
RATIO = 4.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models' results on an archive whose posts each event multiplies by four for a week."""
    project: Project = copy_project(tmp_path_factory.mktemp("planted") / "a wörk folder")
    days = pd.date_range("2020-01-01", periods=150)
    truth = planted_days(days, DATES, posts=6_000, effect=RATIO, delay=0, seed=8)
    paths = [project.root / f"simulated_{role}.zip" for role in ("tweets", "users")]
    simulate_archive(
        *paths,
        posts=int(truth["posts"].sum()),
        accounts=60,
        start=datetime(2019, 12, 31, 17),  # midnight in Bangkok
        end=datetime(2020, 6, 1),
        seed=3,
        daily=truth["posts"].to_numpy(),
    )
    calendar = pd.DataFrame({"date": DATES, "title": "simulated event"})
    calendar.to_csv(project.root / "events.csv", index=False)
    campaign = {
        "tweets": "simulated_tweets.zip",
        "users": "simulated_users.zip",
        "timezone": "Asia/Bangkok",
        "events": "events.csv",
        "window": {"start": "2020-01-01", "end": "2020-05-29"},
        "model_window": {"start": "2020-01-01", "end": "2020-05-29"},
    }
    study = project.study("planted", {NAME: campaign})
    results = project.root / "results/planted" / NAME
    wanted = [f"results/planted/{NAME}/models/findings.csv"]
    project.complete(study, "--", *wanted)
    daily = read_table(results / "series/daily.csv")
    assert np.array_equal(daily["posts"][daily["series"] == "all"], truth["posts"])
    return results / "models"


def test_the_effect_is_found_with_an_interval_that_holds_it(folder: Path) -> None:
    effects = read_table(folder / "event_effects.csv")
    own = effects[(effects.series == "all") & (effects.event == "pooled")]
    for method in ("log1p_shift", "negbin_shift"):
        row = own[(own.method == method) & (own.effect == "days_0_6")].iloc[0]
        assert row.lower <= RATIO <= row.upper
        assert row.lower > 1
        assert row.p_value <= 0.05


def test_both_nulls_agree_that_it_is_no_accident(folder: Path) -> None:
    placebo = read_table(folder / "placebo.csv")
    own = placebo[(placebo.series == "all") & (placebo.event == "pooled")]
    assert (own[own.statistic == "days_0_6"].p_value <= 0.05).all()


def test_the_findings_refuse_to_interpret_what_was_not_calibrated(folder: Path) -> None:
    findings = read_table(folder / "findings.csv").set_index("question")
    assert findings["strength"]["events together"] == "not usable"
    assert "not calibrated" in findings["sentence"]["events together"]
