"""The page's explorer: the data that its charts show for one campaign, and the chart itself.

The chart is a Vega-Lite specification made with Altair, without data.
``workflow/templates/page.js`` fills in the days, scale and series that the reader chooses.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert
from markupsafe import Markup
from PIL import Image

from takedown.archives.columns import CONTROL_GROUP
from takedown.figures.colours import SERIES
from takedown.figures.selection import composition, drawn_days, readable
from takedown.io.printable import isolated

MOST_SERIES = len(SERIES)
INITIAL_PARTS = 3
#: Pictures on the page have two thirds of print resolution (300 dpi): sharp on any screen.
SCREEN_SCALE, QUALITY = 2 / 3, 80
#: Pictures are embedded up to this total size; the others are loaded from the folder.
PICTURE_BYTES = 1_700_000
NULLS = {"circular_shift": "other dates", "free_redraw": "quiet dates"}


def series_shown(daily: pd.DataFrame) -> list[str]:
    """``all`` and the largest other columns of ``daily``, as many as there are colours."""
    others = daily.drop(columns=["all", f"group:{CONTROL_GROUP}"], errors="ignore").sum()
    others = others[others > 0].sort_values(ascending=False, kind="stable")
    first = composition(daily)[:INITIAL_PARTS]
    rest = [name for name in others.index if name not in first]
    return ["all", *first, *rest][:MOST_SERIES]


def explorer(
    daily: pd.DataFrame,
    modelled: pd.DatetimeIndex,
    events: pd.DataFrame,
    estimates: Mapping[str, list[dict[str, Any]]],
    labels: Mapping[str, str],
    timezone: str,
) -> dict[str, Any]:
    """The data for the charts of one campaign, ready for JSON.

    ``daily`` has a column per series and a row per local day; ``modelled`` are the model days,
    whose mean a day is compared with; ``events`` are ``series/events.csv``; ``estimates`` are those
    shown for each event.
    """
    first = {"all", *composition(daily)[:INITIAL_PARTS]}
    days = drawn_days(daily.index, modelled)
    inside = events[pd.to_datetime(events["date"]).between(daily.index[0], daily.index[-1])]
    return {
        "start": f"{daily.index[0]:%Y-%m-%d}",
        "from": f"{days[0]:%Y-%m-%d}",
        "to": f"{days[-1]:%Y-%m-%d}",
        "timezone": timezone,
        "series": [
            {
                "name": name,
                "label": "All posts" if name == "all" else isolated(label(name, labels)),
                "shown": name in first,
                "posts": daily[name].tolist(),
                "mean": float(daily.loc[modelled, name].mean()),
            }
            for name in series_shown(daily)
        ],
        "events": [
            {
                "event": row.event,
                "number": None if pd.isna(row.number) else int(row.number),
                "date": row.date,
                "title": isolated(row.title),
                "estimates": estimates.get(str(row.event), []),
            }
            for row in inside.itertuples()
        ],
    }


def label(series: str, labels: Mapping[str, str]) -> str:
    """The display name of a series, with its kind if that is not obvious."""
    kind, _, _ = series.partition(":")
    words = {"lang": "language ", "kind": ""}.get(kind, "")
    return words + readable(series, labels)


def event_estimates(
    effects: list[dict[str, Any]],
    placebo: list[dict[str, Any]],
    levels: list[dict[str, Any]],
    days: Mapping[str, str],
) -> dict[str, list[dict[str, Any]]]:
    """For each event, its estimates on all posts: what, ratio, lower, upper, p, q, calibrated.

    From rows of ``models/event_effects.csv``, ``placebo.csv`` and ``interrupted.csv``; ``days`` are
    the words for the effects.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for row in effects:
        found.setdefault(row["event"], []).append(
            {
                "what": f"{days[row['effect']]}, {row['method'].replace('_', ' ')}",
                "ratio": row["rate_ratio"],
                **{name: row[name] for name in ("lower", "upper", "p_value", "calibrated")},
            }
        )
    for row in levels:
        found.setdefault(row["event"], []).append(
            {
                "what": f"lasting change of level, {row['method'].replace('_', ' ')}",
                "ratio": row["estimate"],
                **{name: row[name] for name in ("lower", "upper", "p_value", "calibrated")},
            }
        )
    for row in placebo:
        if row["statistic"] in days:
            found.setdefault(row["event"], []).append(
                {
                    "what": f"{days[row['statistic']]}, randomisation p over {NULLS[row['null']]}",
                    **{name: row[name] for name in ("p_value", "q_value", "calibrated")},
                }
            )
    return found


def chart() -> dict[str, Any]:
    """The Vega-Lite specification; the page supplies its datasets (days, dates, events, focus)."""
    days, dates, events, focus = (
        alt.NamedData(name=name) for name in ("days", "dates", "events", "focus")
    )
    brush = alt.selection_interval(name="brush", encodings=["x"])
    hover = alt.selection_point(
        name="hover", nearest=True, on="pointermove", fields=["date"], empty=False
    )
    date = alt.Axis(
        format="%Y-%m-%d", labelOverlap=True, labelBound=True, title=None, tickCount=6, grid=False
    )
    x = alt.X("date:T", scale=alt.Scale(type="utc", domain={"param": "brush"}), axis=date)
    whole = alt.X("date:T", scale=alt.Scale(type="utc"), axis=date)
    y = alt.Y("value:Q", axis=alt.Axis(format=",.4~g", minExtent=44, maxExtent=44))
    names = alt.Scale(domain=[], range=[])
    legend = alt.Legend(orient="top", title=None, columns=3, symbolType="stroke", labelLimit=120)
    drawn = alt.Chart(days).encode(
        x=x,
        y=y,
        color=alt.Color("label:N", scale=names, legend=legend),
        strokeDash=alt.StrokeDash("label:N", scale=names, legend=legend),
    )
    at = alt.Chart(events).encode(x=x, tooltip=["title:N", "day:N"])
    # Event numbers that would touch are stacked in rows.
    row = alt.ExprRef("8 + 12 * datum.row")
    detail = alt.layer(
        at.mark_rule(clip=True, opacity=0.5),
        at.mark_text(clip=True, fontSize=11, cursor="pointer", dy=row).encode(
            text="number:Q", y=alt.value(0)
        ),
        drawn.mark_line(clip=True, strokeWidth=1.6),
        alt.Chart(focus).mark_rule(clip=True, strokeWidth=2).encode(x=x),
        alt.Chart(dates)
        .mark_point(clip=True, opacity=0)
        .encode(x=x, y=alt.value(130))
        .properties(name="by_day")
        .add_params(hover),
    )
    overview = (
        alt.Chart(days)
        .mark_line(strokeWidth=1)
        .encode(
            x=whole,
            y=alt.Y("value:Q", axis=alt.Axis(labels=False, ticks=False, title=None, minExtent=44)),
            detail="label:N",
        )
        .add_params(brush)
        .properties(height=44, name="overview")
    )
    both = alt.vconcat(detail.properties(height=260), overview).to_dict(validate=True)
    # Altair attaches a layer's selections to all its marks; each belongs to only one.
    views = {"hover": "by_day_0", "brush": "overview"}
    for param in both["params"]:
        param["views"] = [views[param["name"]]]
    return both


def bundle() -> Markup:
    """Vega, Vega-Lite and Vega-Embed as one script, from the locked package."""
    return Markup(
        vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace(
            "</script", "<\\/script"
        )
    )


def as_json(value: Any) -> Markup:
    """JSON that is safe in a script element: nothing in it can close the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))


def picture(path: Path) -> str:
    """A figure's PNG as a data URL, at screen resolution."""
    with Image.open(path) as image:
        size = [round(side * SCREEN_SCALE) for side in image.size]
        small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "WEBP", quality=QUALITY, method=4)
    return "data:image/webp;base64," + base64.b64encode(data.getvalue()).decode()


def pictures(figures: list[Path]) -> list[str]:
    """The data URL of each figure (its PNG), in order; empty beyond the page's size limit."""
    found, total = [], 0
    for path in figures:
        address = picture(path) if total < PICTURE_BYTES else ""
        total += len(address)
        found.append(address if total < PICTURE_BYTES else "")
    return found
