"""What campaigns have in common: the pairs that share most, behaviour by behaviour."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from takedown.atlas.sketch import SIZE, THINGS
from takedown.figures.colours import ACCENT, GRID
from takedown.figures.style import MM, PAGE, Drawing, note, simulated_words, subplots

MOST_PAIRS, ROW_MM = 25, 4.6
#: With fewer items compared, a large share says little; such pairs are only in the table.
LEAST_COMPARED = 20


def draw(similarity: pd.DataFrame, *, in_comparison: list[str]) -> Drawing:
    """Draw the ``MOST_PAIRS`` pairs of campaigns with the largest shares in common.

    ``similarity`` is ``atlas/similarity.csv``; ``in_comparison`` the names of its campaigns.
    """
    table = similarity.assign(pair=similarity["campaign"] + " and " + similarity["other"])
    table = table[table["compared"] >= LEAST_COMPARED]
    largest = table.groupby("pair")["share"].max()
    pairs = largest[largest > 0].sort_values(ascending=False, kind="stable").index[:MOST_PAIRS]
    behaviours = list(THINGS)
    figure, panels = subplots(
        1,
        len(behaviours),
        figsize=(PAGE, (16 + ROW_MM * max(2, len(pairs))) * MM),
        sharey=True,
    )
    shown = table[table["pair"].isin(pairs)]
    if not len(pairs):
        for axes in panels:
            note(axes, "")
        words = f"No two campaigns have any in common, of at least {LEAST_COMPARED}"
        note(panels[len(panels) // 2], words)
    for axes, behaviour in zip(panels, behaviours if len(pairs) else [], strict=False):
        rows = shown[shown["behaviour"] == behaviour].set_index("pair").reindex(pairs)
        at = np.arange(len(rows))
        axes.hlines(at, rows["lower"], rows["upper"], color=ACCENT, linewidth=0.9)
        axes.plot(rows["share"], at, "o", color=ACCENT, markersize=3, clip_on=False)
        axes.set_title(behaviour.capitalize(), fontsize=7.5)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.xaxis.get_major_locator().set_params(nbins=4)
        axes.tick_params(axis="y", length=0)
        axes.grid(color=GRID, linewidth=0.4)
    if len(pairs):
        panels[0].set_yticks(range(len(pairs)), pairs, fontsize=6)
        panels[0].set_ylim(len(pairs) - 0.4, -0.6)
        figure.supxlabel("Share in common, of all that either has", fontsize=7.5)
    facts = {
        "pairs": table["pair"].nunique(),
        "shown": len(pairs),
        "least": LEAST_COMPARED,
        "size": SIZE,
        "simulated": simulated_words(in_comparison),
    }
    return Drawing("similarity", figure, shown.drop(columns="pair"), facts, alt(shown))


def alt(shown: pd.DataFrame) -> str:
    """The largest share of each behaviour in words."""
    words = []
    for behaviour, rows in shown.groupby("behaviour", sort=False):
        row = rows.loc[rows["share"].idxmax()]
        words.append(f"{behaviour}, {row['pair']} with {row['share']:.1%}")
    return f"Dot plots of shares in common; the largest: {'; '.join(words) or 'none'}."
