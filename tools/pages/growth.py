"""Reference page: how time, memory and disk grow with posts, and what the atlas would cost."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from pages.measured import BENCHMARK
from pages.table import MADE
from takedown.archives.catalogue import published_posts, read_catalogue
from takedown.io.tables import read_table

NODES, CORES = 48, 2
#: Jobs that run once per study, for all its campaigns, after all other jobs are done.
LAST = ["claims", "crate", "manifest", "paper", "privacy", "report"]
GB = 1e9


def exponents(growth: pd.DataFrame) -> pd.Series:
    """The growth exponent of each job's CPU seconds between the two largest sizes.

    Jobs that take less than a second more at the larger size are left out, because the difference
    is too small to measure.
    """
    wide = growth.pivot(index="job", columns="posts", values="cpu_seconds")
    less, more = largest_two(growth)
    grown = wide[wide[more] - wide[less] >= 1]
    return np.log(grown[more] / grown[less].clip(lower=0.01)) / np.log(more / less)


def predicted(growth: pd.DataFrame, posts: list[int]) -> pd.Series:
    """CPU seconds of all jobs for archives of ``posts``, from a line through the largest two."""
    wide = growth.pivot(index="job", columns="posts", values="cpu_seconds")
    less, more = largest_two(growth)
    slope = (wide[more] - wide[less]).clip(lower=0) / (more - less)
    start = (wide[less] - slope * less).clip(lower=0)
    return pd.Series([float((start + slope * each).sum()) for each in posts], index=posts)


def largest_two(growth: pd.DataFrame) -> tuple[int, int]:
    """The two largest sizes measured, in ascending order."""
    *_, two = pairwise(sorted(growth["posts"].unique()))
    return two


def growth_page() -> str:
    """The page with the growth tables, and what they imply for all archives."""
    growth, disk = read_table(BENCHMARK / "growth.csv"), read_table(BENCHMARK / "disk.csv")
    sizes = sorted(growth["posts"].unique())
    cpu = growth.pivot(index="job", columns="posts", values="cpu_seconds")
    peak = growth.pivot(index="job", columns="posts", values="peak_mb")
    slopes = exponents(growth)
    heads = [f"{size / 1e6:g} M" for size in sizes]
    lines = [
        MADE,
        "# How time, memory and disk grow",
        "",
        "Source: `docs/benchmark/growth.csv` and `disk.csv`, measured by `make scale` "
        "(`ARGS=--docs` renews them) on simulated archives of the same accounts, days and events, "
        "one job at a time on a machine of two cores. Of the times, only ratios carry over to "
        "other machines. The exponent is the slope of log CPU seconds on log posts between the two "
        "largest sizes: 1 is proportional, above 1 would be more than that; jobs without one do "
        "not grow.",
        "",
        costs(growth, disk),
        "",
        whole_atlas(read_table(BENCHMARK / "atlas.csv"), read_table(BENCHMARK / "atlas_jobs.csv")),
        "",
        "| job | " + " | ".join(f"CPU s, {head}" for head in heads) + " | exponent | "
        + " | ".join(f"peak MB, {head}" for head in heads) + " |",
        "|---|" + "---|" * (2 * len(sizes) + 1),
    ]  # fmt: skip
    for job in cpu.index:
        slope = f"{slopes[job]:.2f}" if job in slopes else ""
        times = " | ".join(f"{cpu.loc[job, size]:.1f}" for size in sizes)
        memory = " | ".join(f"{peak.loc[job, size]:,.0f}" for size in sizes)
        lines.append(f"| {job} | {times} | {slope} | {memory} |")
    total = " | ".join(f"{cpu[size].sum():,.0f}" for size in sizes)
    most = " | ".join(f"{peak[size].max():,.0f}" for size in sizes)
    lines += [f"| all | {total} | | {most} |", "", "## Disk", ""]
    lines += ["| what | " + " | ".join(heads) + " |", "|---|" + "---|" * len(sizes)]
    held = disk.pivot(index="kind", columns="posts", values="bytes") / 1e6
    for kind in ("raw", "clean", "results", "logs"):
        cells = " | ".join(f"{held.loc[kind, size]:,.0f} MB" for size in sizes)
        lines.append(f"| {kind} | {cells} |")
    lines += planning(read_table(BENCHMARK / "plan.csv"))
    return "\n".join(lines) + "\n"


def planning(plans: pd.DataFrame) -> list[str]:
    """The section on planning, which comes before the first job."""
    lines = [
        "",
        "## Planning",
        "",
        "Before the first job Snakemake plans all of them, which is all that a dry run does "
        "(`ARGS=-n`), here of studies of which nothing is there yet. For every input of every "
        "step it looks up which rule makes it and whether it is there; between the two largest "
        f"studies the time grows with the steps to the power {plan_exponent(plans):.2f}.",
        "",
        "| campaigns | steps | seconds | CPU s | of one campaign's | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    first = plans["cpu_seconds"].iloc[0]
    for row in plans.itertuples():
        times = f"{row.seconds:.1f} | {row.cpu_seconds:.1f} | {row.cpu_seconds / first:.1f}"
        lines.append(f"| {row.campaigns:,} | {row.steps:,} | {times} | {row.peak_mb:,.0f} |")
    return lines


def plan_exponent(plans: pd.DataFrame) -> float:
    """The slope of log CPU seconds on log steps between the two largest studies planned."""
    less, more = plans.sort_values("campaigns").iloc[-2:].itertuples()
    return np.log(more.cpu_seconds / less.cpu_seconds) / np.log(more.steps / less.steps)


def costs(growth: pd.DataFrame, disk: pd.DataFrame) -> str:
    """What all archives would take, on one machine and on many nodes, in a few sentences.

    The cost of the last jobs is assumed to be the sum of their costs for each campaign alone.
    """
    posts = published_posts(read_catalogue())
    is_last = growth["job"].isin(LAST)
    own, last = predicted(growth[~is_last], posts), predicted(growth[is_last], posts).sum()
    less, more = largest_two(growth)
    held = disk.pivot(index="kind", columns="posts", values="bytes")
    room = ((held[more] - held[less]) / (more - less) * sum(posts)).clip(lower=0) / GB
    return (
        f"All {len(posts)} archives ({sum(posts):,} posts, as far as their numbers were "
        f"published) would take about {(own.sum() + last) / 3600:.1f} CPU hours: "
        f"{(own.sum() / CORES + last) / 3600:.1f} hours on one machine of {CORES} cores, and on "
        f"{NODES} nodes {(own.max() + last) / 60:.0f} minutes, besides the queue: "
        f"{own.max() / 60:.0f} for the largest archive, and {last / 60:.0f} for the page, the "
        "article, the search of all results for texts and names and the manifest, which begin "
        f"when all else is done. It would need {room['raw']:.0f} GB for archives and "
        f"{room['clean']:.0f} GB for typed rows. That is a prediction, from a line through the two "
        "largest sizes of every job, without what Snakemake itself takes and without the figures "
        "on all campaigns, which read small tables."
    )


def whole_atlas(atlas: pd.DataFrame, kinds: pd.DataFrame) -> str:
    """What the atlas took on the machine on which it was run."""
    [one] = atlas.itertuples()
    peak = kinds.set_index("job")["peak_mb"]
    own = peak.drop(LAST)
    return (
        f"Measured, by `make scale-atlas`: simulated stand-ins of {one.campaigns} archives with "
        f"{one.posts:,} posts took {one.seconds / 3600:.1f} hours on {one.cores} cores and "
        f"{one.cpu_seconds / 3600:.1f} CPU hours: {one.jobs_cpu_seconds / 3600:.1f} of the jobs, "
        "and the rest Snakemake's. There were "
        f"{one.raw_bytes / GB:.0f} GB of archives and {one.clean_bytes / GB:.0f} GB of typed rows. "
        f"The largest job of one campaign (`{own.idxmax()}`) had {own.max():,.0f} MB of memory, "
        f"the search of all results {peak['privacy']:,.0f} MB. Models of posts per day need more "
        "for a campaign of more days and events, the search for more campaigns. The archives "
        "themselves could not be downloaded where it was run."
    )
