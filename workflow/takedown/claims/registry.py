"""Registry of the quantities that claims can be about, and helpers shared by their functions.

A function takes a :class:`~takedown.claims.question.Question` and returns one value: a number, or
text for a date (ISO, as precise as it is known). Its docstring is the definition;
docs/reference/claims.md is rendered from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import polars.selectors as cs

from takedown.claims.question import COLUMNS, NotComputableError, Question, columns_in

Compute = Callable[[Question], Any]
POSTS = pl.col("weight").sum()
#: The value returned if no day or month meets the definition.
NONE = "none"


@dataclass(frozen=True)
class Quantity:
    """One entry of the registry.

    ``unit`` is the unit of the value; if blank, the claim names it. ``of`` and ``where`` say what
    these columns of a claim may contain (:func:`~takedown.claims.question.check_argument`).
    ``rows`` is what the value is computed from: posts, accounts or files. ``needs`` are the columns
    that these must have in addition to those that the claim names.
    """

    compute: Compute
    unit: str
    of: str
    where: str
    rows: str
    needs: Sequence[str]
    chart: bool

    def __call__(self, ask: Question) -> Any:
        """The value; raises :class:`NotComputableError` where the data cannot give it."""
        if self.rows in COLUMNS:
            frame = ask.posts if self.rows == "posts" else ask.accounts
            of_columns = self.of.removesuffix(" that") in COLUMNS
            ask.need(frame, *self.needs, *(columns_in(ask.of) if of_columns else ()))
        return self.compute(ask)

    @property
    def definition(self) -> str:
        """Its docstring, in one line."""
        return " ".join((self.compute.__doc__ or "").split())


REGISTRY: dict[str, Quantity] = {}


def quantity(
    unit: str, *, of: str = "", rows: str = "posts", needs: str = "", chart: bool = False
) -> Callable[[Compute], Compute]:
    """Register a function under its name; a claim's ``where`` can select among its ``rows``."""
    where = "" if rows == "files" else f"?{rows} that"

    def enter(compute: Compute) -> Compute:
        found = Quantity(compute, unit, of, where, rows, needs.split(), chart)
        REGISTRY[compute.__name__] = found
        return compute

    return enter


def one(frame: pl.LazyFrame) -> Any:
    """The one value of a frame; raises :class:`NotComputableError` if there is none."""
    value = frame.collect().item()
    if value is None:
        raise NotComputableError("no row is left to compute it from")
    return value


def counted(rows: pl.LazyFrame, sql: str) -> pl.LazyFrame:
    """The rows, with 0 for missing numbers in the columns that ``sql`` names."""
    return rows.with_columns((cs.by_name(columns_in(sql)) & cs.numeric()).fill_null(0))


def percent(part: float, whole: float) -> float:
    return 100 * ratio(part, whole)


def ratio(above: float, below: float) -> float:
    """``above`` divided by ``below``; raises :class:`NotComputableError` if ``below`` is zero."""
    if not below:
        raise NotComputableError("it would be divided by zero: no row is left below")
    return above / below


def most(rows: pl.LazyFrame, name: str) -> str:
    """The value of column ``name`` with the most posts; if several tie, the smallest."""
    order = rows.group_by(name).agg(POSTS).sort(["weight", name], descending=[True, False])
    found = order.head(1).collect()[name]
    if found.is_empty():
        raise NotComputableError("no row is left to compute it from")
    return found.item()


def in_period(column: str, period: str) -> pl.Expr:
    """Whether an ISO date is in a period such as 2020-01-01..2020-01-31; true if it is blank."""
    if not period:
        return pl.lit(True)
    first, last = period.split("..")
    return pl.col(column).is_between(pl.lit(first), pl.lit(last))
