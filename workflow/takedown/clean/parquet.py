"""Parquet files written frame by frame, under a temporary name until they are complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from polars.io.plugins import register_io_source

from takedown.archives.columns import Column
from takedown.io.files import whole


def write_parquet(path: Path, frames: Iterator[pl.DataFrame], about: Mapping[str, Column]) -> None:
    """Write ``frames``, all of one schema, to ``path`` as row groups; no frames, no file.

    ``about`` describes the columns; their descriptions and units are stored in the schema. The file
    gets its final name once everything is written.
    """
    first = next(frames, None)
    if first is None:
        return
    with whole(path) as part, part.open("wb") as file:
        source = register_io_source(lambda *_: chain([first], frames), schema=first.schema)
        source.sink_parquet(
            file,  # not its path: polars could create that file even after a failure
            compression="zstd",
            compression_level=1,
            statistics=True,
            arrow_schema=described(first, about),
            engine="streaming",
        )


def described(frame: pl.DataFrame, about: Mapping[str, Column]) -> Any:
    """The Arrow schema of ``frame``, with the description and the unit of every column."""
    fields = frame.clear().to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return pa.schema([field.with_metadata(metadata(about[field.name])) for field in fields])


def metadata(column: Column) -> dict[str, str]:
    """The metadata of a column's field in the schema."""
    return {"description": column.about} | ({"unit": column.unit} if column.unit else {})


def row_groups(path: Path, columns: list[str] | None = None) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each row group, or ``columns`` of it, with the position of its first row in the file."""
    start = 0
    with pq.ParquetFile(path) as source:
        for number in range(source.num_row_groups):
            group = pl.from_arrow(source.read_row_group(number, columns))
            assert isinstance(group, pl.DataFrame)
            yield start, group
            start += len(group)


def without_rows(path: Path, drop: np.ndarray) -> Iterator[pl.DataFrame]:
    """The row groups of a Parquet file without the rows at the positions ``drop``, in order."""
    for start, group in row_groups(path):
        here = slice(*np.searchsorted(drop, [start, start + len(group)]))
        keep = np.ones(len(group), dtype=bool)
        keep[drop[here] - start] = False
        yield group.filter(pl.Series(keep))
