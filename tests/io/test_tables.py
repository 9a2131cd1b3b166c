"""Every table keeps its contract; what breaks it is refused before anything is written."""

import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from takedown.io.files import whole
from takedown.io.tables import contract, contracts, read_table, table_name, write_csv, write_table

NAMES = sorted(contracts())
TYPES = {"text", "count", "integer", "number", "share", "date", "flag"}
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8) | (
    st.sampled_from(["na", "NA", "null", "None", "nan", "0012", "1e5", 'a "q", b', "a\nb", "กอง"])
    | st.sampled_from(["=1+1", "+x", "-x", "@x", "'=1", "''=1", "'x", "-5", "+1e3", "\tx", "-"])
)
CELLS = {
    "text": TEXT,
    "count": st.integers(0, 2**53),
    "integer": st.integers(-(2**53), 2**53),
    "number": st.integers(-(10**6), 10**6).map(lambda number: number / 8),
    "share": st.integers(0, 64).map(lambda part: part / 64),
    "date": st.dates().map(str),
    "flag": st.booleans(),
}
DTYPES = {"count": "Int64", "integer": "Int64", "number": "float64", "share": "float64"}


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_well_formed(name: str) -> None:
    of_a_campaign = r"(clean|describe|series|models|calibration|benchmark)/\w+\.csv"
    of_the_study = r"claims(_charts)?\.csv|privacy\.csv|atlas/\w+\.csv"
    assert re.fullmatch(f"{of_a_campaign}|{of_the_study}", name)
    rules = contracts()[name]
    assert set(rules) == {"about", "key", "columns"}
    assert set(rules["key"]) <= set(rules["columns"])
    assert rules["about"].endswith(".")
    for column, rule in rules["columns"].items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column)
        assert set(rule) <= {"type", "unit", "optional", "one_of", "about"}
        assert rule["type"] in TYPES
        assert rule["about"]
        assert rule.get("optional", True) is True
    assert list(contract(name).columns) == list(rules["columns"])


def frames(name: str, **size: int) -> st.SearchStrategy[pd.DataFrame]:
    """Frames that keep the contract ``name``."""
    columns = contracts()[name]["columns"]
    cells = {}
    for column, rule in columns.items():
        cell = st.sampled_from(rule["one_of"]) if "one_of" in rule else CELLS[rule["type"]]
        cells[column] = st.none() | cell if rule.get("optional") and column != "reason" else cell

    def frame(rows: list[dict]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                column: pd.Series([row[column] for row in rows], dtype=dtype(rule))
                for column, rule in columns.items()
            }
        )

    return st.lists(st.fixed_dictionaries(cells), **size).map(frame)


def test_a_number_that_is_missing_needs_a_reason() -> None:
    explained = {name for name, rules in contracts().items() if "reason" in rules["columns"]}
    assert explained >= {"models/interrupted.csv", "models/rhythm.csv", "models/accounts.csv"}
    row = {"quantity": "a", "value": 1.0, "lower": None, "upper": None, "reason": "too few"}
    table = pd.DataFrame([row, row | {"lower": 0.5, "upper": 2.0, "reason": None}])
    contract("models/accounts.csv").validate(table, lazy=True)
    with pytest.raises(SchemaErrors, match="without a reason"):
        contract("models/accounts.csv").validate(table.assign(reason=None), lazy=True)


def dtype(rule: dict) -> str:
    if rule["type"] in ("count", "integer") and not rule.get("optional"):
        return "int64"
    return DTYPES.get(rule["type"], "object" if rule["type"] == "flag" else "str")


def path_of(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def cells_of(column: pd.Series) -> list:
    return column.astype(object).where(column.notna(), None).to_list()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=max(1, settings().max_examples // 20))  # of each of fifty tables
@given(data=st.data())
def test_a_table_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    frame = data.draw(frames(name, max_size=5))
    path = path_of(tmp_path_factory.getbasetemp() / "tables", name)
    write_table(frame, path)
    found = read_table(path)
    assert list(found) == list(frame)
    for column, rule in contracts()[name]["columns"].items():
        expected = frame[column]
        if rule["type"] == "flag":
            expected = expected.map({True: "True", False: "False"})
        assert cells_of(found[column]) == cells_of(expected)
        if rule["type"] in DTYPES:
            assert str(found[column].dtype) == dtype(rule)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_table_has_a_header_and_comes_back_empty(tmp_path: Path, name: str) -> None:
    columns = list(contracts()[name]["columns"])
    path = path_of(tmp_path, name)
    write_table(pd.DataFrame(columns=columns), path)
    assert path.read_text() == ",".join(columns) + "\n"
    found = read_table(path)
    assert list(found) == columns
    assert len(found) == 0


GOOD = {"date": ["2019-06-01"], "series": ["all"], "posts": [3]}


@pytest.mark.parametrize(
    "change",
    [
        {"posts": [-1]},
        {"posts": [1.5]},
        {"posts": [None]},
        {"posts": ["many"]},
        {"date": ["1.6.2019"]},
        {"date": ["20190601"]},
        {"date": [None]},
        {"series": [None]},
        {"posts": None},
        {"series": None},
    ],
)
def test_a_wrong_frame_is_refused_and_the_earlier_file_stays(tmp_path: Path, change: dict) -> None:
    path = path_of(tmp_path, "series/daily.csv")
    write_table(pd.DataFrame(GOOD), path)
    before = path.read_bytes()
    wrong = {key: value for key, value in (GOOD | change).items() if value is not None}
    with pytest.raises(SchemaErrors) as problem:
        write_table(pd.DataFrame(wrong), path)
    assert next(iter(change)) in str(problem.value)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["daily.csv"]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("clean/accounting.csv", {"file": "a", "outcome": "lost", "reason": None, "rows": 1}),
        (
            "describe/clients.csv",
            {"client": "a", "posts": 1, "accounts": 1, "share": 1.5, "pooled": 0},
        ),
    ],
)
def test_a_value_outside_its_range_is_refused(tmp_path: Path, name: str, row: dict) -> None:
    with pytest.raises(SchemaErrors):
        write_table(pd.DataFrame([row]), path_of(tmp_path, name))
    assert not (tmp_path / name).exists()


def test_more_columns_are_allowed(tmp_path: Path) -> None:
    path = path_of(tmp_path, "series/daily.csv")
    write_table(pd.DataFrame(GOOD | {"more": ["x"]}), path)
    assert read_table(path)["more"].to_list() == ["x"]


def test_a_file_that_cannot_be_written_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(frame: pd.DataFrame, target: Path, **_: object) -> None:
        Path(target).write_text("half")
        raise OSError(28, "No space left on device")

    path = path_of(tmp_path, "series/daily.csv")
    write_table(pd.DataFrame(GOOD), path)
    before = path.read_bytes()
    monkeypatch.setattr(pd.DataFrame, "to_csv", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_table(pd.DataFrame(GOOD), path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["daily.csv"]


def test_the_language_na_stays_text(tmp_path: Path) -> None:
    path = path_of(tmp_path, "describe/languages.csv")
    row = {"language": "na", "posts": 3, "accounts": None, "share": 1.0, "pooled": 0}
    write_table(pd.DataFrame([row]), path)
    found = read_table(path)
    assert found["language"].to_list() == ["na"]
    assert found["accounts"].isna().all()


def test_lines_end_alike_on_every_machine(tmp_path: Path) -> None:
    path = path_of(tmp_path, "series/daily.csv")
    write_table(pd.DataFrame(GOOD), path)
    assert path.read_bytes() == b"date,series,posts\n2019-06-01,all,3\n"


def test_notes_of_all_models_share_a_contract() -> None:
    assert table_name(Path("x/models/interrupted_notes.csv")) == "models/notes.csv"
    assert table_name(Path("x/calibration/trials/default.csv")) == "calibration/trials.csv"
    assert table_name(Path("a b/x/series/daily.csv")) == "series/daily.csv"


@pytest.mark.parametrize(("free", "error"), [(0, OSError), (10**9, ValueError)])
def test_a_failure_on_a_full_disk_is_called_that_whatever_the_library_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, error: type[Exception]
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(error, match=r"No space left|transport"), whole(tmp_path / "a.csv") as part:
        part.write_text("half")
        raise ValueError("transport error")
    assert not list(tmp_path.iterdir())


FORMULAS = ["=1+1", "+cmd", "-x", "@app", "\tx", "-", "-1-1", "'=1"]
NO_FORMULAS = ["-5", "-0.5", "+1e3", "plain", "'quoted'", "a=b", "1-1", ""]


def test_no_spreadsheet_computes_a_name(tmp_path: Path) -> None:
    """A client may call itself anything; its name comes back as it was."""
    names = [*FORMULAS, *NO_FORMULAS]
    path = tmp_path / "clients.csv"
    write_csv(pd.DataFrame({"client": names}), path)
    written = pd.read_csv(path, dtype=str, keep_default_na=False)["client"].tolist()
    assert written == [f"'{name}" for name in FORMULAS] + NO_FORMULAS
    assert not [cell for cell in written if cell[:1] in tuple("=@\t")]
