"""Addresses and local paths told apart, and addresses as they may be shown."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def is_address(path: str) -> bool:
    """Whether ``path`` is to be downloaded rather than read from this machine."""
    return path.startswith(("http://", "https://"))


def shown(address: str) -> str:
    """``address`` without what may be secret in it: user, password, and what follows a ``?``."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rsplit("@", 1)[-1], parts.path, "", ""))
