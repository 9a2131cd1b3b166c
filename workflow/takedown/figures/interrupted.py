"""Interrupted time series: observed, fitted, and the counterfactual around each event."""

from __future__ import annotations

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from takedown.figures.colours import ACCENT, CONTRAST, GREYED, INK, MUTED
from takedown.figures.style import (
    Drawing,
    count_axis,
    greyed_words,
    note,
    number_of,
    shorten,
    small_multiples,
    trusted,
)

MOST = 12
PANEL_MM = 43.0


def draw(
    terms: pd.DataFrame,
    paths: pd.DataFrame,
    events: pd.DataFrame,
    notes: pd.DataFrame,
    *,
    campaign: str,
    source: str,
) -> Drawing:
    """Draw ``models/interrupted_paths.csv`` of ``all``, one panel per event, at most twelve."""
    paths, terms = (table[table["series"] == "all"] for table in (paths, terms))
    fitted = [event for event in events.itertuples() if (paths["event"] == event.event).any()]
    shown = fitted[:MOST]
    figure, grid, panels = small_multiples(len(shown), PANEL_MM, 14)
    for axes, event in zip(panels, shown, strict=False):
        own = paths[paths["event"] == event.event]
        levels = terms[(terms["event"] == event.event) & (terms["term"] == "level")]
        draw_panel(axes, own, levels.set_index("method"), event)
    if not shown:
        note(panels[0], "No interrupted series: no event has 14 days on both sides")
    else:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, handlelength=2.2)
        for row in grid:
            row[0].set_ylabel("Posts per day")
    data = paths[paths["event"].isin([event.event for event in shown])]
    own_notes = notes[(notes["series"] == "all") & notes["event"].notna()]
    facts = {
        "campaign": campaign,
        "source": source,
        "shown": len(shown),
        "all": len(fitted),
        "things": "events",
        "skipped": len(own_notes),
        "grey": greyed_words(levels_of(terms, shown)["calibrated"]),
    }
    return Drawing(
        "interrupted",
        figure,
        data,
        facts,
        alt(campaign, terms, shown),
    )


def draw_panel(axes: Axes, own: pd.DataFrame, levels: pd.DataFrame, event: tuple) -> None:
    """One event: points, fitted line, counterfactual with its band, and the level change in words.

    ``levels`` are the level changes by method: the band shows Newey-West's, the words the change
    compared with other dates.
    """
    band = trusted(CONTRAST, levels["calibrated"].get("negbin_hac"))
    days = pd.to_datetime(own["date"])
    day = pd.Timestamp(event.date)  # type: ignore[attr-defined]
    top = 1.25 * max(own["posts"].max(), own["fitted"].max())
    axes.fill_between(days, own["lower"], own["upper"], color=band, alpha=0.25, linewidth=0)
    axes.plot(days, own["posts"], "o", color=MUTED, markersize=1.8, label="posts")
    axes.plot(days, own["fitted"], color=ACCENT, label="fitted")
    axes.plot(
        days,
        own["counterfactual"],
        color=CONTRAST,
        linestyle=(0, (4, 1.5)),
        label="mean had nothing changed, 95 % interval of the mean",
    )
    axes.axvline(day, color=INK, linewidth=0.6)
    words, color = "level against other dates: not estimated", GREYED
    if "log1p_dates" in levels.index:
        level = levels.loc["log1p_dates"]
        words = f"level × {level.estimate:.3g} ({level.lower:.3g} to {level.upper:.3g})"
        color = trusted(INK, level.calibrated)
    axes.set_title(f"{event.number}  {shorten(event.title, 36)}\n", fontsize=7)  # type: ignore[attr-defined]
    axes.text(0, 1.03, words, transform=axes.transAxes, fontsize=7, color=color, va="bottom")
    count_axis(axes)
    axes.set_ylim(0, top)
    axes.yaxis.get_major_locator().set_params(nbins=4)
    first, last = days.iloc[0], days.iloc[-1]
    room = 0.4 * (last - first)
    ticks = {first: "left", day: "center", last: "right"}
    shown = [tick for tick in ticks if tick == day or abs(tick - day) >= room]
    axes.set_xticks(shown)
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%Y-%m-%d"))
    for label, tick in zip(axes.get_xticklabels(), shown, strict=True):
        label.set_ha(ticks[tick])
    axes.tick_params(axis="x", labelsize=6)


def levels_of(terms: pd.DataFrame, shown: list) -> pd.DataFrame:
    """The level changes of the events drawn, as compared with other dates."""
    chosen = (terms["term"] == "level") & terms["event"].isin([event.event for event in shown])
    return terms[chosen]


def alt(campaign: str, terms: pd.DataFrame, shown: list) -> str:
    """The finding in words."""
    levels = levels_of(terms, shown)
    levels = levels[levels["method"] == "log1p_dates"]
    if levels.empty:
        return f"Interrupted time series of {campaign}: no event could be estimated."
    up, down = int((levels["lower"] > 1).sum()), int((levels["upper"] < 1).sum())
    believed = "" if (levels["calibrated"] == "yes").all() else ", by intervals not believed here"
    return (
        f"Interrupted time series of {campaign} around {number_of(len(levels), 'event')}: the "
        f"interval of the level change lies above 1 at {up} of them and below 1 at "
        f"{down}{believed}."
    )
