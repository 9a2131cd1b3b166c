"""The import closure of a script: the code its results depend on, which rules declare as input.

Snakemake does not track imported modules, so without this an edit in one would leave results stale.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

#: How a notebook reads a table of the study, and a file supplied with the repository.
TABLE, GIVEN = re.compile(r'\btable\("([^"]+)"\)'), re.compile(r'\bgiven\(\s*"([^"]+)"')
#: An import statement; its groups are the package and members of ``from``, or the modules.
IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|.+)|import[ \t]+(.+))$", re.MULTILINE
)
#: Data files that a module always reads, in addition to the modules it imports.
READ_BY = {"takedown.io.tables": "schemas/tables.yaml"}


@cache
def import_closure(script: Path, root: Path, modules: tuple[str, ...] = ()) -> list[str]:
    """The modules under ``root`` that ``script`` imports, directly or indirectly.

    Paths are relative to the parent of ``root``. ``modules`` are further ones that the script loads
    by name. Installed packages are not followed, since the lock file fixes their versions.
    """
    by_name = "".join(f"\nimport {module}" for module in modules)
    return closure(script.read_text(encoding="utf-8") + by_name, root, (root,))


@cache
def notebook_closure(notebook: Path, root: Path) -> list[str]:
    """:func:`import_closure` for a ``notebook``'s code cells, and for the exercises it checks."""
    number = int(notebook.name.split("_")[0])
    code = f"{code_of(notebook)}\nimport takedown.notebooks.part_{number}\n"
    return closure(code, root, (root, root.parent / "notebooks"))


def code_of(notebook: Path) -> str:
    """The code cells of a notebook, one after the other."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def files_read(notebook: Path) -> tuple[list[str], list[str]]:
    """The tables that a notebook reads, as paths within the results, and its supplied files."""
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
    """The modules that ``module`` imports directly; cached, as many scripts share modules."""
    return imported(module.read_text(encoding="utf-8"), path)


def imported(code: str, path: tuple[Path, ...]) -> dict[str, Path]:
    """The modules on the ``path`` that ``code`` imports, as module name -> file."""
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
    """Each dotted name that the imports in ``code`` may load, split: ``["takedown", "files"]``.

    Uses a regular expression: a parser takes ten times as long, and each run reads all modules.
    """
    for package, members, modules in IMPORT.findall(code):
        words = re.sub(r"#.*|[()\\]", "", members or modules)
        for name in filter(None, (word.split(" as ")[0].strip() for word in words.split(","))):
            yield [*package.split("."), name] if package else name.split(".")
