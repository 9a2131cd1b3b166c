"""Negative controls: which calendars are tried, on which days, and by which estimate.

Series here are simulated.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from simulated import correlated, planted, series

from takedown.estimation.design import baseline
from takedown.estimation.effects import shift_effects
from takedown.io.tables import contract
from takedown.models.negative_controls import negative_controls, within

START = pd.Timestamp("2019-06-01")
NONE = pd.DataFrame({"date": [], "topic": []}, dtype=object)


def events(**topics: list[int]) -> pd.DataFrame:
    """Events by topic, on so many days after the start of the series."""
    rows = [(str((START + pd.Timedelta(days=at)).date()), topic) for topic in topics
            for at in topics[topic]]  # fmt: skip
    return pd.DataFrame(rows, columns=["date", "topic"])


def campaign(days: int = 150, **topics: pd.Series) -> dict[str, pd.Series]:
    own = {f"topic:{name}": posts for name, posts in topics.items()}
    return {"all": series(days), "lang:en": series(days, seed=5)} | own


def control(
    posts: Mapping[str, pd.Series], own: pd.DataFrame, foreign: pd.DataFrame = NONE
) -> tuple[pd.DataFrame, pd.DataFrame]:
    table, notes = negative_controls(posts, own, foreign, trend_days=30)
    contract("models/negative_controls.csv").validate(table, lazy=True)
    contract("models/notes.csv").validate(notes, lazy=True)
    return table, notes


def calendars(table: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    """Control, series, calendar -> event days; both effects must be there."""
    assert table.groupby(["control", "series", "calendar"])["effect"].agg(list).map(
        lambda effects: effects == ["days_0_2", "days_0_6"]
    ).all()  # fmt: skip
    return {row[:3]: row[3] for row in table.itertuples(index=False, name=None)}


def test_a_topic_meets_the_events_of_the_others_but_not_its_own() -> None:
    posts = campaign(army=series(seed=1), virus=series(seed=2), rare=series(seed=6))
    own = events(army=[10, 30, 50], virus=[70, 90, 110, 110], nowhere=[20, 60, 100])
    found = calendars(control(posts, own)[0])
    assert found == {
        ("another topic", "topic:virus", "army"): 3,
        ("another topic", "topic:rare", "army"): 3,
        ("another topic", "topic:army", "nowhere"): 3,
        ("another topic", "topic:virus", "nowhere"): 3,
        ("another topic", "topic:rare", "nowhere"): 3,
        ("another topic", "topic:army", "virus"): 3,
        ("another topic", "topic:rare", "virus"): 3,
    }


@pytest.mark.parametrize(("gap", "used"), [(0, 3), (6, 3), (-6, 3), (7, 4), (-7, 4)])
def test_events_of_another_topic_that_meet_the_week_of_an_own_one_are_left_out(
    gap: int, used: int
) -> None:
    posts = campaign(army=series(seed=1))
    own = events(army=[60], virus=[20, 40, 60 + gap, 100])
    found = calendars(control(posts, own)[0])
    assert found == {("another topic", "topic:army", "virus"): used}


def test_events_of_another_country_leave_out_own_topics_and_what_moves_the_world() -> None:
    own = events(army=[10, 30], virus=[])
    foreign = events(
        army=[20, 40, 60],
        taiwan=[15, 45, 75, 45, 400],
        covid19=[20, 40, 60],
        hong_kong=[25, 55, 85],
    )
    table, _ = control(campaign(), own, foreign)
    assert calendars(table) == {
        ("another country", "all", "hong_kong"): 3,
        ("another country", "all", "taiwan"): 3,
    }


def test_the_own_events_move_by_a_year_of_whole_weeks() -> None:
    at = [5, 100, 150, 364, 400, 470]
    posts = {"all": correlated(480, 0.5, 1)}
    table, notes = control(posts, events(army=at))
    assert calendars(table) == {("another year", "all", "52 weeks earlier"): 3}
    rows = estimates(posts["all"], [0, 36, 106])
    np.testing.assert_allclose(table[["rate_ratio", "p_value"]], rows)
    days = posts["all"].index
    assert (days[[364, 400, 470]].day_of_week == days[[0, 36, 106]].day_of_week).all()
    assert notes["note"].to_list() == [
        "another year, 52 weeks later: 2 distinct event days in the estimation window; "
        "pooling needs 3"
    ]


def estimates(posts: pd.Series, at: list[int]) -> list[tuple[float, float]]:
    """Rate ratio and p of both effects as the event study has them."""
    logs = np.log1p(posts.to_numpy(dtype=float))
    base = baseline(posts.index, 30).to_numpy()
    found = shift_effects(logs, base, np.array(at)).values()
    return [(np.exp(estimate.value), estimate.p_value) for estimate in found]


def test_a_row_is_the_estimate_of_the_event_study_on_that_series() -> None:
    posts = campaign(army=series(seed=1))
    own = events(virus=[110, 20, 60, 20])
    table, _ = control(posts, own)
    rows = estimates(posts["topic:army"], [20, 60, 110])
    np.testing.assert_allclose(table[["rate_ratio", "p_value"]], rows)
    assert (table["lower"] < table["rate_ratio"]).all()
    assert (table["rate_ratio"] < table["upper"]).all()


def test_a_period_that_answers_any_calendar_is_noticed() -> None:
    at = [20, 50, 80, 110]
    answering = planted(series(seed=1, alpha=0.1), at, 5)
    table, _ = control(campaign(army=answering), events(virus=at))
    assert (table["p_value"] < 0.05).all() and (table["lower"] > 1).all()


@pytest.mark.usefixtures("may_take_long")
def test_calendars_that_move_nothing_seldom_find_anything() -> None:
    found = []
    for seed in range(40):
        posts = {"all": correlated(90, 0.6, seed)}
        foreign = events(taiwan=[12, 30, 33, 61])
        found += list(control(posts, events(army=[5]), foreign)[0]["p_value"] <= 0.05)
    assert len(found) == 80
    assert sum(found[::2]) <= 8 and sum(found[1::2]) <= 8  # exact binomial 99.9 % bounds


@pytest.mark.parametrize("at", [[20, 50], [20, 50, 50, 900], []])
def test_too_few_events_in_the_window_leave_a_note(at: list[int]) -> None:
    table, notes = control(campaign(army=series(seed=1)), events(virus=at), events(taiwan=at))
    assert table.empty
    said = notes[~notes["note"].str.startswith("another year")].set_index("series")["note"]
    count = len({day for day in at if day < 150})
    end = f": {count} distinct event days in the estimation window; pooling needs 3"
    assert said.to_dict() == (
        {"topic:army": f"another topic, virus{end}", "all": f"another country, taiwan{end}"}
        if at
        else {}
    )
    assert (notes["method"] == "negative_controls").all()
    assert notes["note"].str.contains("pooling needs 3").all()


@pytest.mark.parametrize(
    ("posts", "reason"),
    [
        (series() * 0, "no posts in the estimation window"),
        (series() * 0 + 2, "constant: 2 posts every day"),
        (series().where(np.arange(150) == 70, 0), "posts on only 1 days"),
    ],
)
def test_a_series_that_carries_no_estimate_has_a_note_and_the_others_remain(
    posts: pd.Series, reason: str
) -> None:
    own = events(virus=[20, 50, 80])
    table, notes = control(campaign(army=posts, police=series(seed=2)), own)
    assert set(table["series"]) == {"topic:police"}
    assert notes.set_index("series")["note"]["topic:army"].startswith(reason)


def test_a_window_of_few_days_has_notes_alone() -> None:
    table, notes = control({"all": series(25)}, events(army=[1]), events(taiwan=[5, 10, 15]))
    assert table.empty
    assert notes["note"].str.contains("too short: 25 days").sum() == 1


def test_events_without_a_topic_are_no_topic_of_their_own() -> None:
    own = pd.concat([events(army=[20, 50, 80]), events(army=[30, 60, 90]).assign(topic=None)])
    table, _ = control(campaign(army=series(seed=1), police=series(seed=2)), own)
    assert calendars(table) == {("another topic", "topic:police", "army"): 3}


def test_days_within_the_window_are_sorted_and_counted_once() -> None:
    days = pd.date_range("2019-06-01", periods=10)
    dates = pd.Series(["2019-06-05", "2019-06-01", "2019-06-05", "2019-05-31", "2019-06-11"])
    assert within(days, dates).tolist() == [0, 4]
    assert within(days, dates[:0]).tolist() == []
