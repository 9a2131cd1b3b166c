"""Draw the cost of reading an archive in time and memory: this workflow and other ways."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from takedown.figures.colours import ACCENT, CONTRAST, INK, MUTED
from takedown.figures.style import MM, PAGE, Drawing, subplots

LIGHT = "#9ecae1"

TITLE = "The cost of reading an archive"
CAPTION = (
    "What it costs to read a SIMULATED archive in the exact dialect, each way in a process of its "
    "own, start-up included. Polars and duckdb read a file that was unpacked before, which is not "
    "counted. {% if wrong %}Names in orange: read wrongly ({{ wrong }}). {% endif %}Source: make "
    "bench."
)


def draw(table: pd.DataFrame) -> Drawing:
    """Draw ``benchmark/clean.csv`` for the sizes at which every way was measured."""
    ways = list(dict.fromkeys(table["way"]))
    sizes = [size for size, part in table.groupby("rows") if len(part) == len(ways)]
    shown = table[table["rows"].isin(sizes)]
    figure, panels = subplots(1, 2, figsize=(PAGE, (22 + 9 * len(ways)) * MM), sharey=True)
    for axes, column, unit, title in (
        (panels[0], "of_inflate", "×", "Wall time, as a multiple of inflating only"),
        (panels[1], "peak_mb", " MB", "Peak memory of the whole process"),
    ):
        bars(axes, shown, ways, sizes, column, unit)
        axes.set_title(title)
    panels[0].legend(loc="upper right", title="simulated posts", title_fontsize=7)
    last = shown[shown["rows"] == sizes[-1]].set_index("way")
    right = last["wrong"].isin(["nothing"]) | last["wrong"].isna()
    panels[0].set_yticks(range(len(ways)), ways)
    for label, way in zip(panels[0].get_yticklabels(), ways, strict=True):
        label.set_color(INK if right[way] else CONTRAST)
    panels[0].invert_yaxis()
    wrong = "; ".join(f"{way}: {what}" for way, what in last.loc[~right, "wrong"].items())
    ours = last["of_inflate"]
    alt = "Bar chart of time and memory for " + ", ".join(
        f"{way}: {ours[way]:.1f} times inflating and {last['peak_mb'][way]:,.0f} MB" for way in ways
    )
    return Drawing("cost", figure, shown, {"wrong": wrong}, f"{alt}.")


def bars(
    axes: Axes, table: pd.DataFrame, ways: list[str], sizes: list[int], column: str, unit: str
) -> None:
    """Draw one bar for each way and size, with its value written after it."""
    height = 0.8 / len(sizes)
    for number, size in enumerate(sizes):
        values = table[table["rows"] == size].set_index("way")[column].reindex(ways)
        places = np.arange(len(ways)) + (number - (len(sizes) - 1) / 2) * height
        colour = ACCENT if number == len(sizes) - 1 else LIGHT
        drawn = axes.barh(places, values, height * 0.92, color=colour, label=f"{size:,}")
        words = [
            f"{value:,.1f}{unit}" if unit == "×" else f"{value:,.0f}{unit}" for value in values
        ]
        axes.bar_label(drawn, words, padding=2, fontsize=6.5, color=MUTED)
    axes.set_xlim(0, 1.18 * table[column].max())
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines[["bottom", "left"]].set_visible(False)
