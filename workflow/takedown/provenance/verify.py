"""``python -m takedown.provenance.verify COMPUTED REFERENCE``: compare results with the reference.

Tables are compared by row key and column, whatever the order of their rows: counts, dates and words
exactly, other numbers to a relative difference of 1e-6. The data of a figure is compared row by
row, and the figure itself as a thumbnail. With ``--refresh``, the computed results replace the
reference after the differences have been shown.
"""

from __future__ import annotations

import argparse
import csv
import math
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from filecmp import cmp
from pathlib import Path

import numpy as np
from PIL import Image

from takedown.engine.endings import run
from takedown.io.tables import contracts, table_name

#: Largest relative difference of estimates, and of figure data (written with ten digits).
RELATIVE, DRAWN = 1e-6, 1e-9
#: Numbers that are closer to each other than this are equal, whatever their ratio.
NOTHING = 1e-12
#: Width in pixels of the thumbnails in which figures are compared, size of the blocks in which they
#: are compared, and the largest mean difference of a block, in shades of grey (of 256).
WIDTH, BLOCK, SHADES = 300, 10, 8
SMALL = ".small.png"
#: Not a result of the study but what its estimates are judged by; `make calibrate` makes it.
CALIBRATION = "calibration"
FRACTIONS = ("number", "share")


@dataclass(frozen=True)
class Difference:
    """The first cell in which a file differs from the reference."""

    file: str
    row: str
    column: str
    expected: str
    found: str

    def __str__(self) -> str:
        place = ", ".join(
            filter(None, (self.file, self.row, self.column and f"column {self.column}"))
        )
        return f"{place}: expected {self.expected}, found {self.found}"


def results_in(folder: Path) -> dict[str, Path]:
    """Every table and figure under ``folder`` except the calibration's, by its path within it.

    Figures are listed under the names of their thumbnails, because the reference keeps only these.
    """
    found = {}
    for path in sorted([*folder.rglob("*.csv"), *folder.rglob("*.png")]):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] != CALIBRATION:
            found[name if name.endswith((".csv", SMALL)) else f"{name[:-4]}{SMALL}"] = path
    return found


def rows_by_key(path: Path, columns: list[str], key: Sequence[str]) -> dict[str, list[str]]:
    """The rows of a table by their key, in words; without a key, by their number."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))[1:]
    seen: Counter[str] = Counter()
    found = {}
    for number, row in enumerate(rows, start=1):
        words = f"row {number}"
        if key:
            cells = dict(zip(columns, row, strict=False))
            words = ", ".join(f"{name} {cells.get(name, '')}" for name in key)
            seen[words] += 1
            words += f" ({seen[words]})" if seen[words] > 1 else ""
        found[words] = row
    return found


def header(path: Path) -> list[str]:
    """The column names of a table."""
    with path.open(encoding="utf-8", newline="") as handle:
        return next(csv.reader(handle), [])


def differing_cells(found: Path, wanted: Path, name: str) -> Iterator[Difference]:
    """The cells of a table that differ from the reference, in the order of the reference."""
    contract = contracts().get(table_name(Path(name)), {})
    columns = header(wanted)
    if header(found) != columns:
        pairs = (", ".join(columns), ", ".join(header(found)))
        yield Difference(name, "header", "", *pairs)
        return
    key = [column for column in contract.get("key", ()) if column in columns]
    have, want = (rows_by_key(path, columns, key) for path in (found, wanted))
    for row, cells in want.items():
        if row not in have:
            yield Difference(name, row, "", "such a row", "none")
            continue
        if len(have[row]) != len(cells):
            yield Difference(name, row, "", f"{len(cells)} cells", f"{len(have[row])}")
            continue
        for column, cell, expected in zip(columns, have[row], cells, strict=True):
            rule = contract.get("columns", {}).get(column, {})
            exact = bool(contract) and rule.get("type") not in FRACTIONS
            if not same(cell, expected, 0 if exact else RELATIVE if contract else DRAWN):
                yield Difference(name, row, column, repr(expected), repr(cell))
    yield from (Difference(name, row, "", "no such row", "one") for row in have if row not in want)


def same(found: str, expected: str, relative: float) -> bool:
    """Whether two cells are equal, or both are numbers and near enough."""
    if found == expected:
        return True
    if not relative:
        return False
    try:
        return math.isclose(float(found), float(expected), rel_tol=relative, abs_tol=NOTHING)
    except ValueError:
        return False


def small(path: Path) -> Image.Image:
    """A figure's thumbnail, made from the figure unless the file already is one."""
    with Image.open(path) as picture:
        return picture.convert("L") if path.name.endswith(SMALL) else shrink(picture)


def shrink(picture: Image.Image) -> Image.Image:
    """A greyscale copy of a picture, :data:`WIDTH` pixels wide."""
    height = max(1, round(picture.height * WIDTH / picture.width))
    return picture.convert("L").resize((WIDTH, height), Image.Resampling.BOX)


def differing_pictures(found: Path, wanted: Path, name: str) -> Iterator[Difference]:
    """Where a figure differs most from the reference, if by more than allowed."""
    try:
        have = small(found)
    except OSError:
        yield Difference(name, "picture", "", "a picture", "no picture")
        return
    yield from differing_in_pictures(have, small(wanted), name)


def differing_in_pictures(have: Image.Image, want: Image.Image, name: str) -> Iterator[Difference]:
    """Where two thumbnails differ most, if by more than allowed."""
    if have.size != want.size:
        yield Difference(name, "picture", "", f"{want.size} pixels", f"{have.size}")
        return
    apart = np.abs(np.asarray(have, float) - np.asarray(want, float))
    rows, columns = (np.arange(0, size, BLOCK) for size in apart.shape)
    blocks = np.add.reduceat(np.add.reduceat(apart, rows, axis=0), columns, axis=1) / BLOCK**2
    if blocks.max() > SHADES:
        y, x = np.unravel_index(blocks.argmax(), blocks.shape)
        place = f"picture, {x * BLOCK} pixels from the left and {y * BLOCK} from the top"
        words = f"at most {SHADES} shades of grey apart", f"{blocks.max():.0f}"
        yield Difference(name, place, "", *words)


def compare(computed: Path, reference: Path) -> list[Difference]:
    """The first difference in each file that differs, by file."""
    found, wanted = results_in(computed), results_in(reference)
    differences = []
    for name in sorted(found.keys() | wanted.keys()):
        if name not in found:
            differences.append(Difference(name, "", "", "the file", "none"))
        elif name not in wanted:
            differences.append(Difference(name, "", "", "no such file", "one"))
        elif not cmp(found[name], wanted[name], shallow=False):
            kind = differing_cells if name.endswith(".csv") else differing_pictures
            differences += [*kind(found[name], wanted[name], name)][:1]
    return differences


def place_of(name: str) -> tuple[str, str]:
    """Campaign and stage of a file; the results of the whole study have no campaign."""
    parts = name.split("/")
    if len(parts) == 3:
        return parts[0], parts[1]
    return "all campaigns", parts[0] if len(parts) > 1 else parts[0].split("_")[0].split(".")[0]


def report(names: Sequence[str], differences: Sequence[Difference]) -> str:
    """The comparison as a table by campaign and stage, then each difference."""
    by_file: Mapping[str, Difference] = {each.file: each for each in differences}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in sorted({*names, *by_file}):
        groups[place_of(name)].append(name)
    line = "{:<18}{:<10}{:>6}{:>7}{:>11}  {}"
    heads = ("campaign", "stage", "files", "equal", "differing", "first differing cell")
    lines = [line.format(*heads)]
    for (campaign, stage), files in sorted(groups.items()):
        wrong = [by_file[name] for name in files if name in by_file]
        first = str(wrong[0]) if wrong else ""
        counts = len(files), len(files) - len(wrong), len(wrong)
        lines.append(line.format(campaign, stage, *counts, first).rstrip())
    if not differences:
        return "\n".join([*lines, "All results equal the reference."])
    every = [f"  {each}" for each in differences]
    return "\n".join([*lines, "", f"{len(differences)} files differ:", *every])


def refresh(computed: Path, reference: Path) -> None:
    """Replace the reference by the computed tables and thumbnails; the calibration is kept."""
    for path in reference.iterdir():
        if path.is_dir() and path.name != CALIBRATION:
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
    for name, path in results_in(computed).items():
        target = reference / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".csv"):
            shutil.copyfile(path, target)
        else:
            small(path).save(target, optimize=True)


def main(arguments: list[str] | None = None) -> int:
    """Compare or refresh; returns the exit code, 1 when anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("computed", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--refresh", action="store_true", help="make the reference what was found")
    options = parser.parse_args(arguments)
    if not results_in(options.computed):
        print(f"{options.computed}: no results there; run the study first.", file=sys.stderr)
        return 1
    differences = compare(options.computed, options.reference)
    names = [*results_in(options.computed), *results_in(options.reference)]
    print(report(names, differences))
    if options.refresh:
        refresh(options.computed, options.reference)
        print(f"{options.reference} now holds the results of {options.computed}.")
        return 0
    return 1 if differences else 0


if __name__ == "__main__":
    run(main)
