"""CSV files that users write themselves: calendars, counts, account tables."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from takedown.errors import InputError


def read_rows(path: str) -> tuple[pd.DataFrame, list[int]]:
    """The rows of a CSV as text, and the line that each starts on; blank lines are passed over.

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
    rows, lines = [], []
    end = reader.line_num
    for row in reader:
        line, end = end + 1, reader.line_num
        if len(row) > len(names):
            raise InputError(
                f"{path}, line {line}: {len(row)} fields instead of {len(names)}. Put quotes "
                "around a cell that contains a comma."
            )
        if row:
            rows.append(row + [""] * (len(names) - len(row)))
            lines.append(line)
    return pd.DataFrame(rows, columns=names, dtype=str), lines
