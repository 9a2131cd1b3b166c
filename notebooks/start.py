"""The first line of every notebook: finds the project, and gives the few words of the course.

``check`` an answer, ask for a ``hint``, ``show`` a figure, ``explore`` one with a slider, read a
``table`` of the default study or a file that is ``given`` with the repository.
"""

import os
import sys
from pathlib import Path

import pandas as pd

ROOT = next(
    folder for folder in Path(__file__).resolve().parents if (folder / "Snakefile").exists()
)
sys.path.insert(0, str(ROOT / "workflow"))
os.chdir(ROOT)  # the workflow's paths are relative to the project folder

from takedown.notebooks.data import given, table
from takedown.notebooks.exercise import check, hint
from takedown.notebooks.shown import explore, show
from takedown.figures import style

pd.set_option("display.precision", 4, "display.max_colwidth", 80)
STYLE = style.styled()
STYLE.__enter__()  # for as long as the notebook runs

__all__ = ["check", "explore", "given", "hint", "show", "table"]
