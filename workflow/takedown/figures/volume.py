"""The headline: a campaign's daily volume against news events and news attention."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from takedown.figures.style import (
    ACCENT,
    CONTRAST,
    GRID,
    INK,
    MM,
    MUTED,
    PAGE,
    SERIES,
    WASH,
    Drawing,
    count_axis,
    date_axis,
)

SMOOTH_DAYS = 7
MARKER_MM = 4.2
LEFT_MM, RIGHT_MM = 15.0, 4.0
LINE_MM = 3.1
LEGEND_CHARACTERS = 58
MOST_SERIES = 6


def draw(
    daily: pd.DataFrame,
    modelled: pd.DatetimeIndex,
    events: pd.DataFrame,
    attention: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    campaign: str,
    timezone: str,
    source: str,
    labels: Mapping[str, str],
) -> Drawing:
    """Draw the headline figure.

    ``daily`` has one column per series and a row per local day; ``modelled`` are the model days;
    ``events``, ``attention`` and ``changes`` are the tables ``series/events.csv``,
    ``series/attention.csv`` and ``models/change_points.csv``; ``labels`` names topics for readers.
    """
    days = drawn_days(daily.index, modelled)
    shown = daily.loc[days]
    parts = composition(shown)
    marks = events[pd.to_datetime(events["date"]).between(days[0], days[-1])]
    attention = attention[pd.to_datetime(attention["date"]).between(days[0], days[-1])]
    names = list(attention["series"].unique())
    found = changes[changes["series"] == "all"]
    rows = marker_rows(marks, days)
    legend, legend_lines = legend_columns(marks)

    strip = (max(rows, default=-1) + 1) * (MARKER_MM + 0.6) + (1.5 if rows else 0)
    heights = [44.0, *([24.0] if parts else []), *(17.0 for _ in names)]
    gap, top, bottom = 7.0, 6.0 + strip, 9.0 + (legend_lines * LINE_MM + 6 if rows else 0)
    total = top + sum(heights) + gap * (len(heights) - 1) + bottom
    figure = plt.figure(figsize=(PAGE, total * MM))
    panels, y = [], total - top
    width = PAGE / MM - LEFT_MM - RIGHT_MM
    for height in heights:
        y -= height
        box = (LEFT_MM * MM / PAGE, y / total, width * MM / PAGE, height / total)
        panels.append(figure.add_axes(box))
        y -= gap

    draw_total(panels[0], shown["all"], modelled, found)
    if parts:
        draw_parts(panels[1], shown[parts], labels)
    for axes, name in zip(panels[1 + bool(parts) :], names, strict=True):
        draw_attention(axes, attention[attention["series"] == name], name, days)
    for axes in panels:
        date_axis(axes, days)
        axes.tick_params(labelbottom=axes is panels[-1])
        for day in pd.to_datetime(marks["date"]):
            axes.axvline(day, color=MUTED, linewidth=0.4, alpha=0.6, zorder=0.5)
    panels[-1].set_xlabel(f"Local day ({timezone})")
    draw_markers(panels[0], marks, rows, heights[0])
    draw_legend(figure, legend, bottom, total)

    return Drawing(
        figure,
        long_table(shown, parts, marks, attention, found),
        "Daily volume against news events",
        caption(daily, shown, marks, names, parts, found, campaign, timezone, source),
        alt(shown, marks, campaign),
    )


def drawn_days(study: pd.DatetimeIndex, modelled: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The whole study window, or the model days where the window is more than twice as long."""
    return study if len(study) <= 2 * len(modelled) else modelled


def composition(shown: pd.DataFrame) -> list[str]:
    """The series that show what the posts are: topics where there are any, else languages."""
    for kind in ("topic:", "lang:"):
        names = [name for name in shown if name.startswith(kind) and shown[name].any()]
        if names:
            return sorted(names, key=lambda name: -shown[name].sum())[:MOST_SERIES]
    return []


def smooth(posts: pd.Series | pd.DataFrame) -> pd.Series | pd.DataFrame:
    """Centred mean over a week, shorter at the ends."""
    return posts.rolling(SMOOTH_DAYS, center=True, min_periods=SMOOTH_DAYS // 2 + 1).mean()


def draw_total(
    axes: Axes, posts: pd.Series, modelled: pd.DatetimeIndex, changes: pd.DataFrame
) -> None:
    """Posts per day, the weekly mean, and the change points with their intervals."""
    half = pd.Timedelta(hours=12)
    for start, end in ((posts.index[0], modelled[0]), (modelled[-1], posts.index[-1])):
        if end > start:
            axes.axvspan(start - half, end + half, color=WASH, linewidth=0, zorder=0)
    axes.bar(posts.index, posts, width=1.0, color="#9ecae1", linewidth=0, label="Posts per day")
    axes.plot(posts.index, smooth(posts), color=ACCENT, linewidth=1.3, label="7-day mean")
    top = float(posts.max()) * 1.08
    for number, change in enumerate(changes.itertuples()):
        low, high, at = (pd.Timestamp(day) for day in (change.lower, change.upper, change.date))
        label = "Change point, 95 % interval" if number == 0 else None
        axes.plot([low, high], [top, top], color=CONTRAST, linewidth=1.6, solid_capstyle="butt")
        axes.plot(at, top, "v", color=CONTRAST, markersize=4, clip_on=False, label=label)
    axes.set_ylabel("Posts per day")
    count_axis(axes)
    axes.set_ylim(0, top * 1.06)
    axes.legend(loc="upper left", ncols=3, handlelength=1.6, columnspacing=1.2, borderpad=0)


def draw_parts(axes: Axes, parts: pd.DataFrame, labels: Mapping[str, str]) -> None:
    """The weekly mean of each topic or language, told apart by colour and dash."""
    means = smooth(parts)
    for (color, dash), name in zip(SERIES, parts, strict=False):
        axes.plot(parts.index, means[name], color=color, linestyle=dash, label=readable(name, labels))
    topics = parts.columns[0].startswith("topic:")
    axes.set_ylabel("7-day mean")
    axes.set_title("By topic (a post may have several)" if topics else "By language")
    count_axis(axes)
    axes.legend(loc="upper left", ncols=len(parts.columns), handlelength=2.6, borderpad=0)


def readable(series: str, labels: Mapping[str, str]) -> str:
    """A series' name for readers."""
    kind, _, name = series.partition(":")
    return labels.get(name, name) if kind == "topic" else name


def draw_attention(axes: Axes, rows: pd.DataFrame, name: str, days: pd.DatetimeIndex) -> None:
    """One attention series; days without a value stay open."""
    values = pd.Series(rows["value"].to_numpy(), index=pd.to_datetime(rows["date"]))
    axes.plot(days, values.reindex(days), color=INK, linewidth=0.9)
    axes.set_title(name)
    axes.set_ylabel("per day")
    count_axis(axes)
    axes.yaxis.get_major_locator().set_params(nbins=3)


def marker_rows(marks: pd.DataFrame, days: pd.DatetimeIndex) -> list[int]:
    """Row above the panel for each marker, so that neighbours do not touch."""
    width = PAGE / MM - LEFT_MM - RIGHT_MM
    at = (pd.to_datetime(marks["date"]) - days[0]).dt.days.to_numpy() / max(len(days), 1) * width
    ends: list[float] = []
    rows = []
    for place in at:
        row = next((row for row, end in enumerate(ends) if place - end >= MARKER_MM), len(ends))
        ends[row:] = [place, *ends[row + 1 :]]
        rows.append(row)
    return rows


def draw_markers(axes: Axes, marks: pd.DataFrame, rows: list[int], height: float) -> None:
    """Numbered markers above the panel; open where the day was known a week ahead."""
    to_axes = axes.get_xaxis_transform()
    for event, row in zip(marks.itertuples(), rows, strict=True):
        y = 1 + (2.2 + row * (MARKER_MM + 0.6)) / height
        day, known = pd.Timestamp(event.date), event.anticipated == "yes"
        axes.plot(
            [day, day], [1, y], color=MUTED, linewidth=0.4, transform=to_axes, clip_on=False, zorder=1
        )
        axes.text(
            day,
            y,
            str(event.number),
            transform=to_axes,
            ha="center",
            va="center",
            fontsize=6,
            color=INK if known else "white",
            zorder=3,
            bbox={
                "boxstyle": "circle,pad=0.22" if event.number < 10 else "circle,pad=0.12",
                "facecolor": "white" if known else INK,
                "edgecolor": INK,
                "linewidth": 0.6,
            },
        )


def legend_columns(marks: pd.DataFrame) -> tuple[list[list[str]], int]:
    """The events in words, in two columns of wrapped entries, and the lines of the longer one."""
    entries = [
        textwrap.wrap(
            f"{event.number}  {event.date}  {event.title}",
            LEGEND_CHARACTERS,
            subsequent_indent="      ",
        )
        for event in marks.itertuples()
    ]
    lines = sum(len(entry) for entry in entries)
    columns: list[list[str]] = [[], []]
    for entry in entries:
        columns[0 if len(columns[0]) < lines / 2 and not columns[1] else 1].extend(entry)
    return columns, max(len(columns[0]), len(columns[1]))


def draw_legend(figure: plt.Figure, columns: list[list[str]], bottom: float, total: float) -> None:
    """The legend table under the panels."""
    if not columns[0]:
        return
    y = (bottom - 11.5) / total
    figure.text(LEFT_MM * MM / PAGE, y + 1.2 / total, "News events", color=MUTED, fontsize=7)
    for column, lines in enumerate(columns):
        x = (LEFT_MM + column * (PAGE / MM - LEFT_MM - RIGHT_MM) / 2) * MM / PAGE
        for number, line in enumerate(lines):
            place = y - (number + 0.6) * LINE_MM / total
            figure.text(x, place, line, fontsize=6.5, va="center", color=INK)
    figure.add_artist(
        plt.Line2D([LEFT_MM * MM / PAGE, 1 - RIGHT_MM * MM / PAGE], [y, y], color=GRID, linewidth=0.5)
    )


def long_table(
    shown: pd.DataFrame,
    parts: list[str],
    marks: pd.DataFrame,
    attention: pd.DataFrame,
    changes: pd.DataFrame,
) -> pd.DataFrame:
    """Exactly what is drawn: layer, name, date, value, lower, upper."""
    day = shown.index.strftime("%Y-%m-%d")
    blocks = [pd.DataFrame({"layer": "posts", "name": "all", "date": day, "value": shown["all"]})]
    for layer, names in (("7-day mean", ["all"]), ("7-day mean by part", parts)):
        for name in names:
            means = {"layer": layer, "name": name, "date": day, "value": smooth(shown[name])}
            blocks.append(pd.DataFrame(means))
    blocks.append(attention.rename(columns={"series": "name"}).assign(layer="attention"))
    bounds = changes[["date", "lower", "upper"]].assign(layer="change point", name="all")
    blocks.append(bounds.assign(value=np.nan))
    titles = marks["number"].astype(str) + " " + marks["title"]
    blocks.append(pd.DataFrame({"layer": "event", "name": titles, "date": marks["date"]}))
    columns = ["layer", "name", "date", "value", "lower", "upper"]
    return pd.concat([block for block in blocks if len(block)], ignore_index=True)[columns]


def caption(
    daily: pd.DataFrame,
    shown: pd.DataFrame,
    marks: pd.DataFrame,
    names: list[str],
    parts: list[str],
    changes: pd.DataFrame,
    campaign: str,
    timezone: str,
    source: str,
) -> str:
    """What the figure shows, from how many posts, and its limits."""
    drawn, total = int(shown["all"].sum()), int(daily["all"].sum())
    text = (
        f"Posts per day of {campaign}, {shown.index[0]:%Y-%m-%d} to {shown.index[-1]:%Y-%m-%d} "
        f"(days of {timezone}), n = {drawn:,} posts"
    )
    text += f"; {total - drawn:,} posts on other days are not drawn. " if drawn < total else ". "
    text += "Line, centred 7-day mean. "
    if len(changes):
        text += (
            "Triangles, change points found without the calendar; bars, their 95 % block-bootstrap "
            "intervals. "
        )
    if len(shown) > len(changes) and parts:
        kind = "topics (unvalidated term lists)" if parts[0].startswith("topic:") else "languages"
        text += f"Below, 7-day means of the largest {kind}. "
    if names:
        text += f"Then {' and '.join(names)} per day. "
    if len(marks):
        text += (
            f"Numbers, {len(marks)} news events (open: the day was known a week ahead), dated where "
            "they happened. "
        )
    else:
        text += "No news events are given for these days. "
    return text + (
        "A day on which volume and news coincide shows association, not cause; only removed "
        f"accounts are observed. Source: {source}."
    )


def alt(shown: pd.DataFrame, marks: pd.DataFrame, campaign: str) -> str:
    """The finding in words."""
    posts = shown["all"]
    text = (
        f"Time series of {campaign}: {posts.sum():,} posts over {len(posts)} days, most on "
        f"{posts.idxmax():%Y-%m-%d} ({posts.max():,} posts), median {posts.median():,.0f} a day."
    )
    if len(marks):
        days = pd.to_datetime(marks["date"])
        nearest = marks.iloc[int(np.abs((days - posts.idxmax()).dt.days).to_numpy().argmin())]
        text += f" The event nearest to the peak is {nearest.title} ({nearest.date})."
    return text
