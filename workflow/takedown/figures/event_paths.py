"""Posting around each event, day by day, over the placebo band from all other dates."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from takedown.estimation.estimand import LEVEL
from takedown.figures.colours import ACCENT, GRID, INK, MUTED
from takedown.figures.event_study import ratio_axis
from takedown.figures.style import Drawing, greyed_words, note, shorten, small_multiples, trusted

METHOD = "log1p_dates"
MOST = 12
PANEL_MM = 38.0


def draw(
    path: pd.DataFrame, bands: pd.DataFrame, events: pd.DataFrame, *, campaign: str, source: str
) -> Drawing:
    """Draw single events of ``models/event_study.csv`` and ``placebo_bands.csv``, for ``all``."""
    keys = ["series", "event", "method", "day"]
    table = path[(path["series"] == "all") & (path["method"] == METHOD)]
    named = {"lower": "placebo_lower", "upper": "placebo_upper"}
    table = table.merge(bands.rename(columns=named), on=keys, validate="one_to_one")
    known = [event for event in events.itertuples() if (table["event"] == event.event).any()]
    shown = known[:MOST]
    table = table[table["event"].isin([event.event for event in shown])]
    figure, grid, panels = small_multiples(len(shown), PANEL_MM, 12, sharey=True)
    if not shown:
        note(panels[0], "No path of a single event: none has enough days on both sides")
    for axes, event in zip(panels, shown, strict=False):
        own = table[table["event"] == event.event].sort_values("day")
        draw_panel(axes, own)
        axes.set_title(f"{event.number}  {event.date}\n{shorten(event.title, 42)}", fontsize=7)
    if shown:
        reach = table.assign(
            lower=table[["rate_ratio", "placebo_lower"]].min(axis=1),
            upper=table[["rate_ratio", "placebo_upper"]].max(axis=1),
        )
        ratio_axis(panels[0].yaxis, panels[0], reach)
        for row in grid:
            row[0].set_ylabel("Rate ratio (log scale)")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, handlelength=2.2)
    outside = (table["rate_ratio"] < table["placebo_lower"]) | (
        table["rate_ratio"] > table["placebo_upper"]
    )
    expected = f"{LEVEL * len(table):.0f}"
    facts = {
        "campaign": campaign,
        "source": source,
        "shown": len(shown),
        "all": len(known),
        "things": "events",
        "outside": int(outside.sum()),
        "days": len(table),
        "expected": expected,
        "grey": greyed_words(table["calibrated"]),
    }
    return Drawing(
        "event_paths",
        figure,
        table,
        facts,
        f"Small multiples of {campaign}, {len(shown)} events: {int(outside.sum())} of "
        f"{len(table)} days lie outside the band; {expected} would by chance.",
    )


def draw_panel(axes: Axes, own: pd.DataFrame) -> None:
    """One event: the placebo band, and the rate ratio of each day on top of it."""
    color = trusted(ACCENT, own["calibrated"].iloc[0])
    axes.fill_between(
        own["day"],
        own["placebo_lower"],
        own["placebo_upper"],
        color=GRID,
        linewidth=0,
        label="95 % of other dates",
    )
    axes.axhline(1, color=INK, linewidth=0.6)
    axes.axvline(0, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    axes.plot(own["day"], own["rate_ratio"], "o-", color=color, markersize=2.4, label="this event")
    first, last = int(own["day"].min()), int(own["day"].max())
    axes.set_xticks([first, 0, last], [f"{first:+d} days", "event", f"{last:+d} days"])
