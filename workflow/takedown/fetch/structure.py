"""Check that a file is the expected archive before any data are read from it."""

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
#: A backslash-escaped quote that does not end its cell; a doubled quote within a cell.
BACKSLASHED, DOUBLED = re.compile(rb'\\"(?=[^",\r\n])'), re.compile(rb'(?<=[^,\n"])""(?=[^,\r\n"])')


class OtherFileError(InputError):
    """The file is complete and undamaged, but is not the expected one."""


def check_structure(
    path: Path, role: str, *, limits: Limits, name: str = "", expected: str = ""
) -> None:
    """Raise :class:`InputError` unless ``path`` is a complete archive file for ``role``.

    ``role`` is tweets or users; ``name`` is the file's final name if ``path`` has a different one;
    ``expected`` is a pattern that the names of the CSV members must match, such as
    ``*_tweets_*.csv``. This checks the zip's directory, names and sizes, every byte against the
    zip's CRC, and the columns of every CSV. Raises :class:`OtherFileError` if the file is sound but
    has the wrong member names or columns. The file is read once, in bounded memory.
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
    """Raise :class:`OtherFileError` unless a header has the columns that ``role`` needs."""
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
    """Read all of ``member``: a zip member must match its CRC, a CSV must not end inside quotes.

    A CSV with an odd number of quotes is accepted if it ends with a complete cell: it has a stray
    quote somewhere. A compressed CSV must not expand beyond the ``limits``; those of a zip have
    been checked beforehand. Files that mostly escape quotes with a backslash are refused.
    """
    quotes, size, escaped, end = 0, 0, 0, b""
    most = min(limits.ratio * max(member.packed_bytes, 1024), limits.gigabytes * 1e9)
    for chunk in inflate(member):
        size += len(chunk)
        if b"\\" in chunk and ESCAPED in chunk:  # one byte is found ten times faster than two
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
    """The number of doubled quotes within cells; one that spans two chunks may be missed."""
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
