"""Charts as claims: bars by label, which of them differ, and what may have gone wrong.

A chart that is wrong is mostly wrong in one of a few ways. If the published bars are exactly those
that such a mistake would give, it is named: labels shifted, rows counted where a row stands for
more, another time zone, a period cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import polars as pl

from takedown.claims.quantities import REGISTRY, hashtags, known, quantity
from takedown.claims.question import CALENDAR, Question, columns_in, expression

Bars = Mapping[str, float]
Draw = Callable[[Question], dict[str, float]]
#: Zones that a chart may have been drawn in: every whole hour from UTC.
OFFSETS = range(-12, 15)
#: A period counts as cut off when at least this share of the bars agrees.
MOST = 0.5
DATED = re.compile(r"\d{4}-\d{2}(-\d{2})?").fullmatch


@quantity("posts", of="posts", chart=True)
def posts_by(ask: Question) -> dict[str, float]:
    """Posts by a column of theirs, such as tweet_language, month, day, hour or weekday."""
    return grouped(ask.posts, ask.values, pl.col("weight").sum())


@quantity("", of="column by column", chart=True)
def sum_by(ask: Question) -> dict[str, float]:
    """Sum of a column over the posts by another: written like_count by tweet_language."""
    column, _, label = ask.of.partition(" by ")
    ask.need(ask.posts, *columns_in(column), *columns_in(label))
    total = known(replace(ask, of=column)) * pl.col("weight")
    return grouped(ask.posts, expression(label), total.sum())


@quantity("accounts", of="accounts", rows="accounts", chart=True)
def accounts_by(ask: Question) -> dict[str, float]:
    """Accounts of the users file by a column of theirs, such as creation_month."""
    return grouped(ask.accounts, ask.values, pl.len())


@quantity("uses", of="text", needs="hashtags", chart=True)
def hashtag_uses_by(ask: Question) -> dict[str, float]:
    """Uses of each hashtag, folded (NFKC, lower case)."""
    return grouped(hashtags(ask), pl.col("hashtag"), pl.len())


def grouped(rows: pl.LazyFrame, label: pl.Expr, value: pl.Expr) -> dict[str, float]:
    """``value`` by ``label``, in the order of the labels."""
    table = rows.group_by(label=label).agg(value=value).sort("label").collect()
    return {"" if name is None else str(name): number for name, number in table.iter_rows()}


def differing(published: Bars, computed: Bars, tolerance: float) -> list[str]:
    """The labels whose bars differ; a bar that is missing is none."""
    return [
        label
        for label, value in published.items()
        if abs(computed.get(label, 0) - value) > tolerance
    ]


def diagnosis(name: str, ask: Question, published: Bars, tolerance: float) -> str:
    """What would make the published bars out of the rows, in words; blank if nothing tried does."""
    draw = REGISTRY[name].compute
    for words, bars in mistaken(draw, ask):
        if not differing(published, bars, tolerance):
            return words
    right = draw(ask)
    return shifted(published, right, tolerance) or cut_off(published, right, tolerance)


def mistaken(draw: Draw, ask: Question) -> Iterator[tuple[str, Bars]]:
    """What mistakes in counting are called, and the bars that they would give."""
    if draw in (posts_by, sum_by):
        rows = grouped(ask.posts, expression(label_of(ask)), pl.len())
        yield "they count rows, where a row stands for more: the values were not added up", rows
    if set(columns_in(label_of(ask)) + columns_in(ask.where)) & set(CALENDAR):
        for hours in OFFSETS:
            zone = f"Etc/GMT{-hours:+d}"  # the signs of these zones are those of POSIX
            yield f"they are counted at UTC{hours:+d}", draw(replace(ask, timezone=zone))


def label_of(ask: Question) -> str:
    """The column, or expression, that the bars stand for."""
    return ask.of.partition(" by ")[2] or ask.of


def shifted(published: Bars, computed: Bars, tolerance: float) -> str:
    """Whether the published values are right but for standing some labels further."""
    labels = list(computed)
    at = {label: place for place, label in enumerate(labels)}
    if len(published) < 3 or not published.keys() <= at.keys():
        return ""
    for shift in sorted(range(-len(labels) + 1, len(labels)), key=abs):
        if shift and all(
            abs(computed[labels[(at[label] - shift) % len(labels)]] - value) <= tolerance
            for label, value in published.items()
        ):
            direction = "late" if shift > 0 else "early"
            return f"the labels are shifted: each value stands {abs(shift)} too {direction}"
    return ""


def cut_off(published: Bars, computed: Bars, tolerance: float) -> str:
    """Whether bars of days or months agree but for some at an end, too low: a period cut off."""
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
