"""Files: written whole or not at all; told apart by their bytes; YAML, read."""

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

#: A disk with so few free bytes is full.
FULL = 1_000_000
#: The parser in C, ten times as fast, where PyYAML was built with it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The sha256 of large files, each with the state in which the file had it.
HASHES = Path(".cache/sha256")
#: From so many bytes on a file is hashed once, and not again while its state is the same.
LARGE = 1_000_000
#: A file's state tells nothing of a change within so many nanoseconds of being hashed.
INSTANT = 100_000_000


@contextmanager
def whole(path: Path | str) -> Iterator[Path]:
    """A name beside ``path`` to write to; what is written gets its final name when complete.

    Raises :class:`OSError` (ENOSPC) where writing failed and the disk is full, whatever the library
    that wrote called it.
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
    """Raises :class:`InputError` for the first of ``folders`` that cannot be, or be written to."""
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
    """What the YAML file at ``path`` holds; raises :class:`yaml.YAMLError` where it is none."""
    return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=LOADER)


@cache
def read_own(path: Path) -> Any:
    """What a YAML file of the workflow itself holds, which nobody changes while it runs."""
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
    """Size, time of change, time of its entry's change, and inode; None where there is nothing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def digest(path: Path) -> str | None:
    """The sha256 of a file; of a large one read only if its state has changed. None: no file."""
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
