"""Claims about an archive's files: their size, lines, columns and blank cells."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from takedown.archives.members import Member, inflate, list_members, read_header
from takedown.archives.receipt import Entry
from takedown.claims.question import Data, NotComputableError
from takedown.clean.reader import read_blocks
from takedown.clean.records import text_rows


def entries(data: Data, role: str) -> list[Entry]:
    """The files of a role; raises :class:`NotComputableError` if none, or if they are reduced."""
    if data.blanked:
        raise NotComputableError(
            "the embedded archive is reduced, so its files differ from those released. Point the "
            "study at the original"
        )
    found = [entry for entry in data.files if entry.role == role]
    if not found:
        raise NotComputableError(f"there is no {role} file")
    return found


def members(data: Data, role: str) -> Iterator[Member]:
    """The CSV files in the files of a role."""
    for entry in entries(data, role):
        yield from list_members(Path(entry.path))


def columns(data: Data, role: str) -> int:
    """Number of columns in the CSV headers; files for years without posts have no header."""
    return max((len(read_header(member)) for member in members(data, role)), default=0)


def lines(data: Data, role: str) -> int:
    """Number of line ends in all CSVs."""
    return sum(chunk.count(b"\n") for member in members(data, role) for chunk in inflate(member))


def megabytes(data: Data, role: str) -> float:
    """Size of the zips, in MB (a million bytes)."""
    found = entries(data, role)
    if not all(zipfile.is_zipfile(entry.path) for entry in found):
        raise NotComputableError("the files are unpacked; what was downloaded was a zip")
    return sum(entry.bytes for entry in found) / 1e6


def filled(data: Data, role: str, column: str) -> tuple[int, int]:
    """Rows in which ``column`` is not blank, and all rows."""
    full = rows = 0
    for member in members(data, role):
        names = read_header(member)
        if names and column not in names:
            raise NotComputableError(f"the {role} file has no column {column}")
        for block in read_blocks(member, text_rows) if names else ():
            full += block.frame.select((pl.col(column) != "").sum()).item()
            rows += len(block.frame)
    return full, rows
