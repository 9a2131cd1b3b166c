"""Which files a script's results depend on: the import closure that rules declare as input.

Snakemake does not see an edit in an imported module, so a result would silently go stale.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

#: How a notebook asks for a table of the study, and for a file given with the repository.
TABLE, GIVEN = re.compile(r'\btable\("([^"]+)"\)'), re.compile(r'\bgiven\(\s*"([^"]+)"')
#: An import statement: from this package these members, or these modules.
IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|.+)|import[ \t]+(.+))$", re.MULTILINE
)
#: Files that a module reads whenever it is used, beside the modules it imports.
READ_BY = {"takedown.io.tables": "schemas/tables.yaml"}


@cache
def import_closure(script: Path, root: Path, modules: tuple[str, ...] = ()) -> list[str]:
    """The modules under ``root`` that ``script`` imports, directly or not, relative to its parent.

    ``modules`` are others that it loads by name. Looks only under ``root``: what is installed is
    fixed by the lock.
    """
    by_name = "".join(f"\nimport {module}" for module in modules)
    return closure(script.read_text(encoding="utf-8") + by_name, root, (root,))


@cache
def notebook_closure(notebook: Path, root: Path) -> list[str]:
    """The same for the code cells of a ``notebook``, and the exercises that they check."""
    number = int(notebook.name.split("_")[0])
    code = f"{code_of(notebook)}\nimport takedown.notebooks.part_{number}\n"
    return closure(code, root, (root, root.parent / "notebooks"))


def code_of(notebook: Path) -> str:
    """The code cells of a notebook, one after the other."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def files_read(notebook: Path) -> tuple[list[str], list[str]]:
    """The tables that a notebook reads, by their path among the results, and the given files."""
    code = code_of(notebook)
    return sorted(set(TABLE.findall(code))), sorted(set(GIVEN.findall(code)))


def closure(code: str, root: Path, path: tuple[Path, ...]) -> list[str]:
    """The modules on the ``path`` that ``code`` imports, relative to the parent of ``root``."""
    found: dict[str, Path] = {}
    waiting = imported(code, path)
    while waiting:
        found |= waiting
        beyond = [imported_by(file, path) for file in waiting.values()]
        waiting = {name: file for one in beyond for name, file in one.items() if name not in found}
    read = [root / file for module, file in READ_BY.items() if module in found]
    return sorted(file.relative_to(root.parent).as_posix() for file in [*found.values(), *read])


@cache
def imported_by(module: Path, path: tuple[Path, ...]) -> dict[str, Path]:
    """The modules that a ``module`` itself imports; read once, however many scripts need it."""
    return imported(module.read_text(encoding="utf-8"), path)


def imported(code: str, path: tuple[Path, ...]) -> dict[str, Path]:
    """Name and file of the modules on the ``path`` in the import statements of ``code``."""
    names = {name for module in named(code) for name in accumulate(module, "{}.{}".format)}
    found = {name: module_file(name, path) for name in names}
    return {name: file for name, file in found.items() if file}


@cache
def module_file(name: str, path: tuple[Path, ...]) -> Path | None:
    """The file of the module ``name`` on the ``path``; None where there is none."""
    stems = [folder / name.replace(".", "/") for folder in path]
    files = [file for stem in stems for file in (stem.with_suffix(".py"), stem / "__init__.py")]
    return next((file for file in files if file.is_file()), None)


def named(code: str) -> Iterator[list[str]]:
    """What the import statements of ``code`` may load, name by name: ``["takedown", "files"]``.

    Found by their form: a parser takes ten times as long, and each run reads all modules.
    """
    for package, members, modules in IMPORT.findall(code):
        words = re.sub(r"#.*|[()\\]", "", members or modules)
        for name in filter(None, (word.split(" as ")[0].strip() for word in words.split(","))):
            yield [*package.split("."), name] if package else name.split(".")
