"""What became of every row: rows in = rows kept + rows quarantined + duplicates, per file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import pandas as pd
import polars as pl

from takedown.clean.records import BadRecord, Rows

MENDED = "bytes that are not UTF-8 replaced"


@dataclass
class Tally:
    """The number of rows in one file, by outcome and reason."""

    kept: Counter[str] = field(default_factory=lambda: Counter({"": 0}))
    quarantined: Counter[str] = field(default_factory=Counter)
    duplicate: Counter[str] = field(default_factory=Counter)


class Accounting:
    """Running row counts for all ``files``; rejected rows are written to ``quarantine``.

    The quarantine is a CSV with the columns file, line, reason and raw (the record's own bytes).
    """

    def __init__(self, files: Iterable[str], quarantine: BinaryIO) -> None:
        self.tallies = {file: Tally() for file in files}
        self.quarantine = quarantine
        self.quarantine.write(b"file,line,reason,raw\n")
        self.runs: list[tuple[int, str]] = []  # start position of each run of posts, and its file
        self.posts = 0
        self.mended: set[int] = set()  # positions of posts

    def set_aside(self, file: str, bad: Iterable[BadRecord]) -> None:
        """Count the unusable records of ``file`` and write them to the quarantine."""
        for record in bad:
            self.tallies[file].quarantined[record.reason] += 1
            cells = [file.encode(), b"%d" % record.line, record.reason.encode(), record.raw]
            quoted = (b'"' + cell.replace(b'"', b'""') + b'"' for cell in cells)
            self.quarantine.write(b",".join(quoted) + b"\n")

    def keep(self, file: str, rows: Rows) -> None:
        """Count the posts of a block as kept; :meth:`drop` corrects this for duplicates."""
        self.runs.append((self.posts, file))
        self.mended.update(self.posts + row for row in rows.mended)
        self.tallies[file].kept[MENDED] += len(rows.mended)
        self.tallies[file].kept[""] += len(rows.frame) - len(rows.mended)
        self.posts += len(rows.frame)

    def drop(self, duplicates: pl.DataFrame) -> None:
        """Recount posts (position, reason) as duplicates instead of kept."""
        starts = [start for start, _ in self.runs]
        runs = np.searchsorted(starts, duplicates["position"], side="right") - 1
        for (position, reason), run in zip(duplicates.iter_rows(), runs, strict=True):
            _, file = self.runs[run]
            self.tallies[file].kept[MENDED if position in self.mended else ""] -= 1
            self.tallies[file].duplicate[reason] += 1

    def reasons(self) -> str:
        """The main reasons for rejecting rows: ``" (12 rows: userid missing)"``, or empty."""
        total = sum((tally.quarantined for tally in self.tallies.values()), Counter[str]())
        named = ", ".join(f"{count} rows: {reason}" for reason, count in total.most_common(3))
        return f" ({named})" if named else ""

    def table(self) -> pd.DataFrame:
        """The table ``clean/accounting.csv``."""
        rows = [
            (file, outcome, reason, count)
            for file, tally in self.tallies.items()
            for outcome, reasons in vars(tally).items()
            for reason, count in sorted(reasons.items())
            if count or not reason
        ]
        return pd.DataFrame(rows, columns=["file", "outcome", "reason", "rows"])
