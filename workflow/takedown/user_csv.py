"""CSV files that users write themselves: calendars, counts, account tables, claims.

They are read before anything runs, so this module imports no library of tables.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from takedown.errors import InputError


@dataclass(frozen=True)
class Table:
    """The rows of a CSV as text by column, and the line that each row starts on."""

    columns: list[str]
    rows: list[dict[str, str]]
    lines: list[int]

    def cells(self, column: str) -> Iterator[tuple[int, str]]:
        """Line and cell of every row of a ``column``."""
        return ((line, row[column]) for line, row in zip(self.lines, self.rows, strict=True))


def read_rows(path: str) -> Table:
    """The rows of a CSV; blank lines are passed over.

    Raises :class:`InputError` when the file is empty, not UTF-8, or has a row of too many fields.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 text. In a spreadsheet, save it as CSV UTF-8."
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""))
    names = next(reader, [])
    if not names:
        raise InputError(f"{path}: empty, not even a header line.")
    table = Table(names, [], [])
    end = reader.line_num
    for row in reader:
        line, end = end + 1, reader.line_num
        if len(row) > len(names):
            raise InputError(
                f"{path}, line {line}: {len(row)} fields instead of {len(names)}. Put quotes "
                "around a cell that contains a comma."
            )
        if row:
            cells = row + [""] * (len(names) - len(row))
            table.rows.append(dict(zip(names, cells, strict=True)))
            table.lines.append(line)
    return table
