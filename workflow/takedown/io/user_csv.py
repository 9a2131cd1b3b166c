"""CSV files that users write themselves: calendars, counts, account tables, claims.

They are read before anything runs, so this module avoids slow imports such as pandas and polars.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from takedown.errors import InputError, did_you_mean

#: What separates the cells of a file that is called CSV but is not comma-separated.
SEPARATORS = ";\t|"

csv.field_size_limit(2**31 - 1)  # a long cell is not to be taken for an unclosed quote


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
    """The rows of a CSV; blank rows and blank nameless columns are skipped.

    Spaces around a cell are removed. Raises :class:`InputError` if the file is empty, is not UTF-8
    or names a column twice, or if a row has too many fields or an unclosed quote.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 text. In a spreadsheet, save it as CSV UTF-8."
        ) from error
    records = records_in(text, path)
    names = next((row for _, row in records if any(row)), [])
    while names and not names[-1]:  # spreadsheets leave these behind for columns once used
        names.pop()
    if not names:
        raise InputError(f"{path}: empty, not even a header line.")
    others = [mark for mark in SEPARATORS if len(names) == 1 and names[0].count(mark)]
    if others:
        raise InputError(
            f"{path}: its cells are divided by {others[0]!r}, not by commas. Save it as CSV with "
            "commas; in a spreadsheet, choose the separator when you save."
        )
    if names[0].lower().startswith("sep="):
        raise InputError(f"{path}: remove the first line, {names[0]}; only Excel reads it.")
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"{path}: the column '{name}' stands twice in the header. Keep the right one."
                if name
                else f"{path}: two columns of the header have no name. Name or remove them."
            )
    table = Table(names, [], [])
    for line, row in records:
        while len(row) > len(names) and not row[-1]:
            row.pop()
        for cell in row:
            if cell.startswith(("“", "„", "«")) and not cell.endswith(("”", "“", "»")):
                raise InputError(
                    f"{path}, line {line}: a cell begins with {cell[0]}, a quotation mark that CSV "
                    'does not know, so that a comma within it divides the cell. Write ".'
                )
        if len(row) > len(names):
            raise InputError(
                f"{path}, line {line}: {len(row)} fields instead of {len(names)}. Put quotes "
                "around a cell that contains a comma."
            )
        if any(row):
            cells = row + [""] * (len(names) - len(row))
            table.rows.append(dict(zip(names, cells, strict=True)))
            table.lines.append(line)
    return table


def records_in(text: str, path: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record starts, and its cells without the spaces around them.

    Raises :class:`InputError` on an unclosed quote, or one followed by more text in its cell.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    end = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputError(
                f"{path}, line {end + 1}: a quotation mark in the record that starts here does not "
                "close, or stands in the middle of a cell. Double one that belongs to the text."
            ) from error
        if row is None:
            return
        yield end + 1, [cell.strip() for cell in row]
        end = reader.line_num


def check_names(table: Table, path: str, needed: list[str], known: list[str]) -> None:
    """Raise :class:`InputError` unless ``table`` has the ``needed`` columns, correctly spelt.

    Also raises it for a near miss of one of the ``known`` columns, such as ``End_Date``, which
    would otherwise be silently ignored.
    """
    for name in needed:
        if name not in table.columns:
            raise InputError(
                f"{path}: no column '{name}' among its {len(table.columns)}."
                f"{did_you_mean(name, table.columns)} Needed are {', '.join(needed)}, in the "
                "first line, in small letters."
            )
    for name in table.columns:
        plain = re.sub(r"[\W_]+", "_", name.lower()).strip("_")
        near = difflib.get_close_matches(plain, known, n=1, cutoff=0.85)
        if name not in known and near and near[0] not in table.columns:
            raise InputError(
                f"{path}: the column '{name}' would not be read. Write {near[0]} if that is meant; "
                "else call it otherwise."
            )


def number(cell: str) -> float:
    """The number in a cell; NaN if there is none."""
    try:
        return math.nan if "_" in cell else float(cell)
    except ValueError:
        return math.nan
