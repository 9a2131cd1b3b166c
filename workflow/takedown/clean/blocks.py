"""Cut the stream of a CSV into blocks of whole records, without parsing it.

A record may contain newlines inside quotes, so not every newline ends a record. A newline does if
the number of quotes before it is even: a doubled quote inside a field adds two and keeps the
parity, so no state machine is needed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from takedown.archives.members import NEWLINE, QUOTE, Member, last_record_end, parse_header
from takedown.errors import InputError

#: No real record is nearly this long; a longer one means that a quote is not closed.
RECORD_LIMIT = 64 * 2**20
CACHE_BYTES = 2**18


@dataclass(frozen=True)
class Block:
    """Whole records of one member: their bytes, column names and first line (the header is line 1).

    ``quotes`` is the number of quotes in ``raw``. ``last`` is true for the last block of the file,
    and ``whole`` is false if the file's last line has no newline at its end.
    """

    raw: bytes
    names: list[str]
    line: int
    quotes: int
    last: bool
    whole: bool
    where: str


class Blocks:
    """Cuts ``chunks`` of ``member`` into blocks of about ``block_bytes``."""

    def __init__(self, chunks: Iterator[bytes], member: Member, block_bytes: int) -> None:
        self.chunks = chunks
        self.member = member
        self.block_bytes = block_bytes
        self.returned: deque[bytes] = deque()  # to be cut again before reading more chunks
        self.held: list[bytes | memoryview] = []  # starts at the beginning of a record
        self.quotes, self.newlines = 0, 0  # counts in ``held``
        self.names: list[str] = []
        self.line = 1
        self.last = False

    def next_block(self) -> Block | None:
        """The next block; None at the end.

        A record that does not end within two blocks is passed on as it is: usually there is a
        surplus quote, which is detected when the block is parsed.
        """
        while not self.last:
            chunk = self.returned.popleft() if self.returned else next(self.chunks, b"")
            self.hold(chunk)
            if not chunk:
                self.last = True
                return self.cut(chunk, 0)
            size = sum(map(len, self.held))
            end = last_record_end(chunk, self.quotes) if size >= self.block_bytes else 0
            if not end and size >= 2 * self.block_bytes:
                end = chunk.rfind(NEWLINE) + 1
            if end and (block := self.cut(chunk, end)):
                return block
        return None

    def hold(self, data: bytes | memoryview) -> None:
        """Append ``data`` to ``held`` and count its quotes and newlines."""
        self.held.append(data)
        cells = np.frombuffer(data, np.uint8)
        for start in range(0, len(cells), CACHE_BYTES):
            piece = cells[start : start + CACHE_BYTES]
            self.quotes += int(np.count_nonzero(piece == QUOTE[0]))
            self.newlines += int(np.count_nonzero(piece == NEWLINE[0]))

    def cut(self, chunk: bytes, end: int) -> Block | None:
        """Make a block of the held data, with the last ``chunk`` only up to the index ``end``."""
        view, quotes, newlines = memoryview(chunk), self.quotes, self.newlines
        raw = b"".join([*self.held[:-1], view[:end]])
        self.held, self.quotes, self.newlines = [], 0, 0
        self.hold(view[end:])
        return self.block(raw, quotes - self.quotes, newlines - self.newlines)

    def block(self, raw: bytes, quotes: int, newlines: int) -> Block | None:
        """``raw`` as a block, without the header line if it starts with one."""
        line, self.line = self.line, self.line + newlines
        if raw and not self.names:
            self.names, start = parse_header(raw, self.member)
            line += raw.count(NEWLINE, 0, start)
            quotes -= raw.count(QUOTE, 0, start)
            raw = raw[start:]
        if not raw:
            return None
        whole = raw.endswith(NEWLINE)
        raw = raw if whole else raw + NEWLINE
        return Block(raw, self.names, line, quotes, self.last, whole, self.member.where)

    def give_back(self, block: Block, leftover: bytes, later: list[Block]) -> None:
        """Cut again, starting with ``leftover``, the end of ``block``, then the ``later`` blocks.

        Raises :class:`InputError` when ``leftover`` is longer than any record can be.
        """
        again = [*(b.raw if b.whole else b.raw[:-1] for b in later), b"".join(self.held)]
        self.returned.extendleft(reversed([raw for raw in again if raw]))
        self.line = block.line + block.raw.count(NEWLINE) - leftover.count(NEWLINE)
        self.held, self.quotes, self.newlines = [], 0, 0
        self.hold(leftover)
        self.last = False
        if len(leftover) > RECORD_LIMIT:
            raise InputError(
                f"{self.member.where}, line {self.line}: the record that starts here does not end "
                f"within {len(leftover) >> 20} MB. A quote in it does not close: the file is "
                "damaged there."
            )
