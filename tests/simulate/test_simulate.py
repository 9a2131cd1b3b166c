"""Campaigns made up from scratch, as series and as whole archives, with a planted truth."""

import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from takedown.errors import InputError
from takedown.estimation.design import baseline
from takedown.models.event_study import counted, shifted
from takedown.simulate.archive import main, planted_days, simulate_archive
from takedown.simulate.campaigns import CampaignSimulator, event_effect, planted_mean

DAYS = pd.date_range("2020-01-01", periods=150)
DATES = ["2020-02-03", "2020-03-01", "2020-04-02", "2020-05-01"]


def posts_by_day(path: Path, zone: str) -> pd.Series:
    time = pl.col("tweet_time").str.to_datetime("%Y-%m-%d %H:%M", time_zone="UTC")
    day = time.dt.convert_time_zone(zone).dt.date()
    table = (
        pl.read_csv(path, infer_schema=False)
        .group_by(day.cast(pl.String).alias("day"))
        .len()
        .sort("day")
    )
    return table.to_pandas().set_index("day")["len"]


def unpacked(archive: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        return Path(opened.extract(opened.namelist()[0], archive.parent))


def test_a_mean_made_up_has_its_weekends_trend_bursts_and_silence() -> None:
    mean = planted_mean(
        DAYS,
        10.0,
        weekend=0.5,
        trend=4.0,
        bursts=[("2020-02-10", 3, 5.0)],
        sparse=[("2020-03-01", "2020-03-31", 0.01)],
    )
    assert mean.iloc[0] == pytest.approx(10)
    assert mean.iloc[-1] == pytest.approx(40)
    expected = 10 * 4 ** (np.arange(150) / 149)
    assert mean["2020-02-12"] == pytest.approx(5 * expected[42])
    assert mean["2020-02-13"] == pytest.approx(expected[43])
    assert mean["2020-02-15"] == pytest.approx(0.5 * expected[45])
    assert mean["2020-03-31"] == pytest.approx(0.01 * expected[90])


def test_a_campaign_drawn_from_it_has_the_mean_and_the_silence() -> None:
    mean = planted_mean(DAYS, 30.0, sparse=[("2020-01-01", "2020-02-29", 0.002)])
    campaign = CampaignSimulator(mean, alpha=0.1, spread=0.4, persistence=0.6)
    rng = np.random.default_rng(4)
    drawn = np.array([campaign.draw(rng) for _ in range(400)])
    assert drawn.mean(axis=0)[60:] == pytest.approx(mean[60:].to_numpy(), rel=0.15)
    assert (drawn[:, :60] == 0).mean() > 0.9


def test_planted_days_hold_the_effect_on_its_days() -> None:
    truth = planted_days(DAYS, DATES, posts=20_000, effect=3.0, delay=2, seed=1)
    assert truth["mean"].sum() == pytest.approx(20_000)
    raised = set(truth["date"][truth["effect"] == 3])
    first = {
        str((pd.Timestamp(date) + pd.Timedelta(days=day)).date())
        for date in DATES
        for day in range(2, 9)
    }
    assert raised == first
    assert set(truth["effect"]) == {1.0, 3.0}


def test_an_archive_has_exactly_the_posts_planted_on_each_day(tmp_path: Path) -> None:
    truth = planted_days(DAYS, DATES, posts=3_000, effect=3.0, delay=0, seed=2)
    tweets, users = tmp_path / "simulated_tweets.zip", tmp_path / "simulated_users.zip"
    simulate_archive(
        tweets,
        users,
        posts=int(truth["posts"].sum()),
        accounts=40,
        start=datetime(2019, 12, 31, 17),  # midnight in Bangkok
        end=datetime(2020, 6, 1),
        seed=3,
        daily=truth["posts"].to_numpy(),
    )
    found = posts_by_day(unpacked(tweets), "Asia/Bangkok")
    wanted = truth[truth["posts"] > 0]
    assert list(found.index) == list(wanted["date"])
    assert found.tolist() == wanted["posts"].tolist()


def test_the_event_study_finds_what_was_planted() -> None:
    truth = planted_days(DAYS, DATES, posts=20_000, effect=3.0, delay=0, seed=5)
    posts = pd.Series(truth["posts"].to_numpy(), index=DAYS)
    events = pd.DataFrame({"event": list("abcd"), "date": DATES})
    for estimate in (shifted, counted):
        found = estimate(posts, baseline(DAYS, 30), events, range(-7, 15))
        rows = {row.effect: row for row in found.effects}
        ratio, lower, upper, p_value = rows["days_0_6"][2:]
        assert lower <= 3 <= upper
        assert lower > 1
        assert ratio == pytest.approx(3, rel=0.4)
        assert p_value < 0.05


def test_overlapping_effects_multiply() -> None:
    found = event_effect(10, np.array([1, 3]), 2.0, range(0, 3))
    assert found.tolist() == pytest.approx([1, 2, 2, 4, 2, 2, 1, 1, 1, 1])


@pytest.mark.usefixtures("may_take_long")
def test_the_command_plants_the_archives_own_calendar(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["thailand_092020", "--to", str(tmp_path), "--effect", "2", "--delay", "1"])
    assert "make run CONFIG=" in capsys.readouterr().out
    truth = pd.read_csv(tmp_path / "simulated_thailand_092020_truth.csv")
    assert set(truth["effect"]) <= {1.0, 2.0, 4.0, 8.0, 16.0}
    assert (truth["effect"] > 1).any()
    tweets = unpacked(tmp_path / "simulated_thailand_092020_tweets_csv_hashed.zip")
    assert posts_by_day(tweets, "Asia/Bangkok").sum() == truth["posts"].sum()


def test_an_archive_that_does_not_say_it_is_simulated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must say that it is simulated"):
        simulate_archive(
            tmp_path / "tweets.zip",
            tmp_path / "simulated_users.zip",
            posts=1,
            accounts=1,
            start=datetime(2020, 1, 1),
            end=datetime(2020, 1, 2),
            seed=1,
        )
