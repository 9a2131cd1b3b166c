"""The same posts in every shape that an archive comes in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from builders import COLUMNS_30, COLUMNS_31, campaign, clean, to_csv, write_archive, write_zip

pytestmark = pytest.mark.usefixtures("may_take_long")

POSTS = campaign(days=12)
HALF, THIRD = len(POSTS) // 2, len(POSTS) // 3


def raw(path: Path) -> Path:
    path.write_bytes(to_csv(POSTS))
    return path


def in_order(folder: Path, columns: list[str]) -> Path:
    return write_archive(folder / "order.zip", POSTS, columns)


def members(folder: Path) -> Path:
    pieces = {"p1.csv": to_csv(POSTS[:THIRD]), "sub/p2.csv": to_csv(POSTS[THIRD:])}
    debris = {"readme.txt": b"hello", "__MACOSX/sub/._p2.csv": b"\x00\x05"}
    return write_zip(folder / "members.zip", debris | pieces)


def letters(folder: Path) -> Path:
    (folder / "ein Ordner/ข้อมูล").mkdir(parents=True)
    return write_archive(folder / "ein Ordner/ข้อมูล/ä b.zip", POSTS)


def several(folder: Path) -> list[Path]:
    return [
        write_archive(folder / "h1.zip", POSTS[:HALF]),
        write_archive(folder / "h2.zip", POSTS[HALF:]),
    ]


SHAPES: dict[str, Callable[[Path], Path | list[Path]]] = {
    "30 columns": lambda folder: write_archive(folder / "a.zip", POSTS, COLUMNS_30),
    "31 columns": lambda folder: write_archive(folder / "a.zip", POSTS, COLUMNS_31),
    "columns in any order": lambda folder: in_order(folder, COLUMNS_31[::-1]),
    "Windows newlines": lambda folder: write_archive(folder / "a.zip", POSTS, newline="\r\n"),
    "no zip": lambda folder: raw(folder / "raw.csv"),
    "several files": several,
    "several members": members,
    "letters of every script": letters,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_an_archive_gives_the_same_posts(tmp_path: Path, shape: str) -> None:
    found = clean(tmp_path, SHAPES[shape](tmp_path))
    assert found.posts["tweetid"].to_list() == [row["tweetid"] for row in POSTS]
    assert found.posts["tweet_text"].to_list() == [row["tweet_text"] for row in POSTS]
    (tmp_path / "plain").mkdir()
    plain = clean(tmp_path / "plain", SHAPES["30 columns"](tmp_path / "plain")).posts
    blank = pl.lit(None, dtype=pl.String).alias("poll_choices")
    assert found.posts.with_columns(blank).equals(plain.with_columns(blank))
    assert found.outcomes == {("kept", ""): len(POSTS)}
