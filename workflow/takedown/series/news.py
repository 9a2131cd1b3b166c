"""News events and daily news attention, matched to a campaign's study window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from takedown.series.calendars import EVENT, attention_in, events_in


def read_events(paths: Iterable[str], topics: Sequence[str]) -> pd.DataFrame:
    """News events from calendars, sorted by day and title; see :func:`events_in`."""
    return pd.DataFrame(events_in(paths, topics), columns=EVENT, dtype=str)


def place_events(
    events: pd.DataFrame, study: pd.DatetimeIndex, modelled: pd.DatetimeIndex
) -> pd.DataFrame:
    """``series/events.csv``: the events with ids, numbers, and the window that they fall in.

    Only events inside the study window get a number, which identifies them in figures.
    """
    days = pd.to_datetime(events["date"])
    place = pd.Series("outside the study window", index=events.index)
    place[days.between(study[0], study[-1])] = "outside the estimation window"
    place[days.between(modelled[0], modelled[-1])] = "modelled"
    inside = place != "outside the study window"
    given = "E" + pd.Series(range(1, len(events) + 1), index=events.index).astype(str).str.zfill(2)
    names = unlike(events["event_id"].where(events["event_id"] != "", given).astype(str))
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


def unlike(names: pd.Series) -> pd.Series:
    """``names`` made unique by adding a number to each repeated one."""
    taken: set[str] = set()
    found = []
    for name in names:
        number, own = 2, name
        while own in taken:
            own, number = f"{name}_{number}", number + 1
        taken.add(own)
        found.append(own)
    return pd.Series(found, index=names.index, dtype="str")


def read_attention(paths: Iterable[str]) -> pd.DataFrame:
    """Daily news attention as columns date, series, value; see :func:`attention_in`."""
    return pd.DataFrame(attention_in(paths), columns=["date", "series", "value"])


def attention_within(table: pd.DataFrame, study: pd.DatetimeIndex) -> pd.DataFrame:
    """``series/attention.csv``: the attention within the study window."""
    first, last = study[0].date().isoformat(), study[-1].date().isoformat()
    return table[table["date"].between(first, last)].sort_values(["series", "date"], kind="stable")
