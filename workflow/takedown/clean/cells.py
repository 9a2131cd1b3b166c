"""Typed cells: a column of text becomes ids, times, counts, flags, categories or lists.

Each kind can be typed in two ways that agree. ``at_once`` is fast, but gives up unless it is
certain of every cell; ``exactly`` returns null for each cell that it cannot type.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

import polars as pl

from takedown.archives.columns import YEARS, Column

TIME_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
#: No real count is this large; with larger ones, sums over an archive would overflow silently.
TOO_MANY = 10**11
#: Missing values as written by R, pandas, databases, Spark and spreadsheets.
NOTHING = [
    *("NA", "N/A", "n/a", "#N/A", "<NA>", "nan", "NaN", "NAN", "NaT", "None", "none", "NONE"),
    *("null", "Null", "NULL", "(null)", "[NULL]", "undefined", r"\N", "-"),
]
#: Missing values in a column of ids, which are positive whole numbers or hashes.
NO_ID = [*NOTHING, "0", "0.0", "-1", "-1.0", "False", "false", "FALSE"]
#: A spreadsheet's error for a cell it cannot compute, such as a hash that begins with a plus sign.
SPREADSHEET_ERROR = r"^#(NAME\?|REF!|VALUE!|NUM!|DIV/0!)"
#: An id that was once a floating-point number: 1.23E+18, 1193920400532738048.0. Up to 15 digits are
#: exact, but with an exponent some digits may be missing.
ROUNDED = r"^[0-9]+\.[0-9]+([eE]\+?[0-9]+)?$|^[0-9]+[eE]\+[0-9]+$"
#: An id not written as in the releases: padded with spaces, or after an apostrophe or ``#``.
ODD_ID = r"^[\s'#]|\s$"
#: ``ROUNDED`` for ids that are always numbers; it also matches 12E17, which could be a hash.
ROUNDED_NUMBER = ROUNDED + r"|^[0-9]+[eE][0-9]+$"
EXACT = r"^([0-9]{1,15})\.0+$"
REFERENCE_KINDS = ("post reference", "account reference")
TRUE, FALSE = ["true", "True", "TRUE"], ["false", "False", "FALSE"]
LIST = pl.List(pl.String)
#: A string within a list, in Python's single or double quotes.
QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
#: An empty list as pandas writes it.
NO_LIST = ["[nan]", "[NaN]", "[None]", "[null]"]
#: The text of an object within a list, e.g. {'text': 'a', 'indices': [0, 2]} or {"tag": "a"}.
OBJECT_TEXT = r"""['"](?:text|tag|url|expanded_url|id_str)['"] *: *['"]([^'"]*)['"]"""
#: An element of ['a', 'b'] without inner quotes, backslashes, outer spaces or a leading ``#``.
ELEMENT = r"""'[^'"\\#\s](?:[^'"\\]*[^'"\\\s])?'"""
PLAIN_LIST = rf"^\[{ELEMENT}(?:, {ELEMENT})*\]$"
ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}


def at_once(texts: pl.DataFrame, columns: Mapping[str, Column]) -> pl.DataFrame | None:
    """Type columns of text (no nulls); None unless every cell is certain to be usable.

    Counts and post ids may already be numbers, and categories may already be categorical.
    """
    numbers = {name for name, kind in texts.schema.items() if kind == pl.Int64}
    typed = texts.select(
        from_number(column, name) if name in numbers else quickly(column, name)
        for name, column in columns.items()
    )
    sure = texts.select(
        (pl.col(name) > 0).all() | (column.kind == "count")
        if name in numbers
        else is_plain(column, name)
        for name, column in columns.items()
    ).row(0)
    for (name, column), plain in zip(columns.items(), sure, strict=True):
        if not plain or not fits(typed[name], texts[name], column):
            other = None if name in numbers else otherwise(texts[name], column)
            if other is None:
                return None
            typed = typed.with_columns(other)
    return typed


def from_number(column: Column, name: str) -> pl.Expr:
    """Type a column whose cells are known to be whole numbers or blank."""
    return pl.col(name) if column.kind == "count" else pl.col(name).cast(pl.String)


def quickly(column: Column, name: str) -> pl.Expr:
    """Type a column on the assumption that its cells are written in the usual way."""
    cell = pl.col(name)
    if column.kind == "time":
        return minutes(cell, TIME_FORMATS[0])
    if column.kind == "date":
        return days(cell)
    if column.kind == "flag":
        return cell.is_in(TRUE)
    if column.kind in ("id", *REFERENCE_KINDS):
        return pl.when(cell != "").then(cell)
    if column.kind == "list":
        filled = pl.when(cell.str.len_bytes() > 2).then(cell)
        return filled.str.strip_prefix("['").str.strip_suffix("']").str.split("', '").fill_null([])
    return exactly(column, name)


def is_plain(column: Column, name: str) -> pl.Expr:
    """Whether all cells are written as :func:`quickly` expects, as far as their text shows."""
    cell = pl.col(name)
    if column.kind == "flag":
        return cell.is_in(TRUE + FALSE).all()
    if column.kind == "list":
        filled = cell.str.len_bytes() > len("[]")
        empty = cell.filter(~filled).is_in(["", "[]"]).all()
        return empty & cell.filter(filled).str.contains(PLAIN_LIST).all()
    if column.kind in ("time", "date"):
        return ((cell == "") | cell.str.starts_with("20")).all()
    if column.kind in ("post id", "post reference"):
        number = cell.cast(pl.Int64, strict=False).is_not_null()
        number &= cell.str.contains("^[0-9]") & (cell != "0")
        return (number | (cell == "") & (not column.needed)).all()
    if column.kind in ("id", "account reference"):
        odd = cell.is_in(NO_ID) | cell.str.contains(ROUNDED) | cell.str.contains(ODD_ID)
        return (~odd & (cell != "") if column.needed else ~odd).all()
    if column.kind == "category":
        return ~cell.unique().cast(pl.String).is_in(NOTHING).any()
    return pl.lit(True).alias(name)


def fits(typed: pl.Series, cells: pl.Series, column: Column) -> bool:
    """Whether all values are plausible and only blank cells became null (none if ``needed``)."""
    if column.kind not in ("time", "date", "count", "post id", "id"):
        return True
    if column.kind == "count" and (typed.max() or 0) >= TOO_MANY:
        return False
    if column.kind in ("time", "date"):
        ends = typed.to_frame().select(first=pl.first().min(), last=pl.first().max())
        for end in ends.row(0):
            if end is not None and end.year not in YEARS:
                return False
    nulls = typed.null_count()
    return not nulls or (not column.needed and nulls == count_blank(cells))


def otherwise(cells: pl.Series, column: Column) -> pl.Series | None:
    """Type a column as some tools write it: times with seconds, other lists, numbers as decimals.

    None if it cannot be typed that way, or if a needed id has lost digits.
    """
    cell = pl.col(cells.name)
    if column.kind in ("time", "id", *REFERENCE_KINDS):
        typed = cells.to_frame().select(exactly(column, cells.name)).to_series()
        unclear = (
            cells.is_in(NO_ID)
            | cells.str.contains(SPREADSHEET_ERROR)
            | cells.str.contains(r"^\s+$")
        )
        unsure = unclear.any() or not fits(typed, cells, column)
        return None if unsure else typed
    if column.kind == "list" and cells.to_frame().select(is_list(cell).all()).item():
        return cells.to_frame().select(list_cells(cell)).to_series()
    return None


def count_blank(cells: pl.Series) -> int:
    return (cells == "").sum() if cells.dtype == pl.String else cells.null_count()


def minutes(cell: pl.Expr, form: str) -> pl.Expr:
    time = cell.str.to_datetime(form, time_unit="ms", strict=False, cache=False)
    return time.dt.replace_time_zone("UTC")


def days(cell: pl.Expr) -> pl.Expr:
    return cell.str.to_date("%Y-%m-%d", strict=False, cache=False)


def in_years(moment: pl.Expr) -> pl.Expr:
    """Times or days within the years of the platform; null outside them."""
    return pl.when(moment.dt.year().is_between(YEARS[0], YEARS[-1])).then(moment)


def number(digits: pl.Expr) -> pl.Expr:
    """A count from its digits; null if it is implausibly large (``TOO_MANY``)."""
    count = digits.cast(pl.Int64, strict=False)
    return pl.when(count < TOO_MANY).then(count)


def is_list(cell: pl.Expr) -> pl.Expr:
    """Whether a cell is blank or in brackets."""
    return (cell == "") | (cell.str.starts_with("[") & cell.str.ends_with("]"))


def exactly(column: Column, name: str) -> pl.Expr:
    """The typed column ``name``; null where the cell is blank or cannot be typed."""
    cell = pl.col(name)
    if column.kind == "time":
        return in_years(pl.coalesce(minutes(with_year(cell), form) for form in TIME_FORMATS))
    if column.kind == "date":
        return in_years(days(with_year(cell)))
    if column.kind == "count":
        return number(cell.str.extract(r"^ *\+?([0-9]+)(?:\.0+)? *$"))
    if column.kind == "flag":
        flag = pl.when(cell.is_in(TRUE)).then(pl.lit(True))
        return flag.when(cell.is_in(FALSE)).then(pl.lit(False)).alias(name)
    if column.kind == "list":
        return list_cells(cell)
    if column.kind in ("id", *REFERENCE_KINDS):
        bare = bare_id(cell)
        rounded = pl.when(bare.str.contains(rounded_form(column))).then(bare.str.extract(EXACT))
        return rounded.when(bare != "").then(bare).alias(name)
    filled = pl.when(cell != "").then(cell)
    return filled.cast(pl.Categorical) if column.kind == "category" else filled


def rounded_form(column: Column) -> str:
    """The pattern of an id of this kind that has lost its last digits."""
    return ROUNDED_NUMBER if column.kind.startswith("post") else ROUNDED


def bare_id(cell: pl.Expr) -> pl.Expr:
    """Ids without surrounding spaces or Excel's apostrophe; blank if there is no id."""
    return cell.str.strip_chars().str.strip_prefix("'").str.strip_chars().replace(NO_ID, "")


def with_year(cell: pl.Expr) -> pl.Expr:
    """Cells that start with a four-digit year, else null: polars reads 19-11-30 as the year 19."""
    return pl.when(cell.str.contains(r"^[0-9]{4}-")).then(cell)


def list_cells(cell: pl.Expr) -> pl.Expr:
    """Lists written as ``['a', 'b']``, ``[a, b]`` or in other ways; blank and ``[]`` are empty.

    Of objects, which the platform's API uses for hashtags, only the text is kept. The ``#`` before
    a hashtag is removed, and empty elements are dropped.
    """
    cell = cell.replace(NO_LIST, "")
    texts = cell.str.extract_all(OBJECT_TEXT).list.eval(pl.element().str.extract(OBJECT_TEXT, 1))
    quoted = cell.str.extract_all(QUOTED).list.eval(
        pl.element()
        .str.slice(1, pl.element().str.len_chars() - 2)
        .map_batches(without_escapes, return_dtype=pl.String)
    )
    bare = cell.str.strip_chars("[]{}() ").str.split(",")
    found = pl.when(cell.str.contains(r"^\[ *\{")).then(texts)
    found = found.when(cell.str.contains(r"""^\[ *u?['"]""")).then(quoted).otherwise(bare)
    return found.list.eval(
        pl.element()
        .str.strip_chars()
        .str.strip_prefix("#")
        .filter(~pl.element().str.strip_chars().is_in(["", "#"]))
    )


def without_escapes(texts: pl.Series) -> pl.Series:
    """Replace Python's escapes, such as ``\\'`` or ``\\u200d``, by what they stand for."""
    if not texts.str.contains("\\", literal=True).any():
        return texts
    return texts.map_elements(
        lambda text: ESCAPE.sub(unescaped, text) if "\\" in text else text, return_dtype=pl.String
    )


def unescaped(escape: re.Match[str]) -> str:
    """What an escape stands for; surrogates and invalid code points are left as written."""
    code = escape[1]
    if len(code) == 1:
        return CONTROLS.get(code, code)
    number = int(code[1:], 16)
    return escape[0] if number > sys.maxunicode or 0xD800 <= number < 0xE000 else chr(number)


def arranged(frame: pl.DataFrame, about: Mapping[str, Column]) -> pl.DataFrame:
    """The columns of ``about``, in that order, with categories dictionary-encoded."""
    return frame.select(
        pl.col(name).cast(pl.Categorical) if column.kind == "category" else pl.col(name)
        for name, column in about.items()
    )
