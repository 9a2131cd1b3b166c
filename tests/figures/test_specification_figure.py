"""Specification curve: sorted effects over the choices that made them."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from captions import caption_of, save
from drawn import assert_apart, assert_inside, lay_out
from matplotlib.colors import to_hex

from takedown.figures import colours, style
from takedown.figures.specification import WORDS, draw
from takedown.figures.style import Drawing

#: All of them draw, which takes longest of all that starts no process.
pytestmark = pytest.mark.usefixtures("may_take_long")

OPTIONS = {
    "day": ["local", "UTC"],
    "retweets": ["in"],
    "counted": ["all", "on a topic", "on a topic, strictly"],
    "window": ["days_0_2", "days_0_6"],
    "family": ["log1p", "negbin"],
    "trend_days": [20, 30],
    "events": ["all events", "without one in the week before"],
}
TEST = pd.DataFrame(
    {
        "statistic": ["median_log_ratio", "share_same_sign", "share_significant", "stouffer"],
        "observed": [0.34, 0.8, 0.1, 1.2],
        "p_value": [0.123, 0.2, 0.3, 0.4],
        "specifications": 96,
        "calendars": 114,
    }
)


def curve(low: float = 0.4, high: float = 2.9) -> pd.DataFrame:
    """Every combination of the options, with effects from ``low`` to ``high``."""
    table = pd.DataFrame(list(product(*OPTIONS.values())), columns=list(OPTIONS))
    table["rate_ratio"] = np.geomspace(low, high, len(table))
    table["p_value"] = np.linspace(0.9, 0.01, len(table))
    return table


def drawing(table: pd.DataFrame, test: pd.DataFrame = TEST) -> Drawing:
    found = draw(table, test, campaign="simulated", source="made up")
    lay_out(found.figure)
    assert_inside(found.figure)
    assert_apart(found.figure)
    return found


def points(found: Drawing) -> pd.DataFrame:
    """What the upper panel shows: place, effect and colour of every specification."""
    top, _ = found.figure.axes
    marks = [line for line in top.lines if line.get_marker() == "o"]
    table = pd.concat(
        pd.DataFrame({"x": mark.get_xdata(), "y": mark.get_ydata(), "color": mark.get_color()})
        for mark in marks
    )
    return table.sort_values("x", ignore_index=True)


def test_the_csv_holds_exactly_what_is_drawn() -> None:
    with style.styled():
        found = drawing(curve())
        shown = points(found)
        np.testing.assert_allclose(shown["y"], found.data["rate_ratio"])
        assert shown["x"].tolist() == list(range(len(found.data)))
        significant = (found.data["p_value"] <= 0.05).to_numpy()
        colors = np.where(significant, colours.ACCENT, colours.MUTED)
        assert shown["color"].tolist() == colors.tolist()
        assert 0 < significant.sum() < len(significant)


def test_a_tick_under_every_effect_for_every_option_that_made_it() -> None:
    with style.styled():
        found = drawing(curve())
        bottom = found.figure.axes[1]
        labels = [label.get_text() for label in bottom.get_yticklabels()]
        ticks = {
            label: [round(segment[0, 0]) for segment in marks.get_segments()]
            for label, marks in zip(labels, bottom.collections, strict=True)
        }
        several = {name: options for name, options in OPTIONS.items() if len(options) > 1}
        assert len(ticks) == sum(map(len, several.values()))
        assert not any("retweets" in label for label in labels)  # no choice was left
        for choice, options in several.items():
            for option in options:
                [own] = [
                    at for label, at in ticks.items()
                    if label.endswith(f": {WORDS.get(str(option), option)}")
                ]  # fmt: skip
                assert own == np.flatnonzero(found.data[choice] == option).tolist()


def test_caption_and_alternative_text_tell_the_joint_test_and_its_limits(tmp_path: Path) -> None:
    with style.styled():
        found = drawing(curve())
        save(found, tmp_path / "specification")
    assert "under 96 combinations of choices" in caption_of(found)
    assert "all 114 circular shifts of the calendar: median effect p = 0.123" in caption_of(found)
    assert "Association, not cause. Source: made up." in caption_of(found)
    assert "not independent evidence" in caption_of(found)
    assert "96 rate ratios from 0.40 to 2.90, median 1.08, 5 significant on their own" in found.alt
    assert "the median has p = 0.123 against all shifts" in found.alt
    assert len(pd.read_csv(tmp_path / "specification.csv")) == 96


def test_without_a_curve_the_figure_says_why() -> None:
    with style.styled():
        found = drawing(curve().iloc[:0], TEST.iloc[:0])
        top, bottom = found.figure.axes
        assert [text.get_text() for text in top.texts] == [
            "No specification curve: too few event days in the estimation window"
        ]
        assert not bottom.axison
    assert found.data.empty
    assert "not drawn, too few event days" in found.alt
    assert "0 combinations" in caption_of(found) and "p =" not in caption_of(found)


def test_one_specification_has_no_choices_below_it() -> None:
    with style.styled():
        found = drawing(curve().iloc[-1:])
        assert points(found)[["x", "y"]].to_numpy().tolist() == [[0, pytest.approx(2.9)]]
        assert not found.figure.axes[1].collections
        assert to_hex(points(found)["color"][0]) == colours.ACCENT


@pytest.mark.parametrize(
    ("low", "high"), [(0.02, 50), (0.001, 1000), (0.9, 1.1), (1, 1.001), (2, 5), (0.01, 0.9)]
)
def test_the_labels_of_the_ratios_stay_apart_on_any_scale(low: float, high: float) -> None:
    with style.styled():
        found = drawing(curve(low, high))
        top = found.figure.axes[0]
        bottom_end, top_end = top.get_ylim()
        assert bottom_end < low and high < top_end
        ticks = [tick for tick in top.get_yticks() if bottom_end <= tick <= top_end]
        assert len(ticks) >= 2
