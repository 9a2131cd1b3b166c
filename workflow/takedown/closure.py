"""Which files a script's results depend on: the import closure that rules declare as input.

Snakemake does not see an edit in an imported module, so a result would silently go stale.
"""

from __future__ import annotations

import json
import re
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path
from tempfile import TemporaryDirectory

#: How a notebook asks for a table of the study, and for a file given with the repository.
TABLE, GIVEN = re.compile(r'\btable\("([^"]+)"\)'), re.compile(r'\bgiven\(\s*"([^"]+)"')
#: Files that a module reads whenever it is used, beside the modules it imports.
READ_BY = {"takedown.tables": "schemas/tables.yaml"}


@cache
def import_closure(script: Path, root: Path) -> list[str]:
    """The modules under ``root`` that ``script`` imports, directly or not, relative to its parent.

    Looks only under ``root``: what is installed is fixed by the lock.
    """
    return closure(script, root, [root])


@cache
def notebook_closure(notebook: Path, root: Path) -> list[str]:
    """The same for the code cells of a ``notebook``, and the exercises that they check."""
    number = int(notebook.name.split("_")[0])
    code = f"{code_of(notebook)}\nimport takedown.course.part_{number}\n"
    with TemporaryDirectory() as folder:
        script = Path(folder) / "cells.py"
        script.write_text(code, encoding="utf-8")
        return closure(script, root, [root, root.parent / "notebooks"])


def code_of(notebook: Path) -> str:
    """The code cells of a notebook, one after the other."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def files_read(notebook: Path) -> tuple[list[str], list[str]]:
    """The tables that a notebook reads, by their path among the results, and the given files."""
    code = code_of(notebook)
    return sorted(set(TABLE.findall(code))), sorted(set(GIVEN.findall(code)))


def closure(script: Path, root: Path, path: list[Path]) -> list[str]:
    """The modules on the ``path`` that ``script`` imports, relative to the parent of ``root``."""
    finder = ModuleFinder(path=[str(folder) for folder in path])
    finder.run_script(str(script))
    found = [getattr(module, "__file__", None) for module in finder.modules.values()]
    files = [file for file in found if file and Path(file) != script]
    files += [str(root / read) for module, read in READ_BY.items() if module in finder.modules]
    return sorted(Path(file).relative_to(root.parent).as_posix() for file in files)
