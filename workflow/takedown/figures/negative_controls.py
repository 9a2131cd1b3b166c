"""Negative controls: estimated effects of calendars that should have none."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from takedown.estimation.estimand import EFFECT_WORDS, LEVEL
from takedown.figures.colours import ACCENT, CONTRAST, INK
from takedown.figures.event_study import EFFECTS, ratio_axis
from takedown.figures.style import MM, PAGE, Drawing, note, subplots

ROW_MM = 5.5


def draw(controls: pd.DataFrame, *, campaign: str, source: str) -> Drawing:
    """Draw ``negative_controls.csv``: one row per calendar and series, one mark per effect."""
    rows = list(dict.fromkeys(calendars(controls)))
    figure, axes = subplots(figsize=(PAGE, max(40.0, 22 + ROW_MM * len(rows)) * MM))
    if rows:
        draw_rows(axes, controls, rows)
        figure.legend(loc="outside lower right", ncols=2, handlelength=1.2)
    else:
        note(axes, "No negative control has three event days in the estimation window")
    found = int((controls["p_value"] <= LEVEL).sum())
    facts = {
        "campaign": campaign,
        "source": source,
        "found": found,
        "count": len(controls),
        "expected": f"{LEVEL * len(controls):.1f}",
    }
    words = (
        f"Negative controls of {campaign}: {found} of {len(controls)} estimates have a p of at "
        "most 5 percent."
    )
    return Drawing("negative_controls", figure, controls, facts, words)


def calendars(controls: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The control, calendar and series of each row."""
    return list(controls[["control", "calendar", "series"]].itertuples(index=False, name=None))


def draw_rows(axes: Axes, controls: pd.DataFrame, rows: list[tuple[str, str, str]]) -> None:
    """Draw the intervals; filled markers have p at most 5 %."""
    axes.axvline(1, color=INK, linewidth=0.6)
    place = np.array([rows.index(key) for key in calendars(controls)], dtype=float)
    for color, (effect, (marker, shift)) in zip((ACCENT, CONTRAST), EFFECTS.items(), strict=True):
        chosen = (controls["effect"] == effect).to_numpy()
        own, y = controls[chosen], place[chosen] + shift
        axes.hlines(y, own["lower"], own["upper"], color=color, linewidth=0.9)
        clear = (own["p_value"] <= LEVEL).to_numpy()
        axes.plot(
            own["rate_ratio"],
            y,
            marker,
            color=color,
            mfc="white",
            markersize=3.5,
            label=EFFECT_WORDS[effect],
        )
        axes.plot(own["rate_ratio"][clear], y[clear], marker, color=color, markersize=3.5)
    labels = [
        f"{control}: {calendar.replace('_', ' ')}"
        + (f" events, posts on {series.removeprefix('topic:')}" if series != "all" else "")
        for control, calendar, series in rows
    ]
    axes.set_yticks(range(len(rows)), labels)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, labelsize=6.5)
    ratio_axis(axes.xaxis, axes, controls)
    axes.set_xlabel("Rate ratio of posts (log scale)")
    axes.set_title("Effects where none is expected")
