"""Stage fetch: get a campaign's files, prove what they are, and write that down in a receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
import pooch

from takedown.archive import ACCOUNT, POST, check_header
from takedown.config import is_address
from takedown.errors import InputError
from takedown.files import whole
from takedown.reader import list_members, read_header

ROLES = {"tweets": POST, "users": ACCOUNT}
#: The same objects under two hosts; the one in the published links answers with a log-in page.
BROWSER_HOST, PLAIN_HOST = "storage.cloud.google.com", "storage.googleapis.com"
TERMS = (
    "By downloading an archive you accept Twitter's Developer Agreement and Policy: no "
    "redistribution of the posts, no attempt to identify the people behind hashed accounts."
)


def fetch_archive(
    *,
    sources: Mapping[str, Iterable[str]],
    folder: Path,
    receipt: Path,
    known: Mapping[str, str] | None = None,
) -> None:
    """Get the files of one campaign and write the receipt (role, path, bytes, sha256, address).

    ``sources`` maps each role (tweets, users) to local paths, which are read where they are, and
    addresses, which are downloaded into ``folder``. ``known`` gives the sha256 that a file of that
    name must have. Raises :class:`InputError` when a file cannot
    be had, is not the file it must be, is no archive, or lacks a needed column.
    """
    check_names(origin for origins in sources.values() for origin in origins)
    rows = []
    for role, origins in sources.items():
        for origin in origins:
            path = download(origin, folder) if is_address(origin) else Path(origin)
            try:
                check_structure(path, role)
            except InputError:
                if is_address(origin):  # what came is no archive: the next try must fetch again
                    path.unlink()
                raise
            sha256 = file_sha256(path)
            if known and known.get(path.name, sha256) != sha256:
                raise InputError(
                    f"{path}: its sha256 is {sha256}, it must be {known[path.name]}. The file was "
                    "changed or damaged: get it again (git checkout, for one of this repository)."
                )
            rows.append(
                {
                    "role": role,
                    "path": path.as_posix(),
                    "bytes": path.stat().st_size,
                    "sha256": sha256,
                    "address": origin if is_address(origin) else "",
                }
            )
    with whole(receipt) as part:
        pd.DataFrame(rows).to_csv(part, index=False, lineterminator="\n")


def check_names(origins: Iterable[str]) -> None:
    """Raise :class:`InputError` when two addresses would be saved under one name."""
    by_name: dict[str, str] = {}
    for origin in filter(is_address, origins):
        other = by_name.setdefault(origin.rsplit("/", 1)[-1], origin)
        if other != origin:
            raise InputError(
                f"{origin}: has the same file name as {other}, so one would be taken for the "
                "other. Download them yourself and name the local files in the study file."
            )


def download(address: str, folder: Path) -> Path:
    """Fetch ``address`` into ``folder``; a file that is there already is used as it is."""
    print(TERMS)
    pooch.get_logger().setLevel("WARNING")
    address = address.replace(BROWSER_HOST, PLAIN_HOST)
    name = address.rsplit("/", 1)[-1]
    try:
        found = pooch.retrieve(address, known_hash=None, fname=name, path=folder, progressbar=False)
    except Exception as error:  # pooch passes on whatever its transport raises
        raise InputError(
            f"{address}: could not be downloaded ({reason(error)}). If you have the file, name it "
            "in the study file: `tweets:` and `users:` take local paths."
        ) from error
    return Path(found)


def reason(error: BaseException) -> str:
    """The innermost cause of a failed download, in one line."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return " ".join(str(error).split())


def check_structure(path: Path, role: str) -> None:
    """Every CSV in ``path`` must have the columns that ``role`` needs."""
    for member in list_members(path):
        names = read_header(member)
        if role == "users" and "tweetid" in names:
            raise InputError(
                f"{member.where}: holds posts, not accounts. Under `users:` name the archive's "
                "users file, or leave it out."
            )
        check_header(names, ROLES[role], member.where)


def read_checksums(path: Path) -> dict[str, str]:
    """File name -> sha256 of the embedded archives, from ``resources/embedded/reduced.csv``."""
    table = pd.read_csv(path, dtype=str)
    return dict(zip(table["file"], table["reduced_sha256"], strict=True))


def file_sha256(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
