"""Which posts stand in an archive more than once, found with eight bytes a post on the disk.

Posts are the same if their identifiers are. Of several, the first in the archive's order is kept:
rows carry no time of retrieval, so none is the later one. Whether they differ is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from takedown.clean.parquet import row_groups

SAME, OTHER = "same row again", "same tweetid, other content"


def number(name: str) -> pl.Expr:
    """Identifiers as 64-bit numbers; one that is itself a hash counts by a hash of it."""
    text = pl.col(name)
    hashed = pl.when(text.is_not_null()).then(text.hash(seed=0))
    return text.cast(pl.UInt64, strict=False).fill_null(hashed)


@dataclass
class Ids:
    """Ids of posts as numbers in a file, of which about ``at_once`` are looked at."""

    file: IO[bytes]
    at_once: int = 2_000_000

    def add(self, posts: pl.DataFrame, column: str = "tweetid") -> None:
        """Append the ids in ``column``; blank ones are left out."""
        ids = posts.select(number(column)).to_series().drop_nulls()
        self.file.write(ids.to_numpy().tobytes())

    @property
    def parts(self) -> int:
        """In how many parts the ids must be looked at; ask when all are there."""
        self.file.seek(0, SEEK_END)
        return 1 + self.file.tell() // np.uint64().nbytes // self.at_once

    def repeated(self) -> np.ndarray:
        """The ids that stand there more than once, in their order."""
        parts = self.parts
        sorted_ = (self.part(number, parts) for number in range(parts))
        return np.sort(np.concatenate([np.unique(ids[1:][ids[1:] == ids[:-1]]) for ids in sorted_]))

    def part(self, part: int, parts: int) -> np.ndarray:
        """The ids that leave ``part`` when divided by ``parts``, in their order."""
        self.file.seek(0)
        size = self.at_once * np.uint64().nbytes
        found = [np.empty(0, np.uint64)]
        while data := self.file.read(size):
            ids = np.frombuffer(data, np.uint64)
            found.append(ids[ids % np.uint64(parts) == part])
        return np.sort(np.concatenate(found))


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
