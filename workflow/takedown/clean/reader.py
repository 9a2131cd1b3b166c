"""Stream the CSV members of an archive, zipped or not, in bounded memory.

    zip -> inflate (a thread) -> blocks of whole records -> two workers: parse, type -> in order

:mod:`takedown.archives.members` inflates, :mod:`takedown.clean.blocks` cuts, and
:mod:`takedown.clean.records` parses a block. What to do with each block is passed in as ``work``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from takedown.archives.members import CHUNK_BYTES, Member, Seen, inflate
from takedown.clean.blocks import Block, Blocks
from takedown.clean.records import Rows
from takedown.io.background import in_thread

BLOCK_BYTES = 16 * 2**20
WORKERS = 2


def read_blocks(
    member: Member,
    work: Callable[[Block], Rows],
    *,
    block_bytes: int | None = None,
    seen: Seen = lambda _: None,
) -> Iterator[Rows]:
    """Apply ``work`` to the blocks of ``member``; yield the results in order.

    ``seen`` is called with the number of bytes read from the file. An empty file has no blocks.
    Raises :class:`InputError` on a damaged zip, an unusable first line, or a truncated file.
    """
    size = block_bytes or BLOCK_BYTES
    chunks = in_thread(inflate(member, min(size, CHUNK_BYTES), seen), ahead=16)
    blocks = Blocks(chunks, member, size)
    waiting: deque[tuple[Block, Future[Rows]]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        while True:
            while len(waiting) <= WORKERS and (block := blocks.next_block()):
                waiting.append((block, pool.submit(work, block)))
            if not waiting:
                return
            block, future = waiting.popleft()
            rows = future.result()
            yield rows
            if rows.leftover:  # the blocks after it were cut in the wrong places
                blocks.give_back(block, rows.leftover, [later for later, _ in waiting])
                waiting.clear()
