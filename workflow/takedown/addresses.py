"""Addresses, objects in buckets and local paths told apart, and addresses as they may be shown."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from takedown.errors import InputError


def is_address(path: str) -> bool:
    """Whether ``path`` is to be downloaded rather than read from this machine."""
    return path.startswith(("http://", "https://"))


#: An object in a bucket, and where Snakemake keeps the copies of such here.
SCHEME, COPIES = "s3://", ".snakemake/storage/s3/"


def in_bucket(path: str) -> bool:
    """Whether ``path`` names an object in a bucket, which Snakemake brings here."""
    return path.startswith(SCHEME)


def copy_here(path: str) -> str:
    """The local path of a file: its own, or that of the copy of an object in a bucket."""
    return COPIES + path.removeprefix(SCHEME) if in_bucket(path) else path


def shown(address: str) -> str:
    """``address`` without what may be secret in it: user, password, and what follows a ``?``."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rsplit("@", 1)[-1], parts.path, "", ""))


def refuse_wildcards(path: str, where: str) -> None:
    """A word in curly brackets is a wildcard to Snakemake, wherever it stands in a path."""
    if found := re.search(r"\{[^{}]*\}", path):
        raise InputError(
            f"{where}: '{path}' has curly brackets, and Snakemake, which runs the study, takes "
            f"{found[0]} for a wildcard. Rename the file or its folder."
        )
