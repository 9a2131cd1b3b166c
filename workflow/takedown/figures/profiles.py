"""The campaigns of a study side by side: a row for each, a panel for each quantity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, PercentFormatter

from takedown.atlas.profile import RESPONSE
from takedown.figures.colours import ACCENT, GRID, MUTED
from takedown.figures.event_study import ratio_axis
from takedown.figures.style import (
    COUNTS,
    MM,
    MOST_ROWS,
    PAGE,
    Drawing,
    greyed_words,
    simulated_words,
    subplots,
    trusted,
)

ROW_MM = 4.2
EVEN = 45 / 168


@dataclass(frozen=True)
class Panel:
    """One quantity: its title, the kind of its axis, and a reference value."""

    title: str
    kind: str
    mark: float | None = None


PANELS: Mapping[str, Panel] = {
    "posts": Panel("Posts", "log"),
    RESPONSE: Panel("Response to\nevents, ratio", "ratio", 1),
    "working_hours_share": Panel("In working\nhours, local", "share", EVEN),
    "operators_clock": Panel("Operator's clock,\nhours from UTC", "clock"),
    "share_created_on_burst_days": Panel("Accounts made\nin bursts", "share"),
    "gini_of_posts": Panel("Concentration\n(Gini)", "unit"),
}


def draw(profiles: pd.DataFrame) -> Drawing:
    """Draw ``atlas/campaigns.csv``: the campaigns in rows, largest first."""
    table = profiles[profiles["quantity"].isin(PANELS)]
    table = table.astype(dict.fromkeys(["estimate", "lower", "upper"], float))
    posts = table[table["quantity"] == "posts"].set_index("campaign")["estimate"]
    names = posts.sort_values(ascending=False, kind="stable").index.tolist()
    shown = names[:MOST_ROWS]
    figure, panels = subplots(
        1,
        len(PANELS),
        figsize=(PAGE, (22 + ROW_MM * len(shown)) * MM),
        sharey=True,
    )
    for axes, (quantity, panel) in zip(panels, PANELS.items(), strict=True):
        rows = table[table["quantity"] == quantity].set_index("campaign").reindex(shown)
        draw_panel(axes, rows, panel)
    panels[0].set_yticks(range(len(shown)), shown, fontsize=6.5)
    panels[0].set_ylim(len(shown) - 0.4, -0.6)
    response = table[table["quantity"] == RESPONSE]
    facts = {
        "shown": len(shown),
        "all": len(names),
        "even": f"{EVEN:.0%}",
        "grey": greyed_words(response["calibrated"]),
        "simulated": simulated_words(shown),
    }
    data = table[table["campaign"].isin(shown)]
    return Drawing("profiles", figure, data, facts, alt(table, shown))


def draw_panel(axes: Axes, rows: pd.DataFrame, panel: Panel) -> None:
    """One quantity of every campaign, with 95 % intervals where there are any."""
    at = np.arange(len(rows))
    known = rows["estimate"].notna().to_numpy()
    colors = [
        ACCENT if panel.kind != "ratio" else trusted(ACCENT, flag) for flag in rows["calibrated"]
    ]
    if panel.mark is not None:
        axes.axvline(panel.mark, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    for y, color, row in zip(at, colors, rows.itertuples(), strict=True):
        if np.isfinite([row.lower, row.upper]).all():
            axes.hlines(y, row.lower, row.upper, color=color, linewidth=0.9)
        axes.plot(row.estimate, y, "o", color=color, markersize=3)
    for y in at[~known]:
        axes.text(0.03, y, "–", transform=axes.get_yaxis_transform(), ha="center", va="center",
                  color=MUTED, fontsize=6)  # fmt: skip
    axes.set_title(panel.title, fontsize=7)
    axes.grid(axis="y", color=GRID, linewidth=0.4)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=6)
    set_axis(axes, rows[known], panel.kind)


def set_axis(axes: Axes, rows: pd.DataFrame, kind: str) -> None:
    """The horizontal axis of a panel."""
    if kind == "log" and len(rows):
        axes.set_xscale("log")
        low, high = np.log10(rows["estimate"].clip(lower=1).agg(["min", "max"]))
        axes.set_xlim(10 ** (np.floor(low) - 0.1), 10 ** (np.floor(high) + 1.1))
        axes.xaxis.set_major_locator(LogLocator(numticks=4))
        axes.xaxis.set_major_formatter(FuncFormatter(short))
        axes.minorticks_off()
    elif kind == "ratio" and len(rows):
        ratio_axis(axes.xaxis, axes, rows)
    elif kind == "share":
        axes.set_xlim(-0.03, 1.03)
        axes.set_xticks([0, 0.5, 1])
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    elif kind == "clock":
        ends = rows[["lower", "upper"]].agg({"lower": "min", "upper": "max"}).fillna(0)
        axes.set_xlim(min(-12.0, ends["lower"]) - 0.7, max(14.0, ends["upper"]) + 0.7)
        axes.set_xticks([-8, 0, 8], ["-8", "0", "+8"])
    elif kind == "unit":
        axes.set_xlim(-0.03, 1.03)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])


def short(value: float, _: object = None) -> str:
    """A number of posts, abbreviated: 10 k, 3 M."""
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return COUNTS(value)


def alt(table: pd.DataFrame, shown: list[str]) -> str:
    """The ranges in words."""
    words = []
    for quantity, panel in PANELS.items():
        values = table[(table["quantity"] == quantity) & table["campaign"].isin(shown)]["estimate"]
        if values.notna().any():
            title = panel.title.replace("\n", " ")
            words.append(f"{title} from {values.min():,.3g} to {values.max():,.3g}")
    return f"Dot plots of {len(shown)} campaigns: {'; '.join(words)}."
