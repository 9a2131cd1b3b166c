"""Whether a file is the archive it is taken for, proved before anything is read from it."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

from takedown.archives.formats import check_header, our_names
from takedown.archives.members import (
    NEWLINE,
    QUOTE,
    QUOTED_END,
    Limits,
    Member,
    check_zip,
    cut_short,
    inflate,
    last_record_end,
    list_members,
    read_header,
)
from takedown.errors import InputError

ESCAPED = b'\\"'
#: A quote within a cell behind a backslash that does not end it; and one that is doubled.
BACKSLASHED, DOUBLED = re.compile(rb'\\"(?=[^",\r\n])'), re.compile(rb'(?<=[^,\n"])""(?=[^,\r\n"])')


class OtherFileError(InputError):
    """A whole and sound file, but not the one that it is taken for."""


def check_structure(
    path: Path, role: str, *, limits: Limits, name: str = "", expected: str = ""
) -> None:
    """Raise :class:`InputError` unless ``path`` is a whole archive file of ``role``.

    ``role`` is tweets or users; ``name`` the file's final name where ``path`` has another;
    ``expected`` a pattern that the CSV members' names must match, as in ``*_tweets_*.csv``. Checked
    are the zip's directory, names and sizes, every byte against the zip's CRC, and the columns of
    every CSV; :class:`OtherFileError` where only the last are wrong. The file is read once, in
    bounded memory.
    """
    members = list_members(path, name)
    if members[0].info:
        check_zip(path, limits)
    for member in members:
        check_bytes(member, limits)
    for member in members:
        if expected and member.info and not fnmatchcase(member.name, expected):
            raise OtherFileError(
                f"{member.where}: the members of this archive are named {expected}, so it seems to "
                f"be another one. If it is right, name the file under `{role}:` in the study file."
            )
    headers = {member: read_header(member) for member in members}
    if not any(headers.values()):
        raise OtherFileError(f"{members[0].where}: empty, not even a header line.")
    for member, names in headers.items():
        if names:  # a year without posts may be an empty file
            check_columns(names, role, member.where)


def check_columns(names: list[str], role: str, where: str) -> None:
    """Raise :class:`InputError` unless a header has the columns that ``role`` needs."""
    if role == "users" and "tweetid" in our_names(names):
        raise OtherFileError(
            f"{where}: holds posts, not accounts. Under `users:` name the archive's users file, "
            "or leave it out."
        )
    try:
        check_header(names, role, where)
    except InputError as why:
        raise OtherFileError(str(why)) from why


def check_bytes(member: Member, limits: Limits) -> None:
    """Read all of ``member``; a zip's member must match its CRC, a CSV must not end in a quote.

    One that ends with a whole cell and has an odd number of quotes has one too many somewhere. A
    packed CSV must not unfold beyond the ``limits``, which of a zip are known before. Quotes behind
    a backslash are refused where they are the rule.
    """
    quotes, size, escaped, end = 0, 0, 0, b""
    most = min(limits.ratio * max(member.packed_bytes, 1024), limits.gigabytes * 1e9)
    for chunk in inflate(member):
        size += len(chunk)
        if b"\\" in chunk and ESCAPED in chunk:  # one byte is found ten times as fast as two
            escaped += len(BACKSLASHED.findall(chunk))
        if member.info is None:
            quotes += chunk.count(QUOTE)
            end = (end + chunk[-3:])[-3:]
            if size > most and size > member.packed_bytes:
                raise InputError(
                    f"{member.where}: unfolds from {member.packed_bytes:,} to more than "
                    f"{size:,} bytes. Raise `fetch.max_ratio` or `fetch.max_gigabytes` in the "
                    "study file if you know that this is right."
                )
    if escaped and escaped > doubled_quotes(member):
        raise InputError(
            f'{member.where}: quotation marks within cells are written \\", as Spark and some data '
            "bases do, and not doubled, as in the releases, so that it cannot be told where cells "
            "end. Take the file as it was released, or save it again with doubled quotes (Spark: "
            """option("escape", '"'))."""
        )
    if quotes % 2 and not end.endswith(QUOTED_END):
        raise cut_short(member.where, last_record(member))


def doubled_quotes(member: Member) -> int:
    """How many quotes within cells are doubled; of those at a chunk's edge one may be missed."""
    return sum(len(DOUBLED.findall(chunk)) for chunk in inflate(member))


def last_record(member: Member) -> int:
    """The line on which the last record of a CSV starts."""
    line, quotes, newlines = 1, 0, 0
    for chunk in inflate(member):
        quotes += chunk.count(QUOTE)
        if end := last_record_end(chunk, quotes):
            line = 1 + newlines + chunk.count(NEWLINE, 0, end)
        newlines += chunk.count(NEWLINE)
    return line
