"""The solutions of the exercises, kept apart from the notebooks, and put into their cells."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import nbformat

from takedown.engine.endings import run

MARK = re.compile(r"^# %% (\d+\.\d+)\n", re.MULTILINE)
CELL = "exercise-"


def exercise_cells(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """The cells of a notebook that answer an exercise, by exercise number."""
    return {
        cell.id.removeprefix(CELL).replace("-", "."): cell
        for cell in notebook.cells
        if cell.id.startswith(CELL)
    }


def read_solutions(path: Path) -> dict[str, str]:
    """The code of each solution in a file whose parts begin with ``# %% <number>``."""
    _, *pieces = MARK.split(path.read_text(encoding="utf-8"))
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def solved(notebook: Path, solutions: Path) -> nbformat.NotebookNode:
    """The notebook with the solutions in place of the exercises' own cells.

    Raises :class:`KeyError` when an exercise has no solution, or a solution no exercise.
    """
    found = nbformat.read(notebook, as_version=4)
    cells, answers = exercise_cells(found), read_solutions(solutions)
    if odd := set(cells) ^ set(answers):
        raise KeyError(f"{solutions}: exercises and solutions differ in {sorted(odd)}")
    for number, cell in cells.items():
        cell.source = f'{answers[number].strip()}\ncheck("{number}", answer)'
    return found


def main(arguments: list[str]) -> None:
    """Write one notebook with its solutions into ``notebooks/mine``."""
    found = [path for path in sorted(Path("notebooks").glob("*.ipynb")) if path.name[:2].isdigit()]
    numbers = [str(int(path.name[:2])) for path in found]
    if len(arguments) != 1 or arguments[0] not in numbers:
        sys.exit(f"Name the number of one notebook: {', '.join(numbers)}.")
    path = found[numbers.index(arguments[0])]
    target = path.parent / "mine" / f"solved_{path.name}"
    target.parent.mkdir(exist_ok=True)
    shutil.copy2(path.parent / "start.py", target.parent)
    nbformat.write(solved(path, path.parent / "solutions" / f"{path.name[:2]}.py"), target)
    print(target)


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
