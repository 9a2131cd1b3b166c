"""Rhythm: posts by local hour and weekday."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import FuncFormatter

from takedown.figures.style import COLUMN, MM, Drawing

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WORK_HOURS = range(9, 17)


def draw(hours: pd.DataFrame, *, campaign: str, timezone: str, source: str) -> Drawing:
    """Draw ``describe/hour_weekday.csv`` as a heat map."""
    grid = hours.pivot(index="weekday", columns="hour", values="posts")
    figure, axes = plt.subplots(figsize=(COLUMN, 52 * MM), layout="constrained")
    image = axes.imshow(grid, cmap="cividis", aspect="auto", vmin=0)
    axes.set_yticks(range(7), WEEKDAYS)
    axes.set_xticks(range(0, 24, 3), [f"{hour:02d}" for hour in range(0, 24, 3)])
    axes.set_xlabel(f"Hour of the day ({timezone})")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, pad=0.02, aspect=14)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2)
    bar.set_label("Posts in the hour")
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    total = int(hours["posts"].sum())
    work = hours[(hours["weekday"] <= 5) & hours["hour"].isin(WORK_HOURS)]["posts"].sum()
    share, even = work / total, 5 * len(WORK_HOURS) / 168
    top = hours.loc[hours["posts"].idxmax()]
    finding = (
        f"{share:.0%} of posts fall on Monday to Friday, 09:00 to 16:59 local time (evenly spread "
        f"posts would give {even:.0%})"
    )
    return Drawing(
        figure,
        hours,
        "Posts by hour and weekday",
        f"Posts of {campaign} by hour and weekday in {timezone}, n = {total:,}; {finding}. "
        "Holidays and make-up working days are not told apart, and office hours are one possible "
        f"reason among others. Source: {source}.",
        f"Heat map of {campaign}: {finding}; the fullest hour is {WEEKDAYS[top.weekday - 1]} "
        f"{top.hour:02d}:00 with {top.posts:,} posts.",
    )
