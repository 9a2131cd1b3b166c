"""Calibration: the false positive rate and coverage of each estimator, and its power."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from takedown.estimation.estimand import LEVEL
from takedown.figures.colours import ACCENT, CONTRAST, GRID, INK, MUTED, SERIES, WASH
from takedown.figures.style import MM, PAGE, Drawing, subplots, trusted

ROW_MM = 3.6
POWER_MM = 52.0
#: The estimators whose power is drawn.
CURVES = {
    "pooled log1p_shift, days_0_6": "all events, logs",
    "pooled negbin_shift, days_0_6": "all events, counts",
    "single log1p_dates, days_0_6": "one event",
    "interrupted log1p_dates, level": "lasting change at one event",
    "lead_lag peak_lag": "lead or lag of the news",
    "change points": "change point",
}


def draw(estimators: pd.DataFrame, power: pd.DataFrame, recovery: pd.DataFrame) -> Drawing:
    """Draw the tables estimators, power and recovery of ``calibration/``, a column per setting."""
    settings = list(dict.fromkeys(estimators["setting"]))
    names = list(dict.fromkeys(estimators["estimator"]))
    rows_mm = ROW_MM * len(names) + 12
    figure, grid = subplots(
        2,
        len(settings),
        figsize=(PAGE, (rows_mm + POWER_MM + 14) * MM),
        height_ratios=[rows_mm, POWER_MM],
        sharey="row",
        squeeze=False,
    )
    for column, setting in enumerate(settings):
        own = estimators[estimators["setting"] == setting].set_index("estimator").reindex(names)
        draw_errors(grid[0, column], own, setting)
        draw_power(grid[1, column], setting, power, recovery)
    grid[0, 0].set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    grid[0, 0].set_ylim(len(names) - 0.4, -0.6)
    grid[1, 0].set_ylabel("Share of series with a claim")
    handles, labels = grid[1, -1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, handlelength=2.6)
    columns = ["estimator", "setting", "fpr", "fpr_lower", "fpr_upper", "coverage", "usable"]
    data = pd.concat([estimators[columns], curves(power, recovery)], ignore_index=True)
    facts = {"most": int(estimators["simulations"].max())}
    return Drawing("calibration", figure, data, facts, alt(estimators))


def short(setting: str) -> str:
    """The campaign in the name of a setting."""
    return setting.split(",")[0]


def draw_errors(axes: Axes, own: pd.DataFrame, setting: str) -> None:
    """False positive rate of each estimator, its 99 % band around 5 %, and 1 minus coverage."""
    y = np.arange(len(own))
    for row, low, high in zip(y, own["fpr_lower"], own["fpr_upper"], strict=True):
        axes.fill_betweenx([row - 0.45, row + 0.45], low, high, color=WASH, linewidth=0)
    axes.axvline(LEVEL, color=INK, linewidth=0.6)
    colors = [trusted(ACCENT, flag) for flag in own["usable"]]
    axes.scatter(own["fpr"], y, s=9, color=colors, zorder=3)
    missed = 1 - own["coverage"]
    axes.scatter(missed, y, s=12, marker="|", color=CONTRAST, linewidth=1, zorder=2)
    axes.set_xscale("symlog", linthresh=0.1, linscale=1.6)
    axes.set_xticks([0, 0.05, 0.1, 0.3, 1.0])
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(-0.004, 1.05)
    axes.grid(axis="x", color=GRID, linewidth=0.4)
    axes.tick_params(axis="y", length=0, labelsize=6)
    axes.set_title(short(setting))
    axes.set_xlabel("False claims (dot), intervals that miss (tick)")


def curves(power: pd.DataFrame, recovery: pd.DataFrame) -> pd.DataFrame:
    """The data of the lower panels: columns estimator, setting, ratio, claimed."""
    found = recovery.assign(claimed=recovery["within_1_day"])
    table = pd.concat([power, found], ignore_index=True)
    table = table[table["estimator"].isin(CURVES)]
    return table[["estimator", "setting", "ratio", "claimed"]]


def draw_power(axes: Axes, setting: str, power: pd.DataFrame, recovery: pd.DataFrame) -> None:
    """Share of series in which a planted effect is detected, by the size of the effect."""
    table = curves(power, recovery)
    for (estimator, label), (color, dash) in zip(CURVES.items(), SERIES, strict=False):
        own = table[(table["estimator"] == estimator) & (table["setting"] == setting)]
        axes.plot(own["ratio"], own["claimed"], color=color, linestyle=dash, label=label)
    axes.axhline(LEVEL, color=MUTED, linewidth=0.5)
    axes.set_xscale("log")
    ratios = sorted(table["ratio"].unique())
    axes.set_xticks(ratios)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="y", color=GRID, linewidth=0.4)
    axes.set_xlabel("Planted rate ratio (log scale)")


def alt(estimators: pd.DataFrame) -> str:
    """The finding in words."""
    parts = [
        f"{short(str(setting))}, {(own['usable'] == 'yes').sum()} of {len(own)} estimators are "
        "within their bands"
        for setting, own in estimators.groupby("setting", sort=False)
    ]
    return f"Calibration of the estimators: {'; '.join(parts)}."
