"""Every file that a user gives: no column reaches a number without a contract.

Of every kind of file the columns that are read, each with cells that must be refused or set aside;
columns of free text are named as such. What is read beyond these fails here, and so does a new
place in the package that reads a file by itself.
"""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from builders import clean, post, to_csv, user

from takedown.archives.columns import ACCOUNT, POST
from takedown.claims.table import read_claims
from takedown.describe import aggregates
from takedown.describe.aggregates import hashtag_totals, read_accounts, read_counts
from takedown.errors import InputError
from takedown.io import user_csv
from takedown.series.calendars import attention_in, events_in
from takedown.study.config import read_calibration

NO_DAYS = ["yesterday", "30/11/2019", "19-11-30", "2019-02-30", "9999-12-31", "43799", "2019-11"]
NO_COUNTS = ["many", "-5", "1.5", "1e3", "NaN", "inf", "1,000", "0x10", "5 posts"]
NO_SHARES = ["high", "-0.1", "1.5", "nan", "5 %"]
TEXT: list[str] = []
#: A sound row, what reads the file, and of each column the cells that must be refused.
TABLES: dict[str, tuple[Callable[[str], object], dict[str, str], dict[str, list[str]]]] = {
    "counts": (
        lambda path: read_counts(path, "UTC").collect(),
        {"time": "2019-11-30 05:20", "language": "en", "posts": "7"},
        {"time": [*NO_DAYS, "", "11/30/2019 05:20", "2019-11-30 25:00"],
         "posts": [*NO_COUNTS, ""], "language": TEXT},
    ),
    "accounts": (
        lambda path: read_accounts(path).collect(),
        {"account_creation_date": "2019-01-15"},
        {"account_creation_date": [*NO_DAYS, "1970-01-01"]},
    ),
    "hashtags": (
        lambda path: hashtag_totals(path, 5),
        {"hashtag": "army", "count": "12"},
        {"hashtag": [""], "count": [*NO_COUNTS, ""]},
    ),
    "events": (
        lambda path: events_in([path], []),
        {"date": "2019-11-30", "end_date": "", "title": "t", "topic": "x", "anticipated": "yes",
         "source": "s", "event_id": "E1", "url": "u", "source_title": "v"},
        {"date": [*NO_DAYS, ""], "end_date": [*NO_DAYS, "2019-11-29"], "title": ["", " "],
         "anticipated": ["perhaps", "2"], "event_id": ["pooled", "Pooled_unexpected"],
         "topic": TEXT, "source": TEXT, "url": TEXT, "source_title": TEXT},
    ),
    "attention": (
        lambda path: attention_in([path]),
        {"date": "2019-11-30", "value": "3", "series": "views"},
        {"date": [*NO_DAYS, ""], "value": ["", "many", "nan", "inf", "1_000", "1,000"],
         "series": TEXT},
    ),
    "calibration": (
        read_calibration,
        {"estimator": "pooled", "setting": "x", "simulations": "1000", "fpr": "0.05",
         "fpr_lower": "0.03", "fpr_upper": "0.07", "coverage": "0.95", "power_rr1_5": "0.5",
         "power_rr2": "0.9", "usable": "yes", "why": ""},
        {"estimator": [""], "setting": [""], "simulations": ["", "many", "-1", "nan"],
         "usable": ["", "maybe", "Yes"], "why": TEXT,
         **dict.fromkeys(("fpr", "fpr_lower", "fpr_upper", "coverage", "power_rr1_5", "power_rr2"),
                         NO_SHARES)},
    ),
    "claims": (
        read_claims,
        next(csv.DictReader(io.StringIO(Path("resources/claims.csv").read_text("utf-8")))),
        {"id": ["", "a b"], "campaign": [""], "quantity": ["", "pots"], "where": ["nothing > 3"],
         "timezone": ["Mars/Base"], "value": ["", "many", "nan"], "unit": ["", "posts"],
         "relation": ["", "roughly"], "tolerance": ["much", "-1"], "statement": [""]},
    ),
}  # fmt: skip


def write(path: Path, row: Mapping[str, str]) -> str:
    held = io.StringIO()
    writer = csv.DictWriter(held, [*row], lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    path.write_text(held.getvalue(), encoding="utf-8")
    return str(path)


def cases() -> Iterable[tuple[str, str, str]]:
    return (
        (kind, column, cell)
        for kind, (_, _, bad) in TABLES.items()
        for column, cells in bad.items()
        for cell in cells
    )


@pytest.mark.parametrize("kind", TABLES)
def test_a_sound_row_is_read(kind: str, tmp_path: Path) -> None:
    read, row, _ = TABLES[kind]
    read(write(tmp_path / f"{kind}.csv", row))


@pytest.mark.parametrize(("kind", "column", "cell"), [*cases()])
def test_a_cell_that_cannot_be_is_refused_with_its_place(
    kind: str, column: str, cell: str, tmp_path: Path
) -> None:
    read, row, _ = TABLES[kind]
    path = write(tmp_path / f"{kind}.csv", row | {column: cell})
    with pytest.raises(InputError) as problem:
        read(path)
    assert f"{path}, line 2" in str(problem.value)
    assert column in str(problem.value)


class Recorded(dict):
    """A row that notes which of its cells are asked for."""

    asked: ClassVar[set[str]]

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


@pytest.mark.parametrize("kind", TABLES)
def test_no_column_is_read_that_has_no_contract_here(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the tables that are read row by row; those of polars are typed by the columns named."""
    read, row, bad = TABLES[kind]
    asked: set[str] = set()
    monkeypatch.setattr(Recorded, "asked", asked, raising=False)
    rows_of = user_csv.read_rows

    def recorded(path: str) -> user_csv.Table:
        table = rows_of(path)
        return user_csv.Table(table.columns, [Recorded(one) for one in table.rows], table.lines)

    typed = aggregates.read_cells

    def named(path: str, **columns: Any) -> Any:
        asked.update(columns)
        return typed(path, **columns).select(*columns)

    monkeypatch.setattr(aggregates, "read_cells", named)
    for module in ("takedown.series.calendars", "takedown.claims.table", "takedown.study.config"):
        monkeypatch.setattr(f"{module}.read_rows", recorded)
    read(write(tmp_path / f"{kind}.csv", row))
    free = {"of", "source_title", "publisher", "source_date", "source_kind", "url", "note"}
    assert asked, "nothing was read"
    assert asked <= {*bad, *(free if kind == "claims" else ())}


#: Of each kind of column of an archive, cells that set their row aside.
SET_ASIDE = {
    "post id": ["x", "", "12x"],
    "id": [""],
    "time": ["", *NO_DAYS, "2019-11-30 05:20:00+07:00", "2005-11-30 05:20"],
    "date": ["30/11/2019", "19-11-30", "2019-02-30", "yesterday"],
    "count": ["many", "-5", "1.5", "inf"],
    "flag": ["maybe", "2", ""],
    "list": ["army", "a, b", "[a"],
}
#: Any text may stand in them: what they hold is counted as it is, or looked up by its id.
FREE = {"text", "category", "post reference", "account reference"}


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("name", POST)
def test_an_archives_row_with_a_cell_that_cannot_be_is_set_aside(name: str, tmp_path: Path) -> None:
    column = POST[name]
    cells = [] if column.kind in FREE else SET_ASIDE[column.kind]
    cells = [cell for cell in cells if cell or column.needed]
    for number, cell in enumerate(cells):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(to_csv([post(), post("2019-11-21 05:20", **{name: cell})], [*POST]))
        found = clean(tmp_path, path)
        assert found.outcomes[("kept", "")] == 1, cell
        [reason] = found.quarantine["reason"]
        assert name in reason


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("name", ACCOUNT)
def test_a_users_row_with_a_cell_that_cannot_be_is_set_aside(name: str, tmp_path: Path) -> None:
    column = ACCOUNT[name]
    cells = [] if column.kind in FREE else SET_ASIDE[column.kind]
    posts, people = tmp_path / "posts.csv", tmp_path / "users.csv"
    posts.write_bytes(to_csv([post()]))
    for cell in (cell for cell in cells if cell or column.needed):
        people.write_bytes(to_csv([user("u1"), user("u2") | {name: cell}], [*ACCOUNT]))
        found = clean(tmp_path, posts, [people])
        assert len(found.quarantine) == 1, cell


# Places that read files

#: What each module reads that opens files by itself: nothing of a user's, or with these checks.
READERS = {
    "io/user_csv.py": "every CSV that users write, strictly",
    "clean/records.py": "the posts and accounts of archives, typed by archives/columns.py",
    "archives/members.py": "their first line",
    "io/yaml_file.py": "study files, looked through before their schema is applied",
    "io/files.py": "YAML; every caller below checks it against a schema",
    "io/tables.py": "tables that a step wrote and checked",
    "archives/catalogue.py": "our catalogue, checked against its schema",
    "study/config.py": "our list of reduced archives",
    "archives/receipt.py": "our receipts",
    "fetch/trust.py": "our record of downloads",
    "fetch/archive.py": "our list of reduced archives",
    "provenance/verify.py": "our results, compared with the reference",
    "provenance/bundle.py": "somebody's results, compared with what their sha256 says",
    "provenance/privacy.py": "our results, searched for what must not be there",
    "provenance/why.py": "our accounting",
}
RAW = {"read_csv", "scan_csv", "reader", "DictReader", "read_excel", "load", "safe_load", "compose"}
YAML_FILES = {
    "archives/formats.py": "formats, checked by check_formats before anything runs",
    "study/config.py": "topics, checked by check_topic",
    "io/files.py": "read_own: our schemas and contracts",
    "study/topics.py": "topics, checked by config.check_topic",
    "report/summary.py": "the study file, which has run",
    "provenance/unchanged.py": "the study file, checked by study_file",
    "provenance/bundle.py": "our CITATION.cff",
    "provenance/deposit.py": "our CITATION.cff",
}


def calls(names: set[str]) -> set[str]:
    """The modules of the package that call a function of one of these names."""
    package = Path("workflow/takedown")
    left_out = ("notebooks/", "simulate/")
    found = set()
    for path in package.rglob("*.py"):
        module = path.relative_to(package).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and not module.startswith(left_out):
                called = node.func
                name = getattr(called, "attr", getattr(called, "id", ""))
                if name in names:
                    found.add(module)
    return found


def test_every_place_that_reads_a_table_or_yaml_by_itself_is_known() -> None:
    assert calls(RAW) <= READERS.keys()
    assert calls({"read_yaml"}) == YAML_FILES.keys()


@pytest.mark.parametrize("name", ["config", "formats", "catalogue"])
def test_a_schema_leaves_no_key_open(name: str) -> None:
    """A key that is not known is a mistake; of one that is, the kind of value is said."""
    schema = yaml.safe_load(Path(f"workflow/schemas/{name}.schema.yaml").read_text("utf-8"))

    def walk(node: Any, where: str) -> None:
        if not isinstance(node, dict):
            return
        if "properties" in node and node.get("type") == "object":
            assert node.get("additionalProperties") is not None, where
        for key, value in node.items():
            walk(value, f"{where}.{key}")

    if name != "catalogue":
        walk(schema, name)
    assert schema
