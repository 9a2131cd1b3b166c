"""Which posts stand in an archive more than once, found with eight bytes a post.

Posts are the same if their identifiers are. Of several, the first in the archive's order is kept:
rows carry no time of retrieval, so none is the later one. Whether they differ is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from takedown.parquet import row_groups

SAME, OTHER = "same row again", "same tweetid, other content"


def number(name: str) -> pl.Expr:
    """Identifiers as 64-bit numbers; one that is itself a hash counts by a hash of it."""
    text = pl.col(name)
    hashed = pl.when(text.is_not_null()).then(text.hash(seed=0))
    return text.cast(pl.UInt64, strict=False).fill_null(hashed)


@dataclass
class Ids:
    """The ids of all posts seen, as numbers, in one buffer that grows in place."""

    buffer: bytearray = field(default_factory=bytearray)

    def add(self, posts: pl.DataFrame) -> None:
        self.buffer += posts.select(number("tweetid")).to_series().to_numpy().tobytes()

    def sorted(self) -> np.ndarray:
        """All ids in their order; the buffer itself is sorted, once all are in."""
        ids = np.frombuffer(self.buffer, np.uint64)
        ids.sort()
        return ids

    def repeated(self) -> np.ndarray:
        """The ids that stand there more than once, in their order."""
        ids = self.sorted()
        return np.unique(ids[1:][ids[1:] == ids[:-1]])


def duplicates(path: Path, repeated: np.ndarray, content: list[str]) -> pl.DataFrame:
    """The rows of a Parquet file of posts whose id an earlier row has.

    ``repeated`` are the ids that stand there more than once, ``content`` the columns that make rows
    the same. Returns the columns position (of the row, from 0) and reason.
    """
    found = [pl.DataFrame(schema={"position": pl.Int64, "id": pl.UInt64, "content": pl.UInt64})]
    for start, group in row_groups(path, content):
        ids = group.select(number("tweetid")).to_series().to_numpy()
        rows = np.flatnonzero(np.isin(ids, repeated))
        if len(rows):
            made = group[rows].hash_rows(seed=0)
            found.append(pl.DataFrame({"position": start + rows, "id": ids[rows], "content": made}))
    rows = pl.concat(found).with_columns(
        first=pl.col("position").min().over("id"), kept=pl.col("content").first().over("id")
    )
    same = pl.when(pl.col("content") == pl.col("kept")).then(pl.lit(SAME)).otherwise(pl.lit(OTHER))
    later = rows.filter(pl.col("position") > pl.col("first"))
    return later.sort("position").select("position", reason=same)
