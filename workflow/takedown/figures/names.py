"""The most used hashtags, and the client applications."""

from __future__ import annotations

import pandas as pd

from takedown.figures.colours import ACCENT
from takedown.figures.style import COLUMN, MM, Drawing, note, shorten, subplots
from takedown.io.printable import isolated
from takedown.io.tables import POOLED

MOST = 15


def draw(table: pd.DataFrame, *, campaign: str, source: str, min_accounts: int) -> Drawing:
    """Draw the first rows of ``describe/hashtags.csv`` or ``clients.csv`` as bars.

    Rows with fewer than ``min_accounts`` accounts were pooled. Hashtag totals, which have no
    numbers of accounts, count uses.
    """
    column = what = str(table.columns[0])
    name = f"{what}s"
    unit = "posts" if table["accounts"].notna().any() or table.empty else "uses"
    pooled = table[table[column] == POOLED]
    named = table[table[column] != POOLED]
    shown = named.head(MOST)
    sign = "#" if what == "hashtag" else ""
    figure, axes = subplots(figsize=(COLUMN, (16 + 4.2 * max(1, len(shown))) * MM))
    if shown.empty:
        note(axes, f"No {what} was used by {min_accounts} accounts")
        words = f"No {what} of {campaign} was used by as many as {min_accounts} accounts."
        return Drawing.empty(name, figure, shown, words, source)
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
    facts = {
        "campaign": campaign,
        "source": source,
        "shown": len(shown),
        "what": what,
        "unit": unit,
        "by_accounts": bool(named["accounts"].notna().any()),
        "least": min_accounts,
        "pooled": int(pooled["pooled"].sum()),
        "pooled_posts": int(pooled["posts"].sum()),
    }
    top = shown.iloc[0]
    return Drawing(
        name,
        figure,
        shown,
        facts,
        f"Bar chart of {campaign}: the most frequent {what} is {isolated(sign + top[column])} with "
        f"{top.posts:,} {unit} ({top.share:.1%}).",
    )
