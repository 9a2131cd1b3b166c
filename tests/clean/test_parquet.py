"""A Parquet file is there whole or not at all, and says what its columns are."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from takedown.archives.columns import Column
from takedown.clean.parquet import row_groups, without_rows, write_parquet
from takedown.errors import InputError

ABOUT = {"x": Column("count", "a number", unit="posts")}


def frames(*cells: list[int], error: BaseException | None = None) -> Iterator[pl.DataFrame]:
    for numbers in cells:
        yield pl.DataFrame({"x": numbers})
    if error:
        raise error


def write(path: Path, *cells: list[int]) -> None:
    write_parquet(path, frames(*cells), ABOUT)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), InputError("line 3: broken")], ids=repr)
@pytest.mark.parametrize("cells", [[], [[9]], [[9]] * 5])
def test_a_failure_leaves_the_earlier_file_and_no_part(
    tmp_path: Path, error: BaseException, cells: list[list[int]]
) -> None:
    path = tmp_path / "x.parquet"
    write(path, [1], [2, 3])
    before = path.read_bytes()
    with pytest.raises(type(error)):
        write_parquet(path, frames(*cells, error=error), ABOUT)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["x.parquet"]


def test_no_frame_makes_no_file(tmp_path: Path) -> None:
    write(tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


def test_columns_are_described_with_their_units(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    write(path, [1])
    assert pq.read_schema(path).field("x").metadata == {
        b"description": b"a number",
        b"unit": b"posts",
    }


@pytest.mark.parametrize("positions", [[], [0], [4], [1, 2, 3], [0, 1, 2, 3, 4]])
def test_rows_are_dropped_by_their_position_in_the_whole_file(
    tmp_path: Path, positions: list[int]
) -> None:
    path = tmp_path / "x.parquet"
    write(path, [10, 11], [12], [13, 14])
    left = list(without_rows(path, np.array(positions, dtype=np.int64)))
    kept = [10 + row for row in range(5) if row not in positions]
    assert pl.concat(left)["x"].to_list() == kept


def test_row_groups_can_be_pruned(tmp_path: Path) -> None:
    """Large frames stay row groups of their own, and statistics say what is in them."""
    path = tmp_path / "x.parquet"
    size = 150_000
    write(path, *(list(range(start, start + size)) for start in (0, size, 2 * size)))
    groups = list(row_groups(path))
    assert len(groups) > 1
    assert pl.concat(group for _, group in groups)["x"].to_list() == list(range(3 * size))
    metadata = pq.read_metadata(path)
    for number, (start, group) in enumerate(groups):
        statistics = metadata.row_group(number).column(0).statistics
        assert (statistics.min, statistics.max) == (start, start + len(group) - 1)
