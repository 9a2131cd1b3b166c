"""Fast operations on large integer arrays: sorted unique values, and membership in them."""

from __future__ import annotations

import numpy as np


def sorted_once(numbers: np.ndarray) -> np.ndarray:
    """The unique ``numbers``; sorts them in place. ``np.unique`` takes many times as long."""
    numbers.sort()
    return (
        numbers[np.concatenate([[True], numbers[1:] != numbers[:-1]])] if len(numbers) else numbers
    )


def among(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """A mask of which ``numbers`` are in ``known``, which must be sorted."""
    if not len(known):
        return np.zeros(len(numbers), bool)
    return known[np.minimum(np.searchsorted(known, numbers), len(known) - 1)] == numbers
