"""Input of the notebooks: a study's tables, and files that come with the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from takedown.errors import InputError
from takedown.io.tables import read_table
from takedown.notebooks import RESULTS

ROOT = Path(__file__).parents[3]


def results() -> Path:
    """The results folder: the default study's own if it has run, otherwise the committed one."""
    if RESULTS in os.environ:
        return Path(os.environ[RESULTS])
    own = ROOT / "results" / "default"
    return own if (own / "manifest.json").exists() else ROOT / "results" / "reference"


def table(name: str) -> pd.DataFrame:
    """A table of the default study, by its path among the results.

    The columns of each are in docs/reference/tables.md. Raises :class:`InputError` when there is
    no such table.
    """
    path = results() / name
    if not path.is_file():
        raise InputError(f"There is no table {name} in {path.parents[len(Path(name).parts) - 1]}.")
    return read_table(path)


def given(name: str) -> Path:
    """A file that comes with the repository, by its path in the project folder."""
    path = ROOT / name
    if not path.is_file():
        raise InputError(f"There is no file {name} in the project folder {ROOT}.")
    return path
