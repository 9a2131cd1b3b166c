"""Which files a script's results depend on: the import closure that rules declare as input.

Snakemake does not see an edit in an imported module, so a result would silently go stale.
"""

from __future__ import annotations

from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path

#: Files that a module reads whenever it is used, beside the modules it imports.
READ_BY = {"takedown.tables": "schemas/tables.yaml"}


@cache
def import_closure(script: Path, root: Path) -> list[str]:
    """The modules under ``root`` that ``script`` imports, directly or not, relative to its parent.

    Looks only under ``root``: what is installed is fixed by the lock.
    """
    finder = ModuleFinder(path=[str(root)])
    finder.run_script(str(script))
    found = [getattr(module, "__file__", None) for module in finder.modules.values()]
    files = [file for file in found if file and Path(file) != script]
    files += [str(root / read) for module, read in READ_BY.items() if module in finder.modules]
    return sorted(Path(file).relative_to(root.parent).as_posix() for file in files)
