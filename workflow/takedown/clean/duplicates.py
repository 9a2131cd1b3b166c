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
from takedown.io.sorted_numbers import among, sorted_once

SAME, OTHER = "same row again", "same tweetid, other content"
#: A prime: the lower bits of an identifier made by Twitter are most often the same.
PARTS = 61


def number(name: str) -> pl.Expr:
    """Identifiers as 64-bit numbers; one that is itself a hash counts by a hash of it."""
    text = pl.col(name)
    hashed = pl.when(text.is_not_null()).then(text.hash(seed=0))
    return text.cast(pl.UInt64, strict=False).fill_null(hashed)


@dataclass
class Ids:
    """Ids of posts as numbers in a file, read in ``PARTS``, each of them once.

    In the file, the ids of an addition are ordered by part; its ``bounds`` are where each part
    begins, and where the last ends.
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
        """The ids that leave ``part`` when divided by ``PARTS``."""
        found = []
        for bounds in self.bounds:
            self.file.seek(bounds[part])
            found.append(self.file.read(bounds[part + 1] - bounds[part]))
        return np.frombuffer(bytearray().join(found), np.uint64)

    def repeated(self) -> np.ndarray:
        """The ids that stand there more than once, in their order."""
        parts = (np.sort(self.part(part)) for part in range(PARTS))
        return sorted_once(np.concatenate([ids[1:][ids[1:] == ids[:-1]] for ids in parts]))


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
