"""Show a step's progress on the terminal only, never in its log."""

from __future__ import annotations

import sys

from tqdm import tqdm


def byte_bar(name: str, total: int | None = None) -> tqdm:
    """A progress bar of bytes, rate and time left; shows nothing if there is no terminal."""
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
