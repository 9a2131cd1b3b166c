"""Reference pages of measurements: the estimators' calibration and the cost of reading."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from pages.table import MADE, rows
from takedown.archives.catalogue import published_posts, read_catalogue
from takedown.io.tables import read_table

BENCHMARK = Path("docs/benchmark")
#: The command that renders the pages from it.
RENDER = "make docs"
WAYS = "way | seconds | of inflating | CPU seconds | peak MB | posts per second | wrong"
CALIBRATION = Path("results/reference/calibration/estimators.csv")


def benchmark_page() -> str:
    """The measured cost of reading an archive, and what it implies for all archives."""
    table = read_table(BENCHMARK / "clean.csv").fillna({"wrong": ""})
    words = json.loads((BENCHMARK / "cost.json").read_text(encoding="utf-8"))
    lines = [
        MADE,
        "# The cost of reading an archive",
        "",
        "Source: `docs/benchmark/clean.csv`, measured by `make bench` (`ARGS=--docs` renews it). "
        "Ratios within a size carry over to other machines, seconds do not.",
        "",
        all_archives(table),
        "",
        f"![{words['alt']}](../benchmark/cost.png)",
        "",
        words["caption"],
    ]
    for posts, part in table.groupby("rows"):
        cells = [
            (
                row.way,
                f"{row.seconds:.1f}",
                f"{row.of_inflate:.2f}",
                f"{row.cpu_seconds:.1f}",
                f"{row.peak_mb:,.0f}",
                f"{row.rows_per_second:,}",
                row.wrong,
            )
            for row in part.itertuples()
        ]
        lines += ["", f"## {posts:,} simulated posts", "", *rows(WAYS, cells)]
    return "\n".join(lines) + "\n"


def all_archives(table: pd.DataFrame) -> str:
    """How long stage clean would take for all archives on the machine that was measured."""
    stage = table[table["way"].str.contains("whole stage")].sort_values("rows").iloc[-1]
    counts = published_posts(read_catalogue())
    seconds = sum(counts) * stage["seconds"] / stage["rows"]
    return (
        f"Cleaning the {sum(counts):,} posts of all {len(counts)} archives would take about "
        f"{seconds / 60:.0f} minutes at the rate measured for {stage['rows']:,} posts on the "
        "machine of this table (two cores). What memory larger archives need is measured in "
        "[growth.md](growth.md)."
    )


def calibration_page() -> str:
    """What `make calibrate` found for every estimator, with each campaign's design."""
    table = read_table(CALIBRATION).fillna({"why": ""})
    power = read_table(CALIBRATION.with_name("power.csv"))
    recovery = read_table(CALIBRATION.with_name("recovery.csv"))
    lines = [
        MADE,
        "# Calibration of the estimators",
        "",
        f"Source: `{CALIBRATION}` and the tables beside it, made by `make calibrate`. What the "
        "columns mean is in [tables.md](tables.md), how the series are simulated in "
        "[methods](../explanation/methods.md#calibration).",
    ]
    for setting, part in table.groupby("setting", sort=False):
        lines += ["", f"## {setting.split(',')[0]}", "", f"Setting: {setting}.", ""]
        lines += ["| estimator | series | false positives | 99 % band | coverage | power at 1.5 "]
        lines[-1] += "| at 2 | usable | why not |"
        lines.append("|---|---:|---:|---|---:|---:|---:|---|---|")
        for row in part.itertuples():
            cells = [
                row.estimator.replace("_", " "),
                f"{row.simulations:,}",
                percent(row.fpr),
                f"{percent(row.fpr_lower)} to {percent(row.fpr_upper)}",
                *map(percent, (row.coverage, row.power_rr1_5, row.power_rr2)),
                row.usable,
                row.why,
            ]
            lines.append(f"| {' | '.join(cells)} |")
        own = recovery[recovery["setting"] == setting]
        lines += ["", "Dates and lags found:", ""]
        lines.append("| estimator | planted ratio | anything found | right to a day | right way |")
        lines.append("|---|---:|---:|---:|---:|")
        for row in own.itertuples():
            shares = map(percent, (row.found, row.within_1_day, row.right_way))
            name = row.estimator.replace("_", " ")
            lines.append(f"| {name} | {row.ratio:g} | {' | '.join(shares)} |")
        own = power[power["setting"] == setting]
        wide = own.pivot(index="estimator", columns="ratio", values="claimed")
        lines += ["", "Share of series with a claim, by planted ratio:", ""]
        lines.append(f"| estimator | {' | '.join(f'{ratio:g}' for ratio in wide.columns)} |")
        lines.append("|---|" + "---:|" * len(wide.columns))
        for name, shares in zip(wide.index, wide.to_numpy(), strict=True):
            lines.append(f"| {name.replace('_', ' ')} | {' | '.join(map(percent, shares))} |")
    return "\n".join(lines) + "\n"


def percent(share: float) -> str:
    """A share in percent, to one decimal place; empty if unknown."""
    return "" if pd.isna(share) else f"{100 * share:.1f} %"
