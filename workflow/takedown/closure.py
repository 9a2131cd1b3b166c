"""Which files a script's results depend on: the import closure that rules declare as input.

Snakemake does not see an edit in an imported module, so a result would silently go stale.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

#: How a notebook asks for a table of the study, and for a file given with the repository.
TABLE, GIVEN = re.compile(r'\btable\("([^"]+)"\)'), re.compile(r'\bgiven\(\s*"([^"]+)"')
#: Files that a module reads whenever it is used, beside the modules it imports.
READ_BY = {"takedown.tables": "schemas/tables.yaml"}


@cache
def import_closure(script: Path, root: Path) -> list[str]:
    """The modules under ``root`` that ``script`` imports, directly or not, relative to its parent.

    Looks only under ``root``: what is installed is fixed by the lock.
    """
    return closure(script.read_text(encoding="utf-8"), root, (root,))


@cache
def notebook_closure(notebook: Path, root: Path) -> list[str]:
    """The same for the code cells of a ``notebook``, and the exercises that they check."""
    number = int(notebook.name.split("_")[0])
    code = f"{code_of(notebook)}\nimport takedown.course.part_{number}\n"
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
    names = {name for node in statements(ast.parse(code)) for name in names_in(node)}
    files = [
        (name, file)
        for name in names
        for stem in (folder / name.replace(".", "/") for folder in path)
        for file in (stem.with_suffix(".py"), stem / "__init__.py")
    ]
    return {name: file for name, file in files if file.is_file()}


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements within ``node``; expressions hold no import and are not looked into."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield child
            yield from statements(child)


def names_in(node: ast.AST) -> Iterator[str]:
    """What an import statement may load: modules, and the packages in which they lie."""
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        modules = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        return
    for module in modules:
        yield from accumulate(module.split("."), "{}.{}".format)
