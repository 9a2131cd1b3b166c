"""The receipt that fetch writes and clean reads: a campaign's source files and their sha256."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from takedown.errors import InputError
from takedown.io.files import digest, write_records

#: The file name of a campaign's receipt.
RECEIPT = "receipt.csv"


@dataclass(frozen=True)
class Entry:
    """One file: ``role`` is tweets or users; ``address`` is its source, blank if local."""

    role: str
    path: str
    bytes: int
    sha256: str
    address: str = ""

    @classmethod
    def of(cls, role: str, path: Path, address: str = "", sha256: str = "") -> Entry:
        """The entry for a file in its present state; its sha256 is computed unless given."""
        found = sha256 or digest(path) or ""
        return cls(role, path.as_posix(), path.stat().st_size, found, address)


def write_receipt(receipt: Path, entries: Iterable[Entry]) -> None:
    """Write ``receipt.csv`` (role, path, bytes, sha256, address)."""
    write_records(receipt, Entry, entries)


def read_receipt(receipt: Path) -> list[Entry]:
    """The entries of a receipt, after verifying that each file is still the one fetched.

    Raises :class:`InputError` if a file is missing or its content has changed.
    """
    entries = entries_of(receipt)
    for entry in entries:
        path = Path(entry.path)
        if digest(path) != entry.sha256:
            what = "has changed since it was fetched" if path.is_file() else "is no longer there"
            raise InputError(
                f"{path}: {what}. Put it back, or remove {receipt} and run again: it is then "
                "fetched and proved anew."
            )
    return entries


def entries_of(receipt: Path) -> list[Entry]:
    """The entries of a receipt as written, without verifying the files."""
    with receipt.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return [replace(Entry(**row), bytes=int(row["bytes"])) for row in rows]  # type: ignore[arg-type]


def minutes_to_clean(receipt: Path, attempt: int) -> int:
    """Minutes to request from a cluster to clean these files: 20, plus one per 100 MB.

    This is the measured time (docs/reference/growth.md) with a safety margin, multiplied by the
    number of the attempt.
    """
    size = sum(entry.bytes for entry in entries_of(receipt))
    return attempt * (20 + math.ceil(size / 1e8))


def is_reduced(entries: Iterable[Entry], path: Path) -> bool:
    """Whether a campaign rests on a reduced archive, by the list ``embedded/reduced.csv``."""
    reduced = read_reduced(path)
    return any(entry.sha256 in reduced for entry in entries)


def read_reduced(path: Path) -> set[str]:
    """The sha256 of the embedded archives that are reduced, from ``embedded/reduced.csv``."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["reduced_sha256"] for row in csv.DictReader(handle)}
