"""Read a block's records: at once by polars, or one by one where that cannot be trusted.

One quote too many turns inside and outside about, for all that follows. It shows as a record that
is no record. The walk then looks for the next line at which a record begins, sets the lines before
it aside, and what is left of the block goes back to the stream, which is cut anew from there.
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
    """A record that is not used: the line it starts on, why, and its bytes."""

    line: int
    reason: str
    raw: bytes


@dataclass
class Rows:
    """What became of a block: the readable rows, the others, and what is still to be read.

    ``leftover`` is the block's end where it is cut inside a record; ``mended`` numbers the rows of
    ``frame`` in which bytes that are no UTF-8 became U+FFFD.
    """

    frame: pl.DataFrame
    bad: list[BadRecord] = field(default_factory=list)
    leftover: bytes = b""
    mended: list[int] = field(default_factory=list)


@dataclass
class Walk(Rows):
    """Rows read one by one; ``lines`` and ``raws`` tell where each row of the frame stood."""

    lines: list[int] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)


def text_rows(block: Block) -> Rows:
    """The block's rows as text, one column per header field; blank cells are empty."""
    frame = parse(block)
    return walk(block) if frame is None else Rows(frame)


# At once


def parse(block: Block, types: Mapping[str, Type] | None = None) -> pl.DataFrame | None:
    """The block's cells as text, parsed by polars; None where that cannot be trusted.

    Columns of ``types`` get another type on the way, but for the last; a blank cell of theirs is
    null. polars keeps NUL bytes, fills up short records, drops a quote inside a cell, and makes one
    record of several that two such quotes enclose.
    """
    if b"\0" in block.raw or block.quotes % 2:
        return None
    try:
        frame = read_text(block.raw, block.names, types)
    except (pl.exceptions.PolarsError, OSError):  # OSError: it takes the bytes for a packed file
        return None
    if frame.width != len(block.names):
        return None
    if any((frame[name] < 0).any() for name, kind in frame.schema.items() if kind == pl.Int64):
        return None  # the sign is a byte that :func:`adds_up` would take for another
    if not adds_up(block, frame) and (types or not is_strict(block)):
        return None
    return without_nulls(frame)


def read_text(
    raw: bytes, names: list[str], types: Mapping[str, Type] | None = None
) -> pl.DataFrame:
    """Records as polars reads them: cells of ``types`` as of these, all others as text."""
    schema = dict.fromkeys(names, pl.String) | dict(types or {}) | {names[-1]: pl.String}
    return pl.read_csv(raw, has_header=False, schema=schema)


def without_nulls(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with its null texts, blank in the file, made empty."""
    texts = frame.select(pl.col(pl.String))
    return frame.with_columns(text.fill_null("") for text in texts if text.null_count())


def adds_up(block: Block, frame: pl.DataFrame) -> bool:
    """Whether ``frame`` is all there is in a block in which every cell is quoted.

    Every byte of the block is one of a cell, a quote around or before another one, a comma or a
    newline. The bytes give the number of quotes within cells, which were doubled; and with these
    the number of all quotes must agree. One that was dropped counts once there and twice here.
    """
    cells = frame.width * len(frame)
    separators = cells + (len(frame) if block.raw.endswith(CR + NEWLINE) else 0)
    inner = bytes_of_cells(frame) + block.quotes + separators - len(block.raw)
    return block.quotes == 2 * cells + 2 * inner


def bytes_of_cells(frame: pl.DataFrame) -> int:
    """The bytes of all cells; of whole numbers, as they are written without sign and spaces."""
    texts, categories = pl.col(pl.String).str, pl.col(pl.Categorical).cat
    lengths = frame.select(texts.len_bytes().sum(), categories.len_bytes().sum()).row(0)
    return sum(lengths) + sum(map(digits, frame.select(pl.col(pl.Int64))))


def digits(numbers: pl.Series) -> int:
    """The digits of all ``numbers``."""
    ends: list[Any] = [numbers.min() or 0, numbers.max() or 0]
    least, most = (len(str(max(end, 0))) for end in ends)
    more = sum(int((numbers >= 10**length).sum()) for length in range(least, most))
    return numbers.count() * least + more


def is_strict(block: Block) -> bool:
    """Whether the block is records of the right width and nothing else, with quotes in pairs."""
    record = record_pattern(len(block.names)).pattern
    return re.fullmatch(b"(?:" + record + b")*+", block.raw) is not None


@lru_cache
def record_pattern(fields: int | None) -> re.Pattern[bytes]:
    """A record of so many fields, or of any number of them."""
    more = b"*+" if fields is None else b"{%d}" % (fields - 1)
    return re.compile(FIELD + b"(?:," + FIELD + b")" + more + rb"\r?\n")


# One by one


def walk(block: Block) -> Walk:
    """Read record by record; what is no record, or of another width, is set aside.

    Raises :class:`InputError` where the file ends inside a record.
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
    """Where the record at ``place`` ends, and why it cannot be used.

    The end is 0 if it is not in ``raw``; the reason is empty for a record of ``width`` fields, and
    for a blank line.
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
    """Where, after the line at ``place``, a record begins; 0 if none does.

    That is at a right one; or at a newline between two quotes before it, where a bad one begins.
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
    """Set aside the file's end, which is no record; :class:`InputError` where it is cut short."""
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
