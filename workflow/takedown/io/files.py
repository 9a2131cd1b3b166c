"""Write files atomically, identify them by their sha256, and read YAML."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from takedown.errors import InputError

#: A disk with fewer free bytes than this counts as full.
FULL = 1_000_000
#: The parser in C, ten times as fast, where PyYAML was built with it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Folder that caches the sha256 of large files, each with the file's state at the time.
HASHES = Path(".cache/sha256")
#: Size in bytes from which a file is hashed again only when its state has changed.
LARGE = 1_000_000
#: A cached hash is trusted only if the file last changed over this many nanoseconds before hashing.
INSTANT = 100_000_000


@contextmanager
def whole(path: Path | str) -> Iterator[Path]:
    """A temporary path beside ``path`` to write to, renamed to ``path`` once writing succeeds.

    Raises :class:`OSError` (ENOSPC) if writing fails and the disk is full, whatever error the
    writing library raised.
    """
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    except Exception as problem:
        if part.exists() and shutil.disk_usage(part.parent).free < FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from problem
        raise
    finally:
        part.unlink(missing_ok=True)


def check_writable(folders: Iterable[Path]) -> None:
    """Raise :class:`InputError` for the first of ``folders`` that cannot be made or written to."""
    for folder in folders:
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if not there.is_dir():
            raise InputError(f"{there} is a file, and should be a folder. Move it away.")
        if not os.access(there, os.W_OK | os.X_OK):
            raise InputError(
                f"{there.absolute()} cannot be written to. Make the folder yours, or work in a "
                "copy of the project."
            )


def read_yaml(path: Path | str) -> Any:
    """The content of the YAML file at ``path``; raises :class:`yaml.YAMLError` if it is invalid."""
    return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=LOADER)


@cache
def read_own(path: Path) -> Any:
    """The content of one of the workflow's own YAML files, cached: none changes during a run."""
    return read_yaml(path)


def write_records(path: Path, kind: Any, records: Iterable[Any]) -> None:
    """Write instances of the dataclass ``kind`` as a CSV with one column per field."""
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as handle:
        columns = [field.name for field in fields(kind)]
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, records))


def file_sha256(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def state(path: Path) -> list[int] | None:
    """Size, mtime and ctime (nanoseconds) and inode of a file; None if it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def digest(path: Path) -> str | None:
    """The sha256 of a file, cached for large files until their state changes; None if no file."""
    seen = state(path)
    if seen is None or not path.is_file():
        return None
    if seen[0] < LARGE:
        return file_sha256(path)
    note = HASHES / f"{hashlib.sha256(str(path.absolute()).encode()).hexdigest()}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(note.read_text(encoding="utf-8"))
        if known["state"] == seen and known["noted"] - max(seen[1:3]) > INSTANT:
            return str(known["sha256"])
    noted, found = time.time_ns(), file_sha256(path)
    if state(path) == seen:
        note.parent.mkdir(parents=True, exist_ok=True)
        with whole(note) as part:
            part.write_text(json.dumps({"state": seen, "noted": noted, "sha256": found}), "utf-8")
    return found
