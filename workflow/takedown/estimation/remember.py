"""A cache for results that are the same for all series of a campaign."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any

import numpy as np


def remembered(most: int) -> Callable[[Callable[..., np.ndarray]], Callable[..., np.ndarray]]:
    """Cache the last ``most`` arrays returned by a function of arrays and plain values.

    Cached arrays are read-only, because callers share them.
    """

    def decorate(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        kept: OrderedDict[Hashable, np.ndarray] = OrderedDict()

        @wraps(function)
        def asked(*arguments: Any) -> np.ndarray:
            key = tuple(map(content, arguments))
            if key not in kept:
                kept[key] = function(*arguments)
                kept[key].setflags(write=False)
            kept.move_to_end(key)
            while len(kept) > most:
                kept.popitem(last=False)
            return kept[key]

        return asked

    return decorate


def content(argument: Any) -> Hashable:
    """Cache key of an argument: for an array, its contents, shape and type."""
    if isinstance(argument, np.ndarray):
        return argument.tobytes(), argument.shape, argument.dtype.str
    return argument
