"""``python -m takedown.report.summary STUDY_FILE``: a study's main numbers, and what to open."""

from __future__ import annotations

import sys
from pathlib import Path

from takedown.engine.endings import run
from takedown.io.files import read_yaml


def main(study_file: str) -> None:
    """Print the summary that the report stage wrote, if the study has run."""
    name = read_yaml(study_file)["study"]
    folder = Path("results") / name
    if (folder / "summary.txt").is_file():
        print("\n" + (folder / "summary.txt").read_text(encoding="utf-8"))
        print(f"Open {folder / 'index.html'} for the figures, with captions, sources and limits.")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1]))
