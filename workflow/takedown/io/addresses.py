"""Addresses, objects in buckets and local paths told apart."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterator
from typing import Any

from takedown.errors import InputError
from takedown.redaction import shown, without_secrets


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


#: In the environment of every step: addresses as they may be shown -> as they are asked for.
ASKED_FOR = "TAKEDOWN_ADDRESSES"


def hide_secrets(config: Any) -> Any:
    """A study file's ``config``, as written or resolved, with its addresses as they may be shown.

    Snakemake writes settings to files. A step takes the addresses with their passwords and
    signatures from its environment, by :func:`asked_for`.
    """
    found = copy.deepcopy(config)
    for place, key in downloads(found):
        place[key] = without_secrets(place[key])
    return found


def pass_secrets_on(config: Any) -> None:
    """Put the whole addresses of a study file's ``config`` into the environment of its steps."""
    known = dict[str, str]()
    for place, key in downloads(config):
        many = [place[key]] if isinstance(place[key], str) else place[key]
        known |= {shown(address): address for address in many}
    os.environ[ASKED_FOR] = json.dumps(known)


def downloads(config: Any) -> Iterator[tuple[Any, str]]:
    """Where addresses stand in ``config``: the part, and the key in it."""
    places = [*(config.get("campaigns") or {}).values(), config.get("fetch") or {}]
    for place in filter(None, places):
        for key in {"tweets", "users", "mirrors"} & place.keys():
            yield place, key


def asked_for(address: str) -> str:
    """An address with what :func:`hide_secrets` has taken from it."""
    return str(json.loads(os.environ.get(ASKED_FOR, "{}")).get(address, address))


def check_address(address: str, where: str) -> None:
    """Raise :class:`InputError` where an address cannot be what was meant, without showing it."""
    host = re.split(r"[/?#]", address.split("://", 1)[1], maxsplit=1)[0]
    name, colon, port = host.rsplit("@", 1)[-1].rpartition(":")
    odd = re.search(r"\s", address) or (colon and not port.isdigit() and not name.startswith("["))
    if odd and not host.endswith("]"):
        raise InputError(
            f"{where}: the address has a blank, or a password with one of the signs / # ? @ in it. "
            "Write them as %20, %2F, %23, %3F and %40."
        )


def refuse_wildcards(path: str, where: str) -> None:
    """A word in curly brackets is a wildcard to Snakemake, wherever it stands in a path."""
    if found := re.search(r"\{[^{}]*\}", path):
        raise InputError(
            f"{where}: '{path}' has curly brackets, and Snakemake, which runs the study, takes "
            f"{found[0]} for a wildcard. Rename the file or its folder."
        )
