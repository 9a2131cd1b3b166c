"""Stage fetch: get a campaign's files, verify them, and record them in a receipt."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from takedown.archives.catalogue import addresses, file_name, in_folder
from takedown.archives.members import Limits
from takedown.archives.receipt import Entry, write_receipt
from takedown.errors import InputError
from takedown.fetch.download import (
    OFFLINE,
    DamagedError,
    Patience,
    RefusedError,
    UselessError,
    download,
    say,
)
from takedown.fetch.part import Part, Version
from takedown.fetch.structure import OtherFileError, check_structure
from takedown.fetch.trust import Pin, difference, read_pins, write_pin
from takedown.io.addresses import copy_here, is_address
from takedown.io.files import digest
from takedown.redaction import shown

DAMAGED_TRIES = 3
UNAVAILABLE = "unavailable.txt"
TERMS = """\
Before the first download: by downloading an archive you accept Twitter's Developer Agreement and
Policy (https://developer.twitter.com/en/developer-terms/agreement-and-policy). Among other things:
do not pass the posts on, and do not try to find out who is behind a hashed account. The archives
hold posts of people whose accounts were taken over or copied, too: publish counts, not persons.
"""


@dataclass(frozen=True)
class Place:
    """Where a campaign's downloads go, and what is known about them in advance.

    The files are saved in ``folder``. ``pins`` is the file that records what was first accepted,
    ``mirrors`` are further addresses (see :func:`takedown.archives.catalogue.addresses`), and
    ``members`` maps a role to the pattern that its CSV file names must match.
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

    ``sources`` maps each role (tweets, users) to local paths, which are read in place, and
    addresses, which are downloaded. ``known`` maps a local file's name to the sha256 it must have.
    Raises :class:`InputError`, and writes no receipt, when a file cannot be obtained, is not the
    expected file, is not an archive, or lacks a required column.
    """
    check_names([origin for origins in sources.values() for origin in origins])
    entries = []
    for role, origins in sources.items():
        for origin in origins:
            if is_address(origin):
                entries.append(obtain(origin, role, place))
            else:
                path = Path(copy_here(origin))
                sha256 = prove_local(path, role, place, known or {})
                entries.append(Entry.of(role, path, sha256=sha256))
    write_receipt(receipt, entries)


@contextmanager
def noted(folder: Path, *, leaves_out: bool) -> Iterator[None]:
    """Leave a note in ``folder`` if an archive cannot be obtained and the study ``leaves_out`` it.

    The note is removed as soon as any study obtains the archive.
    """
    note = folder / UNAVAILABLE
    try:
        yield
    except InputError as problem:
        if leaves_out:
            folder.mkdir(parents=True, exist_ok=True)
            note.write_text(f"{problem}\n", encoding="utf-8")
        raise
    note.unlink(missing_ok=True)


def not_fetched(raw: Path, sources: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Campaign -> the reason its archive could not be obtained, for each campaign that failed.

    ``sources`` are the paths and addresses of each campaign; ``raw`` is the folder that holds all
    downloads. The reasons give file names without their folders, because results may be shared.
    """
    found = {}
    for name, origins in sources.items():
        note = raw / name / UNAVAILABLE
        if note.is_file():
            reason = note.read_text(encoding="utf-8").partition("\n")[0]
            for path in (origin for origin in origins if not is_address(origin)):
                reason = reason.replace(path, file_name(path))
            found[name] = reason
    return found


def check_names(origins: Iterable[str]) -> None:
    """Raise :class:`InputError` when a download has no usable file name, or not a unique one."""
    by_name: dict[str, str] = {}
    for origin in filter(is_address, origins):
        name = file_name(origin)
        if not re.fullmatch(r"(?!receipt\.csv$)\w[^/\\:\0]*\.(zip|csv)", name, re.IGNORECASE):
            raise InputError(
                f"{shown(origin)}: the name at its end must be that of a zip or csv file, since "
                "the file is saved under it. Download it yourself and name the local file."
            )
        other = by_name.setdefault(name.casefold(), origin)
        if other != origin:
            raise InputError(
                f"{shown(origin)}: has the same file name as {shown(other)}, so one would be taken "
                "for the other. Download them yourself and name the local files in the study file."
            )


def prove_local(path: Path, role: str, place: Place, known: Mapping[str, str]) -> str:
    """Check that a file named by the user is an archive and the known one; return its sha256."""
    check_structure(path, role, limits=place.limits)
    sha256 = digest(path) or ""
    if known.get(path.name, sha256) != sha256:
        raise InputError(
            f"{path}: its sha256 is {sha256}, it must be {known[path.name]}. The file was "
            "changed or damaged: get it again (git checkout, for one of this repository)."
        )
    pins = read_pins(place.pins).values()
    pin = next((pin for pin in pins if path.name.endswith(pin.file)), None)
    if pin and (why := difference(pin, path.stat().st_size, sha256, place.pins)):
        raise InputError(f"{path}: {why}; or give your own file another name.")
    if pin:
        say(f"{path}: the same bytes as the file of {pin.date} in {place.pins}")
    return sha256


def obtain(address: str, role: str, place: Place) -> Entry:
    """The receipt entry for the file at ``address``, downloaded unless it is already there."""
    target = place.folder / file_name(address)
    with held(target):
        path = in_folder(place.folder, address)
        if path:
            check_placed(path, address, role, place)
        else:
            path = target
            show_terms(place.folder.parent / "TERMS.txt")
            from_any(addresses(address, place.mirrors), target, role, place)
        pin = read_pins(place.pins)[target.name]
        return Entry.of(role, path, pin.address, pin.sha256)


def check_placed(path: Path, address: str, role: str, place: Place) -> None:
    """Raise :class:`InputError` unless a file already in place is the one from ``address``."""
    try:
        pin = read_pins(place.pins).get(file_name(address))
        candidates = map(shown, addresses(address, place.mirrors))
        if pin and is_address(pin.address) and pin.address not in candidates:
            raise InputError(f"it came from {pin.address}, not from {shown(address)}")
        expected = place.members.get(role, "")
        check_structure(path, role, limits=place.limits, expected=expected)
        version = Version("placed by hand")
        accept(file_name(address), path.stat().st_size, digest(path) or "", version, place)
    except (InputError, RefusedError) as why:
        raise InputError(
            f"{path}: {tell(why, path)}. To download it again, remove the file and run again."
        ) from why


def from_any(candidates: Iterable[str], target: Path, role: str, place: Place) -> None:
    """Download ``target`` from the first address that supplies it.

    If none does, raises :class:`InputError` with the reason for each address.
    """
    refusals = []
    for address in candidates:
        with Part(target.with_name(target.name + ".part")) as part:
            for left in reversed(range(DAMAGED_TRIES)):
                try:
                    return from_one(address, part, target, role, place)
                except RefusedError as why:
                    refusal = str(why)
                    if isinstance(why, DamagedError | UselessError):
                        part.discard()
                    if not isinstance(why, DamagedError):
                        break
                    if left:
                        say(f"{shown(address)}: {why}; asking once more")
        refusals.append((shown(address), refusal))
    if all(why == OFFLINE for _, why in refusals):
        reasons = (
            f"{target} is not on this machine, and this machine seems to be offline: no name of "
            "an address can be resolved.\n"
        )
    else:
        reasons = "".join(f"- {address}: {why}.\n" for address, why in refusals)
    more = f" `make fetch-help CAMPAIGN={place.campaign}` says more." if place.members else ""
    raise InputError(
        f"{refusals[0][0]}: could not be downloaded.\n{reasons}{others_in(place.folder, target)}"
        f"If you can get the file elsewhere, put it into {place.folder}/ and run again, or name "
        f"it in the study file: `tweets:` and `users:` take local paths.{more}"
    )


def others_in(folder: Path, target: Path) -> str:
    """A sentence listing the archive files in ``folder``, for when ``target`` is not among them."""
    other = [
        path.name
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in (".zip", ".csv") and path.name != "receipt.csv"
    ]
    if not other:
        return ""
    return f"The folder holds {', '.join(other)}, but nothing named as {target.name}.\n"


def from_one(address: str, part: Part, target: Path, role: str, place: Place) -> None:
    """Download ``target`` from ``address``, verify it, and rename it to its final name.

    Raises :class:`RefusedError` on failure. A sound archive that differs from the one accepted
    before is kept as ``NAME.differs``; any other wrong file is left for the caller to deal with.
    """
    version = download(address, part, place.patience, place.limits.gigabytes * 1e9)
    prove_download(part, version, role, place)
    sha256 = part.digests()["sha256"].hex()
    try:
        accept(target.name, part.size, sha256, version, place)
    except RefusedError as why:
        kept = part.path.with_name(f"{target.name}.differs")
        part.finish(kept)
        raise RefusedError(f"{why} (what came is kept as {kept.name})") from why
    part.finish(target)


def prove_download(part: Part, version: Version, role: str, place: Place) -> None:
    """Raise :class:`DamagedError` or :class:`UselessError` unless the part is an archive file.

    It is a :class:`UselessError` if the file is intact or matches the server's hash, because
    asking again would not help.
    """
    expected = place.members.get(role, "")
    try:
        check_structure(part.path, role, limits=place.limits, name=part.name, expected=expected)
    except InputError as why:
        words = tell(why, part.path)
        if isinstance(why, OtherFileError) or version.md5 or version.crc32c:
            raise UselessError(words) from why
        raise DamagedError(words) from why


def accept(name: str, size: int, sha256: str, version: Version, place: Place) -> None:
    """Compare a file with the one accepted before, or record it if it is the first.

    Raises :class:`RefusedError` if they differ.
    """
    pin = read_pins(place.pins).get(name)
    if pin is None:
        today = date.today().isoformat()
        said = (version.etag, version.md5, version.crc32c)
        came_from = shown(version.address) if is_address(version.address) else version.address
        write_pin(place.pins, Pin(name, size, sha256, *said, today, came_from))
        say(
            f"{name}: first use; sha256 {sha256} written to {place.pins}, which is worth committing"
        )
    elif why := difference(pin, size, sha256, place.pins):
        raise RefusedError(why)


@contextmanager
def held(target: Path) -> Iterator[None]:
    """Hold a lock on ``target``: a second process waits, and then finds the file in place.

    Raises :class:`InputError` if the folder cannot be created or written to.
    """
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{target.name}: another process is fetching it; waiting for it")
        lock.acquire()
    except OSError as error:
        raise InputError(
            f"{target.parent}: cannot be written to ({error.strerror or error}). The archives are "
            "downloaded there: make it writable, or run in a folder that is."
        ) from error
    try:
        yield
    finally:
        lock.release()


def show_terms(record: Path) -> None:
    """Print Twitter's terms before the very first download, and record that they were shown."""
    try:
        with record.open("x", encoding="utf-8") as handle:
            handle.write(f"{TERMS}\nShown on {date.today().isoformat()}.\n")
    except FileExistsError:
        return
    print(f"\n{TERMS}", file=sys.__stderr__, flush=True)


def tell(why: Exception, path: Path) -> str:
    """The message of ``why`` without its leading file name, which the caller states itself."""
    return str(why).removeprefix(f"{path}, ").removeprefix(f"{path}: ").rstrip(".")


def read_checksums(path: Path) -> dict[str, str]:
    """File name -> sha256 of the embedded archives, from ``resources/embedded/reduced.csv``."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["file"]: row["reduced_sha256"] for row in csv.DictReader(handle)}
