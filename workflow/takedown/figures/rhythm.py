"""Rhythm: posts by local hour and weekday, and the operator's clock."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from takedown.figures.colours import ACCENT, CONTRAST, GRID, MUTED
from takedown.figures.style import COLUMN, COUNTS, MM, Drawing, subplots

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WORK_HOURS = range(9, 18)
#: Working hours as a share of the week: their share of posts if these were spread evenly.
EVEN = 5 * len(WORK_HOURS) / 168


def draw(
    hours: pd.DataFrame,
    clock: pd.DataFrame,
    rhythm: pd.DataFrame,
    *,
    campaign: str,
    timezone: str,
    source: str,
) -> Drawing:
    """Draw ``describe/hour_weekday.csv`` as a heat map over ``models/operators_clock.csv``.

    ``rhythm`` is ``models/rhythm.csv``, which gives the operator's clock and its certainty.
    """
    grid = hours.pivot(index="weekday", columns="hour", values="posts")
    known = rhythm.set_index("quantity")
    has_clock = "operators_clock" in known.index
    figure, panels = subplots(
        1 + has_clock,
        1,
        figsize=(COLUMN, (52 + 40 * has_clock) * MM),
        height_ratios=[1.25, 1][: 1 + has_clock],
        squeeze=False,
    )
    axes = panels[0, 0]
    if has_clock:
        draw_clock(panels[1, 0], clock, known.loc["operators_clock"])
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
    bar.ax.yaxis.set_major_formatter(COUNTS)
    total = int(hours["posts"].sum())
    work = hours[(hours["weekday"] <= 5) & hours["hour"].isin(WORK_HOURS)]["posts"].sum()
    share = work / total
    top = hours.loc[hours["posts"].idxmax()]
    finding = (
        f"{share:.0%} of posts fall on Monday to Friday, 09:00 to 17:59 local time (evenly spread "
        f"posts would give {EVEN:.0%})"
    )
    data = pd.concat(
        [hours.assign(panel="hours"), clock.assign(panel="operator's clock")], ignore_index=True
    )
    columns = ["panel", "weekday", "hour", "posts", "offset", "share", "lower", "upper"]
    facts = {
        "campaign": campaign,
        "source": source,
        "timezone": timezone,
        "posts": total,
        "finding": finding,
        **clock_facts(known),
    }
    at = f" Of an operator's clock, {facts['clock']}." if has_clock else ""
    return Drawing(
        "rhythm",
        figure,
        data.reindex(columns=columns).astype({"weekday": "Int64", "hour": "Int64"}),
        facts,
        f"Heat map of {campaign}: {finding}; the fullest hour is {WEEKDAYS[top.weekday - 1]} "
        f"{top.hour:02d}:00 with {top.posts:,} posts.{at}",
    )


def draw_clock(axes: Axes, clock: pd.DataFrame, best: pd.Series) -> None:
    """Share of posts in working hours for each possible offset of the operators' clock from UTC."""
    axes.fill_between(
        clock["offset"], clock["lower"], clock["upper"], color=ACCENT, alpha=0.2, linewidth=0
    )
    axes.plot(clock["offset"], clock["share"], color=ACCENT)
    axes.axhline(EVEN, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    top = clock.loc[clock["offset"] == best["estimate"]].iloc[0]
    axes.plot(top["offset"], top["share"], "D", color=CONTRAST, markersize=3.5)
    axes.annotate(
        f"UTC{top['offset']:+.0f}",
        (top["offset"], top["share"]),
        xytext=(0, 5),
        textcoords="offset points",
        ha="center",
        fontsize=7,
    )
    axes.set_ylim(0, 1.25 * clock["upper"].max())
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xticks(range(-12, 15, 3))
    axes.set_xlabel("Hours from UTC")
    axes.set_ylabel("In working hours")
    axes.set_title("Operator's clock")
    axes.grid(axis="y", color=GRID, linewidth=0.4)


def clock_facts(known: pd.DataFrame) -> dict[str, object]:
    """Caption facts on the operator's clock; ``units`` is None if it was not estimated."""
    if "operators_clock" not in known.index:
        return {"units": None}
    clock, sure = known.loc["operators_clock"], known["estimate"]["operators_clock_certainty"]
    return {
        "units": clock["resampled"],
        "clock": f"working hours fit best at UTC{clock.estimate:+.0f} (95 % interval "
        f"{clock.lower:+.0f} to {clock.upper:+.0f})",
        "sure": f"{sure:.0%}",
    }
