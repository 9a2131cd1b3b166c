"""Which posts stand in an archive more than once, found with eight bytes a post on the disk.

Posts are the same if their identifiers are. Of several, the first in the archive's order is kept:
rows carry no time of retrieval, so none is the later one. Whether they differ is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from takedown.clean.parquet import row_groups

SAME, OTHER = "same row again", "same tweetid, other content"
#: A prime: the lower bits of an identifier made by Twitter are most often the same.
PARTS = 61
BYTES = np.uint64().nbytes


def number(name: str) -> pl.Expr:
    """Identifiers as 64-bit numbers; one that is itself a hash counts by a hash of it."""
    text = pl.col(name)
    hashed = pl.when(text.is_not_null()).then(text.hash(seed=0))
    return text.cast(pl.UInt64, strict=False).fill_null(hashed)


def among(ids: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which of ``ids`` stand in ``known``, which is in order."""
    if not len(known):
        return np.zeros(len(ids), bool)
    return known[np.minimum(np.searchsorted(known, ids), len(known) - 1)] == ids


@dataclass
class Ids:
    """Ids of posts as numbers in a file, read in ``PARTS``, each of them once.

    ``counts`` are those of each addition by part: in the file, its ids are ordered by part.
    """

    file: IO[bytes]
    counts: list[np.ndarray] = field(default_factory=list)

    def add(self, posts: pl.DataFrame, column: str = "tweetid") -> None:
        """Append the ids in ``column``; blank ones are left out."""
        ids = posts.select(number(column)).to_series().drop_nulls().to_numpy()
        part = (ids % np.uint64(PARTS)).astype(np.uint8)
        self.file.write(ids[np.argsort(part, kind="stable")].tobytes())
        self.counts.append(np.bincount(part, minlength=PARTS))

    def part(self, part: int) -> np.ndarray:
        """The ids that leave ``part`` when divided by ``PARTS``, in their order."""
        found, start = [np.empty(0, np.uint64)], 0
        for counts in self.counts:
            self.file.seek(BYTES * (start + int(counts[:part].sum())))
            found.append(np.frombuffer(self.file.read(BYTES * int(counts[part])), np.uint64))
            start += int(counts.sum())
        return np.sort(np.concatenate(found))

    def repeated(self) -> np.ndarray:
        """The ids that stand there more than once, in their order."""
        sorted_ = map(self.part, range(PARTS))
        return np.sort(np.concatenate([np.unique(ids[1:][ids[1:] == ids[:-1]]) for ids in sorted_]))


def duplicates(path: Path, repeated: np.ndarray, content: list[str]) -> pl.DataFrame:
    """The rows of a Parquet file of posts whose id an earlier row has.

    ``repeated`` are the ids that stand there more than once, in their order; ``content`` the
    columns that make rows the same. Returns the columns position (of the row, from 0) and reason.
    """
    found = [pl.DataFrame(schema={"position": pl.Int64, "id": pl.UInt64, "content": pl.UInt64})]
    for start, group in row_groups(path, content):
        ids = group.select(number("tweetid")).to_series().to_numpy()
        rows = np.flatnonzero(among(ids, repeated))
        if len(rows):
            made = group[rows].hash_rows(seed=0)
            found.append(pl.DataFrame({"position": start + rows, "id": ids[rows], "content": made}))
    rows = pl.concat(found).with_columns(
        first=pl.col("position").min().over("id"), kept=pl.col("content").first().over("id")
    )
    same = pl.when(pl.col("content") == pl.col("kept")).then(pl.lit(SAME)).otherwise(pl.lit(OTHER))
    later = rows.filter(pl.col("position") > pl.col("first"))
    return later.sort("position").select("position", reason=same)
