"""The exceptions this package raises on purpose."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from takedown.redaction import shown


class InputError(Exception):
    """Something the user gave cannot be used; the message says what, where and what to do.

    Addresses in it are shown without passwords and signatures.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(shown(str(message)))


class MissingFileError(InputError):
    """A file the user named, ``path``, is not there."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion such as ``" Did you mean 'campaigns'?"``, or nothing when none is near."""
    near = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""
