"""Distinguish web addresses, objects in buckets and local paths."""

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


#: The scheme of objects in a bucket, and where Snakemake keeps its local copies of them.
SCHEME, COPIES = "s3://", ".snakemake/storage/s3/"


def in_bucket(path: str) -> bool:
    """Whether ``path`` names an object in a bucket, which Snakemake copies to this machine."""
    return path.startswith(SCHEME)


def copy_here(path: str) -> str:
    """The local path of a file; for an object in a bucket, that of its local copy."""
    return COPIES + path.removeprefix(SCHEME) if in_bucket(path) else path


#: Environment variable of every step: JSON mapping each redacted address to the full one.
ASKED_FOR = "TAKEDOWN_ADDRESSES"


def hide_secrets(config: Any) -> Any:
    """A copy of a study file's ``config``, as written or resolved, with its addresses redacted.

    Snakemake writes settings to files, so passwords and signatures must not be among them. A step
    gets the full addresses from its environment, through :func:`asked_for`.
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
    """Each place in ``config`` that holds addresses, as a mapping and the key in it."""
    places = [*(config.get("campaigns") or {}).values(), config.get("fetch") or {}]
    for place in filter(None, places):
        for key in {"tweets", "users", "mirrors"} & place.keys():
            yield place, key


def asked_for(address: str) -> str:
    """The full address for one that :func:`hide_secrets` has redacted."""
    return str(json.loads(os.environ.get(ASKED_FOR, "{}")).get(address, address))


def check_address(address: str, where: str) -> None:
    """Raise :class:`InputError` if an address is plainly mistyped; the error does not show it."""
    host = re.split(r"[/?#]", address.split("://", 1)[1], maxsplit=1)[0]
    name, colon, port = host.rsplit("@", 1)[-1].rpartition(":")
    odd = re.search(r"\s", address) or (colon and not port.isdigit() and not name.startswith("["))
    if odd and not host.endswith("]"):
        raise InputError(
            f"{where}: the address has a blank, or a password with one of the signs / # ? @ in it. "
            "Write them as %20, %2F, %23, %3F and %40."
        )


def refuse_wildcards(path: str, where: str) -> None:
    """Raise :class:`InputError` if ``path`` has curly brackets: Snakemake's wildcard syntax."""
    if found := re.search(r"\{[^{}]*\}", path):
        raise InputError(
            f"{where}: '{path}' has curly brackets, and Snakemake, which runs the study, takes "
            f"{found[0]} for a wildcard. Rename the file or its folder."
        )
