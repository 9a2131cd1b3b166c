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
#: The name given to the pooled row of groups with too few accounts.
POOLED = "(pooled)"
DAY = r"^\d{4}-\d{2}-\d{2}$"
#: Matches text that a spreadsheet would take for a formula, or that is already marked as below.
FORMULA = r"^(?=[=@\t\r]|[+-](?![\d.]+(?:[eE][+-]?\d+)?$)|'+[=@+\-\t\r])"
MARKED = r"^'(?='*[=@+\-\t\r])"


def contracts() -> Mapping[str, Any]:
    """The contracts, keyed by table name such as ``series/daily.csv``."""
    return read_own(CONTRACTS)


@cache
def contract(table: str) -> pa.DataFrameSchema:
    """The pandera schema of one table; columns beyond those in the contract are allowed."""
    import pandera.pandas as pa  # imported here: it is slow, and reading does not need it

    columns = contracts()[table]["columns"]
    return pa.DataFrameSchema(
        {name: column(rule) for name, rule in columns.items()},
        checks=[pa.Check(explained, error="a number is missing without a reason")]
        if "reason" in columns
        else None,
    )


def explained(frame: pd.DataFrame) -> pd.Series:
    """Whether each row gives a ``reason`` if any of its numbers is missing."""
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
    # Int64 rejects 1.5, whereas coercion to int64 would truncate it to 1.
    return pa.Column(DTYPES.get(kind, "Int64"), checks, nullable=nullable, coerce=True)


def table_name(path: Path) -> str:
    """The contract's name for a file, e.g. ``series/daily.csv``.

    All notes share one contract, and so do all trials. Tables of the whole study have no folder,
    e.g. ``claims.csv``."""
    if path.stem.endswith("_notes"):
        return "models/notes.csv"
    if path.parent.name == "trials":
        return "calibration/trials.csv"
    return path.name if path.name in contracts() else "/".join(path.parts[-2:])


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Check ``frame`` against its contract and write it atomically.

    Raises :class:`pandera.errors.SchemaErrors` naming every column and row that breaks the
    contract; that is a bug in this package, not a user error.
    """
    checked = contract(table_name(Path(path))).validate(frame, lazy=True)
    with whole(path) as part:
        write_csv(checked, part)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write ``frame`` as a CSV in which a spreadsheet finds no formulas.

    A spreadsheet may run text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage
    return as a formula, and the text may have been crafted for that. Such text is prefixed with an
    apostrophe, which :func:`read_table` removes. Numbers are left as they are.
    """
    texts = frame.select_dtypes(["object", "string", "str"]).columns
    safe = {
        name: frame[name].where(~is_formula(frame[name]), "'" + frame[name].astype(str))
        for name in texts
    }
    frame.assign(**safe).to_csv(path, index=False, float_format="%.10g", lineterminator="\n")


def is_formula(cells: pd.Series) -> pd.Series:
    """For each of the ``cells``, whether :func:`write_csv` must mark it."""
    return cells.astype(str).str.contains(FORMULA, regex=True) & cells.notna()


def read_table(path: Path | str, name: str = "") -> pd.DataFrame:
    """The table at ``path``, typed by its own contract or that of ``name``; dates stay ISO text.

    Only empty cells are null: ``na`` may be the name of a language.
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
