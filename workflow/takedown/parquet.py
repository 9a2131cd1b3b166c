"""Parquet files written frame by frame, under a temporary name until they are complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from takedown.files import whole


@contextmanager
def parquet_file(path: Path, about: Mapping[str, str]) -> Iterator[Callable[[pl.DataFrame], None]]:
    """A function that appends a frame to the Parquet file ``path``, one row group a frame.

    ``about`` holds the columns' descriptions, stored with the schema. The file gets its name when
    all is written; at least one frame must be.
    """
    writer: pq.ParquetWriter | None = None

    with whole(path) as part:

        def write(frame: pl.DataFrame) -> None:
            nonlocal writer
            table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                described = [
                    field.with_metadata({"description": about[field.name]})
                    for field in table.schema
                ]
                writer = pq.ParquetWriter(part, pa.schema(described), compression="zstd")
            writer.write_table(table.cast(writer.schema))

        try:
            yield write
        finally:
            if writer is not None:
                writer.close()


def drop_rows(path: Path, about: Mapping[str, str], positions: np.ndarray) -> None:
    """Rewrite a Parquet file, row group by row group, without the rows at ``positions``."""
    source = pq.ParquetFile(path)
    start = 0
    with parquet_file(path, about) as write:
        for group in range(source.num_row_groups):
            frame = pl.from_arrow(source.read_row_group(group))
            assert isinstance(frame, pl.DataFrame)
            drop = positions[(positions >= start) & (positions < start + len(frame))] - start
            start += len(frame)
            keep = np.ones(len(frame), dtype=bool)
            keep[drop] = False
            write(frame.filter(pl.Series(keep)))
        source.close()
