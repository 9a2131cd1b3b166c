"""``python -m bench.growth``: how time, memory and disk of all stages grow with posts.

Runs the whole study on simulated archives of several sizes (those of ``make bench``, with the same
accounts, days and events), and the sketch by which a campaign enters the atlas, one job at a time;
each says at its end what it has used. The growth exponent is the slope of log CPU seconds on log
posts between the two largest sizes: 1 is proportional. Then studies of several numbers of campaigns
are planned, without running them. The tables go to results/benchmark, with ``--docs`` to
docs/benchmark, too.
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
#: What the copy of the project in which a size runs sees of this one.
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
#: Where what a size makes lies, by kind.
DISK = {"raw": "data/raw", "clean": "data/clean", "results": f"results/{STUDY}", "logs": "logs"}
GROWTH = ["job", "posts", "seconds", "cpu_seconds", "peak_mb"]


def run_size(posts: int) -> Path:
    """Run the study of one size in a fresh folder of its own; returns the folder."""
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
    """Run a study in a fresh folder that sees this project; each job says what it has used."""
    here = Path.cwd()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "results").mkdir(parents=True)
    for name in [*SEEN, "results/reference"]:
        (folder / name).symlink_to(here / name)
    (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    # Snakemake starts Python by its path from the study's folder, which may have no space in it.
    (folder / ".venv").symlink_to(sys.prefix)
    python = str(folder.absolute() / ".venv/bin/python")
    command = [python, "-m", "snakemake", "--logger", "takedown", "--cores", str(cores)]
    command += ["--configfile", "study.yaml", "--", *targets]
    environment = os.environ | {"PYTHONPATH": str(here / "workflow"), MEASURE: "1"}
    subprocess.run(command, cwd=folder, env=environment, check=True)


def jobs(folder: Path, study: str, campaigns: Iterable[str]) -> pd.DataFrame:
    """What each job of a study took: columns job, seconds, cpu_seconds, peak_mb.

    The job is named without its campaign. Seconds are Snakemake's, of the whole job; the others
    those of its script.
    """
    top, logs, rows = folder / "benchmarks" / study, folder / "logs" / study, []
    names = re.compile("|".join(sorted(campaigns, key=len, reverse=True)))  # some begin as others
    for path in sorted(top.rglob("*.tsv")):
        name = path.relative_to(top).with_suffix("").as_posix()
        used = json.loads(beside(logs / f"{name}.log").read_text(encoding="utf-8"))
        job = names.sub("", name).strip("_/").replace("/_", "/")
        seconds = float(pd.read_csv(path, sep="\t")["s"].item())
        rows.append((job, seconds, used["cpu_seconds"], used["peak_mb"]))
    return pd.DataFrame(rows, columns=["job", "seconds", "cpu_seconds", "peak_mb"])


def held(folder: Path) -> dict[str, int]:
    """Bytes below the folders of :data:`DISK`."""
    return {
        kind: sum(path.stat().st_size for path in (folder / where).rglob("*") if path.is_file())
        for kind, where in DISK.items()
    }


def disk(folder: Path, posts: int) -> list[tuple[str, int, int]]:
    """Bytes by kind: raw is the archive itself, which is read where it is."""
    sizes = held(folder)
    archive, _ = prepare(posts)
    sizes["raw"] += archive.tweets.stat().st_size + archive.users.stat().st_size
    return [(kind, posts, size) for kind, size in sizes.items()]


def summary(growth: pd.DataFrame) -> str:
    """What is printed of a growth table: CPU and memory by size, exponents, all archives' cost."""
    wide = growth.pivot(index="job", columns="posts", values=["cpu_seconds", "peak_mb"])
    lines = [wide.round(1).to_string()]
    if growth["posts"].nunique() > 1:
        known = published_posts(read_catalogue())
        hours = predicted(growth, known).sum() / 3600
        lines += ["", "Growth exponents of CPU seconds", exponents(growth).round(2).to_string()]
        lines += ["", f"All archives: {hours:.1f} CPU hours"]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write the tables."""
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
