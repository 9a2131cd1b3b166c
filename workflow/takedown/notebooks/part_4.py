"""Exercises of notebook 4: interrupted series and change points."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import ruptures

from takedown.models.change_points import LEAST_SEGMENT, adjusted, long_run_variance
from takedown.notebooks.data import table
from takedown.notebooks.exercise import Answer, Part, right, wrong
from takedown.notebooks.sentence import Sentence
from takedown.series.modelled import days_of, wide

PART = Part()
KORAT = "E08"


def terms(event: str) -> pd.DataFrame:
    """Rows of ``models/interrupted.csv`` for one event and all posts, by method and term."""
    rows = table("thailand_092020/models/interrupted.csv")
    own = rows[(rows["series"] == "all") & (rows["event"] == event)]
    return own.set_index(["method", "term"]).sort_index()


def changes(factor: float) -> int:
    """Number of change points found with the penalty ``factor``."""
    posts = wide(table("thailand_092020/series/daily.csv"))["all"]
    signal = adjusted(posts[days_of(table("thailand_092020/series/estimation_window.csv"))])
    penalty = factor * long_run_variance(signal) * np.log(len(signal))
    search = ruptures.KernelCPD(kernel="linear", min_size=LEAST_SEGMENT).fit(signal.reshape(-1, 1))
    return len(search.predict(pen=penalty)[:-1])


@PART.exercise(
    "4.1",
    "The method whose column `calibrated` says yes, and the term `level`.",
    "It is the `estimate` of `log1p_dates`, `level`.",
)
def change_of_level() -> Iterator[Answer]:
    own = terms(KORAT)["estimate"]
    yield right(
        float(own["log1p_dates", "level"]),
        "More than fivefold in the model; its interval runs from 1.2 to 29. Section 4.3 asks what "
        "that is worth once you correct for several tests.",
    )
    yield wrong(
        float(own["negbin_hac", "level"]),
        "That is from the usual regression: a similar estimate, but an interval not to be trusted.",
    )
    yield wrong(float(own["log1p_dates", "slope"]), "That is the slope: a factor for every day.")
    yield wrong(
        float(np.log(own["log1p_dates", "level"])),
        "That is its logarithm; give the factor.",
    )


@PART.exercise(
    "4.2",
    "A daily factor applied seven times: raise it to the power of 7.",
    "level * slope ** 7",
)
def what_is_left_after_a_week() -> Iterator[Answer]:
    own = terms(KORAT)["estimate"]
    level, slope = float(own["log1p_dates", "level"]), float(own["log1p_dates", "slope"])
    yield right(
        level * slope**7,
        "From 5.7 times the old trend to 1.9 times: four fifths of the excess are gone, if the "
        "estimated slope is right. Its p-value is 0.125, so even that is not certain.",
    )
    yield wrong(slope**7, "That is the slope's part; now multiply it by the level.")
    yield wrong(
        level * slope * 7, "Seven days multiply seven times: take the slope to the power of 7."
    )
    yield wrong(level, "That is the jump on the first day.")
    yield wrong(level * slope, "That is after one day.")


@PART.exercise("4.3", "The test is about the residuals, not about the event.")
def what_ljung_box_says() -> Iterator[Answer]:
    yield right(
        "b",
        "The Newey-West interval allows for some of that, but not enough: calibration found 37 % "
        "false positives for this level change. The comparison with other dates keeps its promise.",
    )
    yield wrong("a", "The test says nothing about the level, but warns about its interval.")
    yield wrong("c", "Days resemble their neighbours with or without an event.")


@PART.exercise(
    "4.4",
    "How many events are in the table of the cell above?",
    "The p-value times the number of rows.",
)
def corrected_for_several_events() -> Iterator[Answer]:
    rows = table("thailand_092020/models/interrupted.csv")
    levels = rows[
        (rows["series"] == "all") & (rows["method"] == "log1p_dates") & (rows["term"] == "level")
    ].set_index("event")["p_value"]
    own, tests = float(levels[KORAT]), len(levels)
    yield right(
        own * tests,
        "At most about one search in six would turn up such a date by chance. Interesting, but not "
        "established.",
    )
    yield wrong(own, "That is the p-value before the correction.")
    yield wrong(own / tests, "The other way round: more tests mean weaker evidence, not stronger.")
    yield right(
        1 - (1 - own) ** tests,
        "That is the Sidak correction, which is just as good; Bonferroni gives a little more.",
    )
    yield wrong(
        own * 12,
        "Twelve events are in the calendar; not all had enough days on both sides to be tested.",
    )


@PART.exercise("4.5", "Call `changes(1)`.", "`len(changes(1))`")
def changes_at_a_low_price() -> Iterator[Answer]:
    found = changes(1)
    yield right(
        found,
        "A lower price, more changes. Notebook 6 shows how to find out how often a method sees "
        "what is not there.",
    )
    yield wrong(changes(3), "That is the number at the factor 3.")
    yield wrong(found + 1, "That is the number of levels; there is one change fewer.")
    yield wrong(changes(10), "That is what a high price leaves. The factor goes down to 1.")


@PART.exercise(
    "4.6", "The row with `within_days` 3, the column `expected`.", "Read it off the table."
)
def matches_by_luck() -> Iterator[Answer]:
    rows = table("thailand_092020/models/change_point_matches.csv")
    own = rows[rows["series"] == "all"].set_index("within_days")
    yield right(
        float(own["expected"][3]),
        "One and a half, and two were found: about what chance alone would give.",
    )
    yield wrong(int(own["matched"][3]), "That is how many do lie there.")
    yield wrong(float(own["expected"][1]), "That is within one day.")
    yield wrong(float(own["p_value"][3]), "That is the p-value.")


@PART.exercise(
    "4.7",
    "Date 2020-02-09, interval 2020-02-08 to 2020-02-14, one day after the shooting began.",
    "End: '..., which moved calendars would match about as often' or '..., as expected by chance'.",
)
def sentence_on_the_change() -> Iterator[Answer]:
    interval = r"(2020-02-08|\b0?8(th|\.)?(?!\d)).*(2020-02-14|\b14(th|\.)?(?!\d))"
    yield right(
        Sentence(
            (
                (r"2020-02-09|\b0?9(th|\.)?(?!\d)", "Which day? 9 February 2020."),
                (interval, "Give the interval of the date: 8 to 14 February."),
                (r"korat|shooting", "Name the event beside it, the shooting in Korat."),
                (
                    r"by (luck|chance)|coinciden|random|\bmoved calendars|calibrat|simulat|grey"
                    r"|not believed|where there are none",
                    "Say what such a match is worth: how many would occur by chance, or that the "
                    "method finds changes where there are none.",
                ),
            )
        ),
        "Nobody who reads it will mistake the date for proof.",
    )
    yield wrong(
        "The shooting in Korat triggered a change of level on 9 February (8 to 14 February), no "
        "luck involved.",
        "claims a cause",
    )
    yield wrong(
        "The level of posting changed on 9 February 2020, a day after the shooting in Korat.",
        "interval of the date",
    )
    yield wrong(
        "The level changed on 9 February (95 % interval 8 to 14), a day after the shooting in "
        "Korat began.",
        "worth",
    )
