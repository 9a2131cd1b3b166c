"""The headline figure: a campaign's daily volume with news events and news attention."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import SymmetricalLogLocator

from takedown.figures.colours import ACCENT, CONTRAST, GRID, INK, MUTED, SERIES, WASH
from takedown.figures.lettering import lines_of
from takedown.figures.selection import PARTS, composition, drawn_days, readable
from takedown.figures.style import (
    COUNTS,
    MM,
    PAGE,
    Drawing,
    count_axis,
    date_axis,
    greyed_words,
    shorten,
    trusted,
)
from takedown.io.printable import isolated, printable
from takedown.series.modelled import days_of, wide

#: How the posts are broken down, as worded in the caption.
SEVERAL = {
    "topic": "topics (unvalidated term lists; a post may have several)",
    "group": "groups of accounts, as those who released the posts name them",
    "lang": "languages",
}
SMOOTH_DAYS = 7
#: A peak this many times the 95th percentile flattens all other days on a linear axis.
FLATTENING = 20
LINEAR_TO = 10
MARKER_MM = 4.2
BARS = "#c9ced3"
LEFT_MM, RIGHT_MM = 17.0, 8.0
LINE_MM = 3.1
CHANGE_MM = 2.6
LEGEND_CHARACTERS, LABEL_CHARACTERS = 70, 100
INDENT = " " * 6
WIDTH_MM = PAGE / MM - LEFT_MM - RIGHT_MM


def draw(
    daily: pd.DataFrame,
    window: pd.DataFrame,
    events: pd.DataFrame,
    attention: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    campaign: str,
    timezone: str,
    source: str,
    topic_labels: Mapping[str, str],
) -> Drawing:
    """Draw the headline figure.

    The tables are ``series/daily.csv``, ``estimation_window.csv``, ``events.csv`` and
    ``attention.csv``, and ``models/change_points.csv``; ``topic_labels`` names topics for readers.
    """
    return headline(
        wide(daily),
        days_of(window),
        events,
        attention,
        changes,
        campaign=campaign,
        timezone=timezone,
        source=source,
        topic_labels=topic_labels,
    )


def headline(
    daily: pd.DataFrame,
    modelled: pd.DatetimeIndex,
    events: pd.DataFrame,
    attention: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    campaign: str,
    timezone: str,
    source: str,
    topic_labels: Mapping[str, str],
) -> Drawing:
    """The same figure, from daily series in columns and the days of the estimation window."""
    days = drawn_days(daily.index, modelled)
    shown = daily.loc[days]
    parts = composition(shown)
    marks = events[pd.to_datetime(events["date"]).between(days[0], days[-1])]
    attention = attention[pd.to_datetime(attention["date"]).between(days[0], days[-1])]
    names = list(attention["series"].unique())
    found = changes[changes["series"] == "all"]
    rows = marker_rows(marks, days)
    legend, legend_lines = legend_columns(marks)

    bars = stack([(change.lower, change.upper) for change in found.itertuples()])
    strip = (max(rows, default=-1) + 1) * (MARKER_MM + 0.6) + (1.5 if rows else 0)
    heights = [44.0, CHANGE_MM * (max(bars, default=-1) + 1) + 1.5 if bars else 0.0]
    heights += [24.0 if parts else 0.0, *(17.0 for _ in names)]
    heights = [height for height in heights if height]
    gap, top, bottom = 7.0, 7.0 + strip, 12.0 + (legend_lines * LINE_MM + 7 if rows else 0)
    total = top + sum(heights) + gap * (len(heights) - 1) + bottom
    figure = Figure(figsize=(PAGE, total * MM))
    panels = stacked_panels(figure, heights, gap, top, total)

    rest = iter(panels)
    draw_total(next(rest), shown["all"], modelled)
    if bars:
        draw_changes(next(rest), found, bars)
    if parts:
        draw_parts(next(rest), shown[parts], topic_labels)
    for axes, name in zip(rest, names, strict=True):
        draw_attention(axes, attention[attention["series"] == name], name, days)
    for axes in panels:
        date_axis(axes, days)
        axes.tick_params(labelbottom=axes is panels[-1])
        axes.yaxis.set_label_coords(-(LEFT_MM - 4.5) / WIDTH_MM, 0.5)
        for day in pd.to_datetime(marks["date"]):
            axes.axvline(day, color=MUTED, linewidth=0.4, alpha=0.6, zorder=0.5)
    panels[-1].set_xlabel(f"Local day ({timezone})")
    draw_markers(panels[0], marks, rows, heights[0])
    draw_legend(figure, legend, bottom, total)

    drawn = int(shown["all"].sum())
    facts = {
        "campaign": campaign,
        "source": source,
        "timezone": timezone,
        "first": f"{shown.index[0]:%Y-%m-%d}",
        "last": f"{shown.index[-1]:%Y-%m-%d}",
        "posts": drawn,
        "not_drawn": int(daily["all"].sum()) - drawn,
        "flattened": flattened(shown["all"]),
        "linear_to": LINEAR_TO,
        "shaded": len(modelled) < len(shown),
        "changes": len(found),
        "grey": greyed_words(found["calibrated"]) if len(found) else "",
        "parts": SEVERAL[parts[0].split(":")[0]] if parts else "",
        "attention": " and ".join(names),
        "events": len(marks),
    }
    return Drawing(
        "volume",
        figure,
        long_table(shown, parts, marks, attention, found),
        facts,
        alt(shown, marks, campaign),
    )


def smooth(posts: pd.Series | pd.DataFrame) -> pd.Series | pd.DataFrame:
    """Centred seven-day mean, over fewer days at the ends."""
    return posts.rolling(SMOOTH_DAYS, center=True, min_periods=SMOOTH_DAYS // 2 + 1).mean()


def inner(posts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The second lowest and second highest of the seven days around each day.

    Near the ends of the series, the same order statistics of the days available.
    """
    window = posts.rolling(SMOOTH_DAYS, center=True, min_periods=SMOOTH_DAYS // 2 + 1)
    return window.quantile(1 / (SMOOTH_DAYS - 1)), window.quantile(1 - 1 / (SMOOTH_DAYS - 1))


def stacked_panels(
    figure: Figure, heights: list[float], gap: float, top: float, total: float
) -> list[Axes]:
    """Panels of the given heights (mm), one below the other, as wide as the margins allow."""
    panels, y = [], total - top
    for height in heights:
        y -= height
        box = (LEFT_MM * MM / PAGE, y / total, WIDTH_MM * MM / PAGE, height / total)
        panels.append(figure.add_axes(box))
        y -= gap
    return panels


def stack(spans: list[tuple[str, str]]) -> list[int]:
    """The row of each span (ISO days, in order), so that no two in a row overlap."""
    ends: list[str] = []
    rows = []
    for start, end in spans:
        row = next((row for row, last in enumerate(ends) if last < start), len(ends))
        ends[row : row + 1] = [end]
        rows.append(row)
    return rows


def draw_total(axes: Axes, posts: pd.Series, modelled: pd.DatetimeIndex) -> None:
    """Posts per day and their weekly mean; days that the models leave out are shaded."""
    half = pd.Timedelta(hours=12)
    for start, end in ((posts.index[0], modelled[0]), (modelled[-1], posts.index[-1])):
        if end > start:
            axes.axvspan(start - half, end + half, color=WASH, linewidth=0, zorder=0)
    axes.bar(posts.index, posts, width=1.0, color=BARS, linewidth=0, label="posts per day")
    axes.fill_between(
        posts.index,
        *inner(posts),
        color=ACCENT,
        alpha=0.25,
        linewidth=0,
        label="middle 5 of 7 days",
    )
    axes.plot(posts.index, smooth(posts), color=ACCENT, linewidth=1.3, label="7-day mean")
    axes.set_ylabel("Posts per day")
    count_axis(axes)
    if flattened(posts):
        axes.set_ylabel("Posts per day (log scale)")
        axes.set_yscale("symlog", linthresh=LINEAR_TO)
        axes.yaxis.set_major_locator(
            SymmetricalLogLocator(base=10, linthresh=LINEAR_TO, subs=[1.0])
        )
        axes.yaxis.set_major_formatter(COUNTS)
        axes.set_ylim(0, None)
    handles, labels = axes.get_legend_handles_labels()
    axes.figure.legend(
        handles[::-1], labels[::-1], loc="upper right", ncols=3, handlelength=1.6, borderpad=0.2
    )


def flattened(posts: pd.Series) -> bool:
    """Whether a few days are so high that the others could not be seen on a linear axis."""
    return bool(posts.max() > FLATTENING * max(posts.quantile(0.95), 1))


def draw_changes(axes: Axes, changes: pd.DataFrame, rows: list[int]) -> None:
    """Change points as markers on their intervals, in separate rows if the intervals overlap."""
    for row, change in zip(rows, changes.itertuples(), strict=True):
        low, high, at = (pd.Timestamp(day) for day in (change.lower, change.upper, change.date))
        half = pd.Timedelta(hours=12)
        span = [low - half, high + half]
        color = trusted(CONTRAST, change.calibrated)
        axes.plot(span, [row, row], color=color, linewidth=1.6, solid_capstyle="butt")
        axes.plot(at, row, "D", color=color, markersize=3, markeredgecolor="white", mew=0.4)
    axes.set_ylim(max(rows) + 0.7, -0.7)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0)
    axes.set_title("Change points with 95 % intervals, found without the calendar")


def draw_parts(axes: Axes, parts: pd.DataFrame, labels: Mapping[str, str]) -> None:
    """The weekly mean of each topic, group or language, distinguished by colour and dash."""
    means = smooth(parts)
    lines = [
        axes.plot(parts.index, means[name], color=color, linestyle=dash)[0]
        for (color, dash), name in zip(SERIES, parts, strict=False)
    ]
    room = LABEL_CHARACTERS // len(parts.columns)
    axes.set_ylabel("7-day mean")
    axes.set_title(f"By {PARTS[parts.columns[0].split(':')[0]]}")
    count_axis(axes)
    axes.legend(
        lines,
        [shorten(readable(name, labels), room) for name in parts],
        loc="lower right",
        bbox_to_anchor=(1, 0.98),
        ncols=len(parts.columns),
        handlelength=2.2,
        columnspacing=1.0,
    )


def draw_attention(axes: Axes, rows: pd.DataFrame, name: str, days: pd.DatetimeIndex) -> None:
    """One attention series, with gaps on days without a value."""
    values = pd.Series(rows["value"].to_numpy(), index=pd.to_datetime(rows["date"]))
    axes.plot(days, values.reindex(days), color=INK, linewidth=0.9)
    axes.set_title(shorten(name, LEGEND_CHARACTERS))
    axes.set_ylabel("per day")
    count_axis(axes)
    axes.yaxis.get_major_locator().set_params(nbins=3)


def marker_rows(marks: pd.DataFrame, days: pd.DatetimeIndex) -> list[int]:
    """Row above the panel for each marker, so that neighbours do not touch."""
    at = (pd.to_datetime(marks["date"]) - days[0]).dt.days.to_numpy() / len(days) * WIDTH_MM
    ends: list[float] = []
    rows = []
    for place in at:
        row = next((row for row, end in enumerate(ends) if place - end >= MARKER_MM), len(ends))
        ends[row : row + 1] = [place]
        rows.append(row)
    return rows


def draw_markers(axes: Axes, marks: pd.DataFrame, rows: list[int], height: float) -> None:
    """Numbered markers above the panel; hollow if the date was known a week ahead."""
    to_axes = axes.get_xaxis_transform()
    for event, row in zip(marks.itertuples(), rows, strict=True):
        y = 1 + (2.2 + row * (MARKER_MM + 0.6)) / height
        day, known = pd.Timestamp(event.date), event.anticipated == "yes"
        axes.plot(
            [day, day],
            [1, y],
            color=MUTED,
            linewidth=0.4,
            transform=to_axes,
            clip_on=False,
            zorder=1,
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
    """The event legend in two columns of wrapped entries, and the line count of the longer one."""
    entries = [
        lines_of_event(f"{mark.number}  {mark.date}  ", mark.title) for mark in marks.itertuples()
    ]
    lines = sum(len(entry) for entry in entries)
    columns: list[list[str]] = [[], []]
    for entry in entries:
        columns[0 if len(columns[0]) < lines / 2 and not columns[1] else 1].extend(entry)
    return columns, max(len(columns[0]), len(columns[1]))


def lines_of_event(number: str, title: str) -> list[str]:
    """One event of the legend in lines, the first of which begins with its number and day."""
    room = LEGEND_CHARACTERS - len(INDENT)
    first, *rest = lines_of(printable(title), room, LEGEND_CHARACTERS - len(number))
    return [number + isolated(first), *(INDENT + isolated(line) for line in rest)]


def draw_legend(figure: Figure, columns: list[list[str]], bottom: float, total: float) -> None:
    """The legend table under the panels."""
    if not columns[0]:
        return
    y = (bottom - 15.5) / total
    figure.text(LEFT_MM * MM / PAGE, y + 1.2 / total, "News events", color=MUTED, fontsize=7)
    for column, lines in enumerate(columns):
        x = (LEFT_MM + column * WIDTH_MM / 2) * MM / PAGE
        for number, line in enumerate(lines):
            place = y - (number + 0.6) * LINE_MM / total
            figure.text(x, place, line, fontsize=6.5, va="center", color=INK)
    figure.add_artist(
        Line2D([LEFT_MM * MM / PAGE, 1 - RIGHT_MM * MM / PAGE], [y, y], color=GRID, linewidth=0.5)
    )


def long_table(
    shown: pd.DataFrame,
    parts: list[str],
    marks: pd.DataFrame,
    attention: pd.DataFrame,
    changes: pd.DataFrame,
) -> pd.DataFrame:
    """The data of the figure: columns layer, name, date, value, lower, upper."""
    day = shown.index.strftime("%Y-%m-%d")
    blocks = [pd.DataFrame({"layer": "posts", "name": "all", "date": day, "value": shown["all"]})]
    for layer, names in (("7-day mean", ["all"]), ("7-day mean by part", parts)):
        for name in names:
            means = {"layer": layer, "name": name, "date": day, "value": smooth(shown[name])}
            blocks.append(pd.DataFrame(means))
    low, high = inner(shown["all"])
    band = {"layer": "7-day band", "name": "all", "date": day, "lower": low, "upper": high}
    blocks.append(pd.DataFrame(band))
    blocks.append(attention.rename(columns={"series": "name"}).assign(layer="attention"))
    bounds = changes[["date", "lower", "upper"]].assign(layer="change point", name="all")
    blocks.append(bounds.assign(value=np.nan))
    titles = [f"{event.number} {event.title}" for event in marks.itertuples()]
    blocks.append(pd.DataFrame({"layer": "event", "name": titles, "date": marks["date"]}))
    columns = ["layer", "name", "date", "value", "lower", "upper"]
    table = pd.concat([block for block in blocks if len(block)], ignore_index=True)
    return table.reindex(columns=columns)


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
        text += f" The event nearest to the peak is {isolated(nearest.title)} ({nearest.date})."
    return text
