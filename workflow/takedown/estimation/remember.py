"""Results that all series of a campaign share, computed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any

import numpy as np


def remembered(most: int) -> Callable[[Callable[..., np.ndarray]], Callable[..., np.ndarray]]:
    """Keep the last ``most`` arrays that a function made of arrays and plain values.

    They cannot be written to, as others may hold them too.
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
    """What tells one argument from another: of an array, its cells and shape."""
    if isinstance(argument, np.ndarray):
        return argument.tobytes(), argument.shape, argument.dtype.str
    return argument
