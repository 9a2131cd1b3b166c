"""p-values, q-values and intervals of shares."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Z95 = 1.959963984540054


def exceedance(observed: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Permutation p-value: (1 + number of draws at least as large) / (1 + draws), on the last axis.

    Never zero (Phipson and Smyth 2010). Draws that equal the observed value up to rounding count as
    at least as large.
    """
    as_large = drawn >= observed - 1e-12
    return (1 + as_large.sum(axis=-1)) / (1 + drawn.shape[-1])


def q_values(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """The smallest false discovery rates that reject each null (Benjamini, Hochberg 1995)."""
    p_values = np.asarray(p_values, dtype=float)
    order = np.argsort(-p_values)
    rank = np.arange(len(p_values), 0, -1)
    found = np.empty_like(p_values)
    found[order] = np.minimum.accumulate(p_values[order] * len(p_values) / rank)
    return np.minimum(found, 1)


def wald(value: float, variance: float) -> float:
    """p-value of the Wald test that ``value`` is zero."""
    return math.erfc(abs(value) / math.sqrt(2 * variance))


def wilson(found: int, of: int) -> tuple[float, float]:
    """Wilson's (1927) 95 % interval for a proportion."""
    share, z2 = found / of, Z95**2
    centre = share + z2 / (2 * of)
    half = Z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2))
    return (centre - half) / (1 + z2 / of), (centre + half) / (1 + z2 / of)
