"""The released archives: what is known of each, where its files are, and what they are called."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema

from takedown.archives.formats import check_header, known_in, our_names
from takedown.archives.members import NoTableError, list_members, read_header
from takedown.errors import InputError
from takedown.io.addresses import is_address
from takedown.io.files import read_own
from takedown.io.user_csv import SEPARATORS

CATALOGUE = Path("resources/archives.csv")
#: How the names of files with posts or accounts end.
SUFFIXES = (".zip", ".csv", ".gz", ".bz2", ".xz")
#: A file of so many columns is hardly anything but posts.
MANY = 15
SCHEMA = Path(__file__).parents[2] / "schemas" / "catalogue.schema.yaml"
BUCKET = "twitter-election-integrity"
#: The forms under which the bucket's objects are known, best first: plain by path, plain by host,
#: and the one in Twitter's own links, which answers with a log-in page more often than not.
BUCKET_FORMS = (
    f"https://storage.googleapis.com/{BUCKET}/",
    f"https://{BUCKET}.storage.googleapis.com/",
    f"https://storage.cloud.google.com/{BUCKET}/",
)


def read_catalogue(path: Path = CATALOGUE) -> dict[str, dict[str, str]]:
    """The rows of the catalogue, keyed by archive id, every cell as text.

    Raises :class:`InputError` naming row and column of the first cell that breaks
    ``catalogue.schema.yaml``, a column that is missing or unknown, or an id that stands twice.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        text = handle.read()
    return {name: dict(row) for name, row in checked(text, str(path)).items()}


@lru_cache(maxsize=4)
def checked(text: str, path: str) -> dict[str, dict[str, str]]:
    """The rows in ``text``, checked once a process: every campaign and setting asks for them."""
    schema = read_own(SCHEMA)
    validator = jsonschema.Draft202012Validator(schema)
    columns = list(schema["properties"])
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if reader.fieldnames != columns:
        raise InputError(f"{path}: the columns must be {', '.join(columns)}, in this order.")
    rows: dict[str, dict[str, str]] = {}
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        if None in row or None in row.values():
            raise InputError(f"{where}: has not {len(columns)} cells, as the header has.")
        for error in validator.iter_errors(row):
            column = error.absolute_path[0] if error.absolute_path else "row"
            raise InputError(f"{where}, column {column}: {error.message}.")
        if row["archive_id"] in rows:
            raise InputError(f"{where}: {row['archive_id']} stands twice.")
        rows[row["archive_id"]] = row
    return rows


def published_posts(catalogue: Mapping[str, Mapping[str, str]]) -> list[int]:
    """The posts of each archive as published; 0 where the number was not found."""
    return [int(row["n_tweets_published"] or 0) for row in catalogue.values()]


def addresses(address: str, mirrors: Iterable[str] = ()) -> list[str]:
    """Where the file at ``address`` can be asked for, in the order in which to ask.

    A file of the bucket has three addresses. ``mirrors`` are further ones: either of a file, used
    where its name is that of this one, or, ending in ``/``, of a folder that is laid out as the
    bucket.
    """
    path = object_path(address)
    found = [form + path for form in BUCKET_FORMS] if path else [address]
    for mirror in mirrors:
        if mirror.endswith("/") and path:
            found.append(mirror + path)
        elif file_name(mirror) in names(address):
            found.append(mirror)
    return list(dict.fromkeys(found))


def object_path(address: str) -> str:
    """The path of a file within Twitter's bucket; blank for any other address."""
    form = next((form for form in BUCKET_FORMS if address.startswith(form)), None)
    return address.removeprefix(form) if form else ""


def file_name(address: str) -> str:
    """The name a file at ``address`` (or a path) is saved under."""
    path = unquote(urlsplit(address).path) if is_address(address) else Path(address).as_posix()
    return path.rsplit("/", 1)[-1]


def names(address: str) -> list[str]:
    """What the file at ``address`` may be called on a disk: its name, and what browsers make of it.

    A browser flattens the object's whole path into the name
    (``hashed_2020_09_thailand_092020_thailand_092020_tweets_csv_hashed.zip``).
    """
    flat = object_path(address).replace("/", "_")
    return [file_name(address), flat] if flat else [file_name(address)]


def in_folder(folder: Path, address: str) -> Path | None:
    """The file of ``address`` in ``folder``, under any of its names; None where it is not there.

    Raises :class:`InputError` where several are, since only one can be the right one.
    """
    # A browser that has the name already adds " (1)" or "(1)".
    wanted = "|".join(
        rf"{re.escape(Path(name).stem)}( ?\(\d+\))?{re.escape(Path(name).suffix)}"
        for name in names(address)
    )
    found = sorted(
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.is_file() and re.fullmatch(wanted, path.name)
    )
    if len(found) > 1:
        raise InputError(
            f"{folder}: {' and '.join(path.name for path in found)} are both "
            f"{file_name(address)}. Keep the right one and remove the other."
        )
    return found[0] if found else None


def files_in(folder: Path, role: str, row: Mapping[str, str] | None) -> list[Path]:
    """The files of ``role`` (tweets, users) in ``folder``, in the order of their names.

    For an archive of the catalogue (``row``) they are its own file, under any of its names, or its
    unpacked CSVs. For any other campaign the columns say what a file holds; zips with media and
    other files are passed over.
    """
    files = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and path.name[0] != "." and path.is_file()
    )
    if row is not None:
        archive = in_folder(folder, row[f"{role}_url"])
        # Where the names are not known, a folder may hold other archives' CSVs that fit as well.
        pattern = re.sub(r"^\*", f"{row['archive_id']}_", row[f"{role}_members"])
        unpacked = [path for path in files if fnmatchcase(path.name, pattern)]
        return [archive] if archive else unpacked
    files = [path for path in files if not (path.suffix == ".zip" and "_media" in path.name)]
    for path in files:
        refuse_part(path)
    return [path for path in files if role_of(path) == role]


@cache  # asked for each role in turn, as role_of
def refuse_part(path: Path) -> None:
    """Raise :class:`InputError` where a file seems to be posts or accounts, and cannot be read.

    In a folder it would be passed over: a part that was split off without its header, or saved by
    a spreadsheet with other separators, or under other names.
    """
    if role_of(path):
        return
    try:
        members = list_members(path)
    except NoTableError:
        if path.suffix.lower() == ".csv":
            raise
        return
    for member in members:
        names = read_header(member)
        if len(names) >= MANY or len(known_in(names)) > 1 or separator_of(names):
            is_posts = len(names) >= MANY or "tweet" in " ".join(names).lower()
            try:
                check_header(names, "tweets" if is_posts else "users", member.where)
            except InputError as why:
                raise InputError(
                    f"{why} If it is no part of the archive, name the files that are, and not the "
                    "folder they lie in."
                ) from why


def separator_of(names: list[str]) -> str:
    """What stands between the cells of a header that has no comma; blank where nothing does."""
    alone = names[0] if len(names) == 1 else ""
    return next((mark for mark in SEPARATORS if alone.count(mark) > 1), "")


@cache  # asked for each role in turn
def role_of(path: Path) -> str:
    """Whether a file holds tweets or users, by its columns; blank where it is neither."""
    try:
        headers = [our_names(read_header(member)) for member in list_members(path)]
    except NoTableError:
        return ""
    names = next((header for header in headers if header), [])
    if {"tweetid", "userid"} <= set(names):  # a list of ids to hydrate has no accounts
        return "tweets"
    return "users" if {"userid", "account_creation_date"} <= set(names) else ""


def size_words(row: Mapping[str, str]) -> str:
    """What is known of the size of an archive's posts."""
    known = []
    if row["download_size_published"]:
        known.append(f"{row['download_size_published']} to download (published)")
    if row["tweets_csv_bytes"]:
        known.append(f"{int(row['tweets_csv_bytes']):,} bytes of CSV (measured)")
    if row["tweets_csv_size_reported"]:
        known.append(f"{row['tweets_csv_size_reported']} of CSV (reported)")
    return ", ".join(known) or "size not known"
