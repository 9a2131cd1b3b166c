"""Days and series of a campaign's daily volume that figure and page show, and their names."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from takedown.archives.columns import CONTROL_GROUP

MOST_SERIES = 5
#: How posts may be broken down, most informative first, and the words for readers.
PARTS = {"topic": "topic", "group": "group of accounts", "lang": "language"}


def drawn_days(study: pd.DatetimeIndex, modelled: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The whole study window, or only the model days if the window is more than twice as long."""
    return study if len(study) <= 2 * len(modelled) else modelled


def composition(shown: pd.DataFrame) -> list[str]:
    """The series that break posts down: by topic if possible, else by group, else by language."""
    shown = shown.drop(columns=f"group:{CONTROL_GROUP}", errors="ignore")
    for kind in PARTS:
        names = [name for name in shown if name.startswith(f"{kind}:") and shown[name].any()]
        if names:
            return sorted(names, key=lambda name: -shown[name].sum())[:MOST_SERIES]
    return []


def readable(series: str, labels: Mapping[str, str]) -> str:
    """The display name of a series."""
    kind, _, name = series.partition(":")
    return labels.get(name, name) if kind == "topic" else name
