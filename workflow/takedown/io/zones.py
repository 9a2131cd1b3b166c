"""The time zones that a study or a claim may name."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache  # every call would list the system's and the package's zones anew
def zones() -> frozenset[str]:
    """The names of all IANA time zones known on this machine, but those that mean its own."""
    return frozenset(available_timezones()) - {"localtime", "Factory"}
