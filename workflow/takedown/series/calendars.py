"""News calendars and attention series supplied by users, checked cell by cell.

Every run reads them before it starts, so this module does not import a data frame library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from takedown.errors import InputError, did_you_mean
from takedown.io.user_csv import Table, check_names, number, read_rows
from takedown.redaction import described

#: The fields of an event; all are text.
EVENT = ["date", "end_date", "title", "topic", "anticipated", "source", "event_id"]
#: Ids that stand for several events together in the models' tables.
EVENT_IDS_TAKEN = ("pooled", "pooled_anticipated", "pooled_unexpected")
#: How a calendar may state whether a day was known in advance.
ANTICIPATED = {
    "": "",
    "yes": "yes",
    "no": "no",
    "true": "yes",
    "false": "no",
    "1": "yes",
    "0": "no",
}
#: With more events, a figure cannot tell them apart, and every day is close to one.
MOST_EVENTS = 500
#: The years that events may have; databases write 9999 for something that has no end.
YEARS = range(1900, 2100)


def events_in(paths: Iterable[str], topics: Sequence[str]) -> list[dict[str, str]]:
    """The events of calendars (columns date and title; optionally end_date, topic, source ...).

    Returns one dict per event, with the keys of :data:`EVENT`, sorted by date and title. If
    ``topics`` are given, only their events are returned. An empty list of ``paths`` gives no
    events. Raises :class:`InputError` with file, line and column when a day cannot be read, a title
    is empty or a column is missing, and when one of the ``topics`` has no event.
    """
    paths = list(paths)
    found: list[dict[str, str]] = []
    for path in paths:
        table = read_rows(path)
        check_events(table, path)
        for row in map(event, table.rows):
            if row not in found:  # an event listed in several calendars counts once
                found.append(row)
    for topic in topics if paths else ():
        known = {row["topic"] for row in found}
        if topic not in known:
            raise InputError(
                f"{', '.join(paths)}: no event of the topic '{topic}', which event_topics "
                f"names.{did_you_mean(topic, known)}"
            )
    chosen = [row for row in found if not topics or row["topic"] in topics]
    return sorted(chosen, key=lambda row: (row["date"], row["title"]))


def check_events(table: Table, path: str) -> None:
    """Raise :class:`InputError` on the first unusable column or cell of a calendar."""
    check_names(table, path, ["date", "title"], [*EVENT, "url", "source_title"])
    if len(table.rows) > MOST_EVENTS:
        raise InputError(
            f"{path}: {len(table.rows):,} events; a calendar has at most {MOST_EVENTS}, of which "
            "some day is near any post. Choose those that your question is about."
        )
    for name in ("date", "end_date"):
        for line, cell in table.cells(name) if name in table.columns else ():
            if name == "date" or cell:
                check_day(cell, f"{path}, line {line}, column {name}")
    for line, row in zip(table.lines, table.rows, strict=True):
        if row.get("end_date", "") and row["end_date"] < row["date"]:
            raise InputError(
                f"{path}, line {line}, column end_date: {described(row['end_date'])} is before the "
                f"event began, on {row['date']}."
            )
    for line, title in table.cells("title"):
        if not title:
            raise InputError(f"{path}, line {line}, column title: empty. Say what happened.")
    for line, word in table.cells("anticipated") if "anticipated" in table.columns else ():
        if word.lower() not in ANTICIPATED:
            raise InputError(
                f"{path}, line {line}, column anticipated: {described(word)} is neither yes nor "
                "no. Write yes where the day was known a week ahead, no where it was not, or "
                "leave it blank."
            )
    for line, name in table.cells("event_id") if "event_id" in table.columns else ():
        if name.lower() in EVENT_IDS_TAKEN:
            raise InputError(
                f"{path}, line {line}, column event_id: {described(name)} stands for several "
                "events together in the tables. Give the event another id, or none."
            )


def event(row: dict[str, str]) -> dict[str, str]:
    """A row with the keys of :data:`EVENT`; without a source column, it uses url or source_title.

    Titles that span several lines are joined into one.
    """
    found = {name: row.get(name, "") for name in EVENT}
    found["title"] = " ".join(found["title"].split())
    found["anticipated"] = ANTICIPATED[found["anticipated"].lower()]
    if "source" not in row:
        found["source"] = row.get("url") or row.get("source_title", "")
    return found


def check_day(cell: str, where: str) -> None:
    """Raise :class:`InputError` unless ``cell`` is a date in ``YEARS``, written as 2019-06-01."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            raise ValueError("another notation")
        day = date.fromisoformat(cell)
    except ValueError as error:
        raise InputError(
            f"{where}: {described(cell)} is no day. Write days as 2019-06-01; a spreadsheet "
            "does so when the column has the format YYYY-MM-DD."
        ) from error
    if day.year not in YEARS:
        raise InputError(
            f"{where}: {described(cell)} is not between {YEARS[0]} and {YEARS[-1]}. Write the "
            "year it was; leave a day that is not known yet blank."
        )


def attention_in(paths: Iterable[str]) -> list[tuple[str, str, float]]:
    """Daily news attention as (date, series, value).

    Each file has the columns date and value, and optionally series, which defaults to the file's
    name. Raises :class:`InputError` with file, line and column on a cell that cannot be read, and
    on a day that occurs twice in a series.
    """
    found: dict[tuple[str, str], float] = {}
    for path in paths:
        table = read_rows(path)
        check_names(table, path, ["date", "value"], ["date", "value", "series"])
        for line, row in zip(table.lines, table.rows, strict=True):
            check_day(row["date"], f"{path}, line {line}, column date")
            value = number(row["value"])
            if not math.isfinite(value):
                raise InputError(
                    f"{path}, line {line}, column value: {described(row['value'])} is no number."
                )
            key = row["date"], row.get("series", "") or Path(path).stem
            if key in found:
                raise InputError(
                    f"{path}, line {line}: {key[0]} stands twice in one series. Give "
                    "each day one value; a column `series` tells several series apart."
                )
            found[key] = value
    return [(*key, value) for key, value in found.items()]
