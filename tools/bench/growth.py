"""``python -m bench.growth``: how time, memory and disk of all stages grow with posts.

Runs the whole study on simulated archives of several sizes (those of ``make bench``, with the same
accounts, days and events), and makes the sketch that represents a campaign in the atlas. Jobs run
one at a time, and each records the resources it used. The growth exponent is the slope of log CPU
seconds on log posts between the two largest sizes; 1 is proportional. Then studies with different
numbers of campaigns are planned, but not run. The tables are written to results/benchmark and, with
``--docs``, also copied to docs/benchmark.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from bench.clean import RESULTS, prepare
from bench.plan import plans
from pages.growth import exponents, predicted
from pages.measured import BENCHMARK, RENDER
from takedown.archives.catalogue import published_posts, read_catalogue
from takedown.engine.endings import run
from takedown.engine.usage import MEASURE, beside
from takedown.io.tables import write_table

SIZES = [350_000, 5_000_000, 37_000_000]
CAMPAIGNS = [1, 48, 1_000]
FOLDER = Path(".cache/scale")
#: The parts of this project that are linked into the folder in which a size is run.
SEEN = [
    "workflow",
    "resources",
    "notebooks",
    "Snakefile",
    "CITATION.cff",
    "environment.yml",
    "requirements.lock",
]
STUDY, CAMPAIGN = "growth", "simulated"
#: The folders that hold what a run makes, by kind.
DISK = {"raw": "data/raw", "clean": "data/clean", "results": f"results/{STUDY}", "logs": "logs"}
GROWTH = ["job", "posts", "seconds", "cpu_seconds", "peak_mb"]


def run_size(posts: int) -> Path:
    """Run the study of one size in a new folder; return the folder."""
    archive, _ = prepare(posts)
    here, folder = Path.cwd(), FOLDER / str(posts)
    campaign = {
        "tweets": str(here / archive.tweets),
        "users": str(here / archive.users),
        "timezone": "Asia/Shanghai",
        "events": "resources/news/events_china.csv",
    }
    study = {
        "study": STUDY,
        "title": f"SIMULATED: {posts:,} posts, to measure growth",
        "campaigns": {CAMPAIGN: campaign},
    }
    run_study(folder, study, cores=1, targets=["all", f"data/clean/{CAMPAIGN}/sketch.csv"])
    return folder


def run_study(folder: Path, study: dict[str, Any], cores: int, targets: list[str]) -> None:
    """Run a study in a new folder linked to this project; each job records what it used."""
    here = Path.cwd()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "results").mkdir(parents=True)
    for name in [*SEEN, "results/reference"]:
        (folder / name).symlink_to(here / name)
    (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    # Snakemake starts Python by its path in the study's folder; it must not contain a space.
    (folder / ".venv").symlink_to(sys.prefix)
    python = str(folder.absolute() / ".venv/bin/python")
    command = [python, "-m", "snakemake", "--logger", "takedown", "--cores", str(cores)]
    command += ["--configfile", "study.yaml", "--", *targets]
    environment = os.environ | {"PYTHONPATH": str(here / "workflow"), MEASURE: "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True)


def jobs(folder: Path, study: str, campaigns: Iterable[str]) -> pd.DataFrame:
    """The cost of each job of a study: columns job, seconds, cpu_seconds, peak_mb.

    Job names leave out the campaign. ``seconds`` is Snakemake's measurement of the whole job; the
    other columns are for its script only.
    """
    top, logs, rows = folder / "benchmarks" / study, folder / "logs" / study, []
    names = re.compile("|".join(sorted(campaigns, key=len, reverse=True)))  # some share a prefix
    for path in sorted(top.rglob("*.tsv")):
        name = path.relative_to(top).with_suffix("").as_posix()
        used = json.loads(beside(logs / f"{name}.log").read_text(encoding="utf-8"))
        job = names.sub("", name).strip("_/").replace("/_", "/")
        seconds = float(pd.read_csv(path, sep="\t")["s"].item())
        rows.append((job, seconds, used["cpu_seconds"], used["peak_mb"]))
    return pd.DataFrame(rows, columns=["job", "seconds", "cpu_seconds", "peak_mb"])


def held(folder: Path) -> dict[str, int]:
    """The number of bytes in each folder of :data:`DISK`."""
    return {
        kind: sum(path.stat().st_size for path in (folder / where).rglob("*") if path.is_file())
        for kind, where in DISK.items()
    }


def disk(folder: Path, posts: int) -> list[tuple[str, int, int]]:
    """Bytes by kind; raw includes the archive itself, which is read in place."""
    sizes = held(folder)
    archive, _ = prepare(posts)
    sizes["raw"] += archive.tweets.stat().st_size + archive.users.stat().st_size
    return [(kind, posts, size) for kind, size in sizes.items()]


def summary(growth: pd.DataFrame) -> str:
    """A growth table as text: CPU and memory by size, exponents, and the cost of all archives."""
    wide = growth.pivot(index="job", columns="posts", values=["cpu_seconds", "peak_mb"])
    lines = [wide.round(1).to_string()]
    if growth["posts"].nunique() > 1:
        known = published_posts(read_catalogue())
        hours = predicted(growth, known).sum() / 3600
        lines += ["", "Growth exponents of CPU seconds", exponents(growth).round(2).to_string()]
        lines += ["", f"All archives: {hours:.1f} CPU hours"]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Measure growth and planning, print the results, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES)
    parser.add_argument("--campaigns", type=int, nargs="+", default=CAMPAIGNS)
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmark")
    options = parser.parse_args(arguments)
    tables, sizes = [], []
    for posts in sorted(options.rows):
        print(f"{posts:,} simulated posts", flush=True)
        folder = run_size(posts)
        tables.append(jobs(folder, STUDY, [CAMPAIGN]).assign(posts=posts)[GROWTH])
        sizes += disk(folder, posts)
    growth = pd.concat(tables, ignore_index=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    write_table(growth, RESULTS / "growth.csv")
    write_table(pd.DataFrame(sizes, columns=["kind", "posts", "bytes"]), RESULTS / "disk.csv")
    print(summary(growth))
    planned = plans(sorted(options.campaigns))
    write_table(planned, RESULTS / "plan.csv")
    print(f"\nPlanning\n{planned.round(1).to_string(index=False)}")
    if options.docs:
        for name in ("growth.csv", "disk.csv", "plan.csv"):
            shutil.copy(RESULTS / name, BENCHMARK / name)
        print(f"Copied to {BENCHMARK}; now run {RENDER}")


if __name__ == "__main__":
    run(main)
