"""Small multiples: the volume of every campaign of a study over the same time axis."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from takedown.figures.colours import ACCENT, GRID, WASH
from takedown.figures.style import (
    COUNTS,
    MM,
    MOST_ROWS,
    PAGE,
    Drawing,
    date_axis,
    note,
    number_of,
    simulated_words,
    subplots,
)
from takedown.series.modelled import days_of, wide

#: Height of a row, and of all rows at most; if rows must shrink, names stand beside them.
ROW_MM, ALL_ROWS_MM = 13.0, 235.0
COLUMNS = ["campaign", "month", "posts", "first_model_day", "last_model_day"]


def draw(
    daily: Mapping[str, pd.DataFrame], window: Mapping[str, pd.DataFrame], *, in_study: int
) -> Drawing:
    """Draw posts per month, with one row per campaign.

    ``daily`` and ``window`` are each campaign's ``series/daily.csv`` and
    ``series/estimation_window.csv``. Rows are in the order of the estimation windows, which are
    shaded; ``in_study`` is the number of campaigns in the study, some of which may have no daily
    series.
    """
    posts = {name: wide(table)["all"] for name, table in daily.items()}
    modelled = {name: days_of(table) for name, table in window.items()}
    names = sorted(posts, key=lambda name: (modelled[name][0], name))
    shown = names[:MOST_ROWS]
    rows = max(1, len(shown))
    row_mm = min(ROW_MM, ALL_ROWS_MM / rows)
    figure, grid = subplots(
        rows,
        1,
        figsize=(PAGE, (12 + row_mm * rows) * MM),
        sharex=True,
        squeeze=False,
    )
    dense = row_mm < ROW_MM
    if dense:
        figure.get_layout_engine().set(h_pad=0.01, hspace=0)
    monthly = {name: posts[name].groupby(posts[name].index.to_period("M")).sum() for name in shown}
    if not shown:
        note(grid[0, 0], "No campaign of the study has a daily series")
    else:
        first = min(modelled[name][0] for name in shown) - pd.Timedelta(days=92)
        last = max(modelled[name][-1] for name in shown) + pd.Timedelta(days=92)
        span = pd.date_range(first.to_period("M").start_time, last.to_period("M").end_time)
    for name, axes in zip(shown, grid[:, 0], strict=False):
        counts = monthly[name]
        days = modelled[name]
        axes.axvspan(days[0], days[-1] + pd.Timedelta(days=1), color=WASH, linewidth=0)
        middle = counts.index.start_time + pd.Timedelta(days=15)
        axes.bar(middle, counts, width=26, color=ACCENT, linewidth=0)
        label = f"{name}   {posts[name].sum():,} posts"
        if dense:
            axes.text(-0.01, 0, label, transform=axes.transAxes, ha="right", fontsize=6)
            axes.yaxis.tick_right()
            axes.tick_params(axis="x", length=0)
        else:
            axes.text(0.005, 0.95, label, transform=axes.transAxes, va="top", fontsize=7)
        axes.set_ylim(0, (1.1 if dense else 1.7) * counts.max())
        axes.set_yticks([counts.max()])
        axes.yaxis.set_major_formatter(COUNTS)
        axes.grid(axis="x", color=GRID, linewidth=0.4)
    if shown:
        figure.draw_without_rendering()
        date_axis(grid[-1, 0], span)
        grid[-1, 0].set_xlabel("Month (days of each campaign's own zone)")
    table = [
        (name, str(month), int(count), f"{modelled[name][0]:%Y-%m-%d}",
         f"{modelled[name][-1]:%Y-%m-%d}")
        for name in shown
        for month, count in monthly[name].items()
        if span[0] <= month.start_time <= span[-1]
    ]  # fmt: skip
    facts = {
        "shown": len(shown),
        "all": len(names),
        "things": "campaigns",
        "in_study": in_study,
        "simulated": simulated_words(shown),
    }
    return Drawing(
        "campaigns",
        figure,
        pd.DataFrame(table, columns=COLUMNS),
        facts,
        f"Small multiples of {number_of(len(shown), 'campaign')} by month: "
        + "; ".join(
            f"{name} is busiest in {monthly[name].idxmax()} ({monthly[name].max():,} posts)"
            for name in shown
        )
        + ".",
    )
