"""``python -m bench.ways WAY STEP ROWS STARTED``: read a simulated archive one way.

Each way imports only what it needs, because the time for imports is part of its cost.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from takedown.engine.usage import used

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

CACHE = Path(".cache/bench")
COLUMNS = ["tweetid", "in_reply_to_tweetid", "tweet_text"]


@dataclass(frozen=True)
class Archive:
    """Paths of a simulated archive: its zips, the unpacked posts, outputs, and true contents."""

    tweets: Path
    users: Path
    unpacked: Path
    out: Path
    accounts: Path
    truth: Path

    @classmethod
    def of(cls, rows: int) -> Archive:
        """The paths in the cache of the archive with ``rows`` posts."""
        names = "tweets.zip users.zip unpacked.csv out.parquet accounts.parquet truth.json".split()
        return cls(*(CACHE / f"simulated_{rows}_{name}" for name in names))


def inflate(archive: Archive) -> None:
    """Inflate the posts, which checks them against the zip's checksum."""
    from takedown.archives import members

    for _ in members.inflate(members.list_members(archive.tweets)[0]):
        pass


def read(archive: Archive) -> Iterator[pl.DataFrame]:
    """Read, type and write the posts."""
    from functools import partial

    from takedown.archives import columns as known
    from takedown.archives import members
    from takedown.clean import parquet, reader, rows
    from takedown.io import background as threads

    work = partial(rows.typed_rows, role="tweets")
    blocks = reader.read_blocks(members.list_members(archive.tweets)[0], work)
    about = {**known.POST, **rows.DERIVED}
    parquet.write_parquet(archive.out, threads.in_thread(b.frame for b in blocks), about)
    return parquet_frames(archive.out)


def clean(archive: Archive) -> Iterator[pl.DataFrame]:
    """The first step of stage clean: everything except the checks."""
    from takedown.archives.receipt import Entry, write_receipt
    from takedown.clean import archive as stage
    from takedown.study.topics import read_topics

    receipt = CACHE / "receipt.csv"
    entries = [("tweets", archive.tweets), ("users", archive.users)]
    write_receipt(receipt, [Entry.of(role, path) for role, path in entries])
    stage.clean_archive(
        receipt=receipt,
        topics=read_topics(Path("resources/topics.yaml")),
        timezone="Asia/Bangkok",
        tweets=archive.out,
        accounts=archive.accounts,
        quarantine=CACHE / "quarantine.csv",
    )
    return parquet_frames(archive.out)


def check(archive: Archive) -> Iterator[pl.DataFrame]:
    """The second step of stage clean, which is a separate process in the workflow, too."""
    import polars as pl

    from takedown.clean import checks

    posts, accounts = pl.scan_parquet(archive.out), pl.read_parquet(archive.accounts)
    checks.check_archive(posts, accounts, campaign="simulated", window=None, published={})
    return parquet_frames(archive.out)


def pandas_text(archive: Archive) -> Iterator[pl.DataFrame]:
    """Read every column as text, which preserves the ids."""
    import pandas as pd

    return pandas_frames(pd.read_csv(archive.tweets, dtype=str, keep_default_na=False))


def pandas_default(archive: Archive) -> Iterator[pl.DataFrame]:
    """Read with pandas' defaults, as most notebooks do."""
    import pandas as pd

    return pandas_frames(pd.read_csv(archive.tweets))


def polars_scan(archive: Archive) -> Iterator[pl.DataFrame]:
    """Every column as text, from the unpacked file to Parquet."""
    import polars as pl

    pl.scan_csv(archive.unpacked, infer_schema=False).sink_parquet(archive.out)
    return parquet_frames(archive.out)


def duckdb_scan(archive: Archive) -> Iterator[pl.DataFrame]:
    """Every column as text, from the unpacked file to Parquet."""
    import duckdb

    rows = f"read_csv('{archive.unpacked}', all_varchar = true)"
    duckdb.sql(f"COPY (FROM {rows}) TO '{archive.out}' (FORMAT parquet, COMPRESSION zstd)")
    return parquet_frames(archive.out)


#: Name of a way -> its steps. The first way is the limit that the others are compared with.
WAYS: dict[str, list[Callable[[Archive], Iterator[pl.DataFrame] | None]]] = {
    "inflate only": [inflate],
    "this reader: read, type, write": [read],
    "this workflow: whole stage clean": [clean, check],
    "polars, from the unpacked file": [polars_scan],
    "duckdb, from the unpacked file": [duckdb_scan],
    "pandas, all columns as text": [pandas_text],
    "pandas, default": [pandas_default],
}


def parquet_frames(path: Path) -> Iterator[pl.DataFrame]:
    """What a way has written, with all columns as text."""
    import polars as pl

    texts = pl.scan_parquet(path).select(pl.col(COLUMNS).cast(pl.String))
    return texts.collect_batches(chunk_size=500_000)


def pandas_frames(table: pd.DataFrame) -> Iterator[pl.DataFrame]:
    """What pandas has read, as text; ids that it stores as floats become whole numbers."""
    import polars as pl

    for start in range(0, len(table), 500_000):
        piece = table[COLUMNS][start : start + 500_000]
        if piece["in_reply_to_tweetid"].dtype == float:
            piece = piece.astype({"in_reply_to_tweetid": "Int64"})
        yield pl.from_pandas(piece).select(pl.col(COLUMNS).cast(pl.String))


def run(way: str, step: int, archive: Archive, started: float) -> None:
    """Run one step of a way in this process; print its cost, and what it read, as JSON."""
    frames = WAYS[way][step](archive)
    cost = {"seconds": time.time() - started, **used()}
    from takedown.simulate.archive import Truth

    found = Truth()
    for frame in frames or ():
        found.counted(frame)
    print(json.dumps(cost | {"found": asdict(found) if frames else None}))


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), Archive.of(int(sys.argv[3])), float(sys.argv[4]))
