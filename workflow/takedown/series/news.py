"""News events and daily news attention, read from calendars and put beside a campaign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from takedown.errors import InputError, did_you_mean
from takedown.user_csv import read_rows

EVENT_COLUMNS = ("date", "title")


def read_events(paths: Iterable[str], topics: Sequence[str]) -> pd.DataFrame:
    """News events from calendars (columns date, title; if known end_date, topic, source ...).

    Raises :class:`InputError` with file, line and column when a day cannot be read or a column is
    missing. An empty list of ``paths`` gives no events.
    """
    paths = list(paths)
    frames = []
    for path in paths:
        frame, lines = read_rows(path)
        for name in EVENT_COLUMNS:
            if name not in frame:
                header = ", ".join(frame.columns)
                if ";" in header:
                    raise InputError(
                        f"{path}: its cells are divided by semicolons ({header}). Save it again "
                        "with commas; a spreadsheet asks for the separator when it saves a CSV."
                    )
                raise InputError(
                    f"{path}: no column '{name}' among {header}. An event calendar has the columns "
                    "date, title and, if known, end_date, topic, source, anticipated, named in "
                    "lower case; cells are divided by commas."
                )
        for name in ("date", "end_date"):
            for line, cell in zip(lines, frame.get(name, [""] * len(lines)), strict=True):
                if name == "date" or cell:
                    check_day(cell, f"{path}, line {line}, column {name}")
        for line, title in zip(lines, frame["title"], strict=True):
            if not title.strip():
                raise InputError(f"{path}, line {line}, column title: empty. Say what happened.")
        frames.append(frame)
    columns = ["date", "end_date", "title", "topic", "anticipated", "source", "event_id"]
    if not frames:
        return pd.DataFrame(columns=columns, dtype=str)
    events = pd.concat(frames, ignore_index=True).fillna("")
    if "source" not in events and "url" in events:
        title = events.get("source_title", "")
        events["source"] = events["url"].where(events["url"] != "", title)
    events = events.reindex(columns=columns, fill_value="")
    if topics:
        for topic in topics:
            if topic not in set(events["topic"]):
                raise InputError(
                    f"{', '.join(paths)}: no event of the topic '{topic}', which event_topics "
                    f"names.{did_you_mean(topic, events['topic'])}"
                )
        events = events[events.topic.isin(topics)]
    return events.sort_values(["date", "title"], kind="stable").reset_index(drop=True)


def check_day(cell: str, where: str) -> None:
    """Raise :class:`InputError` unless ``cell`` is a day written as 2019-06-01."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            raise ValueError("another notation")
        date.fromisoformat(cell)
    except ValueError as error:
        raise InputError(
            f"{where}: '{cell}' is no day. Write days as 2019-06-01; a spreadsheet "
            "does so when the column has the format YYYY-MM-DD."
        ) from error


def place_events(
    events: pd.DataFrame, study: pd.DatetimeIndex, modelled: pd.DatetimeIndex
) -> pd.DataFrame:
    """``series/events.csv``: the events named, marked by where they fall, and numbered.

    Only events inside the study window get a number, which stands for them in figures.
    """
    days = pd.to_datetime(events["date"])
    place = pd.Series("outside the study window", index=events.index)
    place[days.between(study[0], study[-1])] = "outside the model window"
    place[days.between(modelled[0], modelled[-1])] = "modelled"
    inside = place != "outside the study window"
    given = "E" + pd.Series(range(1, len(events) + 1), index=events.index).astype(str).str.zfill(2)
    names = events["event_id"].where(events["event_id"] != "", given).astype(str)
    again = names.groupby(names).cumcount()
    names = names.where(again == 0, names + "_" + (again + 1).astype(str))
    return pd.DataFrame(
        {
            "number": inside.cumsum().where(inside).astype("Int64"),
            "event": names,
            **{
                name: events[name].where(events[name] != "", None)
                for name in ("date", "end_date", "title", "topic", "anticipated", "source")
            },
            "place": place,
        }
    )


def read_attention(paths: Iterable[str]) -> pd.DataFrame:
    """Daily news attention as columns date, series, value.

    Each file has the columns date, value and, if known, series; otherwise the file's name serves.
    Raises :class:`InputError` with file, line and column on a cell that cannot be read.
    """
    frames = [pd.DataFrame({"date": [], "series": [], "value": []}, dtype=object)]
    for path in paths:
        frame, lines = read_rows(path)
        for name in ("date", "value"):
            if name not in frame:
                raise InputError(f"{path}: no column '{name}'. Needed are date and value.")
        value = pd.to_numeric(frame["value"], errors="coerce")
        for line, cell in zip(lines, frame["date"], strict=True):
            check_day(cell, f"{path}, line {line}, column date")
        if not np.isfinite(value).all():
            row = int(np.isfinite(value).to_numpy().argmin())
            raise InputError(
                f"{path}, line {lines[row]}, column value: '{frame['value'][row]}' is no number."
            )
        series = frame["series"] if "series" in frame else Path(path).stem
        frames.append(frame.assign(value=value, series=series)[["date", "series", "value"]])
    return pd.concat(frames, ignore_index=True)


def attention_within(table: pd.DataFrame, study: pd.DatetimeIndex) -> pd.DataFrame:
    """``series/attention.csv``: the attention within the study window."""
    first, last = study[0].date().isoformat(), study[-1].date().isoformat()
    return table[table["date"].between(first, last)].sort_values(["series", "date"], kind="stable")
