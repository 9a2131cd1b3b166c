"""The figures on all campaigns: what is drawn, what captions say, and the empty cases."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from captions import caption_of

from takedown.atlas.meta import COMBINED, RESPONSES, meta_analysis
from takedown.atlas.profile import COLUMNS, RESPONSE, UNKNOWN, profile
from takedown.atlas.sketch import COLUMNS as PAIRS
from takedown.figures import clocks, profiles, responses, similarity, style, timeline


@pytest.fixture(autouse=True)
def styled(may_take_long: None) -> Iterator[None]:
    with style.styled():
        yield


def response(name: str, ratio: float, calibrated: str) -> tuple:
    why = None if calibrated == "yes" else "calibration does not allow it"
    ends = (ratio, ratio / 2, ratio * 2)
    return (name, "negbin_shift", "days_0_6", *ends, calibrated, "c.csv", np.nan, why)


def analysed(*rows: tuple) -> tuple[pd.DataFrame, pd.DataFrame]:
    return meta_analysis(pd.DataFrame(rows, columns=RESPONSES), seed=1)


def test_the_forest_plot_gives_mean_prediction_and_grey() -> None:
    tables = analysed(*(response(name, 2.0, "yes") for name in "abc"), response("d", 9.0, "no"))
    drawing = responses.draw(*tables, in_comparison=["a", "b", "c", "d"])
    data = drawing.data.set_index("campaign")
    assert data.loc["(mean)", "rate_ratio"] == pytest.approx(2)
    assert data.loc["(prediction)", "lower"] < data.loc["(mean)", "lower"]
    assert "Mean of 3 campaigns with 1 calendar 2.00" in caption_of(drawing)
    assert "not usable here" in caption_of(drawing)
    assert "d 9.00" in drawing.alt


def test_the_row_that_may_be_believed_is_drawn_and_others_are_counted() -> None:
    rows, combined = analysed(*(response(name, 2.0, "yes") for name in "abc"))
    other = {"method": "negbin_hac", "effect": "days_0_2"}
    later = combined.assign(**other, calibrated="yes", prediction_calibrated="no")
    combined = pd.concat([combined.assign(calibrated="no"), later], ignore_index=True)
    rows = pd.concat([rows, rows.assign(**other)])
    drawing = responses.draw(rows, combined, in_comparison=["a", "b", "c", "d", "e"])
    assert "2 campaigns. " in caption_of(drawing)
    assert "days 0 to +2" in caption_of(drawing) and "from all shifts" not in caption_of(drawing)
    flags = drawing.data.set_index("campaign")["calibrated"]
    assert (flags["(mean)"], flags["(prediction)"]) == ("yes", "no")


def test_without_two_campaigns_that_may_enter_no_mean_is_drawn() -> None:
    drawing = responses.draw(*analysed(response("a", 2.0, "no")), in_comparison=["a"])
    assert "No mean is taken: 0 of 1 campaigns may enter." in caption_of(drawing)
    assert np.isnan(drawing.data.set_index("campaign").loc["(mean)", "rate_ratio"])


def test_without_any_response_the_figure_says_so() -> None:
    empty = pd.DataFrame(columns=RESPONSES), pd.DataFrame(columns=COMBINED)
    drawing = responses.draw(*empty, in_comparison=["simulated_a"])
    assert "No campaign of the study has a response" in caption_of(drawing)
    assert style.SIMULATED in caption_of(drawing)


def tables(ratio: float | None) -> dict[str, pd.DataFrame]:
    effects = pd.DataFrame(
        columns=["series", "event", "method", "effect", "rate_ratio", "lower", "upper"]
    ).assign(calibrated=None)
    if ratio:
        effects.loc[0] = ["all", "pooled", "log1p_shift", "days_0_6", ratio, 1.0, 3.0, "untried"]
    summary = pd.DataFrame({"quantity": ["posts"], "value": ["1200"]})
    bursts = pd.DataFrame(
        {"quantity": ["share_created_on_burst_days"], "value": [0.0], "lower": [None],
         "upper": [None]}
    )  # fmt: skip
    return {
        "describe/summary.csv": summary,
        "models/accounts.csv": bursts,
        "models/event_effects.csv": effects,
    }


def test_profiles_take_what_is_known_and_say_what_is_not() -> None:
    table = profile("a", tables(2.0)).set_index("quantity")
    assert table.loc["posts", "estimate"] == 1200
    assert table.loc["share_created_on_burst_days", "estimate"] == 0
    assert pd.isna(table.loc["share_created_on_burst_days", "note"])
    assert table.loc["gini_of_posts", "note"] == (
        f"{UNKNOWN}, or too little for an estimate: models/accounts_notes.csv says why"
    )
    assert table.loc["working_hours_share", "note"] == UNKNOWN
    assert (table.loc[RESPONSE, "estimate"], table.loc[RESPONSE, "calibrated"]) == (2.0, "untried")
    assert profile("b", tables(None)).set_index("quantity").loc[RESPONSE, "note"] == (
        "too little for an estimate: models/event_study_notes.csv says why"
    )


def test_profiles_are_drawn_largest_first_with_grey_and_dashes() -> None:
    frames = [profile("small", tables(None)), profile("simulated_big", tables(2.0))]
    table = pd.concat(frames, ignore_index=True)
    table.loc[(table["campaign"] == "small") & (table["quantity"] == "posts"), "estimate"] = 7
    drawing = profiles.draw(table[COLUMNS])
    labels = [label.get_text() for label in drawing.figure.axes[0].get_yticklabels()]
    assert labels == ["simulated_big", "small"]
    assert "not calibrated" in caption_of(drawing)
    assert "SIMULATED: simulated_big. " in caption_of(drawing)
    assert "Posts from 7 to 1.2e+03" in drawing.alt


def pair(one: str, other: str, share: float) -> tuple:
    return (one, other, "hashtags", 10, 10, 20, share, share, share, True)


def test_similarity_draws_the_pairs_that_share_most() -> None:
    names = [f"c{number:02d}" for number in range(40)]
    rows = [pair("a", name, number / 100) for number, name in enumerate(names)]
    drawing = similarity.draw(pd.DataFrame(rows, columns=PAIRS), in_comparison=["a", *names])
    assert len(drawing.data) == similarity.MOST_PAIRS
    assert drawing.data["share"].min() > 0.1
    assert (drawing.facts["pairs"], drawing.facts["shown"]) == (40, 25)
    assert "40 pairs" in caption_of(drawing) and "25" in caption_of(drawing)
    assert "hashtags, a and c39 with 39.0%" in drawing.alt


def test_of_few_things_a_large_share_is_not_drawn() -> None:
    few = ("a", "b", "hashtags", 1, 1, 1, 1.0, 1.0, 1.0, True)
    drawing = similarity.draw(
        pd.DataFrame([few, pair("a", "c", 0.1)], columns=PAIRS), in_comparison=list("abc")
    )
    assert drawing.data["other"].tolist() == ["c"]
    assert drawing.facts["least"] == 20 and "at least 20" in caption_of(drawing)


def test_nothing_in_common_is_said() -> None:
    table = pd.DataFrame([pair("a", "b", 0.0)], columns=PAIRS)
    drawing = similarity.draw(table, in_comparison=["simulated_a", "simulated_b"])
    assert drawing.facts["shown"] == 0
    assert "SIMULATED: all. " in caption_of(drawing)
    assert drawing.alt.endswith("the largest: none.")


def test_the_timeline_holds_months_events_and_disclosures() -> None:
    days = pd.date_range("2019-01-01", "2019-06-30")
    early = pd.Series(0, index=days)
    early.iloc[0] = 1
    early.loc["2019-03-01":"2019-03-31"] = 100
    late = pd.Series(10, index=pd.date_range("2020-01-01", "2020-02-29"))
    calendar = timeline.calendar(
        [pd.DataFrame({"date": ["2019-04-01", "2001-01-01"], "title": ["x", "y"],
                       "topic": ["army", None]})] * 2
    )  # fmt: skip
    assert len(calendar) == 2
    drawing = timeline.strips(
        {"early": early, "late": late}, calendar, {"early": "2020-06-12", "late": None}
    )
    data = drawing.data
    assert data["kind"].value_counts().to_dict() == {"posts": 6, "event": 1, "disclosure": 1}
    assert data[data["kind"] == "posts"]["posts"].sum() == 3100 + 600
    assert "n = 1 news event of" in caption_of(drawing)


def test_a_study_without_events_has_a_timeline_too() -> None:
    posts = pd.Series(1, index=pd.date_range("2019-01-01", "2019-06-30"))
    none = timeline.calendar([pd.DataFrame(columns=["date", "title", "topic"])])
    drawing = timeline.strips({"a": posts}, none, {"a": None})
    assert "n = 0 news events of" in caption_of(drawing)


def test_clocks_keep_to_the_most_that_a_page_can_hold() -> None:
    hours = pd.DataFrame(
        [(day, hour, day * hour) for day in range(1, 8) for hour in range(24)],
        columns=["weekday", "hour", "posts"],
    )
    names = [f"campaign_{number:03d}" for number in range(style.MOST_ROWS + 1)]
    drawing = clocks.draw(dict.fromkeys(names, hours), timezone=dict.fromkeys(names, "UTC"))
    assert drawing.figure.axes[0].get_title(loc="right") == "161"
    assert drawing.data["campaign"].nunique() == style.MOST_ROWS
    assert (drawing.facts["shown"], drawing.facts["all"]) == (style.MOST_ROWS, len(names))
    assert str(len(names)) in caption_of(drawing)
    assert "campaign_000 Sun 23:00" in drawing.alt
