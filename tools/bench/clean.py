"""``python -m bench.clean``: the cost of cleaning, compared with other ways of reading.

Writes simulated archives in the exact CSV dialect (cached in .cache/bench) and reads them in
several ways, each in its own process, including start-up: inflating only, which is the lower limit;
this package's reader; the whole stage clean, with derived columns, duplicates and checks; and
pandas, polars and duckdb. What each way has read is compared with what the generator wrote. Only
ratios carry over to other machines. The table and its figure are written to results/benchmark and,
with ``--docs``, also copied to docs/benchmark.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from bench import cost
from bench.ways import CACHE, WAYS, Archive
from pages.measured import BENCHMARK, RENDER
from takedown.engine.endings import run
from takedown.figures import style
from takedown.io.tables import write_table
from takedown.simulate.archive import Truth, simulate_archive

RESULTS = Path("results/benchmark")


def wrong(found: dict[str, int] | None, truth: Truth) -> str | None:
    """What a way has read wrongly, or the word "nothing"; None for a way that reads no rows."""
    words = {
        "rows": "rows",
        "ids": "ids of posts",
        "reply_ids": "ids of the posts replied to",
        "replies": "blank cells",
        "texts": "texts",
        "newlines": "newlines in texts",
    }
    if found is None:
        return None
    differ = [word for name, word in words.items() if found[name] != getattr(truth, name)]
    return ", ".join(differ) or "nothing"


def prepare(rows: int) -> tuple[Archive, Truth]:
    """A simulated archive with ``rows`` posts, written if not yet cached, and its true contents."""
    archive = Archive.of(rows)
    CACHE.mkdir(parents=True, exist_ok=True)
    if not archive.truth.exists():
        print(f"Writing a simulated archive of {rows:,} posts ...", flush=True)
        start, end = datetime(2019, 6, 1), datetime(2020, 6, 12)
        size = {"posts": rows, "accounts": 20_000}
        truth = simulate_archive(
            archive.tweets, archive.users, **size, start=start, end=end, seed=rows
        )
        archive.truth.write_text(json.dumps(asdict(truth)))
    return archive, Truth(**json.loads(archive.truth.read_text()))


def unpack(archive: Archive) -> None:
    """Unpack the posts for the ways that cannot read a zip; this is not part of their cost."""
    with zipfile.ZipFile(archive.tweets) as packed:
        name = packed.namelist()[0]
        with packed.open(name) as source, archive.unpacked.open("wb") as target:
            shutil.copyfileobj(source, target, 2**22)


def measured(rows: int, ways: list[str], rounds: int) -> pd.DataFrame:
    """The table for one size: medians over ``rounds``, in each of which every way runs once."""
    archive, truth = prepare(rows)
    if any("unpacked" in way for way in ways):
        unpack(archive)
    runs = []
    for _ in range(rounds):
        for way in ways:
            print(f"  {way} ...", flush=True)
            steps = [costs(way, step, rows) for step in range(len(WAYS[way]))]
            runs.append(
                {
                    "way": way,
                    "seconds": sum(step["seconds"] for step in steps),
                    "cpu_seconds": sum(step["cpu_seconds"] for step in steps),
                    "peak_mb": max(step["peak_mb"] for step in steps),
                    "wrong": wrong(steps[-1]["found"], truth),
                }
            )
    for path in (archive.unpacked, archive.out, archive.accounts):
        path.unlink(missing_ok=True)
    found = pd.DataFrame(runs).groupby("way", sort=False)
    table = found[["seconds", "cpu_seconds", "peak_mb"]].median().reset_index()
    table.insert(0, "rows", rows)
    table["rows_per_second"] = (rows / table["seconds"]).round().astype(int)
    table["of_inflate"] = table["seconds"] / table["seconds"].iloc[0]
    table["wrong"] = found["wrong"].first().to_numpy()
    return table


def costs(way: str, step: int, rows: int) -> dict[str, Any]:
    """The cost of one step of a way, run in its own process, and what it has read."""
    this = [sys.executable, "-m", "bench.ways"]
    command = [*this, way, str(step), str(rows), str(time.time())]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write the table and its figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[350_000, 5_000_000])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="WAY")
    parser.add_argument("--rounds", type=int, default=1, help="medians of so many")
    parser.add_argument(
        "--most", type=int, default=5_000_000, help="rows up to which others than we are measured"
    )
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmark")
    options = parser.parse_args(arguments)
    tables = []
    for rows in options.rows:
        ours = list(WAYS)[:3]
        ways = [way for way in options.ways if rows <= options.most or way in ours]
        tables.append(measured(rows, ways, options.rounds))
        print(
            f"\n{rows:,} simulated posts\n{tables[-1].drop(columns='rows').to_string(index=False)}"
        )
    table = pd.concat(tables)
    RESULTS.mkdir(parents=True, exist_ok=True)
    write_table(table, RESULTS / "clean.csv")
    with style.styled():
        style.save(cost.draw(table), RESULTS / "cost", cost.TITLE, cost.CAPTION)
    print(f"{RESULTS}/clean.csv, {RESULTS}/cost.png")
    if options.docs:
        BENCHMARK.mkdir(parents=True, exist_ok=True)
        for name in ("clean.csv", "cost.png", "cost.json"):
            shutil.copy(RESULTS / name, BENCHMARK / name)
        print(f"Copied to {BENCHMARK}; now run {RENDER}")


if __name__ == "__main__":
    run(main)
