"""Many whole numbers in their order: each of them once, and which others are among them."""

from __future__ import annotations

import numpy as np


def sorted_once(numbers: np.ndarray) -> np.ndarray:
    """The different ``numbers``, sorted in place; ``np.unique`` takes many times as long."""
    numbers.sort()
    return (
        numbers[np.concatenate([[True], numbers[1:] != numbers[:-1]])] if len(numbers) else numbers
    )


def among(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which of ``numbers`` stand in ``known``, which is sorted."""
    if not len(known):
        return np.zeros(len(numbers), bool)
    return known[np.minimum(np.searchsorted(known, numbers), len(known) - 1)] == numbers
