"""Stage fetch: get a campaign's files, prove what they are, and write that down in a receipt."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from takedown.catalogue import addresses, file_name, in_folder, is_address
from takedown.download import (
    OFFLINE,
    DamagedError,
    Patience,
    RefusedError,
    UselessError,
    download,
    say,
)
from takedown.errors import InputError
from takedown.files import whole
from takedown.members import Limits
from takedown.part import Part, Version
from takedown.structure import check_structure
from takedown.trust import Pin, difference, read_pins, write_pin

TERMS = """\
Before the first download: by downloading an archive you accept Twitter's Developer Agreement and
Policy (https://developer.twitter.com/en/developer-terms/agreement-and-policy). Among other things:
do not pass the posts on, and do not try to find out who is behind a hashed account. The archives
hold posts of people whose accounts were taken over or copied, too: publish counts, not persons.
"""


@dataclass(frozen=True)
class Place:
    """Where a campaign's downloads go, and what is known of them beforehand.

    ``folder`` takes the files, ``pins`` is the file of what was first accepted, ``mirrors`` are
    further addresses (see :func:`takedown.catalogue.addresses`), and ``members`` maps a role to the
    pattern of its CSVs' names.
    """

    campaign: str
    folder: Path
    pins: Path
    mirrors: tuple[str, ...] = ()
    members: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)
    limits: Limits = field(default_factory=Limits)


def fetch_archive(
    *,
    sources: Mapping[str, Iterable[str]],
    place: Place,
    receipt: Path,
    known: Mapping[str, str] | None = None,
) -> None:
    """Get the files of one campaign and write the receipt (role, path, bytes, sha256, address).

    ``sources`` maps each role (tweets, users) to local paths, which are read where they are, and
    addresses, which are downloaded. ``known`` gives the sha256 that a local file of that name must
    have. Raises :class:`InputError` when a file cannot be had, is not the file it must be, is no
    archive, or lacks a needed column; no receipt is written then.
    """
    check_names(origin for origins in sources.values() for origin in origins)
    rows = []
    for role, origins in sources.items():
        for origin in origins:
            if is_address(origin):
                path, sha256 = obtain(origin, role, place)
            else:
                path = Path(origin)
                sha256 = prove_local(path, role, place, known or {})
            rows.append(
                {
                    "role": role,
                    "path": path.as_posix(),
                    "bytes": path.stat().st_size,
                    "sha256": sha256,
                    "address": origin if is_address(origin) else "",
                }
            )
    with whole(receipt) as part, part.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def check_names(origins: Iterable[str]) -> None:
    """Raise :class:`InputError` when two addresses would be saved under one name."""
    by_name: dict[str, str] = {}
    for origin in filter(is_address, origins):
        other = by_name.setdefault(file_name(origin), origin)
        if other != origin:
            raise InputError(
                f"{origin}: has the same file name as {other}, so one would be taken for the "
                "other. Download them yourself and name the local files in the study file."
            )


def prove_local(path: Path, role: str, place: Place, known: Mapping[str, str]) -> str:
    """The sha256 of a file the user named, once it is seen to be an archive."""
    check_structure(path, role, limits=place.limits)
    sha256 = file_sha256(path)
    if known.get(path.name, sha256) != sha256:
        raise InputError(
            f"{path}: its sha256 is {sha256}, it must be {known[path.name]}. The file was "
            "changed or damaged: get it again (git checkout, for one of this repository)."
        )
    # A file of one's own may differ from the one that others downloaded; it should be known.
    for name, pin in read_pins(place.pins).items():
        if path.name.endswith(name):
            same = "the same bytes as" if pin.sha256 == sha256 else "NOT the same bytes as"
            say(f"{path}: {same} the file of {pin.date} in {place.pins}")
    return sha256


def obtain(address: str, role: str, place: Place) -> tuple[Path, str]:
    """The file of ``address``, downloaded unless it is there already, and its sha256."""
    target = place.folder / file_name(address)
    with writable(place.folder), held(target):
        found = in_folder(place.folder, address)
        if found is None:
            show_terms(place.folder.parent / "TERMS.txt")
            return target, from_any(addresses(address, place.mirrors), target, role, place)
        try:
            expected = place.members.get(role, "")
            check_structure(found, role, limits=place.limits, expected=expected)
            sha256 = file_sha256(found)
            accept(target.name, found.stat().st_size, sha256, Version("placed by hand"), place)
        except (InputError, RefusedError) as why:
            raise InputError(
                f"{found}: {tell(why, found)}. To download it again, remove the file and run again."
            ) from why
        return found, sha256


def from_any(candidates: Iterable[str], target: Path, role: str, place: Place) -> str:
    """Download ``target`` from the first address that gives it; returns its sha256.

    Raises :class:`InputError` that says why each of the addresses did not.
    """
    refusals = []
    for address in candidates:
        for again in (True, False):  # what was damaged on the way is asked for once more
            try:
                return from_one(address, target, role, place)
            except RefusedError as why:
                if again and isinstance(why, DamagedError):
                    say(f"{address}: {why}; asking once more")
                    continue
                refusals.append((address, str(why)))
                break
    offline = all(why == OFFLINE for _, why in refusals)
    raise InputError(
        f"{refusals[0][0]}: could not be downloaded.\n"
        + (
            f"{target} is not on this machine, and this machine seems to be offline: no name of "
            "an address can be resolved.\n"
            if offline
            else "".join(f"- {address}: {why}.\n" for address, why in refusals)
        )
        + f"If you can get the file elsewhere, put it into {place.folder}/ and run again, or name "
        "it in the study file: `tweets:` and `users:` take local paths. "
        f"`make fetch-help CAMPAIGN={place.campaign}` says more."
    )


def from_one(address: str, target: Path, role: str, place: Place) -> str:
    """Download ``target`` from ``address``, prove it, and give it its name; returns its sha256.

    Raises :class:`RefusedError`. What came but is no archive is removed; what is an archive, but
    not the one that was accepted before, is kept as ``NAME.differs``.
    """
    with Part(target.with_name(target.name + ".part")) as part:
        try:
            version = download(address, part, place.patience)
            prove_download(part, version, target.name, role, place)
        except (DamagedError, UselessError):
            part.remove()
            raise
        sha256 = part.digests()["sha256"].hex()
        part.close()
        try:
            accept(target.name, part.size, sha256, version, place)
        except RefusedError as why:
            kept = part.path.replace(target.with_name(target.name + ".differs"))
            part.about.unlink()
            raise RefusedError(f"{why} (what came is kept as {kept.name})") from why
        part.path.replace(target)
        part.about.unlink()
    return sha256


def prove_download(part: Part, version: Version, name: str, role: str, place: Place) -> None:
    """Raise :class:`DamagedError` or :class:`UselessError` unless the part is an archive file.

    Where the server sent a hash, the bytes are what it has, and to ask again would be in vain.
    """
    expected = place.members.get(role, "")
    try:
        check_structure(part.path, role, limits=place.limits, name=name, expected=expected)
    except InputError as why:
        kind = UselessError if version.md5 or version.crc32c else DamagedError
        raise kind(tell(why, part.path)) from why


def accept(name: str, size: int, sha256: str, version: Version, place: Place) -> None:
    """Compare a file with what was accepted before, or write down that it is accepted now.

    Raises :class:`RefusedError` where they differ.
    """
    pin = read_pins(place.pins).get(name)
    if pin is None:
        today = date.today().isoformat()
        said = (version.etag, version.md5, version.crc32c)
        write_pin(place.pins, Pin(name, size, sha256, *said, today, version.address))
        say(
            f"{name}: first use; sha256 {sha256} written to {place.pins}, which is worth committing"
        )
    elif why := difference(pin, size, sha256, place.pins):
        raise RefusedError(why)


@contextmanager
def held(target: Path) -> Iterator[None]:
    """One process at a time: a second one waits, and then finds the file there."""
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{target.name}: another process is fetching it; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Raise :class:`InputError` where ``folder`` cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written to ({error.strerror or error}). The archives are "
            "downloaded there: make it writable, or run in a folder that is."
        ) from error


def show_terms(record: Path) -> None:
    """Print Twitter's terms before the first download ever, and record that they were shown."""
    try:
        with record.open("x", encoding="utf-8") as handle:
            handle.write(f"{TERMS}\nShown on {date.today().isoformat()}.\n")
    except FileExistsError:
        return
    print(f"\n{TERMS}", file=sys.__stderr__, flush=True)


def tell(why: Exception, path: Path) -> str:
    """The message of ``why`` without the name of the file it is about, which is said elsewhere."""
    return str(why).removeprefix(f"{path}, ").removeprefix(f"{path}: ").rstrip(".")


def read_checksums(path: Path) -> dict[str, str]:
    """File name -> sha256 of the embedded archives, from ``resources/embedded/reduced.csv``."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["file"]: row["reduced_sha256"] for row in csv.DictReader(handle)}


def file_sha256(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
