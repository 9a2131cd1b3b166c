"""All operations on one time axis, below the news events of their calendars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes

from takedown.figures.colours import CONTRAST, INK
from takedown.figures.style import (
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
from takedown.series.modelled import wide

ROW_MM, LEAST_ROWS, QUANTILE = 3.9, 3, 0.01
OTHER = "other"


def draw(
    daily: Mapping[str, pd.DataFrame],
    events: Mapping[str, pd.DataFrame],
    *,
    disclosed: Mapping[str, str | None],
) -> Drawing:
    """Draw the posts of each campaign as a strip of months, below the topics of all events.

    ``daily`` and ``events`` are each campaign's ``series/daily.csv`` and ``series/events.csv``;
    ``disclosed`` is the day on which each campaign was made public, if known. The axis covers all
    but the first hundredth of each campaign's posts.
    """
    posts = {name: wide(table)["all"] for name, table in daily.items()}
    return strips(posts, calendar(events.values()), disclosed)


def strips(
    posts: Mapping[str, pd.Series], events: pd.DataFrame, disclosed: Mapping[str, str | None]
) -> Drawing:
    """The same figure, from daily posts and events with the columns date, title and topic."""
    starts = {name: start_of(series) for name, series in posts.items()}
    shown = sorted(posts, key=lambda name: (starts[name], name))[:MOST_ROWS]
    months = monthly({name: posts[name] for name in shown})
    days = span(starts, shown, posts, disclosed)
    months = months[(months["month"] >= days[0]) & (months["month"] <= days[-1])]
    events = events[(events["date"] >= days[0]) & (events["date"] <= days[-1])]
    topics = sorted(events["topic"].unique())
    rows = [max(LEAST_ROWS, len(topics)), max(LEAST_ROWS, len(shown))]
    figure, (top, bottom) = subplots(
        2,
        1,
        figsize=(PAGE, (18 + ROW_MM * (sum(rows) + 2)) * MM),
        height_ratios=[each + 0.6 for each in rows],
        sharex=True,
    )
    draw_events(top, events, topics)
    draw_strips(bottom, months, shown, disclosed)
    figure.draw_without_rendering()
    date_axis(bottom, days)
    bottom.set_xlabel("Month (days of each campaign's own zone)")
    facts = {
        "shown": len(shown),
        "all": len(posts),
        "events": len(events),
        "simulated": simulated_words(shown),
    }
    return Drawing(
        "timeline",
        figure,
        data(months, events, shown, disclosed),
        facts,
        f"Timeline of {number_of(len(shown), 'campaign')} from {days[0]:%Y-%m} to "
        f"{days[-1]:%Y-%m}; fullest months: "
        + "; ".join(
            f"{name} {rows.loc[rows['posts'].idxmax(), 'month']:%Y-%m}"
            for name, rows in months.groupby("campaign")
        )
        + ".",
    )


def calendar(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The distinct events of several ``series/events.csv``: columns date, title and topic."""
    events = pd.concat(list(tables))[["date", "title", "topic"]].drop_duplicates()
    events = events.assign(date=pd.to_datetime(events["date"]), topic=events["topic"].fillna(OTHER))
    return events.sort_values(["date", "title"]).reset_index(drop=True)


def start_of(series: pd.Series) -> pd.Timestamp:
    """The day by which the first hundredth of the posts had been published."""
    done = series.cumsum() / max(1, series.sum())
    return done.index[int(np.argmax(done.to_numpy() >= QUANTILE))]


def span(
    starts: Mapping[str, pd.Timestamp],
    shown: list[str],
    posts: Mapping[str, pd.Series],
    disclosed: Mapping[str, str | None],
) -> pd.DatetimeIndex:
    """The days of the axis: from the earliest start to the last post or disclosure."""
    ends = [posts[name].index[-1] for name in shown]
    ends += [pd.Timestamp(disclosed[name]) for name in shown if disclosed[name]]
    first = min(starts[name] for name in shown).to_period("M").start_time
    return pd.date_range(first, max(ends).to_period("M").end_time.normalize())


def monthly(posts: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Posts per month: columns campaign, month (its first day), posts."""
    parts = []
    for name, series in posts.items():
        sums = series.groupby(series.index.to_period("M")).sum()
        parts.append(
            pd.DataFrame(
                {"campaign": name, "month": sums.index.start_time, "posts": sums.to_numpy()}
            )
        )
    return pd.concat(parts, ignore_index=True)


def draw_events(axes: Axes, events: pd.DataFrame, topics: list[str]) -> None:
    """A row of ticks for each topic."""
    if not topics:
        note(axes, "No news events within these months")
        return
    for y, topic in enumerate(topics):
        dates = events["date"][events["topic"] == topic]
        axes.vlines(dates, y - 0.36, y + 0.36, color=INK, linewidth=0.6)
    axes.set_yticks(range(len(topics)), [topic.replace("_", " ") for topic in topics], fontsize=6.5)
    axes.set_ylim(len(topics) - 0.4, -0.6)
    axes.tick_params(axis="both", length=0)
    axes.set_title("News events by topic")


def draw_strips(
    axes: Axes, months: pd.DataFrame, shown: list[str], disclosed: Mapping[str, str | None]
) -> None:
    """A strip for each campaign, its months shaded by their posts."""
    for y, name in enumerate(shown):
        rows = months[(months["campaign"] == name) & (months["posts"] > 0)]
        shade = np.sqrt(rows["posts"] / rows["posts"].max())
        width = (rows["month"] + pd.offsets.MonthBegin(1) - rows["month"]).dt.days
        colors = colormaps["Blues"](0.15 + 0.85 * shade)
        axes.barh([y] * len(rows), width, left=rows["month"], height=0.76, color=colors)
        if disclosed[name]:
            axes.plot(pd.Timestamp(disclosed[name]), y, "<", color=CONTRAST, markersize=3.5)
    axes.set_yticks(range(len(shown)), shown, fontsize=6.5)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_title("Operations, posts per month")


def data(
    months: pd.DataFrame,
    events: pd.DataFrame,
    shown: list[str],
    disclosed: Mapping[str, str | None],
) -> pd.DataFrame:
    """The data of the figure: columns kind (posts, event, disclosure), name, date, posts, title."""
    months = months.rename(columns={"campaign": "name", "month": "date"}).assign(kind="posts")
    events = events.rename(columns={"topic": "name"}).assign(kind="event")
    made = pd.DataFrame(
        [
            {"kind": "disclosure", "name": name, "date": pd.Timestamp(disclosed[name])}
            for name in shown
            if disclosed[name]
        ]
    )
    table = pd.concat([months, events, made], ignore_index=True)
    table = table.reindex(columns=["kind", "name", "date", "posts", "title"])
    table["date"] = table["date"].dt.strftime("%Y-%m-%d")
    return table.astype({"posts": "Int64"})
