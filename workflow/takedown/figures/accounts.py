"""Accounts: creation and first activity, dormancy before use, and concentration of posting."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from takedown.figures.colours import ACCENT, CONTRAST, GRID, MUTED
from takedown.figures.style import COLUMN, MM, PAGE, Drawing, count_axis, date_axis, note, subplots
from takedown.io.tables import POOLED

COLUMNS = ["panel", "month", "accounts", "first_posts", "date", "accounts_share", "days"]
COLUMNS += ["posts_share"]


def draw(
    months: pd.DataFrame,
    bursts: pd.DataFrame,
    dormancy: pd.DataFrame,
    lorenz: pd.DataFrame,
    quantities: pd.DataFrame,
    *,
    campaign: str,
    source: str,
) -> Drawing:
    """Draw ``describe/account_creation_monthly.csv`` beside ``models/dormancy.csv`` and ``lorenz``.

    Months that were pooled are not drawn. ``bursts`` (``models/creation_bursts.csv``) are marked;
    ``quantities`` is ``models/accounts.csv``. Panels without rows are left out.
    """
    shown = months[months["month"] != POOLED].copy()
    pooled = months[months["month"] == POOLED]
    if shown.empty:
        figure, axes = subplots(figsize=(COLUMN, 30 * MM))
        note(axes, "No month with enough accounts to show")
        words = f"No month of {campaign} has enough accounts to show."
        return Drawing.empty("accounts", figure, shown, words, source)
    more = [table for table in (dormancy, lorenz) if len(table)]
    figure, grid = subplots(
        1,
        1 + len(more),
        figsize=(PAGE if more else COLUMN, 58 * MM),
        width_ratios=[1.9, 1, 1][: 1 + len(more)],
        squeeze=False,
    )
    panels = iter(grid[0])
    draw_creation(next(panels), shown, bursts)
    known = quantities.set_index("quantity")["value"]
    if len(dormancy):
        draw_dormancy(next(panels), dormancy, known)
    if len(lorenz):
        draw_lorenz(next(panels), lorenz, known)
    total = int(months["accounts"].sum())
    top = shown.loc[shown["accounts"].idxmax()]
    data = pd.concat(
        [
            shown.assign(panel="creation"),
            bursts.assign(panel="burst"),
            dormancy.assign(panel="dormancy"),
            lorenz.assign(panel="concentration"),
        ],
        ignore_index=True,
    ).reindex(columns=COLUMNS)
    posted = months["first_posts"].notna().any()
    facts = {
        "campaign": campaign,
        "source": source,
        "accounts": total,
        "posting": int(months["first_posts"].sum()) if posted else None,
        "pooled": int(pooled["pooled"].sum()),
        "pooled_accounts": int(pooled["accounts"].sum()),
        "bursts": len(bursts),
        "dormancy": len(dormancy),
        "median": known.get("days_asleep_median"),
        "lorenz": len(lorenz),
    }
    return Drawing(
        "accounts",
        figure,
        data.astype({"accounts": "Int64", "first_posts": "Int64", "days": "Int64"}),
        facts,
        f"Bar chart of {campaign}: most accounts were created in {top.month} "
        f"({top.accounts:,} of {total:,})."
        + (
            f" The Gini coefficient of posts is {known['gini_of_posts']:.2f}."
            if len(lorenz)
            else ""
        ),
    )


def draw_creation(axes: Axes, shown: pd.DataFrame, bursts: pd.DataFrame) -> None:
    """Accounts by month of creation and of first post, days of bursts marked above."""
    first = pd.to_datetime(shown["month"] + "-01")
    known = shown["first_posts"].notna().any()
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
            linewidth=0.6,
            hatch="//////",
            label="first post",
        )
    last = first.max() + pd.offsets.MonthEnd()
    date_axis(axes, pd.date_range(first.min(), last))
    count_axis(axes)
    if len(bursts):
        days = pd.to_datetime(bursts["date"])
        axes.plot(
            days,
            np.full(len(days), 1.03),
            "v",
            color=CONTRAST,
            markersize=3.5,
            transform=axes.get_xaxis_transform(),
            clip_on=False,
            label="burst of creation",
        )
    if known or len(bursts):
        axes.legend(loc="upper left", handlelength=1.2)
    axes.set_ylabel("Accounts per month")
    axes.set_xlabel("Month of creation" + (" or of first post" if known else ""))


def draw_dormancy(axes: Axes, dormancy: pd.DataFrame, known: pd.Series) -> None:
    """The share of accounts that had started posting within a number of days of their creation."""
    axes.step(dormancy["days"], dormancy["accounts_share"], where="post", color=ACCENT)
    if "days_asleep_median" in known:
        axes.plot(known["days_asleep_median"], 0.5, "D", color=CONTRAST, markersize=3.5)
    axes.set_ylim(0, 1)
    axes.set_xlim(0, 1.02 * dormancy["days"].max() + 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.xaxis.get_major_locator().set_params(nbins=4, integer=True)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("Days from creation\nto first post")
    axes.set_ylabel("Accounts that posted")
    axes.grid(color=GRID, linewidth=0.4)


def draw_lorenz(axes: Axes, lorenz: pd.DataFrame, known: pd.Series) -> None:
    """The Lorenz curve of posts over accounts, with the line of equality."""
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    axes.plot(lorenz["accounts_share"], lorenz["posts_share"], color=ACCENT)
    axes.text(0.05, 0.92, f"Gini {known['gini_of_posts']:.2f}", fontsize=7)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.set_ticks([0, 0.5, 1])
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("Accounts that posted,\nleast active first")
    axes.set_ylabel("Share of posts")
