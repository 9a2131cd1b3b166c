"""Keep private things out of sight: secrets in addresses, and cells quoted in error messages."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from typing import Any

#: An address within a text: its scheme, and what follows up to a blank, a quote or a bracket.
ADDRESS = re.compile(r"\b([A-Za-z][\w+.-]*://)([^\s'\"<>`]+)")
#: Trailing punctuation that does not belong to an address.
END = ".,;:)]}"
#: Operating system messages, which quote no data and help the user.
OF_SYSTEM = re.compile(
    r"No space left on device|quota exceeded|File too large|Cannot allocate memory"
    r"|Permission denied|Read-only file system",
    re.IGNORECASE,
)


def shown(address: str) -> str:
    """``address`` without possible secrets: user, password, and anything after ``?`` or ``#``.

    >>> shown("https://anna:secret@example.org/a.zip?sig=4711")
    'https://example.org/a.zip'
    """
    return ADDRESS.sub(lambda found: found[1] + open_part(found[2]), address)


def open_part(rest: str) -> str:
    """The public part of an address after its scheme; passwords may hold any character."""
    end = rest[len(rest.rstrip(END)) :]
    plain = rest.rstrip(END)
    host = re.split(r"[/?#]", plain, maxsplit=1)[0]
    if "@" in host or ("@" in plain and ":" in host):
        plain = plain.rsplit("@", 1)[1]
    return re.split(r"[?#]", plain, maxsplit=1)[0] + end


def without_secrets(value: Any) -> Any:
    """``value``, nested texts, lists and mappings, with every address in it redacted."""
    if isinstance(value, Mapping):
        return {key: without_secrets(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(without_secrets(part) for part in value)
    return shown(value) if isinstance(value, str) else value


def described(cell: object) -> str:
    """A description of a cell for a message, without quoting its content.

    >>> described("2019-31-12"), described("-5"), described(" ")
    ('a text of 10 characters', 'a number of 2 characters', 'an empty cell')
    """
    text = str(cell).strip()
    if not text:
        return "an empty cell"
    kind = "number" if re.fullmatch(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?", text) else "text"
    return f"a {kind} of {len(text)} character{'s' * (len(text) != 1)}"


def places(error: BaseException) -> str:
    """The traceback of an unexpected error, with the error types but not their messages.

    A message may quote a cell of somebody's file. Only system messages about disk, memory or
    permissions are kept, as they quote nothing.
    """
    parts, seen = [], set[int]()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        stack = "".join(traceback.format_tb(one.__traceback__))
        said = OF_SYSTEM.search(str(one))
        words = type(one).__name__ + (f": {said[0]}" if said else "")
        parts.append(f"Traceback (most recent call last):\n{stack}{words}\n")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\nwhich came from\n\n".join(parts)
