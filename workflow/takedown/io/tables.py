"""Write and read the tables of the interface, checked against ``workflow/schemas/tables.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from takedown.io.files import read_own, whole

if TYPE_CHECKING:
    import pandera.pandas as pa

CONTRACTS = Path(__file__).parents[2] / "schemas/tables.yaml"
DTYPES = {"text": "str", "date": "str", "flag": "object", "number": "float64", "share": "float64"}
#: The name that rows on too few accounts share.
POOLED = "(pooled)"
DAY = r"^\d{4}-\d{2}-\d{2}$"
#: How a text begins that a spreadsheet would compute, or that has the mark against it already.
FORMULA = r"^(?=[=@\t\r]|[+-](?![\d.]+(?:[eE][+-]?\d+)?$)|'+[=@+\-\t\r])"
MARKED = r"^'(?='*[=@+\-\t\r])"


def contracts() -> Mapping[str, Any]:
    """The contracts, keyed by table name such as ``series/daily.csv``."""
    return read_own(CONTRACTS)


@cache
def contract(table: str) -> pa.DataFrameSchema:
    """The pandera schema of one table; the named columns in their order, more may follow."""
    import pandera.pandas as pa  # here, as it takes long, and who only reads does without

    columns = contracts()[table]["columns"]
    return pa.DataFrameSchema(
        {name: column(rule) for name, rule in columns.items()},
        checks=[pa.Check(explained, error="a number is missing without a reason")]
        if "reason" in columns
        else None,
    )


def explained(frame: pd.DataFrame) -> pd.Series:
    """Whether each row of a table with a column ``reason`` gives one where a number is missing."""
    numbers = frame.select_dtypes("number")
    return numbers.notna().all(axis=1) | frame["reason"].notna()


def column(rule: Mapping[str, Any]) -> pa.Column:
    """The pandera column for one entry of the contracts."""
    import pandera.pandas as pa  # see above

    kind, nullable = rule["type"], rule.get("optional", False)
    checks = []
    if kind == "count":
        checks.append(pa.Check.ge(0))
    if kind == "share":
        checks.append(pa.Check.in_range(0, 1))
    if kind == "date":
        checks.append(pa.Check.str_matches(DAY))
    if "one_of" in rule:
        checks.append(pa.Check.isin(rule["one_of"]))
    # Int64 refuses 1.5, which a coercion to int64 would cut down to 1.
    return pa.Column(DTYPES.get(kind, "Int64"), checks, nullable=nullable, coerce=True)


def table_name(path: Path) -> str:
    """The contract's name for a file, e.g. ``series/daily.csv``; notes share one, and trials.

    The tables of the whole study have no folder, ``claims.csv``."""
    if path.stem.endswith("_notes"):
        return "models/notes.csv"
    if path.parent.name == "trials":
        return "calibration/trials.csv"
    return path.name if path.name in contracts() else "/".join(path.parts[-2:])


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Check ``frame`` against its contract and write it, whole or not at all.

    Raises :class:`pandera.errors.SchemaErrors` naming every column and row that breaks the
    contract; that is a mistake of this package, not of the user.
    """
    checked = contract(table_name(Path(path))).validate(frame, lazy=True)
    with whole(path) as part:
        write_csv(checked, part)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """``frame`` as a CSV that no spreadsheet computes with.

    A name or title that begins with ``=``, ``+``, ``-``, ``@``, a tab or a return would be a
    formula there, and may have been written to be one: it gets an apostrophe in front, which
    :func:`read_table` takes away. Numbers stay as they are.
    """
    texts = frame.select_dtypes(["object", "string", "str"]).columns
    safe = {
        name: frame[name].where(~is_formula(frame[name]), "'" + frame[name].astype(str))
        for name in texts
    }
    frame.assign(**safe).to_csv(path, index=False, float_format="%.10g", lineterminator="\n")


def is_formula(cells: pd.Series) -> pd.Series:
    """Whether a spreadsheet would compute each of the ``cells``."""
    return cells.astype(str).str.contains(FORMULA, regex=True) & cells.notna()


def read_table(path: Path | str, name: str = "") -> pd.DataFrame:
    """The table at ``path``, typed by its contract, or by that of ``name``; days stay ISO text.

    Only empty cells are null: a campaign may post in a language called ``na``.
    """
    path = Path(path)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame = frame.apply(lambda cells: cells.str.replace(MARKED, "", regex=True))
    for label, rule in contracts()[name or table_name(path)]["columns"].items():
        cells = frame[label]
        if rule["type"] in ("count", "integer"):
            kind = "Int64" if rule.get("optional") else "int64"
            frame[label] = pd.to_numeric(cells.where(cells != "", None)).astype(kind)
        elif rule["type"] in ("number", "share"):
            frame[label] = pd.to_numeric(cells.where(cells != "", None)).astype("float64")
        elif rule.get("optional"):
            frame[label] = cells.where(cells != "", None)
    return frame
