"""Files that get their final name only when they are complete."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any


@contextmanager
def whole(path: Path | str) -> Iterator[Path]:
    """A name beside ``path`` to write to; what is written gets its final name when complete."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_records(path: Path, kind: Any, records: Iterable[Any]) -> None:
    """Write instances of the dataclass ``kind`` as a CSV with one column per field."""
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as handle:
        columns = [field.name for field in fields(kind)]
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, records))
