"""What figure and page show of a campaign's daily volume: days, series, and their names."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

MOST_SERIES = 5


def drawn_days(study: pd.DatetimeIndex, modelled: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The whole study window, or the model days where the window is more than twice as long."""
    return study if len(study) <= 2 * len(modelled) else modelled


def composition(shown: pd.DataFrame) -> list[str]:
    """The series that show what the posts are: topics where there are any, else languages."""
    for kind in ("topic:", "lang:"):
        names = [name for name in shown if name.startswith(kind) and shown[name].any()]
        if names:
            return sorted(names, key=lambda name: -shown[name].sum())[:MOST_SERIES]
    return []


def readable(series: str, labels: Mapping[str, str]) -> str:
    """A series' name for readers."""
    kind, _, name = series.partition(":")
    return labels.get(name, name) if kind == "topic" else name
