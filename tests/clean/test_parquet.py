"""A Parquet file is there whole or not at all."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from takedown.parquet import drop_rows, parquet_file

ABOUT = {"x": "a number"}


def write(path: Path, *frames: list[int]) -> None:
    with parquet_file(path, ABOUT) as append:
        for cells in frames:
            append(pl.DataFrame({"x": cells}))


def test_a_failure_leaves_the_earlier_file_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    write(path, [1], [2, 3])
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt), parquet_file(path, ABOUT) as append:
        append(pl.DataFrame({"x": [9]}))
        raise KeyboardInterrupt
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["x.parquet"]


def test_a_failure_before_the_first_frame_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), parquet_file(tmp_path / "x.parquet", ABOUT):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("positions", [[], [0], [4], [1, 2, 3], [0, 1, 2, 3, 4]])
def test_rows_are_dropped_by_their_position_in_the_whole_file(
    tmp_path: Path, positions: list[int]
) -> None:
    path = tmp_path / "x.parquet"
    write(path, [10, 11], [12], [13, 14])
    drop_rows(path, ABOUT, np.array(positions, dtype=np.int64))
    kept = [10 + row for row in range(5) if row not in positions]
    assert pl.read_parquet(path)["x"].to_list() == kept
