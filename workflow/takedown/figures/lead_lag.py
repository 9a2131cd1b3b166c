"""Lead and lag: prewhitened cross-correlation with a news series, and impulse responses."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from takedown.figures.colours import ACCENT, GREYED, GRID, INK, MUTED
from takedown.figures.style import (
    COLUMN,
    MM,
    PAGE,
    Drawing,
    greyed_words,
    note,
    shorten,
    subplots,
    trusted,
)

ROW_MM = 46.0
#: For each response: its label, dash and marker.
RESPONSES = {
    "posts_after_news": ("posts after news", "-", "o"),
    "news_after_posts": ("news after posts", (0, (4, 1.5)), "s"),
}


def draw(table: pd.DataFrame, paths: pd.DataFrame, *, campaign: str, source: str) -> Drawing:
    """Draw ``models/lead_lag_paths.csv`` for ``all``, a row of panels per news series.

    ``table`` is ``models/lead_lag.csv``, which has the calibration verdict on the largest
    correlation. Impulse responses were not calibrated, so they are grey.
    """
    table, paths = (each[each["series"] == "all"] for each in (table, paths))
    peaks = table[table["test"] == "peak_lag"].set_index("attention")
    names = list(peaks.index)
    if not names:
        figure, axes = subplots(figsize=(COLUMN, 24 * MM))
        note(axes, "No news series to hold posting against")
        words = f"Lead and lag of {campaign}: no news series in the study window."
        return Drawing.empty("lead_lag", figure, paths, words, source)
    figure, grid = subplots(
        len(names),
        2,
        figsize=(PAGE, (14 + ROW_MM * len(names)) * MM),
        squeeze=False,
    )
    for name, (left, right) in zip(names, grid, strict=True):
        own = paths[paths["attention"] == name]
        draw_correlation(left, own[own["path"] == "cross_correlation"], peaks.loc[name])
        left.set_title(shorten(name, 60))
        draw_responses(right, own)
        right.set_title(" ")
    for axes in grid[-1]:
        axes.xaxis.label.set_visible(True)
    handles, labels = grid[0, 1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower right", ncols=2, handlelength=2.4)
    flags = pd.Series([*peaks["calibrated"], "untried"])
    facts = {
        "campaign": campaign,
        "source": source,
        "series": len(peaks),
        "days": " and ".join(f"{days:,}" for days in peaks["days"]),
        "differenced": bool(table["differenced"].astype(bool).any()),
        "grey": greyed_words(flags),
    }
    return Drawing(
        "lead_lag",
        figure,
        paths,
        facts,
        alt(campaign, peaks),
    )


def draw_correlation(axes: Axes, path: pd.DataFrame, peak: pd.Series) -> None:
    """Bars for the correlation at each lag, the band for unrelated series, the largest labelled."""
    color = trusted(ACCENT, peak["calibrated"])
    low, high = path["lower"].iloc[0], path["upper"].iloc[0]
    axes.axhspan(low, high, color=GRID, alpha=0.5, linewidth=0)
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.axvline(0, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    axes.bar(path["lag"], path["value"], width=0.55, color=color)
    reach = 1.35 * max(path["value"].abs().max(), high)
    axes.set_ylim(-reach, reach)
    axes.text(
        0.01,
        0.98,
        f"largest at {peak['lag']:+d} d, p = {peak['p_value']:.3f}",
        transform=axes.transAxes,
        va="top",
        fontsize=7,
        color=trusted(INK, peak["calibrated"]),
    )
    axes.set_ylabel("Correlation")
    axes.set_xlabel("Days by which posts follow the news (left of 0: lead)", visible=False)
    axes.set_xticks(range(int(path["lag"].min()), int(path["lag"].max()) + 1))
    axes.grid(axis="y", color=GRID, linewidth=0.4)


def draw_responses(axes: Axes, own: pd.DataFrame) -> None:
    """Both impulse responses with their bands; in grey, because they were not calibrated."""
    axes.axhline(0, color=INK, linewidth=0.6)
    for path, (label, dash, marker) in RESPONSES.items():
        rows = own[own["path"] == path]
        axes.fill_between(
            rows["lag"], rows["lower"], rows["upper"], color=GREYED, alpha=0.22, linewidth=0
        )
        axes.plot(
            rows["lag"],
            rows["value"],
            color=MUTED if marker == "o" else GREYED,
            linestyle=dash,
            marker=marker,
            markersize=2.2,
            label=label,
        )
    axes.set_ylabel("Response (log units)")
    axes.set_xlabel("Days after the shock", visible=False)
    axes.grid(axis="y", color=GRID, linewidth=0.4)


def alt(campaign: str, peaks: pd.DataFrame) -> str:
    """The finding in words."""
    parts = [
        f"with {name} the largest correlation is {row.statistic:.2f} at a lag of {row.lag} days "
        f"(p = {row.p_value:.3f}{'' if row.calibrated == 'yes' else ', not believed'})"
        for name, row in zip(peaks.index, peaks.itertuples(), strict=True)
    ]
    return f"Lead and lag of {campaign}: {'; '.join(parts)}."
