"""Every form of a news calendar: models, notes and figures of a campaign known by its counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from builders import clean, post, write_archive
from flagged import flagged
from simulated import SIDES, STUDY

from takedown.describe.aggregates import read_counts
from takedown.estimation.data import read_data
from takedown.estimation.flags import Calibration
from takedown.figures import event_study as event_study_figure
from takedown.figures import interrupted as interrupted_figure
from takedown.figures import style, volume
from takedown.io.tables import contracts, read_table, write_table
from takedown.models import change_points, event_study, interrupted, placebo
from takedown.models.change_points import matches
from takedown.series.daily import daily_from_counts, daily_from_posts
from takedown.series.modelled import (
    estimation_window,
    model_series,
    wide,
    window_table,
)
from takedown.series.news import attention_within, place_events, read_attention, read_events

pytestmark = pytest.mark.usefixtures("may_take_long")

FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
CALENDARS = {
    "no_rows": [],
    "one_event": ["2020-02-01,only"],
    "same_day": ["2020-02-01,first", "2020-02-01,second", "2020-02-20,third"],
    "all_outside": ["2011-01-01,long before", "2031-01-01,long after"],
    "too_short": ["2020-02-01,first", "2020-02-02,second"],
}
SHORT = ("2020-01-28", "2020-02-08")
METHODS = ("event_study", "placebo", "interrupted", "change_points")
#: Calibrated as nothing else is: all is untried.
TRUST = Calibration(
    pd.DataFrame(columns=list(contracts()["calibration/estimators.csv"]["columns"])), "here"
)
NO_EVENTS = pd.DataFrame({"event": [], "date": []})
Tables = Mapping[str, pd.DataFrame]


def counts(days: int = 90) -> str:
    """Simulated posts per hour in two languages, some more every Sunday, so that models can run."""
    lines = ["time,language,posts"]
    for day in range(days):
        for hour, language in ((3, "en"), (15, "zh")):
            time = FIRST_DAY + timedelta(days=day, hours=hour)
            posts = 5 + (day * 7919 + hour) % 11 + 6 * (day % 7 == 4)
            lines.append(f"{time:%Y-%m-%dT%H:%M:%SZ},{language},{posts}")
    return "\n".join(lines) + "\n"


@cache
def tables(name: str) -> Tables:
    """The tables of a campaign with one of the calendars, each as it comes back from its file."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "counts.csv").write_text(counts())
        (folder / "news.csv").write_text("\n".join(["date,title", *CALENDARS[name]]) + "\n")
        window = SHORT if name == "too_short" else None

        def stored(table: pd.DataFrame, place: str) -> pd.DataFrame:
            path = folder / place
            path.parent.mkdir(exist_ok=True)
            write_table(table, path)
            return read_table(path)

        posts = read_counts(str(folder / "counts.csv"), "UTC")
        found = {"daily": stored(daily_from_counts(posts, window), "series/daily.csv")}
        days = wide(found["daily"])
        calendar = read_events([str(folder / "news.csv")], [])
        placed = place_events(calendar, days.index, estimation_window(days["all"], None))
        found["events"] = stored(placed, "series/events.csv")
        attention = attention_within(read_attention([]), days.index)
        found["attention"] = stored(attention, "series/attention.csv")

        window = estimation_window(days["all"], None)
        stored(window_table(window, False), "series/estimation_window.csv")
        files = {"daily": "daily", "events": "events", "window": "estimation_window"}
        data = read_data({key: str(folder / f"series/{one}.csv") for key, one in files.items()})
        series, events = data.series, data.events
        path, effects, bands, notes = event_study.event_study(series, events, **STUDY)
        terms, paths, its_notes = interrupted.interrupted(series, events, **SIDES)
        calendars, placebo_notes = placebo.placebo(
            series, events, draws=99, trend_days=STUDY["trend_days"], rng=np.random.default_rng(1)
        )
        changes, change_notes = change_points.change_points(
            series, events, bootstrap=50, generator=lambda _: np.random.default_rng(1)
        )
        results = {
            "event_study": flagged(TRUST, event_study, path),
            "event_effects": flagged(TRUST, event_study, effects),
            "placebo_bands": bands,
            "event_study_notes": notes,
            "interrupted": flagged(TRUST, interrupted, terms),
            "interrupted_paths": paths,
            "interrupted_notes": its_notes,
            "placebo": flagged(TRUST, placebo, calendars),
            "placebo_notes": placebo_notes,
            "change_points": flagged(TRUST, change_points, changes),
            "change_point_matches": matches(changes, events, series["all"].index),
            "change_points_notes": change_notes,
        }
        return found | {key: stored(table, f"models/{key}.csv") for key, table in results.items()}


def noted(found: Tables, method: str) -> dict[str, str]:
    notes = found[f"{method}_notes"]
    return dict(zip(notes["series"], notes["note"], strict=True))


@pytest.mark.parametrize("name", CALENDARS)
def test_every_calendar_is_placed_and_drawn(name: str) -> None:
    found = tables(name)
    titles = [line.split(",")[1] for line in CALENDARS[name]]
    assert sorted(found["events"]["title"]) == sorted(titles)
    named = {"campaign": "simulated", "source": "simulated"}
    days = wide(found["daily"])
    events = found["events"]
    with style.styled():
        volume.headline(
            days,
            estimation_window(days["all"], None),
            events,
            found["attention"],
            found["change_points"],
            timezone="UTC",
            topic_labels={},
            **named,
        )
        study = ("event_study", "placebo_bands", "event_effects")
        event_study_figure.draw(
            *(found[key] for key in study), events, found["event_study_notes"], **named
        )
        its = (found["interrupted"], found["interrupted_paths"])
        interrupted_figure.draw(*its, events, found["interrupted_notes"], **named)


@pytest.mark.parametrize("name", ["no_rows", "all_outside"])
def test_without_an_event_the_models_say_so_and_the_rest_is_there(name: str) -> None:
    found = tables(name)
    for method in ("event_study", "placebo", "interrupted"):
        assert found[method].empty
        assert "no event" in noted(found, method)["all"], method
    assert (found["events"]["place"] == "outside the study window").all()
    assert "no event" not in noted(found, "change_points").get("all", "")


@pytest.mark.parametrize("name", ["one_event", "same_day"])
def test_one_event_and_two_on_a_day_are_estimated(name: str) -> None:
    found = tables(name)
    events = set(found["events"]["event"])
    for method in ("event_study", "interrupted"):
        table, notes = found[method], found[f"{method}_notes"]
        assert set(table["event"]) - {"pooled"} <= events
        assert (table["series"] == "all").any()
        named = {*table["event"], *notes["event"]}
        assert events <= named, f"{method} says nothing of {events - named}"
    table = found["placebo"]
    redrawn = table[(table["series"] == "all") & (table["null"] == "free_redraw")]
    assert set(redrawn["draws"][redrawn["event"] == "pooled"]) == {99}
    assert set(redrawn["event"]) == {"pooled", *events}


def test_a_window_shorter_than_a_model_needs() -> None:
    found = tables("too_short")
    for method in METHODS:
        assert found[method].empty
        note = noted(found, method)["all"]
        assert re.match(r"too short: .* needs \d+", note), f"{method}: {note}"
    days = found["daily"]["date"]
    assert (days.min(), days.max(), days.nunique()) == (*SHORT, 12)


def test_one_post_is_an_archive(tmp_path: Path) -> None:
    posts = clean(tmp_path, write_archive(tmp_path / "a.zip", [post("2019-11-20 05:20")])).posts
    settings = {"topics": [], "languages": ["en"], "window": None, "keep_rare_topics": False}
    table = wide(daily_from_posts(posts.lazy(), **settings))
    assert table["all"].to_dict() == {pd.Timestamp("2019-11-20"): 1}
    series = model_series(table, estimation_window(table["all"], None))
    rng = np.random.default_rng(1)
    settings = {"draws": 99, "trend_days": STUDY["trend_days"]}
    found, notes = placebo.placebo(series, NO_EVENTS, **settings, rng=rng)
    assert found.empty
    assert notes["note"].str.startswith("too short").all() and set(notes["series"]) == set(series)
