"""Event study: the pooled path around events, and the effect of each event."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from takedown.figures.style import (
    ACCENT,
    CONTRAST,
    GRID,
    INK,
    MM,
    MUTED,
    PAGE,
    Drawing,
    note,
    shorten,
)

METHODS = {"negbin_hac": "negative binomial", "log1p_ols_hac": "log(1 + posts), least squares"}
RATIOS = [0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 1000]
EFFECTS = {"days_0_2": ("days 0 to +2", "o", -0.17), "days_0_6": ("days 0 to +6", "s", 0.17)}
ROW_MM = 6.0


def draw(
    path: pd.DataFrame,
    effects: pd.DataFrame,
    events: pd.DataFrame,
    notes: pd.DataFrame,
    *,
    campaign: str,
    source: str,
) -> Drawing:
    """Draw the pooled path of ``event_study.csv`` beside ``event_effects.csv``, for ``all``."""
    path = path[(path["series"] == "all") & (path["event"] == "pooled")]
    effects = effects[(effects["series"] == "all") & (effects["method"] != "log1p_ols_hac")]
    titles = {
        row.event: f"{row.number}  {row.date}  {shorten(row.title, 40)}"
        for row in events.itertuples()
    }
    single = [event for event in titles if (effects["event"] == event).any()]
    pooled = effects[effects["event"] == "pooled"]
    rows = [*single, *(["pooled"] if len(pooled) else [])]
    height = max(62.0, 24 + ROW_MM * len(rows))
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(PAGE, height * MM), width_ratios=[1, 0.85], layout="constrained"
    )
    why = reasons(notes)
    # A note may also warn of an estimate that is there.
    skipped = len(why.keys() - {None, "pooled", *single})
    if len(path):
        draw_path(left, path)
    else:
        note(left, "No pooled path: " + why.get("pooled", why.get(None, "no event")))
    if rows:
        draw_effects(right, effects, rows, titles)
    else:
        note(right, "No effect of a single event: " + why.get(None, "see models/ notes"))
    for axes, side in ((left, "left"), (right, "right")):
        handles, labels = axes.get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc=f"outside lower {side}", ncols=2, handlelength=2.4)
    # The least-squares path is drawn without its interval, so the data has none either.
    plain = path["method"] == "log1p_ols_hac"
    path = path.assign(lower=path["lower"].mask(plain), upper=path["upper"].mask(plain))
    data = pd.concat([path.assign(effect=""), effects], ignore_index=True)
    columns = ["series", "event", "method", "effect", "day", "rate_ratio", "lower", "upper"]
    return Drawing(
        figure,
        data.reindex(columns=columns),
        "Posting around news events",
        caption(campaign, source, len(single), path, skipped),
        alt(campaign, pooled, why),
    )


def reasons(notes: pd.DataFrame) -> dict[str | None, str]:
    """Event (or None) -> why it was not estimated, for the series ``all``."""
    own = notes[notes["series"] == "all"]
    return dict(zip(own["event"].where(own["event"].notna(), None), own["note"], strict=True))


def draw_path(axes: Axes, path: pd.DataFrame) -> None:
    """Rate ratio by day relative to the event, two estimators side by side."""
    axes.axhline(1, color=INK, linewidth=0.6)
    axes.axvline(0, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    for (method, label), color in zip(METHODS.items(), (ACCENT, CONTRAST), strict=True):
        own = path[path["method"] == method].sort_values("day")
        dashed = (0, (4, 1.5)) if method == "log1p_ols_hac" else "-"
        axes.plot(own["day"], own["rate_ratio"], color=color, linestyle=dashed, label=label)
        if method == "negbin_hac":
            axes.fill_between(
                own["day"], own["lower"], own["upper"], color=color, alpha=0.18, linewidth=0
            )
    ratio_axis(axes.yaxis, axes, path)
    axes.set_xlabel("Days from the event")
    axes.set_ylabel("Rate ratio of posts (log scale)")
    axes.set_title("All events together")


def draw_effects(
    axes: Axes, effects: pd.DataFrame, rows: list[str], titles: dict[str, str]
) -> None:
    """The cumulative effects of each event, with intervals."""
    axes.axvline(1, color=INK, linewidth=0.6)
    for color, (effect, (label, marker, shift)) in zip(
        (ACCENT, CONTRAST), EFFECTS.items(), strict=True
    ):
        own = effects[effects["effect"] == effect]
        own = own.set_index("event").reindex(rows)
        y = np.arange(len(rows)) + shift
        axes.hlines(y, own["lower"], own["upper"], color=color, linewidth=0.9)
        axes.plot(own["rate_ratio"], y, marker, color=color, markersize=3, label=label)
    axes.set_yticks(range(len(rows)), [titles.get(row, "All events together") for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, labelsize=6.5)
    ratio_axis(axes.xaxis, axes, effects)
    axes.set_xlabel("Rate ratio of posts (log scale)")
    axes.set_title("Against a forecast from other days")


def ratio_axis(axis: object, axes: Axes, table: pd.DataFrame) -> None:
    """A log axis labelled with plain ratios."""
    vertical = axis is axes.yaxis
    (axes.set_yscale if vertical else axes.set_xscale)("log")
    low = max(table["lower"].min(), RATIOS[0])
    high = min(table["upper"].max(), RATIOS[-1])
    (axes.set_ylim if vertical else axes.set_xlim)(min(low, 0.5) / 1.15, max(high, 2) * 1.15)
    axis.set_major_locator(FixedLocator(RATIOS))  # type: ignore[attr-defined]
    axis.set_minor_locator(NullLocator())  # type: ignore[attr-defined]
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))  # type: ignore[attr-defined]
    axes.grid(axis="y" if vertical else "x", color=GRID, linewidth=0.4)


def caption(campaign: str, source: str, single: int, path: pd.DataFrame, skipped: int) -> str:
    """What the figure shows, how it was estimated, and its limits."""
    text = f"Posting of {campaign} around news events, relative to what weekday and trend predict. "
    if len(path):
        text += (
            "Left, all events in one regression (overlapping windows jointly): negative "
            "binomial with Newey-West 95 % intervals (band), and least squares on log(1 + posts) "
            "(dashed; a ratio of 1 + posts). "
        )
    if single:
        text += (
            f"Right, {single} single events: geometric mean of the ratio over the days named, "
            "against a forecast from the days around the event's own; bars, 95 % intervals. "
        )
    if skipped:
        text += f"Not estimated (see models/event_study_notes.csv): {skipped} of the events. "
    return text + (
        "These intervals are not calibrated on known truth yet and are known to be too narrow: "
        f"read the placebo calendars first. Association, not cause. Source: {source}."
    )


def alt(campaign: str, pooled: pd.DataFrame, why: dict[str | None, str]) -> str:
    """The finding in words."""
    if pooled.empty:
        reason = why.get("pooled", why.get(None, "no event"))
        return f"Event study of {campaign}: no pooled estimate ({reason})."
    parts = [
        f"{EFFECTS[row.effect][0]} {row.rate_ratio:.2f} ({row.lower:.2f} to {row.upper:.2f})"
        for row in pooled.itertuples()
    ]
    return (
        f"Event study of {campaign}: rate ratio over all events, {'; '.join(parts)}, by intervals "
        "that are not calibrated and too narrow."
    )
