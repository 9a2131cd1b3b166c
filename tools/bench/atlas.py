"""``make scale-atlas``: measure the time, memory and disk that the whole atlas needs here.

Writes a simulated stand-in for every archive, with its published number of posts and its time span
(cached in .cache/atlas), and runs the study of all of them on all cores. At full size this takes
over 50 GB of disk, and hours. The tables are written to results/benchmark and, with ``--docs``,
also copied to docs/benchmark.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from bench.clean import RESULTS
from bench.growth import STUDY, held, jobs, run_study
from pages.measured import BENCHMARK, RENDER
from takedown.archives.catalogue import read_catalogue
from takedown.engine.endings import run
from takedown.io.tables import write_table
from takedown.simulate.archive import simulate_archive
from takedown.simulate.atlas import known, number_of_posts, span

CACHE = Path(".cache/atlas")
BYTES_PER_POST = 250  # for an archive and its typed rows, with room to spare
SEED = 20200612


def stand_in(archive: str, row: Mapping[str, str], scale: float) -> tuple[str, dict[str, Any]]:
    """Write the simulated archive unless it exists; return its name and its study file entry."""
    name = f"simulated_{archive}"
    paths = [CACHE / f"{name}_{scale:g}_{role}_csv_hashed.zip" for role in ("tweets", "users")]
    if not paths[0].exists():
        start, end = span(row)
        simulate_archive(
            *paths,
            posts=number_of_posts(row, scale),
            accounts=max(1, math.ceil(int(row["n_accounts_published"]) * scale)),
            start=start,
            end=end,
            seed=SEED,
        )
    tweets, users = (str(path.absolute()) for path in paths)
    return name, {"tweets": tweets, "users": users, **known(row)}


def stand_ins(catalogue: Mapping[str, Mapping[str, str]], scale: float) -> dict[str, Any]:
    """Write all missing stand-ins, largest first, on all cores; return the campaigns of the study.

    Exits with advice if the disk is too small for them and for what is made from them.
    """
    posts = sum(number_of_posts(row, scale) for row in catalogue.values())
    needed = posts * BYTES_PER_POST
    CACHE.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(CACHE).free < needed:
        raise SystemExit(
            f"{posts:,} posts need {needed / 1e9:.1f} GB of disk, more than is free in "
            f"{CACHE.absolute()}. Free some, or measure a part, as with --scale 0.1."
        )
    print(f"Writing {posts:,} simulated posts ...", flush=True)
    largest_first = sorted(catalogue.items(), key=lambda item: -number_of_posts(item[1], scale))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        written = [pool.submit(stand_in, *each, scale) for each in largest_first]
        return dict(each.result() for each in written)


def measured(
    catalogue: Mapping[str, Mapping[str, str]], scale: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run the atlas; return a table with one row for the whole run, and one of its jobs by kind."""
    campaigns = stand_ins(catalogue, scale)
    posts = sum(number_of_posts(row, scale) for row in catalogue.values())
    title = f"SIMULATED: {posts:,} posts of {len(campaigns)} campaigns, to measure"
    study = {"study": STUDY, "title": title, "campaigns": campaigns}
    folder, cores = CACHE / f"run_{scale:g}", os.cpu_count() or 1
    before, started = os.times(), time.monotonic()
    run_study(folder, study, cores=cores, targets=["all"])
    seconds, after = time.monotonic() - started, os.times()
    user = after.children_user - before.children_user
    system = after.children_system - before.children_system
    each = jobs(folder, STUDY, campaigns)
    files = [Path(one[role]) for one in campaigns.values() for role in ("tweets", "users")]
    row = {
        "campaigns": len(campaigns),
        "posts": posts,
        "cores": cores,
        "seconds": seconds,
        "cpu_seconds": user + system,
        "jobs_cpu_seconds": each["cpu_seconds"].sum(),
        "peak_mb": each["peak_mb"].max(),
        "raw_bytes": sum(path.stat().st_size for path in files),
        "clean_bytes": held(folder)["clean"],
    }
    kinds = each.groupby("job").agg(
        jobs=("job", "size"),
        seconds=("seconds", "max"),
        cpu_seconds=("cpu_seconds", "sum"),
        peak_mb=("peak_mb", "max"),
    )
    return pd.DataFrame([row]), kinds.reset_index()


def main(arguments: list[str] | None = None) -> None:
    """Measure the atlas, print the results, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="share of the posts")
    catalogue = read_catalogue()
    parser.add_argument("--archives", nargs="+", choices=catalogue, metavar="ARCHIVE")
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmark")
    options = parser.parse_args(arguments)
    if not 0 < options.scale <= 1:
        parser.error("--scale must be above 0 and at most 1")
    chosen = options.archives or catalogue
    whole, kinds = measured({name: catalogue[name] for name in chosen}, options.scale)
    RESULTS.mkdir(parents=True, exist_ok=True)
    write_table(whole, RESULTS / "atlas.csv")
    write_table(kinds, RESULTS / "atlas_jobs.csv")
    print(kinds.round(1).to_string(index=False), whole.T.to_string(header=False), sep="\n\n")
    if options.docs:
        for name in ("atlas.csv", "atlas_jobs.csv"):
            shutil.copy(RESULTS / name, BENCHMARK)
        print(f"Copied to {BENCHMARK}; now run {RENDER}")


if __name__ == "__main__":
    run(main)
