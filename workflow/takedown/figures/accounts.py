"""Accounts: months of creation, beside months of first activity."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd

from takedown.describe import POOLED
from takedown.figures.style import (
    ACCENT,
    COLUMN,
    CONTRAST,
    MM,
    Drawing,
    count_axis,
    date_axis,
    note,
)


def draw(months: pd.DataFrame, *, campaign: str, source: str) -> Drawing:
    """Draw ``describe/account_creation_monthly.csv``; months that were pooled are not drawn."""
    shown = months[months["month"] != POOLED].copy()
    pooled = months[months["month"] == POOLED]
    first = pd.to_datetime(shown["month"] + "-01")
    known = months["first_posts"].notna().any()
    figure, axes = plt.subplots(figsize=(COLUMN, 55 * MM), layout="constrained")
    if shown.empty:
        note(axes, "No month with enough accounts to show")
        words = f"No month of {campaign} has enough accounts to show."
        return Drawing(figure, shown, "Creation of accounts", f"{words} Source: {source}.", words)
    width = pd.Timedelta(days=12 if known else 25)
    middle = first + pd.Timedelta(days=15)
    shift = width / 2 if known else pd.Timedelta(0)
    axes.bar(middle - shift, shown["accounts"], width, color=ACCENT, label="created")
    if known:
        axes.bar(
            middle + shift,
            shown["first_posts"].astype(float),
            width,
            color="white",
            edgecolor=CONTRAST,
            linewidth=0.8,
            hatch="//////",
            label="first post",
        )
        axes.legend(loc="upper left", handlelength=1.2)
    last = first.max() + pd.offsets.MonthEnd()
    date_axis(axes, pd.date_range(first.min(), last))
    count_axis(axes)
    axes.set_ylabel("Accounts per month")
    axes.set_xlabel("Month of creation" + (" or of first post in the archive" if known else ""))
    total = int(months["accounts"].sum())
    top = shown.loc[shown["accounts"].idxmax()]
    text = f"Accounts of {campaign} by month of creation, n = {total:,}"
    if known:
        posting = int(months["first_posts"].sum())
        text += f", and by month of their first post ({posting:,} accounts posted at all)"
    text += ". "
    if len(pooled):
        text += (
            f"{int(pooled['pooled'].iloc[0])} months of few accounts "
            f"({int(pooled['accounts'].iloc[0])} created) are pooled and not drawn. "
        )
    return Drawing(
        figure,
        shown,
        "Creation of accounts",
        text + "Accounts are here because they were caught, so late creation is partly selection. "
        f"Source: {source}.",
        f"Bar chart of {campaign}: most accounts were created in {top.month} "
        f"({top.accounts:,} of {total:,}).",
    )
