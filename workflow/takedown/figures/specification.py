"""Specification curve: the effect under every combination of choices."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from takedown.estimation.estimand import EFFECT_WORDS, LEVEL
from takedown.figures.colours import ACCENT, INK, MUTED
from takedown.figures.event_study import ratio_axis
from takedown.figures.style import MM, PAGE, Drawing, note, subplots

CHOICES = {
    "window": "days of the effect",
    "family": "model",
    "events": "events",
    "trend_days": "days per trend term",
    "counted": "posts counted",
    "retweets": "retweets",
    "day": "day ends, zone",
}
WORDS = {
    **{effect: words.removeprefix("days ") for effect, words in EFFECT_WORDS.items()},
    "log1p": "least squares on logs",
    "negbin": "negative binomial",
    "without one in the week before": "none in week before",
}
CURVE_MM, ROW_MM = 46.0, 3.1


def draw(curve: pd.DataFrame, test: pd.DataFrame, *, campaign: str, source: str) -> Drawing:
    """Draw ``specification_curve.csv`` above the choices behind it, with the joint test."""
    rows = choice_rows(curve)
    height = CURVE_MM + ROW_MM * (len(rows) + 1) + 16
    figure, (top, bottom) = subplots(
        2,
        1,
        figsize=(PAGE, height * MM),
        height_ratios=[CURVE_MM, max(ROW_MM * (len(rows) + 1), 10)],
        sharex=True,
    )
    if curve.empty:
        note(top, "No specification curve: too few event days in the estimation window")
        bottom.set_axis_off()
    else:
        draw_curve(top, curve)
        draw_choices(bottom, curve, rows)
    facts = {"campaign": campaign, "source": source, "curves": len(curve), "shifts": 0}
    if len(test):
        p_values = test.set_index("statistic")["p_value"]
        facts |= {
            "shifts": test["calendars"].iloc[0],
            "p_median": f"{p_values['median_log_ratio']:.3f}",
            "p_sign": f"{p_values['share_same_sign']:.3f}",
            "p_significant": f"{p_values['share_significant']:.3f}",
        }
    return Drawing("specification", figure, curve, facts, alt(campaign, curve, test))


def choice_rows(curve: pd.DataFrame) -> list[tuple[str, object]]:
    """All options of each choice that has more than one, in the order of the panel."""
    return [
        (choice, option)
        for choice in CHOICES
        for option in sorted(curve[choice].unique())
        if curve[choice].nunique() > 1
    ]


def draw_curve(axes: Axes, curve: pd.DataFrame) -> None:
    """The sorted rate ratios; filled where a specification is significant on its own."""
    at = np.arange(len(curve))
    clear = (curve["p_value"] <= LEVEL).to_numpy()
    axes.axhline(1, color=INK, linewidth=0.6)
    for chosen, color, label in (
        (~clear, MUTED, "p above 5 %"),
        (clear, ACCENT, "p at most 5 %, against all shifts of the calendar"),
    ):
        axes.plot(
            at[chosen], curve["rate_ratio"][chosen], "o", color=color, markersize=2, label=label
        )
    ratio_axis(axes.yaxis, axes, curve.assign(lower=curve["rate_ratio"], upper=curve["rate_ratio"]))
    axes.set_ylabel("Rate ratio of posts (log scale)")
    axes.set_title(f"{len(curve)} specifications, sorted by their effect")
    axes.legend(loc="upper left", handletextpad=0.2)
    axes.set_xlim(-0.01 * len(curve) - 0.5, 1.01 * len(curve) - 0.5)
    axes.tick_params(axis="x", length=0, labelbottom=False)


def draw_choices(axes: Axes, curve: pd.DataFrame, rows: list[tuple[str, object]]) -> None:
    """Below each effect, a tick for every option behind it."""
    labels, y, last = [], 0.0, None
    places = []
    for choice, option in rows:
        if last is not None and choice != last:
            y += 0.5
        last = choice
        chosen = np.flatnonzero(curve[choice] == option)
        axes.vlines(chosen, y - 0.32, y + 0.32, color=INK, linewidth=0.5)
        words = WORDS.get(str(option), str(option))
        labels.append(f"{CHOICES[choice]}: {words}")
        places.append(y)
        y += 1
    axes.set_yticks(places, labels, fontsize=6)
    axes.set_ylim(max(y, 1) - 0.4, -0.6)
    axes.tick_params(axis="both", length=0, labelbottom=False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def alt(campaign: str, curve: pd.DataFrame, test: pd.DataFrame) -> str:
    """The finding in words."""
    if curve.empty:
        return f"Specification curve of {campaign}: not drawn, too few event days."
    p_value = test.set_index("statistic")["p_value"]["median_log_ratio"]
    return (
        f"Specification curve of {campaign}: {len(curve)} rate ratios from "
        f"{curve['rate_ratio'].min():.2f} to {curve['rate_ratio'].max():.2f}, median "
        f"{curve['rate_ratio'].median():.2f}, {(curve['p_value'] <= LEVEL).sum()} significant on "
        f"their own; the median has p = {p_value:.3f} against all shifts of the calendar."
    )
