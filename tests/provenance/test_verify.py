"""What a tampered result looks like to `make verify`, down to the cell."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from PIL import Image, ImageDraw

from takedown.provenance.verify import compare, main, refresh, results_in

REFERENCE = ROOT / "results/reference"
DAILY = "thailand_092020/series/daily.csv"
EFFECTS = "thailand_092020/models/event_effects.csv"
DRAWN = "thailand_092020/figures/volume.csv"
PICTURE = "thailand_092020/figures/volume.small.png"
LANGUAGES = "thailand_092020/describe/languages.csv"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Some of the reference results of one campaign, and of the whole study."""
    folder = tmp_path / "wörk found"
    for name in (DAILY, EFFECTS, DRAWN, PICTURE, LANGUAGES, "claims.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REFERENCE / name, folder / name)
    shutil.copytree(folder, tmp_path / "reference")
    return folder


def differences(bundle: Path) -> list[str]:
    return [str(each) for each in compare(bundle, bundle.parent / "reference")]


def edit(path: Path, change: Callable[[list[list[str]]], object]) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def cell(row: int, column: str, value: Callable[[str], str]) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        at = rows[0].index(column)
        rows[row][at] = value(rows[row][at])

    return change


def test_a_copy_is_equal(bundle: Path) -> None:
    assert differences(bundle) == []
    assert len(results_in(bundle)) == 6
    assert compare(REFERENCE / "thailand_092020", REFERENCE / "thailand_092020") == []
    assert len(results_in(REFERENCE / "thailand_092020")) > 60


def test_reordered_rows_of_a_table_are_equal(bundle: Path) -> None:
    def turn(rows: list[list[str]]) -> None:
        rows[1:] = rows[:0:-1]

    for name in (DAILY, EFFECTS, "claims.csv"):
        edit(bundle / name, turn)
    assert differences(bundle) == []


def test_a_count_that_changed_is_named_by_row_key_and_column(bundle: Path) -> None:
    edit(bundle / DAILY, cell(40, "posts", lambda posts: str(int(posts) + 1)))
    with (bundle / DAILY).open() as handle:
        row = list(csv.DictReader(handle))[39]
    key = f"date {row['date']}, series {row['series']}"
    found = int(row["posts"])
    assert differences(bundle) == [
        f"{DAILY}, {key}, column posts: expected '{found - 1}', found '{found}'"
    ]


@pytest.mark.parametrize(("factor", "equal"), [(1 + 2e-7, True), (1 + 2e-5, False)])
def test_an_estimate_may_differ_in_the_seventh_digit_not_in_the_fifth(
    bundle: Path, factor: float, equal: bool
) -> None:
    edit(bundle / EFFECTS, cell(1, "rate_ratio", lambda ratio: f"{float(ratio) * factor:.12g}"))
    found = differences(bundle)
    assert (found == []) is equal
    if not equal:
        assert f"{EFFECTS}, series all, event " in found[0]
        assert "column rate_ratio: expected" in found[0]


def test_a_value_drawn_is_compared_to_nine_digits_and_in_order(bundle: Path) -> None:
    edit(bundle / DRAWN, lambda rows: rows.insert(3, rows.pop(1)))
    assert f"{DRAWN}, row 1, column" in differences(bundle)[0]


def test_a_count_is_never_nearly_right(bundle: Path) -> None:
    edit(bundle / LANGUAGES, cell(1, "posts", lambda posts: f"{posts}.0"))
    assert "column posts" in differences(bundle)[0]


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[0].__setitem__(2, "tweets"), "header: expected date, series, posts"),
        (lambda rows: rows.pop(5), "expected such a row, found none"),
        (
            lambda rows: rows.append(["2031-01-01", "all", "3"]),
            "date 2031-01-01, series all: expected",
        ),
        (lambda rows: rows.append(rows[1]), "(2): expected no such row, found one"),
        (lambda rows: rows.clear(), "header"),
    ],
    ids=["renamed column", "row missing", "row more", "row twice", "empty"],
)
def test_a_table_with_other_rows_or_columns(bundle: Path, change: Callable, said: str) -> None:
    edit(bundle / DAILY, change)
    assert said in differences(bundle)[0]


def test_a_row_of_another_length_and_a_picture_that_is_none_are_named(bundle: Path) -> None:
    edit(bundle / DAILY, lambda rows: rows[3].pop())
    (bundle / PICTURE).write_bytes(b"no picture")
    said = differences(bundle)
    assert said[0] == f"{PICTURE}, picture: expected a picture, found no picture"
    assert "expected 3 cells, found 2" in said[1]


def test_a_missing_and_an_extra_file_are_named(bundle: Path) -> None:
    (bundle / DAILY).unlink()
    (bundle / "thailand_092020/series/more.csv").write_text("a\n1\n")
    assert differences(bundle) == [
        f"{DAILY}: expected the file, found none",
        "thailand_092020/series/more.csv: expected no such file, found one",
    ]


def test_a_figure_that_was_redrawn_is_noticed_where_it_changed(bundle: Path) -> None:
    with Image.open(bundle / PICTURE) as picture:
        changed = picture.copy()
    ImageDraw.Draw(changed).rectangle((200, 40, 215, 55), fill=0)
    changed.save(bundle / PICTURE)
    (found,) = differences(bundle)
    assert f"{PICTURE}, picture, 200 pixels from the left and 40 from the top" in found
    changed.resize((300, 80)).save(bundle / PICTURE)
    assert "pixels, found (300, 80)" in differences(bundle)[0]


def test_an_edge_that_is_drawn_a_shade_softer_is_equal(bundle: Path) -> None:
    with Image.open(bundle / PICTURE) as picture:
        picture.point(lambda shade: max(0, shade - 3)).save(bundle / PICTURE)
    assert differences(bundle) == []


def test_the_command_prints_a_table_and_ends_with_one_on_any_difference(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = bundle.parent / "reference"
    assert main([str(bundle), str(reference)]) == 0
    said = capsys.readouterr().out
    assert said.split("\n")[0].split() == (
        "campaign stage files equal differing first differing cell".split()
    )
    assert "All results equal the reference." in said
    edit(bundle / EFFECTS, cell(1, "rate_ratio", lambda _: "77"))
    assert main([str(bundle), str(reference)]) == 1
    said = capsys.readouterr().out
    models = next(line for line in said.split("\n") if line.startswith("thailand_092020   models"))
    assert models.split()[4] == "1"
    assert EFFECTS in models
    assert "1 files differ" in said
    assert main([str(bundle.parent / "nowhere"), str(reference)]) == 1


def test_a_refresh_shows_what_differs_and_leaves_the_calibration(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = bundle.parent / "reference"
    (reference / "calibration").mkdir()
    (reference / "calibration/estimators.csv").write_text("kept\n")
    (reference / "gone.csv").write_text("a\n")
    edit(bundle / DAILY, cell(1, "posts", lambda _: "77"))
    assert main([str(bundle), str(reference), "--refresh"]) == 0
    assert "found '77'" in capsys.readouterr().out
    assert compare(bundle, reference) == []
    assert not (reference / "gone.csv").exists()
    assert (reference / "calibration/estimators.csv").read_text() == "kept\n"


def test_a_reference_keeps_figures_as_small_pictures(tmp_path: Path) -> None:
    figure = tmp_path / "found/mine/figures/volume.png"
    figure.parent.mkdir(parents=True)
    Image.new("RGB", (2162, 1200), "white").save(figure)
    (tmp_path / "reference").mkdir()
    refresh(tmp_path / "found", tmp_path / "reference")
    kept = tmp_path / "reference/mine/figures/volume.small.png"
    with Image.open(kept) as picture:
        assert picture.size == (300, 167)
    assert kept.stat().st_size < 20_000
    assert compare(tmp_path / "found", tmp_path / "reference") == []
