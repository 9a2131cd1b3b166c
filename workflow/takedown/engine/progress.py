"""How far a step has come, on the terminal alone: its log stays free of it."""

from __future__ import annotations

import sys

from tqdm import tqdm


def byte_bar(name: str, total: int | None = None) -> tqdm:
    """Bytes, rate and time left on the terminal; nothing where there is none."""
    return tqdm(
        desc=name,
        total=total,
        unit="B",
        unit_scale=True,
        leave=False,
        dynamic_ncols=True,
        disable=None,
        file=sys.__stderr__,
    )
