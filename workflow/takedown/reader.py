"""Stream the CSV members of an archive as blocks of whole records, in bounded memory.

A CSV record may contain newlines inside quotes, so a stream cannot be cut at any newline. It can be
cut at a newline before which the number of quote characters is even: a doubled quote inside a field
adds two and keeps the parity, so no state machine is needed. Each block of whole records then goes
to polars as text; what polars refuses is read again, record by record, with the csv module.
"""

from __future__ import annotations

import csv
import io
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from takedown.errors import InputError
from takedown.members import NEWLINE, Member, inflate, parse_header

BLOCK_BYTES = 32 * 2**20
RECORD_LIMIT = 8 * BLOCK_BYTES
QUOTE = b'"'


@dataclass(frozen=True)
class BadRecord:
    """A record that is not used: the line it starts on (header is line 1), why, and its bytes."""

    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True)
class Block:
    """Whole records: ``frame`` holds the readable ones as text, one column per header field.

    ``spans`` gives the first and the last line of each record of the frame within ``raw``, counted
    from 0; None where each record of ``raw`` is in the frame, so that they can be worked out.
    """

    frame: pl.DataFrame
    bad: list[BadRecord]
    raw: bytes
    first_line: int
    spans: list[tuple[int, int]] | None = None

    def record(self, row: int, reason: str) -> BadRecord:
        """Record ``row`` of the frame as one that is set aside for ``reason``."""
        start, end = (self.spans or self.found_spans)[row]
        return BadRecord(self.first_line + start, reason, NEWLINE.join(self.raw_lines[start:end]))

    @cached_property
    def raw_lines(self) -> list[bytes]:
        """The lines of ``raw``; kept, because a block with one bad record often has thousands."""
        return self.raw.split(NEWLINE)

    @cached_property
    def found_spans(self) -> list[tuple[int, int]]:
        """A record spans one line and one more per newline in its fields."""
        newlines = pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))
        ends = self.frame.select((newlines + 1).cast(pl.Int64).cum_sum()).to_series().to_list()
        return list(zip([0, *ends[:-1]], ends, strict=True))


def read_blocks(member: Member, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """The records of ``member`` as :class:`Block`, inflated in a thread beside the parsing.

    An empty file has no blocks. Raises :class:`InputError` on a damaged zip, an empty first line,
    or a quote that never closes.
    """
    chunks = in_thread(inflate(member, block_bytes))
    names: list[str] | None = None
    line = 1
    for block in cut_at_records(chunks, member):
        if names is None:
            names, start = parse_header(block, member)
            line += block.count(NEWLINE, 0, start)
            block = block[start:]
        if block:
            yield parse_block(block, names, line)
        line += block.count(NEWLINE)


def in_thread(chunks: Iterator[bytes], ahead: int = 2) -> Iterator[bytes]:
    """``chunks``, produced in a thread at most ``ahead`` chunks in front of the consumer."""
    ready: queue.Queue[bytes | BaseException | None] = queue.Queue(maxsize=ahead)
    stop = threading.Event()

    def put(item: bytes | BaseException | None) -> None:
        while not stop.is_set():
            try:
                return ready.put(item, timeout=0.1)
            except queue.Full:
                continue

    def produce() -> None:
        try:
            for chunk in chunks:
                put(chunk)
                if stop.is_set():
                    return
            put(None)
        except BaseException as error:  # handed over to the consumer, which raises it
            put(error)

    threading.Thread(target=produce, daemon=True).start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()


def cut_at_records(chunks: Iterator[bytes], member: Member) -> Iterator[bytes]:
    """``chunks`` re-cut so that each ends with a whole record; the last takes what is left."""
    tail, line = b"", 1
    for chunk in chunks:
        data = tail + chunk
        end = last_record_end(data)
        if end:
            yield data[:end]
            line += data.count(NEWLINE, 0, end)
        tail = data[end:]
        if len(tail) > RECORD_LIMIT:
            raise InputError(
                f"{member.where}, line {line}: a quote opens in the record that starts here and "
                f"does not close within {len(tail) >> 20} MB. The file is damaged there."
            )
    if tail:
        if tail.count(QUOTE) % 2:
            raise InputError(
                f"{member.where}, line {line}: the file ends inside a quoted field of the record "
                "that starts here. It is cut short: download it again."
            )
        yield tail if tail.endswith(NEWLINE) else tail + NEWLINE


def last_record_end(data: bytes) -> int:
    """Index just after the last newline of ``data`` that is outside quotes; 0 if there is none."""
    quotes = data.count(QUOTE)
    end = len(data)
    while (newline := data.rfind(NEWLINE, 0, end)) >= 0:
        quotes -= data.count(QUOTE, newline, end)
        if quotes % 2 == 0:
            return newline + 1
        end = newline
    return 0


def parse_block(raw: bytes, names: list[str], first_line: int) -> Block:
    """Parse whole records; falls back to :func:`parse_slowly` where polars cannot be trusted.

    polars marks a cell that is not there, or blank and unquoted, as null. A null in the last
    column may therefore be a short record or a blank line, which only the csv module tells apart.
    """
    try:
        frame = pl.read_csv(
            raw,
            has_header=False,
            new_columns=names,
            infer_schema=False,
            encoding="utf8",
        )
    except pl.exceptions.PolarsError:
        return parse_slowly(raw, names, first_line)
    if frame.width != len(names) or frame[names[-1]].null_count():
        return parse_slowly(raw, names, first_line)
    return Block(frame.fill_null(""), [], raw, first_line)


def parse_slowly(raw: bytes, names: list[str], first_line: int) -> Block:
    """Parse record by record with the csv module; records of the wrong width are set aside.

    Bytes that are not UTF-8 become U+FFFD. Only a newline ends a line: a carriage return inside a
    field does not.
    """
    csv.field_size_limit(RECORD_LIMIT)
    reader = csv.reader(io.StringIO(raw.decode("utf-8", "replace"), newline="\n"))
    raw_by_line = raw.split(NEWLINE)
    rows: list[list[str]] = []
    spans: list[tuple[int, int]] = []
    bad: list[BadRecord] = []
    start = 0
    while start < len(raw_by_line) - 1:
        try:
            row = next(reader, [])
            reason = f"{len(row)} fields instead of {len(names)}" if row else ""
        except csv.Error as error:
            row, reason = [], f"unreadable ({error})"
        end = reader.line_num
        if len(row) == len(names):
            rows.append(row)
            spans.append((start, end))
        elif reason:
            raw_record = NEWLINE.join(raw_by_line[start:end])
            bad.append(BadRecord(first_line + start, reason, raw_record))
        start = end
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return Block(frame, bad, raw, first_line, spans)
