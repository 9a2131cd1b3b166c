"""Forest plot: each campaign's response to its events, and their mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from takedown.estimation.estimand import EFFECT_WORDS
from takedown.estimation.flags import USABLE
from takedown.figures.colours import ACCENT, CONTRAST, INK, MUTED
from takedown.figures.event_study import ratio_axis
from takedown.figures.style import (
    MM,
    PAGE,
    Drawing,
    greyed_words,
    note,
    number_of,
    simulated_words,
    subplots,
    trusted,
)
from takedown.models.findings import by_shifts, p_words

ROW_MM = 5.0


def draw(responses: pd.DataFrame, combined: pd.DataFrame, *, in_comparison: list[str]) -> Drawing:
    """Draw ``atlas/responses.csv`` with the mean from ``atlas/meta_analysis.csv``.

    ``in_comparison`` are the names of the campaigns considered for the comparison.

    Draws the first method and effect whose mean can be trusted; if there is none, the first whose
    estimates could be combined; otherwise the first.
    """
    able = combined[combined["rate_ratio"].notna()]
    usable = combined[combined["calibrated"] == USABLE]
    if combined.empty:
        figure, axes = subplots(figsize=(PAGE, 24 * MM))
        note(axes, "No campaign of the study has an estimate of all its events together")
        words = "No campaign of the study has a response to news events."
        source = f"{simulated_words(in_comparison)}the study"
        return Drawing.empty("responses", figure, responses, words, source)
    chosen = next(table for table in (usable, able, combined) if len(table)).iloc[0]
    rows = responses[
        (responses["method"] == chosen["method"]) & (responses["effect"] == chosen["effect"])
    ].sort_values("campaign")
    pooled = bool(pd.notna(chosen["rate_ratio"]))
    figure, axes = subplots(figsize=(PAGE, (18 + ROW_MM * (len(rows) + 2 * pooled)) * MM))
    draw_rows(axes, rows)
    labels = rows["campaign"].tolist()
    if pooled:
        labels += draw_mean(axes, chosen, len(rows))
    axes.set_yticks(range(len(labels)), labels, fontsize=6.5)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    ends = [chosen[["lower", "upper"]], chosen[["prediction_lower", "prediction_upper"]]]
    span = pd.concat(
        [rows[["lower", "upper"]], *(end.set_axis(["lower", "upper"]).to_frame().T for end in ends)]
    )
    ratio_axis(axes.xaxis, axes, span.astype(float))
    axes.set_xlabel(
        f"Rate ratio of posts over {EFFECT_WORDS[chosen['effect']]} of the events (log scale)"
    )
    facts = {
        "shown": len(rows),
        "days": EFFECT_WORDS[chosen["effect"]],
        "method": chosen["method"].replace("_", " "),
        "by_shifts": by_shifts(chosen["method"]),
        "without": len(in_comparison) - len(rows),
        "grey": greyed_words(rows["calibrated"]),
        "mean": mean_words(chosen),
        "simulated": simulated_words(rows["campaign"]),
    }
    return Drawing("responses", figure, drawn(rows, chosen), facts, alt(rows, chosen))


def draw_rows(axes: Axes, rows: pd.DataFrame) -> None:
    """A line per campaign; the area of its marker grows with its weight."""
    axes.axvline(1, color=INK, linewidth=0.6)
    for y, row in enumerate(rows.itertuples()):
        color = trusted(ACCENT, row.calibrated)
        axes.hlines(y, row.lower, row.upper, color=color, linewidth=0.9)
        size = 2.5 if np.isnan(row.weight) else 2.5 + 5 * row.weight**0.5
        axes.plot(row.rate_ratio, y, "s", color=color, markersize=size)


def draw_mean(axes: Axes, chosen: pd.Series, y: int) -> list[str]:
    """Draw the mean as a diamond, and the prediction interval below it; returns their labels."""
    color = trusted(CONTRAST, chosen["calibrated"])
    ahead = trusted(CONTRAST, chosen["prediction_calibrated"])
    corners = [
        (chosen["lower"], y), (chosen["rate_ratio"], y - 0.3), (chosen["upper"], y),
        (chosen["rate_ratio"], y + 0.3),
    ]  # fmt: skip
    axes.add_patch(Polygon(corners, color=color, linewidth=0))
    axes.axhline(y - 0.5, color=MUTED, linewidth=0.4)
    if np.isnan(chosen["prediction_lower"]):
        return ["Mean"]
    axes.hlines(
        y + 1, chosen["prediction_lower"], chosen["prediction_upper"], color=ahead, linewidth=2
    )
    return ["Mean", "Another such campaign"]


def drawn(rows: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """The data of the figure: the campaigns, the mean and the prediction interval."""
    mean = {"campaign": "(mean)"} | chosen[
        ["method", "effect", "rate_ratio", "lower", "upper", "calibrated"]
    ].to_dict()
    prediction = mean | {
        "campaign": "(prediction)",
        "rate_ratio": np.nan,
        "lower": chosen["prediction_lower"],
        "upper": chosen["prediction_upper"],
        "calibrated": chosen["prediction_calibrated"],
    }
    return pd.concat([rows, pd.DataFrame([mean, prediction])], ignore_index=True)


def mean_words(chosen: pd.Series) -> str:
    """The meta-analysis in a sentence or two, or why there is none."""
    if pd.isna(chosen["rate_ratio"]):
        return f"No mean is taken: {chosen['note']}."
    text = (
        f"Mean of {chosen['campaigns']} campaigns with "
        f"{number_of(chosen['calendars'], 'calendar')} {chosen['rate_ratio']:.2f} "
        f"(95 % interval {chosen['lower']:.2f} to {chosen['upper']:.2f}; of simulated "
        f"meta-analyses of such campaigns at least {chosen['coverage']:.0%} held the truth), "
        f"standard deviation between campaigns {chosen['tau']:.2f} log units, "
        f"{chosen['i_squared']:.0%} of the variation between them "
        f"(Q = {chosen['q']:.1f}, {p_words(chosen['q_p_value'])})"
    )
    if pd.isna(chosen["prediction_lower"]):
        return f"{text}; {chosen['note']}."
    return (
        f"{text}; prediction interval for one more such campaign {chosen['prediction_lower']:.2f} "
        f"to {chosen['prediction_upper']:.2f} (at least {chosen['prediction_coverage']:.0%} of "
        "those simulated held it)."
    )


def alt(rows: pd.DataFrame, chosen: pd.Series) -> str:
    """The finding in words."""
    return (
        f"Forest plot of {number_of(len(rows), 'campaign')}: "
        + "; ".join(f"{row.campaign} {row.rate_ratio:.2f}" for row in rows.itertuples())
        + f". {mean_words(chosen)}"
    )
