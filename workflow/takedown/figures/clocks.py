"""Small multiples of the hours of posting: weekday by hour, a panel for each campaign."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from takedown.figures.colours import INK, MUTED
from takedown.figures.rhythm import WEEKDAYS
from takedown.figures.style import (
    MM,
    MOST_ROWS,
    PAGE,
    Drawing,
    number_of,
    shorten,
    simulated_words,
    subplots,
)

COLUMNS_OF_PANELS, PANEL_MM, LONGEST_NAME = 4, 19.0, 32


def draw(hours: Mapping[str, pd.DataFrame], *, timezone: Mapping[str, str]) -> Drawing:
    """Draw ``describe/hour_weekday.csv`` of each campaign, in its own time zone and scale.

    The title of each panel gives the campaign's name and the number of posts in its busiest hour.
    """
    names = sorted(hours)
    shown = names[:MOST_ROWS]
    wide = min(COLUMNS_OF_PANELS, len(shown))
    high = -(-len(shown) // wide)
    figure, grid = subplots(high, wide, figsize=(PAGE, (8 + PANEL_MM * high) * MM), squeeze=False)
    busiest = {name: hours[name].loc[hours[name]["posts"].idxmax()] for name in shown}
    for axes, name in zip(grid.flat, shown, strict=False):
        table = hours[name].pivot(index="weekday", columns="hour", values="posts")
        axes.imshow(table, cmap="cividis", aspect="auto", vmin=0)
        axes.set_title(shorten(name, LONGEST_NAME), fontsize=6, pad=2)
        axes.set_title(f"{busiest[name].posts:,}", loc="right", fontsize=6, pad=2, color=MUTED)
        axes.set_yticks([0, 6], [WEEKDAYS[0], WEEKDAYS[6]], fontsize=5.5)
        axes.set_xticks([0, 6, 12, 18], ["00", "06", "12", "18"], fontsize=5.5)
        axes.tick_params(length=0, pad=1)
        axes.spines[:].set_visible(False)
    for axes in grid.flat[len(shown) :]:
        axes.set_axis_off()
    figure.supxlabel("Hour of the day in the campaign's own zone", fontsize=7.5, color=INK)
    facts = {
        "shown": len(shown),
        "all": len(names),
        "things": "campaigns",
        "simulated": simulated_words(shown),
    }
    return Drawing(
        "clocks",
        figure,
        pd.concat(
            [hours[name].assign(campaign=name, timezone=timezone[name]) for name in shown],
            ignore_index=True,
        )[["campaign", "timezone", "weekday", "hour", "posts"]],
        facts,
        f"Heat maps of {number_of(len(shown), 'campaign')}; fullest hour: "
        + "; ".join(
            f"{name} {WEEKDAYS[row.weekday - 1]} {row.hour:02d}:00" for name, row in busiest.items()
        )
        + ".",
    )
