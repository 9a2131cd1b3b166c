"""Read and validate the published claims of ``resources/claims.csv`` or of a user's own file.

A claim names a campaign, a quantity of the registry (:mod:`takedown.claims.registry`), the
quantity's argument, the rows it is about, and the published value. The value of a chart is the name
of a CSV next to the claims file, with the columns label, value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Literal

import takedown.claims.charts
import takedown.claims.quantities
import takedown.claims.times  # noqa: F401  (importing these registers their quantities)
from takedown.claims.question import check_argument
from takedown.claims.registry import REGISTRY, Quantity
from takedown.errors import InputError, did_you_mean
from takedown.io.addresses import refuse_wildcards
from takedown.io.user_csv import read_rows
from takedown.io.zones import zones
from takedown.redaction import described

RELATIONS = ("equals", "above", "below", "within")
RANGE = ".."
NEEDED = ("id", "campaign", "value", "statement")
#: A date as precise as published, from a year to a minute; a period of months; two months.
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}( \d{2}:\d{2})?)?)?(( to | and )\d{4}-\d{2})?")
#: Units whose values are words.
TEXTS = ("hashtag", "hours of the day")


@dataclass(frozen=True)
class Claim:
    """One published statement, as the columns of a claims file give it.

    ``campaign`` is one campaign, or several whose rows are then pooled. ``relation`` says how the
    computed value must relate to the published one: equals (within ``tolerance``, in the claim's
    unit, for dates in days), above, below, or within (73..75). ``chart`` is the path of a chart's
    CSV, ``bars`` its contents.
    """

    id: str
    campaign: str
    quantity: str
    of: str
    where: str
    timezone: str
    relation: str
    value: str
    tolerance: float
    unit: str
    statement: str
    note: str
    source_title: str
    publisher: str
    source_date: str
    url: str
    chart: str = ""
    bars: Mapping[str, float] = field(default_factory=dict)

    @property
    def campaigns(self) -> list[str]:
        """The campaigns whose rows it is about."""
        return self.campaign.split()

    @property
    def asks(self) -> tuple[str, ...]:
        """What the claim is about; two claims that ask the same can contradict each other."""
        return (self.campaign, self.quantity, self.of, self.where, self.timezone, self.relation)


CELLS = [each.name for each in fields(Claim) if each.name not in ("chart", "bars")]


def read_claims(path: str) -> list[Claim]:
    """The claims of the CSV at ``path``.

    Raises :class:`InputError` naming the line and column of the first invalid cell: a duplicate id,
    an unknown quantity (with the closest known one), a unit other than the quantity's, a tolerance
    that is not a number, a value of the wrong kind, or an expression over columns that do not
    exist.
    """
    if not Path(path).is_file():
        raise InputError(f"Study file, claims: no file at '{path}'.")
    table = read_rows(path)
    for name in CELLS:
        if name not in table.columns:
            raise InputError(
                f"{path}: no column '{name}'. A claims file has the columns {', '.join(CELLS)}."
            )
    claims: list[Claim] = []
    known: dict[str, int] = {}
    for line, row in zip(table.lines, table.rows, strict=True):
        where = f"{path}, line {line}"
        claims.append(read_claim({name: row[name].strip() for name in CELLS}, path, where))
        first = known.setdefault(claims[-1].id, line)
        if first != line:
            raise InputError(
                f"{where}, column id: stands in line {first} already. Give each "
                "claim an id of its own."
            )
    return claims


def read_claim(cells: Mapping[str, str], path: str, where: str) -> Claim:
    """One row of the file at ``path``, every cell checked; ``where`` names the row."""
    for name in NEEDED:
        if not cells[name]:
            raise InputError(f"{where}, column {name}: empty.")
    if not re.fullmatch(r"[\w.-]+", cells["id"]):
        raise InputError(
            f"{where}, column id: {described(cells['id'])} is not of letters, digits, . - _."
        )
    quantity = REGISTRY.get(cells["quantity"])
    if quantity is None:
        raise InputError(
            f"{where}, column quantity: {described(cells['quantity'])} is unknown."
            f"{did_you_mean(cells['quantity'], REGISTRY)} docs/reference/claims.md lists them; a "
            "new one is a function in workflow/takedown/claims/quantities.py."
        )
    if not cells["unit"] or cells["unit"] != (quantity.unit or cells["unit"]):
        raise InputError(
            f"{where}, column unit: {described(cells['unit'])}, but {cells['quantity']} is in "
            f"{quantity.unit or 'a unit that has to be named'}. Convert the published value."
        )
    if cells["unit"] in TEXTS and cells["relation"] != "equals":
        raise InputError(f"{where}, column relation: words can only be compared by equals.")
    if cells["relation"] not in RELATIONS:
        raise InputError(
            f"{where}, column relation: {described(cells['relation'])} is none of "
            f"{', '.join(RELATIONS)}."
        )
    if cells["timezone"] and cells["timezone"] not in zones():
        raise InputError(
            f"{where}, column timezone: {described(cells['timezone'])} is no IANA time zone."
            f"{did_you_mean(cells['timezone'], zones())}"
        )
    check_argument(cells["of"], quantity.of, f"{where}, column of")
    check_argument(cells["where"], quantity.where, f"{where}, column where")
    tolerance = read_tolerance(cells["tolerance"], f"{where}, column tolerance")
    chart = check_value(cells, quantity, Path(path), f"{where}, column value")
    bars = read_chart(chart) if chart else {}
    found = {**cells, "tolerance": tolerance, "chart": chart and chart.as_posix(), "bars": bars}
    return Claim(**found)  # type: ignore[arg-type]


def read_tolerance(cell: str, where: str) -> float:
    """A number of at least 0; blank is 0."""
    if cell and read_number(cell, where) < 0:
        raise InputError(f"{where}: {described(cell)} is below 0.")
    return float(cell or 0)


def check_value(
    cells: Mapping[str, str], quantity: Quantity, path: Path, where: str
) -> Path | Literal[""]:
    """Raise :class:`InputError` unless the value can be compared; returns the path of a chart."""
    value = cells["value"]
    if quantity.chart:
        if not value.endswith(".csv") or cells["relation"] != "equals":
            raise InputError(
                f"{where}: {described(value)}, but {cells['quantity']} is a chart: name a CSV "
                f"beside {path} with the columns label, value, and compare it by equals."
            )
        return path.parent / value
    parts = value.split(RANGE) if cells["relation"] == "within" else [value]
    if cells["relation"] == "within" and len(parts) != 2:
        raise InputError(f"{where}: {described(value)} is no range such as 73..75.")
    for part in parts:
        if cells["unit"] == "date" and not DATE.fullmatch(part):
            raise InputError(
                f"{where}: {described(part)} is no date. Write 2020, 2020-04, 2020-04-17 or "
                "2020-04-17 07:13, as precise as it was published."
            )
        if cells["unit"] == "date" and float(cells["tolerance"] or 0) and not is_day(part):
            raise InputError(
                f"{where}: {described(part)} is no day, so it can have no tolerance in days."
            )
        if cells["unit"] not in ("date", *TEXTS):
            read_number(part, where)
    return ""


def is_day(text: str) -> bool:
    """Whether a text is a calendar day such as 2020-04-17."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def read_number(cell: str, where: str) -> float:
    """A finite number; raises :class:`InputError` otherwise."""
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(
            f"{where}: {described(cell)} is no number. Write it without separators, as 348608 or "
            "0.81; what has to be said about it belongs in the column note."
        )
    return number


def read_chart(path: Path) -> dict[str, float]:
    """A chart's published bars, label to value, in their order; raises :class:`InputError`."""
    refuse_wildcards(str(path), "A claim's chart")
    if not path.is_file():
        raise InputError(f"{path}: no such file, though a claim names it as its chart.")
    table = read_rows(str(path))
    for name in ("label", "value"):
        if name not in table.columns:
            raise InputError(f"{path}: no column '{name}'. A chart has the columns label, value.")
    bars: dict[str, float] = {}
    for line, row in zip(table.lines, table.rows, strict=True):
        label, cell = row["label"], row["value"]
        if label in bars:
            raise InputError(f"{path}, line {line}, column label: stands there twice.")
        bars[label] = read_number(cell, f"{path}, line {line}, column value")
    if not bars:
        raise InputError(f"{path}: a chart without bars.")
    return bars


def claims_on(claims: Sequence[Claim], campaigns: Sequence[str]) -> list[Claim]:
    """The claims about any of ``campaigns``."""
    return [claim for claim in claims if set(claim.campaigns) & set(campaigns)]
