"""Repeated ids are found with each id read once, and rows by them."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from takedown.clean.duplicates import PARTS, Ids, duplicates
from takedown.io.sorted_numbers import among, sorted_once


def test_duplicates_are_found_across_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    ids = ["5", "7", "5", "9", "a hash", "7", "a hash", "5", "11"]
    text = ["x", "x", "x", "x", "x", "y", "x", "z", "x"]
    posts = pl.DataFrame({"tweetid": ids, "tweet_text": text})
    posts.write_parquet(path, row_group_size=2)
    assert pq.ParquetFile(path).num_row_groups == 5
    known = Ids(BytesIO())
    for start in range(0, len(posts), 4):
        known.add(posts.slice(start, 4))
    found = duplicates(path, known.repeated(), posts.columns)
    assert found.rows() == [
        (2, "same row again"),
        (5, "same tweetid, other content"),
        (6, "same row again"),
        (7, "same tweetid, other content"),
    ]


def test_no_duplicates_among_none_and_among_one(tmp_path: Path) -> None:
    for ids in ([], ["5"], ["5", "6"]):
        known = Ids(BytesIO())
        known.add(pl.DataFrame({"tweetid": ids}, schema={"tweetid": pl.String}))
        assert len(known.repeated()) == 0


class Counting(BytesIO):
    """A file that counts the bytes that are read from it."""

    read_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.read_bytes += len(data)
        return data


@given(st.lists(st.integers(0, 200), max_size=400))
def test_repeated_ids_are_found_and_every_id_is_read_once(ids: list[int]) -> None:
    file = Counting()
    known = Ids(file)
    for start in range(0, len(ids), 7):
        known.add(pl.DataFrame({"tweetid": [str(one) for one in ids[start : start + 7]]}))
    counts = Counter(ids)
    assert known.repeated().tolist() == sorted(one for one in counts if counts[one] > 1)
    assert file.read_bytes == 8 * len(ids)


def test_ids_as_twitter_makes_them_fall_into_parts_of_like_size() -> None:
    times = np.arange(61_000, dtype=np.uint64) * np.uint64(1000)
    known = Ids(BytesIO())
    known.add(pl.DataFrame({"tweetid": (times << np.uint64(22)).astype(str)}))
    sizes = [len(known.part(part)) for part in range(PARTS)]
    assert min(sizes) > 900 and max(sizes) < 1100


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_numbers_are_looked_up_among_those_sorted_once(some: list[int], others: list[int]) -> None:
    known = sorted_once(np.array(some, np.uint64))
    assert known.tolist() == sorted({*some})
    assert among(np.array(others, np.uint64), known).tolist() == [one in some for one in others]
