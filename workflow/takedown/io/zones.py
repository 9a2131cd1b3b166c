"""The time zones that a study or a claim may name."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache  # each call would list the zones of the system and the package again
def zones() -> frozenset[str]:
    """All IANA time zones known on this machine, except names that stand for its local zone."""
    return frozenset(available_timezones()) - {"localtime", "Factory"}
