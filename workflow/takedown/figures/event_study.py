"""Event study: the pooled path around events, and the effect of each event."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from takedown.estimation.estimand import EFFECT_WORDS
from takedown.figures.colours import ACCENT, CONTRAST, GREYED, GRID, INK, MUTED
from takedown.figures.style import MM, PAGE, Drawing, greyed_words, note, shorten, subplots, trusted

#: Methods of the paths: the first is drawn with its interval, the second without.
PATHS = {
    "log1p_shift": "log(1 + posts), against shifts of the calendar",
    "negbin_hac": "negative binomial, Newey-West",
}
#: Methods whose effects are drawn: for single events, and for all events pooled.
EFFECT_METHODS = ("log1p_dates", "negbin_shift")
#: Tick labels of a ratio axis by its largest range (high / low); the first that fits is used.
RATIOS = [
    (30, [0.1, 0.2, 0.5, 1, 2, 5, 10]),
    (1000, [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]),
    (np.inf, [0.001, 0.01, 0.1, 1, 10, 100, 1000]),
]
#: Marker and vertical offset of each effect.
EFFECTS = {"days_0_2": ("o", -0.17), "days_0_6": ("s", 0.17)}
ROW_MM = 6.0


def draw(
    path: pd.DataFrame,
    bands: pd.DataFrame,
    effects: pd.DataFrame,
    events: pd.DataFrame,
    notes: pd.DataFrame,
    *,
    campaign: str,
    source: str,
) -> Drawing:
    """Draw the pooled path of ``event_study.csv`` beside ``event_effects.csv``, for ``all``.

    ``bands`` (``placebo_bands.csv``) show the range of the same path under placebo calendars.
    """
    path = path[(path["series"] == "all") & (path["event"] == "pooled")]
    path = path[path["method"].isin(PATHS)]
    bands = bands[(bands["series"] == "all") & (bands["event"] == "pooled")]
    effects = effects[(effects["series"] == "all") & effects["method"].isin(EFFECT_METHODS)]
    titles = {
        row.event: f"{row.number}  {row.date}  {shorten(row.title, 40)}"
        for row in events.itertuples()
    }
    single = [event for event in titles if (effects["event"] == event).any()]
    pooled = effects[effects["event"] == "pooled"]
    rows = [*single, *(["pooled"] if len(pooled) else [])]
    modelled = events[events["place"] == "modelled"]
    pooled_days = modelled["date"].nunique() if len(path) else 0
    height = max(62.0, 24 + ROW_MM * len(rows))
    figure, (left, right) = subplots(1, 2, figsize=(PAGE, height * MM), width_ratios=[1, 0.85])
    why = reasons(notes)
    # A note can also be a warning about an estimate that exists.
    skipped = len(why.keys() - {None, "pooled", *single})
    if len(path):
        draw_path(left, path, bands)
    else:
        note(left, "No pooled path: " + why.get("pooled", why.get(None, "no event")))
    if rows:
        draw_effects(right, effects[effects["event"].isin(rows)], rows, titles)
    else:
        note(right, "No effect of a single event: " + why.get(None, "see models/ notes"))
    for axes, side in ((left, "left"), (right, "right")):
        handles, labels = axes.get_legend_handles_labels()
        if handles:
            figure.legend(
                handles,
                labels,
                loc=f"outside lower {side}",
                ncols=1 if side == "left" else 2,
                handlelength=2.4,
            )
    # The second path is drawn without its interval, so the figure's data omits that too.
    plain = path["method"] == "negbin_hac"
    path = path.assign(lower=path["lower"].mask(plain), upper=path["upper"].mask(plain))
    drawn = effects[effects["event"].isin(rows)]
    placebo = bands.assign(method="placebo band", effect="")
    data = pd.concat([path.assign(effect=""), placebo, drawn], ignore_index=True)
    columns = ["series", "event", "method", "effect", "day", "rate_ratio", "lower", "upper"]
    columns += ["calibrated"]
    facts = {
        "campaign": campaign,
        "source": source,
        "event_days": pooled_days,
        "single": len(single),
        "skipped": skipped,
        "grey": greyed_words(data["calibrated"]),
    }
    return Drawing(
        "event_study",
        figure,
        data.reindex(columns=columns),
        facts,
        alt(campaign, pooled, why),
    )


def reasons(notes: pd.DataFrame) -> dict[str | None, str]:
    """Event (or None) -> why it was not estimated, for the series ``all``."""
    own = notes[notes["series"] == "all"]
    return dict(zip(own["event"].where(own["event"].notna(), None), own["note"], strict=True))


def draw_path(axes: Axes, path: pd.DataFrame, bands: pd.DataFrame) -> None:
    """Rate ratio by day relative to the event: two estimators over the placebo band."""
    bands = bands.sort_values("day")
    axes.fill_between(
        bands["day"],
        bands["lower"],
        bands["upper"],
        color=GRID,
        linewidth=0,
        label="95 % of all shifts of the calendar",
    )
    axes.axhline(1, color=INK, linewidth=0.6)
    axes.axvline(0, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    for (method, label), plain in zip(PATHS.items(), (ACCENT, CONTRAST), strict=True):
        own = path[path["method"] == method].sort_values("day")
        if own.empty:
            continue
        color = trusted(plain, own["calibrated"].iloc[0])
        dashed = (0, (4, 1.5)) if method == "negbin_hac" else "-"
        axes.plot(own["day"], own["rate_ratio"], color=color, linestyle=dashed, label=label)
        if method == "log1p_shift":
            axes.vlines(own["day"], own["lower"], own["upper"], color=color, linewidth=0.7)
            axes.plot(own["day"], own["rate_ratio"], "o", color=color, markersize=2.2)
    ratio_axis(axes.yaxis, axes, path)
    axes.set_xlabel("Days from the event")
    axes.set_ylabel("Rate ratio of posts (log scale)")
    axes.set_title("All events together")


def draw_effects(
    axes: Axes, effects: pd.DataFrame, rows: list[str], titles: dict[str, str]
) -> None:
    """The cumulative effects of each event, with intervals."""
    axes.axvline(1, color=INK, linewidth=0.6)
    for color, (effect, (marker, shift)) in zip((ACCENT, CONTRAST), EFFECTS.items(), strict=True):
        own = effects[effects["effect"] == effect].set_index("event").reindex(rows)
        y = np.arange(len(rows)) + shift
        colors = [trusted(color, flag) for flag in own["calibrated"]]
        axes.hlines(y, own["lower"], own["upper"], color=colors, linewidth=0.9)
        axes.scatter(own["rate_ratio"], y, s=9, marker=marker, color=colors, zorder=3)
        axes.plot([], [], marker, color=color, markersize=3, label=EFFECT_WORDS[effect])
    if (effects["calibrated"] != "yes").any():
        axes.plot([], [], "-", color=GREYED, label="grey: not believed")
    axes.set_yticks(range(len(rows)), [titles.get(row, "All events together") for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, labelsize=6.5)
    ratio_axis(axes.xaxis, axes, effects)
    axes.set_xlabel("Rate ratio of posts (log scale)")
    axes.set_title("Each event against other dates")


def ratio_axis(axis: object, axes: Axes, table: pd.DataFrame) -> None:
    """A log axis labelled with plain ratios."""
    vertical = axis is axes.yaxis
    (axes.set_yscale if vertical else axes.set_xscale)("log")
    smallest, *_, largest = RATIOS[-1][1]
    low = max(table["lower"].min(), smallest)
    high = min(table["upper"].max(), largest)
    (axes.set_ylim if vertical else axes.set_xlim)(min(low, 0.5) / 1.15, max(high, 2) * 1.15)
    ticks = next(labels for span, labels in RATIOS if high / low <= span)
    axis.set_major_locator(FixedLocator(ticks))  # type: ignore[attr-defined]
    axis.set_minor_locator(NullLocator())  # type: ignore[attr-defined]
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))  # type: ignore[attr-defined]
    axes.grid(axis="y" if vertical else "x", color=GRID, linewidth=0.4)


def alt(campaign: str, pooled: pd.DataFrame, why: dict[str | None, str]) -> str:
    """The finding in words."""
    if pooled.empty:
        reason = why.get("pooled", why.get(None, "no event"))
        return f"Event study of {campaign}: no pooled estimate ({reason})."
    parts = [
        f"{EFFECT_WORDS[row.effect]} {row.rate_ratio:.2f} ({row.lower:.2f} to {row.upper:.2f}"
        f"{'' if row.calibrated == 'yes' else ', not believed'})"
        for row in pooled.itertuples()
    ]
    return f"Event study of {campaign}: rate ratio over all events, {'; '.join(parts)}."
