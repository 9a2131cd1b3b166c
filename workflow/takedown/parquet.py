"""Parquet files written frame by frame, under a temporary name until they are complete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


class ParquetFile:
    """A Parquet file written frame by frame under a temporary name, put in place when complete."""

    def __init__(self, path: Path, about: Mapping[str, str]) -> None:
        self.path, self.about = path, about
        self.part = path.with_name(path.name + ".part")
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> ParquetFile:
        return self

    def write(self, frame: pl.DataFrame) -> None:
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self.writer is None:
            described = [
                part.with_metadata({"description": self.about[part.name]}) for part in table.schema
            ]
            self.writer = pq.ParquetWriter(self.part, pa.schema(described), compression="zstd")
        self.writer.write_table(table.cast(self.writer.schema))

    def __exit__(self, kind: object, *_: object) -> None:
        if self.writer is not None:
            self.writer.close()
        if kind is None:
            self.part.replace(self.path)
        else:
            self.part.unlink(missing_ok=True)


def drop_rows(path: Path, about: Mapping[str, str], positions: np.ndarray) -> None:
    """Rewrite a Parquet file, row group by row group, without the rows at ``positions``."""
    source = pq.ParquetFile(path)
    start = 0
    with ParquetFile(path, about) as out:
        for group in range(source.num_row_groups):
            frame = pl.from_arrow(source.read_row_group(group))
            assert isinstance(frame, pl.DataFrame)
            drop = positions[(positions >= start) & (positions < start + len(frame))] - start
            start += len(frame)
            keep = np.ones(len(frame), dtype=bool)
            keep[drop] = False
            out.write(frame.filter(pl.Series(keep)))
        source.close()
