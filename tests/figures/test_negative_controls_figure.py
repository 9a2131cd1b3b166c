"""Negative controls: a row per calendar, filled where chance alone hardly explains it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from captions import caption_of, save
from drawn import assert_apart, assert_inside, lay_out

from takedown.estimation.estimand import EFFECT_WORDS
from takedown.figures import style
from takedown.figures.event_study import EFFECTS
from takedown.figures.negative_controls import draw
from takedown.figures.style import Drawing

#: All of them draw, which takes longest of all that starts no process.
pytestmark = pytest.mark.usefixtures("may_take_long")

CALENDARS = [
    ("another topic", "topic:monarchy", "covid19"),
    ("another topic", "topic:covid19", "opposition"),
    ("another country", "all", "hong_kong"),
    ("another year", "all", "52 weeks later"),
]


def controls(calendars: list[tuple[str, str, str]] = CALENDARS) -> pd.DataFrame:
    """Both effects of every calendar; the effects over a week of the first are significant."""
    rows = [
        (*calendar, 5, effect, 0.8 + place / 10, 0.4, 1.7 + place, 0.03 if not place else 0.4)
        for place, (calendar, effect) in enumerate(
            (calendar, effect) for calendar in calendars for effect in reversed(EFFECTS)
        )
    ]
    columns = "control series calendar events effect rate_ratio lower upper p_value".split()
    return pd.DataFrame(rows, columns=columns)


def drawing(table: pd.DataFrame) -> Drawing:
    found = draw(table, campaign="simulated", source="made up")
    lay_out(found.figure)
    assert_inside(found.figure)
    assert_apart(found.figure)
    return found


def test_the_csv_holds_exactly_what_is_drawn(tmp_path: Path) -> None:
    with style.styled():
        found = drawing(controls())
        save(found, tmp_path / "negative_controls")
        [axes] = found.figure.axes
        marks = {line.get_label(): line for line in axes.lines}
        data = found.data
        for bars, (effect, (_, shift)) in zip(axes.collections, EFFECTS.items(), strict=True):
            own, label = data[data["effect"] == effect], EFFECT_WORDS[effect]
            np.testing.assert_allclose(marks[label].get_xdata(), own["rate_ratio"])
            np.testing.assert_allclose(marks[label].get_ydata(), np.arange(len(own)) + shift)
            ends = [segment[:, 0] for segment in bars.get_segments()]
            np.testing.assert_allclose(ends, own[["lower", "upper"]])
    assert len(pd.read_csv(tmp_path / "negative_controls.csv")) == 2 * len(CALENDARS)


def test_marks_are_filled_where_p_is_at_most_5_percent() -> None:
    with style.styled():
        found = drawing(controls())
        [axes] = found.figure.axes
        hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
        filled = [
            line for line in axes.lines
            if line not in hollow and line.get_linestyle() == "None" and len(line.get_xdata())
        ]  # fmt: skip
        assert sum(len(line.get_xdata()) for line in hollow) == len(found.data)
        [only] = filled
        assert only.get_xdata().tolist() == found.data["rate_ratio"][:1].tolist()


def test_the_rows_name_calendar_and_posts() -> None:
    with style.styled():
        [axes] = drawing(controls()).figure.axes
        assert [label.get_text() for label in axes.get_yticklabels()] == [
            "another topic: covid19 events, posts on monarchy",
            "another topic: opposition events, posts on covid19",
            "another country: hong kong",
            "another year: 52 weeks later",
        ]


def test_caption_and_alternative_text_count_what_is_found() -> None:
    with style.styled():
        found = drawing(controls())
    assert "1 of 8 are filled; 0.4 are expected by chance" in caption_of(found)
    assert "Source: made up." in caption_of(found)
    assert "caus" not in caption_of(found)
    assert found.alt == (
        "Negative controls of simulated: 1 of 8 estimates have a p of at most 5 percent."
    )


def test_without_a_control_the_figure_says_why() -> None:
    with style.styled():
        found = drawing(controls().iloc[:0])
        [text] = found.figure.axes[0].texts
        assert (
            text.get_text() == "No negative control has three event days in the estimation window"
        )
    assert found.data.empty
    assert "0 of 0 estimates" in found.alt


def test_one_row_is_enough() -> None:
    with style.styled():
        found = drawing(controls().iloc[:1])
        [axes] = found.figure.axes
        low, high = axes.get_xlim()
        assert low < 0.4 and high > 1.7
        assert len(axes.get_yticklabels()) == 1


@pytest.mark.parametrize("upper", [3, 45, 2000, 1e9])
def test_wide_intervals_and_many_rows_leave_every_label_readable(upper: float) -> None:
    many = [(*CALENDARS[0][:2], f"a topic with a long name {number}") for number in range(40)]
    with style.styled():
        table = controls(many).assign(upper=float(upper))
        found = drawing(table)
        assert len(found.figure.axes[0].get_yticklabels()) == 40
