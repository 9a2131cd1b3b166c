"""Charts as claims: bars by label, which of them differ, and the mistake that may explain it.

A wrong chart is usually wrong in one of a few ways. If one of these mistakes would give exactly the
published bars, it is named: shifted labels, rows counted although a row stands for several posts,
another time zone, or a truncated period.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from takedown.claims.quantities import hashtags
from takedown.claims.question import CALENDAR, Question, columns_in, expression
from takedown.claims.registry import REGISTRY, counted, quantity

Bars = Mapping[str, float]
Draw = Callable[[Question], dict[str, float]]
#: Time zones that a chart may use: every whole hour from UTC, and some fractional ones.
ZONES = {
    f"UTC{hours:+d}" if hours else "UTC": f"Etc/GMT{-hours:+d}"  # POSIX: signs are reversed
    for hours in sorted(range(-12, 15), key=abs)
}
BETWEEN = "Asia/Tehran Asia/Kabul Asia/Kolkata Asia/Kathmandu Asia/Yangon Australia/Darwin"
ZONES |= {zone: zone for zone in [*BETWEEN.split(), "America/St_Johns"]}
#: The largest shift of labels that is tried, and the fewest bars of a chart to try it on.
MOST_SHIFTED, MIN_SHIFTED = 12, 3
#: A period counts as cut off when at least this share of the bars agrees.
MOST = 0.5
#: Cyclic labels, complete even if some of them do not occur.
CIRCLES = {"hour": [str(hour) for hour in range(24)], "weekday": [str(day) for day in range(1, 8)]}
DATED = re.compile(r"\d{4}-\d{2}(-\d{2})?").fullmatch


@quantity("posts", of="posts", chart=True)
def posts_by(ask: Question) -> dict[str, float]:
    """Posts by one of their columns, such as tweet_language, month, day, hour or weekday."""
    return grouped(ask.posts, ask.values, pl.col("weight").sum())


@quantity("", of="column by column", chart=True)
def sum_by(ask: Question) -> dict[str, float]:
    """Sum of one column of the posts by another, written as in like_count by tweet_language."""
    column, _, label = ask.of.partition(" by ")
    ask.need(ask.posts, *columns_in(column), *columns_in(label))
    total = (expression(column) * pl.col("weight")).sum()
    return grouped(counted(ask.posts, column), expression(label), total)


@quantity("accounts", of="accounts", rows="accounts", chart=True)
def accounts_by(ask: Question) -> dict[str, float]:
    """Accounts of the users file by one of its columns, such as creation_month."""
    return grouped(ask.accounts, ask.values, pl.len())


@quantity("uses", of="text", needs="hashtags", chart=True)
def hashtag_uses_by(ask: Question) -> dict[str, float]:
    """Uses of each hashtag, in lower case."""
    return grouped(hashtags(ask), pl.col("hashtag"), pl.len())


def grouped(rows: pl.LazyFrame, label: pl.Expr, value: pl.Expr) -> dict[str, float]:
    """``value`` by ``label``, in the order of the labels."""
    table = rows.group_by(label=label).agg(value=value).sort("label").collect()
    return {"" if name is None else str(name): number for name, number in table.iter_rows()}


def every_bar(published: Bars, computed: Bars) -> dict[str, float]:
    """The published bars, with 0 for any that a chart of days, months or hours leaves out.

    Other charts may show only the largest bars, so nothing is added to them.
    """
    if not all(DATED(label) or label.isdigit() for label in published):
        return dict(published)
    missing = {label: 0.0 for label, count in computed.items() if count and label not in published}
    return {**published, **missing}


def differing(published: Bars, computed: Bars, tolerance: float) -> list[str]:
    """The labels whose bars differ; a bar that was not computed counts as 0."""
    return [
        label
        for label, value in published.items()
        if abs(computed.get(label, 0) - value) > tolerance
    ]


def diagnosis(name: str, ask: Question, published: Bars, computed: Bars, tolerance: float) -> str:
    """The mistake that would turn the rows into the published bars, in words; blank if none."""
    draw = REGISTRY[name].compute
    circle = CIRCLES.get(label_of(ask), list(computed))
    found = [shifted(published, computed, circle, tolerance)]
    found += [rows_counted(draw, ask, published, tolerance)]
    found += [other_zones(draw, ask, published, tolerance)]
    found = [words for words in found if words] or [cut_off(published, computed, tolerance)]
    return "; or ".join(filter(None, found))


def rows_counted(draw: Draw, ask: Question, published: Bars, tolerance: float) -> str:
    """Whether the bars count rows although a row stands for several posts."""
    if draw not in (posts_by, sum_by):
        return ""
    rows = grouped(ask.posts, expression(label_of(ask)), pl.len())
    if differing(every_bar(published, rows), rows, tolerance):
        return ""
    return "they count rows, where a row stands for more: the values were not added up"


def other_zones(draw: Draw, ask: Question, published: Bars, tolerance: float) -> str:
    """The offsets from UTC at which the published bars would be right."""
    if not set(columns_in(label_of(ask)) + columns_in(ask.where)) & set(CALENDAR):
        return ""
    fitting = []
    for words, zone in ZONES.items():
        bars = draw(replace(ask, timezone=zone))
        if not differing(every_bar(published, bars), bars, tolerance):
            fitting.append(words)
    return f"they are counted in another time zone: {', '.join(fitting)}" if fitting else ""


def label_of(ask: Question) -> str:
    """The column or expression whose values label the bars."""
    return ask.of.partition(" by ")[2] or ask.of


def shifted(published: Bars, computed: Bars, circle: list[str], tolerance: float) -> str:
    """Whether the published values are right except that they are shifted by some labels.

    Days and months are shifted along the calendar, including days without posts; hours of the day,
    and other labels, are shifted cyclically.
    """
    if len(published) < MIN_SHIFTED:
        return ""
    for shift in sorted(range(-MOST_SHIFTED, MOST_SHIFTED + 1), key=abs):
        moved = {label: computed.get(neighbour(label, -shift, circle), 0) for label in published}
        if shift and not differing(published, moved, tolerance):
            direction = "late" if shift > 0 else "early"
            return f"the labels are shifted: each value stands {abs(shift)} too {direction}"
    return ""


def neighbour(label: str, steps: int, circle: list[str]) -> str:
    """The label ``steps`` places further on."""
    if DATED(label):
        if len(label) == len("2020-01"):
            months = 12 * int(label[:4]) + int(label[5:]) - 1 + steps
            return f"{months // 12}-{months % 12 + 1:02d}"
        return f"{date.fromisoformat(label) + timedelta(steps)}"
    return circle[(circle.index(label) + steps) % len(circle)] if label in circle else ""


def cut_off(published: Bars, computed: Bars, tolerance: float) -> str:
    """Whether bars of days or months agree, but for ends that are too low: a truncated period."""
    labels = sorted(published)
    if not all(map(DATED, labels)):
        return ""
    wrong = set(differing(published, computed, tolerance))
    agree = [label for label in labels if label not in wrong]
    if not wrong or len(agree) < MOST * len(labels):
        return ""
    first, last = labels.index(agree[0]), labels.index(agree[-1])
    together = last - first + 1 == len(agree)
    lower = all(published[label] < computed.get(label, 0) for label in wrong)
    if not (together and lower):
        return ""
    return f"they agree from {agree[0]} to {agree[-1]} and are lower outside: a period was cut off"
