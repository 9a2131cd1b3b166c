"""Shared by all rendered pages: their first line, and Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: The first line of a rendered page.
MADE = "<!-- Rendered by `make docs`; edit the source named below, not this page. -->"


def rows(header: str, cells: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a Markdown table; ``header`` holds the column names, separated by ``|``."""
    columns = header.split("|")
    lines = [f"| {' | '.join(column.strip() for column in columns)} |", "|" + "---|" * len(columns)]
    return lines + [f"| {' | '.join(map(str, row))} |" for row in cells]
