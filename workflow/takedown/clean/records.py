"""Read a block's records: all at once with polars, or one by one if that cannot be trusted.

A surplus quote swaps the inside and outside of quotes for everything after it, and shows up as
something that is not a valid record. :func:`walk` then looks for the next line at which a record
begins and rejects the lines before it. A record that is left unfinished at the end of the block
goes back to the stream, which is cut again from there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from takedown.archives.members import NEWLINE, QUOTE, QUOTED_END, cut_short
from takedown.clean.blocks import Block

CR = b"\r"
FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+(?:\r(?!\n)[^",\r\n]*+)*+)'
UNPAIRED, NUL = "quotes that do not pair", "NUL byte"
Type = type[pl.DataType]


@dataclass(frozen=True)
class BadRecord:
    """A rejected record: the line it starts on, the reason, and its bytes."""

    line: int
    reason: str
    raw: bytes


@dataclass
class Rows:
    """The result of reading a block: readable rows, rejected records, and what is left to read.

    ``leftover`` is the end of the block if it was cut inside a record. ``mended`` holds the indices
    of the rows of ``frame`` in which bytes that are not UTF-8 were replaced by U+FFFD.
    """

    frame: pl.DataFrame
    bad: list[BadRecord] = field(default_factory=list)
    leftover: bytes = b""
    mended: list[int] = field(default_factory=list)


@dataclass
class Walk(Rows):
    """Rows read one by one; ``lines`` and ``raws`` hold each row's line number and bytes."""

    lines: list[int] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)


def text_rows(block: Block) -> Rows:
    """The block's rows as text, one column per header field; blank cells are empty."""
    frame = parse(block)
    return walk(block) if frame is None else Rows(frame)


# At once


def parse(block: Block, types: Mapping[str, Type] | None = None) -> pl.DataFrame | None:
    """The block's cells as text, parsed by polars; None if the result cannot be trusted.

    Columns in ``types`` are parsed as those types, with null for blank cells; the last column is
    always text. Polars keeps NUL bytes, pads short records, drops a stray quote inside a cell, and
    merges records that lie between two such quotes.
    """
    if b"\0" in block.raw or block.quotes % 2:
        return None
    try:
        frame = read_text(block.raw, block.names, types)
    except (pl.exceptions.PolarsError, OSError):  # OSError: it takes the bytes for compressed data
        return None
    if frame.width != len(block.names):
        return None
    if any((frame[name] < 0).any() for name, kind in frame.schema.items() if kind == pl.Int64):
        return None  # :func:`adds_up` does not count the minus sign
    if not adds_up(block, frame) and (types or not is_strict(block)):
        return None
    return without_nulls(frame)


def read_text(
    raw: bytes, names: list[str], types: Mapping[str, Type] | None = None
) -> pl.DataFrame:
    """Records as polars reads them: columns in ``types`` as those types, all others as text."""
    schema = dict.fromkeys(names, pl.String) | dict(types or {}) | {names[-1]: pl.String}
    return pl.read_csv(raw, has_header=False, schema=schema)


def without_nulls(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with null texts, which are blank in the file, replaced by empty ones."""
    texts = frame.select(pl.col(pl.String))
    return frame.with_columns(text.fill_null("") for text in texts if text.null_count())


def adds_up(block: Block, frame: pl.DataFrame) -> bool:
    """Whether ``frame`` contains everything in a block in which every cell is quoted.

    Every byte of the block belongs to a cell, or is a quote around a cell, the second of a doubled
    quote, a comma or a newline. The number of bytes therefore gives the number of quotes within
    cells, and from this the total number of quotes, which must equal the actual total. It does not
    if polars dropped a quote.
    """
    cells = frame.width * len(frame)
    separators = cells + (len(frame) if block.raw.endswith(CR + NEWLINE) else 0)
    inner = bytes_of_cells(frame) + block.quotes + separators - len(block.raw)
    return block.quotes == 2 * cells + 2 * inner


def bytes_of_cells(frame: pl.DataFrame) -> int:
    """The total bytes of all cells, with whole numbers written without signs or spaces."""
    texts, categories = pl.col(pl.String).str, pl.col(pl.Categorical).cat
    lengths = frame.select(texts.len_bytes().sum(), categories.len_bytes().sum()).row(0)
    return sum(lengths) + sum(map(digits, frame.select(pl.col(pl.Int64))))


def digits(numbers: pl.Series) -> int:
    """The total number of digits in ``numbers``."""
    ends: list[Any] = [numbers.min() or 0, numbers.max() or 0]
    least, most = (len(str(max(end, 0))) for end in ends)
    more = sum(int((numbers >= 10**length).sum()) for length in range(least, most))
    return numbers.count() * least + more


def is_strict(block: Block) -> bool:
    """Whether the block consists only of records of the right width, with paired quotes."""
    record = record_pattern(len(block.names)).pattern
    return re.fullmatch(b"(?:" + record + b")*+", block.raw) is not None


@lru_cache
def record_pattern(fields: int | None) -> re.Pattern[bytes]:
    """The pattern of a record with this many fields, or with any number if None."""
    more = b"*+" if fields is None else b"{%d}" % (fields - 1)
    return re.compile(FIELD + b"(?:," + FIELD + b")" + more + rb"\r?\n")


# One by one


def walk(block: Block) -> Walk:
    """Read record by record, rejecting anything that is not a record of the right width.

    Raises :class:`InputError` if the file ends inside a record.
    """
    found = Walk(pl.DataFrame(schema=dict.fromkeys(block.names, pl.String)))
    raw, place, line = block.raw, 0, block.line
    while place < len(raw):
        end, reason = next_record(raw, place, len(block.names))
        if not end:
            break
        record = raw[place:end].removesuffix(NEWLINE)
        if reason:
            found.bad.append(BadRecord(line, reason, record))
        elif record.strip(CR) or len(block.names) == 1:
            found.lines.append(line)
            found.raws.append(record)
        line += raw.count(NEWLINE, place, end)
        place = end
    found.leftover = raw[place:]
    if found.leftover and block.last:
        set_end_aside(found, block, line)
    if found.raws:
        good = NEWLINE.join([*found.raws, b""])
        utf8 = good.decode("utf-8", "replace").encode()
        if utf8 != good:
            found.mended = [row for row, one in enumerate(found.raws) if not is_utf8(one)]
        found.frame = without_nulls(read_text(utf8, block.names))
    return found


def next_record(raw: bytes, place: int, width: int) -> tuple[int, str]:
    """The end of the record at ``place``, and the reason that it cannot be used.

    The end is 0 if it is not in ``raw``; the reason is empty for a valid record of ``width`` fields
    and for a blank line.
    """
    if match := record_pattern(width).match(raw, place):
        return match.end(), NUL if b"\0" in match[0] else ""
    if match := record_pattern(None).match(raw, place):
        if not match[0].strip(CR + NEWLINE):
            return match.end(), ""
        fields = len(re.findall(FIELD + rb"(?:,|\r?\n)", match[0]))
        return match.end(), f"{fields} fields instead of {width}"
    return next_start(raw, place, width), UNPAIRED


def next_start(raw: bytes, place: int, width: int) -> int:
    """The start of the next record after the line at ``place``; 0 if there is none.

    This is the next valid record, or the first newline between two quotes before that, where a bad
    record begins.
    """
    quoted, seam = raw.startswith(QUOTE), 0
    while place := raw.find(NEWLINE, place) + 1:
        quote = raw.startswith(QUOTE, place)
        if quote and raw.endswith(QUOTED_END, 0, place):
            seam = seam or place
        if quote >= quoted and record_pattern(width).match(raw, place):
            return seam or place
    return 0


def set_end_aside(found: Walk, block: Block, line: int) -> None:
    """Reject the invalid end of the file; raises :class:`InputError` if the file is truncated."""
    end = found.leftover
    if not block.whole or (end.count(QUOTE) % 2 and not end.endswith(QUOTED_END)):
        raise cut_short(block.where, line)
    found.bad.append(BadRecord(line, UNPAIRED, end.removesuffix(NEWLINE)))
    found.leftover = b""


def is_utf8(record: bytes) -> bool:
    try:
        record.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
