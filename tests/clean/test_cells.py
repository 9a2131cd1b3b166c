"""Cells are typed at once or exactly, and both ways agree; lists are read as Python wrote them."""

from __future__ import annotations

import ast
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from takedown.archives.columns import Column
from takedown.clean.cells import at_once, exactly, rounded_form

KINDS = ["post id", "post reference", "id", "account reference"]
KINDS += ["text", "category", "time", "date", "count", "flag", "list"]
USUAL = {
    "post id": ["1196951234567890123", "7", ""],
    "post reference": ["1196951234567890123", "7", ""],
    "id": ["aB+c=", "12345", ""],
    "account reference": ["aB+c=", "12345", ""],
    "text": ["two\nlines", "NA", ""],
    "category": ["en", "th", ""],
    "time": ["2019-11-20 05:20", "2020-02-29 23:59", "2019-11-20 05:20:59", ""],
    "date": ["2019-11-20", "2020-02-29", ""],
    "count": ["0", "17", "99999999999", ""],
    "flag": ["true", "false", "True", "FALSE", ""],
    "list": ["[]", "['a']", "['a', 'b']", "['กองทัพบก', '香港']", ""],
}
ODD = [
    " ", " 5", "5 ", "+5", "-5", "5.0", "5.5", "1e3", "1.2E+18", "๑๒", "9" * 12, "9" * 19, "9" * 30,
    "0012", "2019-1-3", "19-11-30", "19-11-30 10:00", "20-11-30", "20-11-30 10:00", "2020-02-30",
    "2019-02-29 10:00", "0019-01-01", "9999-12-31", "1970-01-01", "0001-01-01 00:00",
    "2019-11-20T05:20", "2019-11-20 5:2", "2019-11-20 05:20:61", "2019-11-20 24:00", "true ", "1",
    "yes", "[", "]", "a", "a, b", "[a, b]", "['a','b']", "['a' 'b']", "['']", "[ 'a' ]", "[]]",
    "[\"it's\", 'b']", "['\\u200d', 'a\\'b']", "['a, b']", "[[]]", "null", "None", "nan", "\n",
]  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from(sorted({cell for cells in USUAL.values() for cell in cells})),
)


def typed(cells: list[str], column: Column, way: str) -> list | None:
    texts = pl.DataFrame({"x": cells}, schema={"x": pl.String})
    made = at_once(texts, {"x": column}) if way == "at once" else texts.select(exactly(column, "x"))
    return None if made is None else made["x"].to_list()


@given(
    kind=st.sampled_from(KINDS),
    odd=st.lists(CELLS, max_size=2),
    usual=st.integers(0, 3),
    needed=st.booleans(),
)
def test_both_ways_agree(kind: str, odd: list[str], usual: int, needed: bool) -> None:
    column = Column(kind, "", needed)
    cells = USUAL[kind][:usual] + odd
    quick, exact = typed(cells, column, "at once"), typed(cells, column, "exactly")
    assert exact is not None
    if quick is not None:
        assert quick == exact
        unreadable = [
            cell for cell, made in zip(cells, exact, strict=True) if made is None and cell
        ]
        if kind.endswith("reference"):  # one that was rounded is lost, and known to be
            unreadable = [cell for cell in unreadable if not re.match(rounded_form(column), cell)]
        assert not unreadable


@pytest.mark.parametrize(
    ("kind", "cells", "made"),
    [
        ("count", ["100000000000", "9223372036854775807", "9" * 30, "-5"], [None] * 4),
        ("count", ["99999999999"], [99999999999]),
        ("date", ["9999-12-31", "0001-01-01", "1970-01-01", "2036-01-01"], [None] * 4),
        ("time", ["9999-12-31 10:00", "2005-12-31 23:59", "2036-01-01 00:00"], [None] * 3),
    ],
)
def test_what_cannot_be_is_no_value(kind: str, cells: list[str], made: list[object]) -> None:
    """Sums would overflow, and a series of 8,000 years would not end."""
    assert typed(cells, Column(kind, ""), "exactly") == made
    if None in made:
        assert typed(cells, Column(kind, ""), "at once") is None


@pytest.mark.parametrize("kind", KINDS)
def test_usual_cells_are_typed_at_once(kind: str) -> None:
    """Else every block of an archive would be read row by row."""
    usual = [cell for cell in USUAL[kind] if kind != "flag" or cell]
    assert typed(usual, Column(kind, ""), "at once") is not None
    assert typed(usual[:2], Column(kind, "", needed=True), "at once") is not None


@pytest.mark.parametrize("kind", ["post id", "id", "time", "date", "flag"])
def test_a_needed_cell_that_is_blank_is_not_passed_over(kind: str) -> None:
    column = Column(kind, "", needed=True)
    assert typed([*USUAL[kind][:2], ""], column, "at once") is None


ELEMENTS = st.text(st.sampled_from("ab'\"\\, []\n\t\u200d\xa0香ก#&"), max_size=6)


@given(st.lists(st.lists(ELEMENTS, max_size=4), min_size=1, max_size=5))
def test_lists_are_read_as_python_reads_them(lists: list[list[str]]) -> None:
    cells = [repr(elements) for elements in lists]
    assert [ast.literal_eval(cell) for cell in cells] == lists
    meant = [[text.strip().removeprefix("#") for text in elements] for elements in lists]
    meant = [[text for text in elements if text.strip()] for elements in meant]
    column = Column("list", "")
    assert typed(cells, column, "at once") == meant
    assert typed(cells, column, "exactly") == meant
