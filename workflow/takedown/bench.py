"""``python -m takedown.bench``: the cost of cleaning, side by side with what it is measured by.

Writes a simulated archive in the exact dialect (cached in .cache/bench), then times, each in a
process of its own: inflating it only (the limit), this package's reader with typing and Parquet,
the whole clean stage, and pandas with every column as text (the correct baseline). Ratios are what
carries over to other machines.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from datetime import datetime
from pathlib import Path

from takedown.archive import POST
from takedown.bench_download import measure
from takedown.receipt import Entry, write_receipt
from takedown.rows import DERIVED
from takedown.simulate import simulate_archive

CACHE = Path(".cache/bench")
WAYS = {
    "inflate only": "inflate",
    "read, type, write": "read",
    "whole clean stage": "clean",
    "pandas, all columns as text": "pandas",
}


def run(way: str, path: Path) -> None:
    """One way of reading the archive, in this process."""
    from takedown import clean, members, reader, topics

    member = members.list_members(path)[0]
    out = CACHE / f"{way}.parquet"
    if way == "inflate":
        for _ in members.inflate(member, reader.BLOCK_BYTES):
            pass
    elif way == "read":
        about = {name: column.about for name, column in POST.items()} | DERIVED
        aside = clean.Quarantine(io.StringIO())
        with clean.parquet_file(out, about) as write:
            for frame in clean.typed_blocks(member, "tweets", clean.Tally(), aside):
                write(frame)
    elif way == "clean":
        receipt = CACHE / "receipt.csv"
        write_receipt(receipt, [Entry.of("tweets", path)])
        clean.clean_archive(
            receipt=receipt,
            topics=topics.read_topics(Path("resources/topics.yaml")),
            timezone="Asia/Bangkok",
            tweets=out,
            accounts=CACHE / "accounts.parquet",
            quarantine=CACHE / "quarantine.csv",
        )
    else:
        import pandas as pd

        pd.read_csv(path, dtype=str, keep_default_na=False)


def main() -> None:
    """Measure every way and print the table, as ratios to inflating."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=350_000)
    parser.add_argument("--run", nargs=2, metavar=("WAY", "ZIP"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run[0], Path(options.run[1]))
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    path, users = (CACHE / f"simulated_{role}_{options.rows}.zip" for role in ("tweets", "users"))
    if not path.exists():
        print(f"Writing a simulated archive of {options.rows:,} posts ...")
        start, end = datetime(2019, 6, 1), datetime(2020, 6, 12)
        size = {"posts": options.rows, "accounts": 20_000}
        simulate_archive(path, users, **size, start=start, end=end, seed=options.rows)
    this = [sys.executable, "-m", "takedown.bench", "--run"]
    found = {label: measure([*this, way, str(path)]) for label, way in WAYS.items()}
    limit = found["inflate only"][0]
    print(f"{options.rows:,} simulated posts, {os.cpu_count()} cores; start-up included")
    print(f"{'':<30}{'seconds':>9}{'of inflate':>12}{'peak MB':>9}")
    for label, (seconds, memory) in found.items():
        print(f"{label:<30}{seconds:>9.2f}{seconds / limit:>12.2f}{memory:>9.0f}")


if __name__ == "__main__":
    main()
