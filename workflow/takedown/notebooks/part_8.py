"""Exercises of notebook 8: your own archive. All of it is simulated."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from takedown.notebooks.assessment import (
    ACCOUNTS,
    Task,
    analysed,
    asked_for,
    counted,
    effects_of,
    rows_by_outcome,
    write_task,
)
from takedown.notebooks.exercise import Answer, Part, right, wrong
from takedown.series.modelled import estimation_window

PART = Part()
TASK = Task.of(student="8", secret="notebook 8")


@cache
def worked_through() -> tuple[pd.Series, pd.Series, pd.Series, pd.Series]:
    """Rows by outcome, posts per local day, posts per UTC day, and the pooled effect."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_task(TASK, folder)
        accounting, kept = analysed(folder, TASK.name, TASK.timezone)
        series = counted(kept)
        effects = effects_of(series, folder / "events.csv")
    utc = kept["tweet_time"].dt.date().value_counts().sort("tweet_time")
    by_utc_day = pd.Series(utc["count"].to_list(), index=utc["tweet_time"].to_list())
    return rows_by_outcome(accounting), series["all"], by_utc_day, asked_for(effects)


@PART.exercise("8.1", "The message suggests one.", "It names a time zone.")
def the_misspelt_key() -> Iterator[Answer]:
    yield right("timezone", "Without the check, days would silently have been UTC days.")
    yield wrong("timezon", "That is the misspelt key itself.")
    yield wrong(TASK.timezone, "That is the value. The key before it is misspelt.")


@PART.exercise("8.2", "The rows whose outcome is `quarantined`: add them up.")
def rows_set_aside() -> Iterator[Answer]:
    rows, *_ = worked_through()
    yield right(int(rows["quarantined"]), "Each with its line and its reason.")
    yield wrong(int(rows["duplicate"]), "These are the duplicates, which could be read.")
    yield wrong(
        int(rows["quarantined"] + rows["duplicate"]),
        "These are all that were not kept; duplicates could be read.",
    )
    yield wrong(int(rows["kept"]), "These are the rows that were kept.")


@PART.exercise("8.3", "Kept, quarantined and duplicate rows of the file of posts together.")
def rows_in_all() -> Iterator[Answer]:
    rows, *_ = worked_through()
    yield right(int(rows.sum()), "Rows in = kept + set aside + duplicates. It has to add up.")
    yield wrong(int(rows["kept"]), "These are the kept ones.")
    yield wrong(int(rows["kept"] + rows["duplicate"]), "The unreadable ones are rows as well.")
    yield wrong(
        int(rows.sum()) + ACCOUNTS,
        "That includes the accounts in the other file: take the posts only.",
    )


@PART.exercise("8.4", 'The largest value of `series["all"]`.', '`series["all"].idxmax()`')
def the_busiest_day() -> Iterator[Answer]:
    _, local, utc, _ = worked_through()
    busiest = local.idxmax().date()
    yield right(busiest, "In the campaign's time zone, as declared in the study file.")
    yield wrong(local.index[0].date(), "That is the first day.")
    yield wrong(local.idxmin().date(), "That is the quietest day.")
    if utc.idxmax() != busiest:
        yield wrong(utc.idxmax(), "That is the busiest day in UTC.")


@PART.exercise(
    "8.5", "Those whose `place` is `modelled`.", '`(placed["place"] == "modelled").sum()`'
)
def events_in_the_model() -> Iterator[Answer]:
    _, local, _, _ = worked_through()
    days = estimation_window(local, None)
    dates = pd.DatetimeIndex(TASK.events)
    inside = int(((dates >= days[0]) & (dates <= days[-1])).sum())
    yield right(inside, "The other one is listed, with the reason: nothing is silently dropped.")
    yield wrong(len(dates), "These are all events. Look at the column `place`.")
    yield wrong(len(days), "That is the number of days.")


@PART.exercise("8.6", "Is the planted ratio between `lower` and `upper`?")
def does_it_hold_the_truth() -> Iterator[Answer]:
    pooled = worked_through()[3]
    held = bool(pooled["lower"] <= TASK.ratio <= pooled["upper"])
    yield right(
        "yes" if held else "no",
        "It should in 95 of 100 such archives. One archive proves nothing about a method.",
    )
    yield wrong("no" if held else "yes", "Compare it with `lower` and `upper` of the row days_0_6.")
    yield wrong("maybe", "Read it off: is the ratio between the two ends of the interval?")


@PART.exercise("8.7", "Whom would a reader find by searching for the hashtag?")
def what_to_publish() -> Iterator[Answer]:
    yield right("c", "The total stays complete, and nobody can be identified from it.")
    yield wrong("a", "Anyone who searches for the hashtag finds the two accounts.")
    yield wrong("b", "The hashtag leads to the accounts, with or without their number.")
