"""The formats in which posts are released: how each names its columns and writes their values.

``resources/formats.yaml`` has an entry for every format except that of Twitter's own archives. A
header belongs to a format if it has all the columns that the format is recognised by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from takedown.archives.columns import (
    ACCOUNT,
    POST,
    TWEET_COLUMNS,
    USER_COLUMNS,
    WHOSE,
    Column,
)
from takedown.errors import InputError, did_you_mean
from takedown.io.files import read_own, read_yaml
from takedown.io.user_csv import SEPARATORS
from takedown.io.yaml_file import in_quotes, mapping_in
from takedown.io.zones import zones

FORMATS = Path(__file__).parents[3] / "resources/formats.yaml"
SCHEMA = Path(__file__).parents[2] / "schemas/formats.schema.yaml"
#: The strftime letters allowed in time formats, and a moment with which to test a format.
DIRECTIVES, MINUTE = "YymdHIMSpbB", datetime(2019, 11, 28, 17, 5)
#: Column kinds, and what each becomes in a format that hashes the ids of posts.
HASHED = {"post id": "id", "post reference": "account reference"}
#: Needed columns that a format may lack: dates and categories are then null, and hashtags are
#: taken from the texts.
MAY_BE_ABSENT = ("account_creation_date", "tweet_client_name", "tweet_language", "hashtags")


@dataclass(frozen=True)
class Format:
    """One entry of ``resources/formats.yaml``, whose schema says what each key means."""

    about: str = "Twitter's own archives"
    recognised_by: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    time_format: str = ""
    date_format: str = ""
    timezone: str = "UTC"
    languages: Mapping[str, str] = field(default_factory=dict)
    lists: str = "brackets"
    hashtags_from_text: bool = False
    hashed_post_ids: bool = False
    controls: str = ""
    groups: str = ""
    quotes: Mapping[str, str] = field(default_factory=dict)

    def our_names(self, names: Sequence[str]) -> list[str]:
        """A header's names translated to those of Twitter's archives; unknown names are kept."""
        ours = {theirs: name for name, theirs in self.columns.items()}
        ours |= {theirs: name for name, theirs in self.whose.items()}
        taken = set(ours.values())
        # A column of theirs may share one of our names but mean something else: rename it.
        return [ours.get(name) or (f"{name} (theirs)" if name in taken else name) for name in names]

    @property
    def whose(self) -> dict[str, str]:
        """Our names -> theirs for the columns that tell whose a post is, if the format has them."""
        named = {"is_control": self.controls, "group": self.groups}
        return {name: theirs for name, theirs in named.items() if theirs}

    def columns_of(self, role: str) -> dict[str, Column]:
        """The columns to read for ``role`` (tweets or users) in this format, by our names."""
        if role == "users":
            return dict(ACCOUNT)
        wanted = {**POST, **{name: WHOSE[name] for name in self.whose}}
        return {name: self.as_written(name, column) for name, column in wanted.items()}

    def as_written(self, name: str, column: Column) -> Column:
        """``column`` with its kind in this format, and whether the format needs it."""
        kind = HASHED.get(column.kind, column.kind) if self.hashed_post_ids else column.kind
        needed = column.needed and name not in self.absent
        return Column(kind, column.about, needed, column.unit)


TWITTER = Format()


@cache
def formats() -> Mapping[str, Format]:
    """The formats by name, as ``resources/formats.yaml`` declares them."""
    return read_formats(FORMATS)


def read_formats(path: Path) -> dict[str, Format]:
    """The formats declared in ``path``, unchecked: see :func:`check_formats`."""
    entries = read_yaml(path)["formats"].items()
    return {
        name: Format(**{key: fixed(value) for key, value in one.items()}) for name, one in entries
    }


def fixed(value: Any) -> Any:
    """A value of an entry; a list as a tuple."""
    return tuple(value) if isinstance(value, list) else value


def format_of(names: Sequence[str]) -> Format:
    """The format of a header; Twitter's own if no other matches."""
    found = set(names)
    return next((one for one in formats().values() if found.issuperset(one.recognised_by)), TWITTER)


def our_names(names: Sequence[str]) -> list[str]:
    """A header's names translated to those of Twitter's archives, whatever its format."""
    return format_of(names).our_names(names)


@cache
def known_names() -> frozenset[str]:
    """Every column name known from any release."""
    theirs = (
        name
        for one in formats().values()
        for name in (*one.recognised_by, *one.columns.values(), *one.whose.values())
    )
    return frozenset((*TWEET_COLUMNS, *USER_COLUMNS, *POST, *theirs))


def known_in(names: Sequence[str]) -> list[str]:
    """Those of ``names`` that are known from any release, ignoring case."""
    known = {name.lower() for name in known_names()}
    return [name for name in names if name.lower() in known]


def check_formats(path: Path = FORMATS) -> None:
    """Raise :class:`InputError` unless every format in ``path`` can be used.

    The message names the entry and key. Errors are: an unknown key, a column that Twitter's
    archives do not have (with the closest one that they have), a needed column that is neither
    named nor declared absent, and an invalid time format or time zone.
    """
    import jsonschema  # imported here: steps that only read a format do not need it

    mapping_in(str(path), "registry of formats", "It begins with `formats:`.")
    found, schema = read_yaml(path), read_own(SCHEMA)
    error = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(schema).iter_errors(found)
    )
    if error:
        where = ".".join(map(str, error.absolute_path)) or "top level"
        raise InputError(f"{path}, {where}: {error.message}.{in_quotes(error.message)}")
    for name, one in read_formats(path).items():
        check_format(one, f"{path}, formats.{name}")


def check_format(one: Format, where: str) -> None:
    """The checks of :func:`check_formats` that a schema cannot express."""
    for ours in (*one.columns, *one.absent):
        if ours not in {*POST, *TWEET_COLUMNS}:
            raise InputError(
                f"{where}.columns: Twitter's archives have no column '{ours}'."
                f"{did_you_mean(ours, POST)} Write our name first, theirs behind the colon."
            )
    for ours in one.absent:
        if ours in one.columns or (POST[ours].needed and ours not in MAY_BE_ABSENT):
            raise InputError(
                f"{where}.absent: '{ours}' cannot be. Only {', '.join(MAY_BE_ABSENT)} may be."
            )
    for ours, column in POST.items():
        if column.needed and ours not in {*one.columns, *one.absent}:
            raise InputError(
                f"{where}: no column for '{ours}' ({column.about}), which every post needs. Name "
                "it under `columns:`, or under `absent:` if the format has none."
            )
    if one.timezone not in zones():
        raise InputError(f"{where}.timezone: '{one.timezone}' is no IANA time zone.")
    used = [*one.columns.values(), *one.whose.values()]
    used += [one.quotes["column"]] if one.quotes else []
    if twice := next((name for name in used if used.count(name) > 1), ""):
        raise InputError(
            f"{where}: the column '{twice}' is named twice. It can mean one thing only."
        )
    if one.hashtags_from_text and "hashtags" in one.columns:
        raise InputError(f"{where}.hashtags_from_text: there is a column of hashtags. Choose one.")
    check_written(one.time_format, MINUTE, f"{where}.time_format")
    check_written(one.date_format, MINUTE.replace(hour=0, minute=0), f"{where}.date_format")


def check_written(form: str, moment: datetime, where: str) -> None:
    """Raise :class:`InputError` unless ``moment``, written in ``form``, reads back unchanged."""
    if other := set(re.findall(r"%-?(.)", form)) - set(DIRECTIVES):
        raise InputError(
            f"{where}: %{min(other)} cannot be read. Known are "
            f"{', '.join(f'%{letter}' for letter in DIRECTIVES)}; the zone of the times stands "
            "under `timezone:`."
        )
    try:
        right = not form or datetime.strptime(moment.strftime(form), form) == moment
    except ValueError:
        right = False
    if not right:
        raise InputError(
            f"{where}: '{form}' does not say day, month and year, or of a time hour and minute. "
            "Write it as %m/%d/%Y %H:%M for 11/28/2019 17:05."
        )


def check_header(names: Sequence[str], role: str, where: str) -> None:
    """Raise :class:`InputError` if a column that ``role`` needs is missing, or one occurs twice.

    ``names`` is the header as written; missing columns are reported by the names of its format.
    """
    one = format_of(names)
    ours = one.our_names(names)
    needed = [name for name, column in one.columns_of(role).items() if column.needed]
    theirs = one.columns | one.whose
    missing = [theirs.get(name, name) for name in needed if name not in ours]
    separators = [mark for mark in SEPARATORS if len(names) < 3 and mark in names[0]]
    if missing and separators:
        raise InputError(
            f"{where}: its columns are separated by {separators[0]!r}, not by commas, as some "
            "spreadsheets save them. They damage long identifiers, too: take the file as it was "
            "released."
        )
    if missing:
        # If the header is missing, the first line is somebody's post and must not be shown.
        known = [name for name in names if name in known_names()]
        read = f"{', '.join(known[:8])}{' ...' if len(known) > 8 else ''}" if known else "none"
        raise InputError(
            f"{where}: no column '{missing[0]}'"
            + (f" (nor {', '.join(missing[1:])})" if missing[1:] else "")
            + f". Known columns in its first line: {read}. Needed are the columns of a released "
            "takedown archive, named in the first line, in any order, or those of a format that "
            "resources/formats.yaml declares (docs/how-to/bring_another_format.md)."
        )
    twice = sorted({name for name in ours if ours.count(name) > 1})
    if twice:
        raise InputError(f"{where}: the column '{twice[0]}' stands twice in the header.")
