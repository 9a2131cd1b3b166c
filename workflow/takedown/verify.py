"""``python -m takedown.verify COMPUTED REFERENCE``: compare a study's tables with the reference's.

Every CSV of the reference results is compared: counts, dates and words exactly, other numbers to a
relative difference of 1e-6. With ``--refresh`` the reference becomes what was computed instead.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import shutil
import sys
from collections import defaultdict
from pathlib import Path

RELATIVE = 1e-6
#: Not a result of the study but what its estimates are judged by; `make calibrate` makes it.
CALIBRATION = "calibration"


def tables_in(folder: Path) -> dict[str, Path]:
    """Every CSV under ``folder`` but the calibration's, keyed by its path within it."""
    paths = {path.relative_to(folder): path for path in sorted(folder.rglob("*.csv"))}
    return {name.as_posix(): path for name, path in paths.items() if name.parts[0] != CALIBRATION}


def first_difference(computed: Path, expected: Path) -> str | None:
    """The first cell in which two tables differ, in words; None when they are equal."""
    with (
        computed.open(encoding="utf-8", newline="") as left,
        expected.open(encoding="utf-8", newline="") as right,
    ):
        rows = itertools.zip_longest(csv.reader(left), csv.reader(right))
        header = next(rows, ([], []))
        if header[0] != header[1]:
            return f"columns are {header[0]}, expected {header[1]}"
        for line, (found, wanted) in enumerate(rows, start=2):
            if found is None or wanted is None:
                return f"line {line}: {'missing' if found is None else 'not expected'}"
            for name, cell, want in zip(header[1] or [], found, wanted, strict=True):
                if not same(cell, want):
                    return f"line {line}, column {name}: found {cell!r}, expected {want!r}"
    return None


def same(found: str, wanted: str) -> bool:
    """Whether two cells are equal, or both are numbers with a fraction and near enough."""
    if found == wanted:
        return True
    if not any(sign in found + wanted for sign in ".e"):
        return False
    try:
        return math.isclose(float(found), float(wanted), rel_tol=RELATIVE)
    except ValueError:
        return False


def compare(computed: Path, reference: Path) -> dict[str, str]:
    """Table -> what differs, for every table of the two folders that is not equal."""
    found, wanted = tables_in(computed), tables_in(reference)
    problems = {name: "missing" for name in wanted if name not in found}
    problems |= {name: "not in the reference" for name in found if name not in wanted}
    for name in wanted.keys() & found.keys():
        if difference := first_difference(found[name], wanted[name]):
            problems[name] = difference
    return dict(sorted(problems.items()))


def refresh(computed: Path, reference: Path) -> None:
    """Replace the reference by the computed tables; the calibration stays."""
    for name in {name.split("/")[0] for name in tables_in(reference)}:
        shutil.rmtree(reference / name)
    for name, path in tables_in(computed).items():
        target = reference / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def report(computed: Path, reference: Path, problems: dict[str, str]) -> str:
    """The comparison as a table by campaign and stage, then each difference."""
    counts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for name in tables_in(reference).keys() | tables_in(computed).keys():
        counts[tuple(name.split("/")[:2])][name in problems] += 1
    lines = [f"{'campaign':<18}{'stage':<12}{'equal':>6}{'differing':>11}"]
    lines += [
        f"{campaign:<18}{stage:<12}{equal:>6}{differing:>11}"
        for (campaign, stage), (equal, differing) in sorted(counts.items())
    ]
    lines += [f"{name}: {difference}" for name, difference in problems.items()]
    verdict = f"{len(problems)} tables differ." if problems else "All tables equal the reference."
    return "\n".join([*lines, verdict])


def main(arguments: list[str] | None = None) -> int:
    """Compare or refresh; returns the exit code, 1 when anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("computed", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--refresh", action="store_true", help="make the reference what was found")
    options = parser.parse_args(arguments)
    if not tables_in(options.computed):
        print(f"{options.computed}: no tables there; run the study first.", file=sys.stderr)
        return 1
    problems = compare(options.computed, options.reference)
    print(report(options.computed, options.reference, problems))
    if options.refresh:
        refresh(options.computed, options.reference)
        print(f"{options.reference} now holds the tables of {options.computed}.")
        return 0
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
