"""Find posts that occur more than once in an archive, with eight bytes per post on disk.

Posts are duplicates if their identifiers are equal. The first in the archive's order is kept: rows
have no time of retrieval, so there is no telling which is newer. Duplicates with different content
are counted separately.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from takedown.clean.parquet import row_groups
from takedown.io.sorted_numbers import among, sorted_once

SAME, OTHER = "same row again", "same tweetid, other content"
#: A prime, because the low bits of Twitter's identifiers are mostly the same.
PARTS = 61


def number(name: str) -> pl.Expr:
    """Identifiers as 64-bit numbers; those that are not numbers are hashed."""
    text = pl.col(name)
    hashed = pl.when(text.is_not_null()).then(text.hash(seed=0))
    return text.cast(pl.UInt64, strict=False).fill_null(hashed)


@dataclass
class Ids:
    """Post ids stored as numbers in a file, and read back in ``PARTS`` parts.

    Each call of :meth:`add` writes its ids ordered by part; its entry in ``bounds`` holds the
    positions in the file where each part begins, and where the last one ends.
    """

    file: IO[bytes]
    bounds: list[list[int]] = field(default_factory=list)

    def add(self, posts: pl.DataFrame, column: str = "tweetid") -> None:
        """Append the ids in ``column``; blank ones are left out."""
        ids = posts.select(number(column)).to_series().drop_nulls().to_numpy()
        part = (ids % np.uint64(PARTS)).astype(np.uint8)
        ends = np.cumsum([0, *np.bincount(part, minlength=PARTS)])
        self.bounds.append((self.file.tell() + np.uint64().nbytes * ends).tolist())
        self.file.write(ids[np.argsort(part, kind="stable")].tobytes())

    def part(self, part: int) -> np.ndarray:
        """The ids whose remainder on division by ``PARTS`` is ``part``."""
        found = []
        for bounds in self.bounds:
            self.file.seek(bounds[part])
            found.append(self.file.read(bounds[part + 1] - bounds[part]))
        return np.frombuffer(bytearray().join(found), np.uint64)

    def repeated(self) -> np.ndarray:
        """The ids that occur more than once, in ascending order."""
        parts = (np.sort(self.part(part)) for part in range(PARTS))
        return sorted_once(np.concatenate([ids[1:][ids[1:] == ids[:-1]] for ids in parts]))


def duplicates(path: Path, repeated: np.ndarray, content: list[str]) -> pl.DataFrame:
    """The rows of a Parquet file of posts that have the same id as an earlier row.

    ``repeated`` holds the ids that occur more than once, in ascending order; ``content`` lists the
    columns that must agree for two rows to be the same. Returns the columns position (of the row,
    from 0) and reason.
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
