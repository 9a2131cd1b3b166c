"""The catalogue of released archives: facts about each, and where its files are and their names."""

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
#: Suffixes of files that may hold posts or accounts.
SUFFIXES = (".zip", ".csv", ".gz", ".bz2", ".xz")
#: A file with at least this many columns almost certainly holds posts.
MANY = 15
SCHEMA = Path(__file__).parents[2] / "schemas" / "catalogue.schema.yaml"
BUCKET = "twitter-election-integrity"
#: Address prefixes of the bucket's objects, best first: with the bucket in the path, with it in the
#: host name, and as in Twitter's own links, which more often than not lead to a log-in page.
BUCKET_FORMS = (
    f"https://storage.googleapis.com/{BUCKET}/",
    f"https://{BUCKET}.storage.googleapis.com/",
    f"https://storage.cloud.google.com/{BUCKET}/",
)


def read_catalogue(path: Path = CATALOGUE) -> dict[str, dict[str, str]]:
    """The rows of the catalogue, keyed by archive id, every cell as text.

    Raises :class:`InputError` if a cell breaks ``catalogue.schema.yaml`` (naming its line and
    column), if the columns are not those of the schema, or if an id occurs twice.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        text = handle.read()
    return {name: dict(row) for name, row in checked(text, str(path)).items()}


@lru_cache(maxsize=4)
def checked(text: str, path: str) -> dict[str, dict[str, str]]:
    """The rows in ``text``, checked; cached, as every campaign and setting asks for them."""
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
    """All addresses of the file at ``address``, in the order in which to try them.

    A file in the bucket has three addresses. ``mirrors`` are additional ones: either a file, used
    if it has the same name, or a folder, ending in ``/``, that is laid out like the bucket.
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
    """The names under which the file at ``address`` may be saved: its own, and a browser's.

    A browser flattens the object's whole path into the name
    (``hashed_2020_09_thailand_092020_thailand_092020_tweets_csv_hashed.zip``).
    """
    flat = object_path(address).replace("/", "_")
    return [file_name(address), flat] if flat else [file_name(address)]


def in_folder(folder: Path, address: str) -> Path | None:
    """The file of ``address`` in ``folder``, under any of its names; None if there is none.

    Raises :class:`InputError` if there are several, since only one can be right.
    """
    # If the name is taken, a browser appends " (1)" or "(1)".
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
    """The files of ``role`` (tweets or users) in ``folder``, sorted by name.

    For an archive of the catalogue (``row``) these are its own file, under any of its names, or its
    unpacked CSVs. For any other campaign a file's columns decide its role; media zips and
    unrelated files are skipped.
    """
    files = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and path.name[0] != "." and path.is_file()
    )
    if row is not None:
        archive = in_folder(folder, row[f"{role}_url"])
        # A leading * could match the CSVs of other archives in the folder: require this one's id.
        pattern = re.sub(r"^\*", f"{row['archive_id']}_", row[f"{role}_members"])
        unpacked = [path for path in files if fnmatchcase(path.name, pattern)]
        return [archive] if archive else unpacked
    files = [path for path in files if not (path.suffix == ".zip" and "_media" in path.name)]
    for path in files:
        refuse_part(path)
    return [path for path in files if role_of(path) == role]


@cache  # asked for each role in turn, as role_of
def refuse_part(path: Path) -> None:
    """Raise :class:`InputError` if a file seems to hold posts or accounts but cannot be read.

    It would otherwise be silently skipped. It may be a part split off without its header, or have
    been saved by a spreadsheet with other separators, or have renamed columns.
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
    """The separator in a header that has no commas; blank if there is none."""
    alone = names[0] if len(names) == 1 else ""
    return next((mark for mark in SEPARATORS if alone.count(mark) > 1), "")


@cache  # asked for each role in turn
def role_of(path: Path) -> str:
    """What a file holds, judging by its columns: ``tweets``, ``users``, or blank if neither."""
    try:
        headers = [our_names(read_header(member)) for member in list_members(path)]
    except NoTableError:
        return ""
    names = next((header for header in headers if header), [])
    if {"tweetid", "userid"} <= set(names):  # not a list of bare post ids, which has no userid
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
