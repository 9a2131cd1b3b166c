"""The most used hashtags, and the client programmes."""

from __future__ import annotations

import pandas as pd

from takedown.figures.colours import ACCENT
from takedown.figures.style import COLUMN, MM, Drawing, note, shorten, subplots
from takedown.io.printable import isolated
from takedown.io.tables import POOLED

MOST = 15


def draw(
    table: pd.DataFrame, *, campaign: str, source: str, what: str, unit: str, least: int
) -> Drawing:
    """Draw the first rows of ``describe/hashtags.csv`` or ``clients.csv`` as bars.

    ``what`` names a row in the singular (hashtag, client), ``unit`` what is counted, ``least`` the
    accounts below which rows were pooled.
    """
    column = table.columns[0]
    pooled = table[table[column] == POOLED]
    named = table[table[column] != POOLED]
    shown = named.head(MOST)
    sign = "#" if what == "hashtag" else ""
    figure, axes = subplots(figsize=(COLUMN, (16 + 4.2 * max(1, len(shown))) * MM))
    if shown.empty:
        note(axes, f"No {what} was used by {least} accounts")
        words = f"No {what} of {campaign} was used by as many as {least} accounts."
        return Drawing(figure, shown, f"Most frequent {what}s", f"{words} Source: {source}.", words)
    bars = axes.barh(range(len(shown)), shown["posts"], color=ACCENT, height=0.72)
    axes.bar_label(
        bars,
        [f"{row.posts:,}  ({row.share:.1%})" for row in shown.itertuples()],
        padding=2,
        fontsize=6.5,
    )
    axes.set_yticks(range(len(shown)), [shorten(sign + name, 35) for name in shown[column]])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.38 * shown["posts"].max())
    axes.set_xlabel(f"{unit.capitalize()} (share of all)")
    axes.tick_params(axis="y", length=0)
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.set_xticks([])
    text = f"The {len(shown)} most frequent {what}s of {campaign}, by {unit}"
    if named["accounts"].notna().any():
        text += f", each used by at least {least} accounts"
    text += ". "
    if len(pooled):
        text += (
            f"{int(pooled['pooled'].iloc[0]):,} rarer {what}s ({int(pooled['posts'].iloc[0]):,} "
            f"{unit}) are pooled. "
        )
    if what == "hashtag":
        text += "Hashtags are folded (NFKC, lower case); variants in other characters stay apart. "
    top = shown.iloc[0]
    return Drawing(
        figure,
        shown,
        f"Most frequent {what}s",
        f"{text}Source: {source}.",
        f"Bar chart of {campaign}: the most frequent {what} is {isolated(sign + top[column])} with "
        f"{top.posts:,} {unit} ({top.share:.1%}).",
    )
