"""Files: written whole or not at all; YAML, read."""

from __future__ import annotations

import csv
import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import yaml

#: A disk with so few free bytes is full.
FULL = 1_000_000
#: The parser in C, ten times as fast, where PyYAML was built with it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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


def read_yaml(path: Path | str) -> Any:
    """What the YAML file at ``path`` holds; raises :class:`yaml.YAMLError` where it is none."""
    return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=LOADER)


def write_records(path: Path, kind: Any, records: Iterable[Any]) -> None:
    """Write instances of the dataclass ``kind`` as a CSV with one column per field."""
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as handle:
        columns = [field.name for field in fields(kind)]
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, records))
