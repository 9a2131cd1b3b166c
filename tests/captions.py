"""Figures with the titles and captions of their entries in the registry."""

from __future__ import annotations

from pathlib import Path

from takedown.figures import style
from takedown.figures.registry import CALIBRATION, FIGURES
from takedown.figures.style import Drawing

ENTRIES = {entry.name: entry for entry in (*FIGURES, CALIBRATION)}


def caption_of(drawing: Drawing) -> str:
    return drawing.caption(ENTRIES[drawing.name].caption)


def save(drawing: Drawing, stem: Path) -> None:
    """Save a figure as its rule does."""
    entry = ENTRIES[drawing.name]
    style.save(drawing, stem, entry.title, entry.caption)
