"""The ways in which a server or a connection fails, and the required outcome of each.

``PYTHONPATH=workflow:tests python tests/fault_table.py`` runs them all and prints the page
docs/reference/faults.md.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import random
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import cache
from pathlib import Path

import google_crc32c
from builders import post, to_csv, write_zip
from fault_server import NO_ANSWER, FaultServer, Reply

from takedown.errors import InputError
from takedown.fetch.archive import Place, fetch_archive
from takedown.fetch.download import Patience

PATIENCE = Patience(retries=3, connect_seconds=2, read_seconds=5, backoff_seconds=0.01)
BRISK = replace(PATIENCE, read_seconds=0.5)  # for stalls; a busy machine must not seem to stall
MB = 2**20
HALF = 4 * MB
ROWS, TEXT_BYTES = 2000, 1900
RESUMED = 1.13  # at most 1 MB of the 8 MB is asked for again
TWICE, THRICE = 2.0, 3.0
ZIP, CSV = "sim_tweets.zip", "sim_tweets.csv"

PAGE = b"<!DOCTYPE html><html><title>Sign in</title></html>"
DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"


@cache
def objects() -> dict[str, bytes]:
    """Simulated archives. All but ``shorter`` have the same size, because they are not compressed.

    ``edited`` differs from ``archive`` only in its first rows, ``newer`` in all; ``edited csv``
    differs from ``csv`` at both ends.
    """

    def texts(seed: int, count: int) -> list[str]:
        draw = random.Random(seed)
        return [draw.randbytes(TEXT_BYTES).hex() for _ in range(count)]

    def csv(lines: Sequence[str]) -> bytes:
        return to_csv(post(sequence=i, tweet_text=text) for i, text in enumerate(lines))

    def zipped(lines: Sequence[str]) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = write_zip(Path(folder) / ZIP, {CSV: csv(lines)}, zipfile.ZIP_STORED)
            return path.read_bytes()

    lines = texts(1, ROWS)
    return {
        "archive": zipped(lines),
        "newer": zipped(texts(2, ROWS)),
        "edited": zipped([*texts(3, 5), *lines[5:]]),
        "shorter": zipped(texts(4, ROWS // 3)),
        "csv": csv(lines),
        "edited csv": csv([*texts(5, 1), *lines[1:-1], *texts(6, 1)]),
        "no zip": b"PK, and no zip, but as the server has it",
    }


def md5(data: bytes) -> str:
    return "md5=" + base64.b64encode(hashlib.md5(data).digest()).decode()


def crc32c(data: bytes) -> str:
    return "crc32c=" + base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


def both(data: bytes) -> str:
    return f"{crc32c(data)},{md5(data)}"


def wrong_md5(data: bytes) -> str:
    return f"{crc32c(data)},{md5(data[1:])}"


def wrong_crc32c(data: bytes) -> str:
    return f"{crc32c(data[1:])},{md5(data)}"


def soon(_: bytes) -> str:
    return formatdate(time.time() + 2, usegmt=True)


def total(more: int) -> Callable[[bytes], str]:
    """A Content-Length that is wrong by ``more`` bytes."""
    return lambda data: str(len(data) + more)


def other_range(first: int, more: int) -> Callable[[bytes], str]:
    """A Content-Range that names another start, or another total."""
    return lambda data: f"bytes {first}-{len(data) + more - 1}/{len(data) + more}"


@dataclass(frozen=True)
class Fault:
    """What the first address and the mirror answer, and the required outcome.

    ``error`` is a pattern of the error message, blank if the fetch must succeed; ``kept`` is the
    number of bytes that must then be left in the partial file. ``ratio`` is the most that may be
    sent, relative to the size of ``final``, the object that must arrive. ``seconds`` is the least
    time that the fetch must take.
    """

    first: Sequence[Reply]
    mirror: Sequence[Reply] = ()
    error: str = ""
    ratio: float = 1.0
    final: str = "archive"
    kept: int | None = None
    seconds: float = 0
    file: str = ZIP
    patience: Patience = PATIENCE


@dataclass(frozen=True)
class Outcome:
    """What was observed."""

    error: str
    data: bytes | None
    ratio: float
    requests: int
    ranges: list[str]
    seconds: float
    files: dict[str, int] = field(default_factory=dict)

    @property
    def happened(self) -> str:
        """The outcome in a few words, for the table."""
        if self.error:
            reasons = re.findall(r"^- \S+: (.*)\.$", self.error, re.M) or [self.error]
            return "; ".join(dict.fromkeys(reasons))
        return (
            f"{self.requests} request{'s' * (self.requests > 1)}, {len(self.ranges)} for the rest"
        )

    @property
    def state(self) -> str:
        kept = next((size for name, size in self.files.items() if name.endswith(".part")), 0)
        if self.data is not None:
            return next(f"whole: {name}" for name, data in objects().items() if data == self.data)
        return f"refused; {kept / MB:.1f} MB kept for the next run" if kept else "refused"


ETAG = {"ETag": '"one"'}
NEW_ETAG = {"ETag": '"two"'}
DATED = {"Last-Modified": "Mon, 02 Nov 2020 10:00:00 GMT"}
NEW_DATED = {"Last-Modified": "Tue, 03 Nov 2020 10:00:00 GMT"}
RESET_AT_HALF = Reply(stop=HALF, then="reset")
DEAD = Reply(NO_ANSWER, then="reset")


def busy(status: int, after: str | Callable[[bytes], str] | None) -> Reply:
    return Reply(status, {} if after is None else {"Retry-After": after})


FAULTS: dict[str, Fault] = {
    "nothing wrong": Fault([Reply()]),
    # The connection fails.
    **{
        f"reset after {words}": Fault([Reply(stop=stop, then="reset"), Reply()], ratio=RESUMED)
        for words, stop in {
            "0 bytes": 0,
            "1 byte": 1,
            "100 kB": 100_000,
            "the first half": HALF,
            "all but one byte": -1,
        }.items()
    },
    "reset after every 1 MB": Fault([Reply(stop=MB, then="reset")], ratio=RESUMED),
    "reset before any answer, once": Fault([DEAD, Reply()]),
    "reset before any answer, always": Fault([DEAD], error="reset by peer", ratio=0),
    "reset at the same byte, always": Fault(
        [RESET_AT_HALF, Reply(stop=1, then="reset")], error="reset", kept=HALF, ratio=1.0
    ),
    "closed before any answer, once": Fault([Reply(NO_ANSWER), Reply()]),
    "stall in the first half": Fault(
        [Reply(stop=HALF, then="stall"), Reply()], ratio=RESUMED, patience=BRISK
    ),
    "stall, always": Fault(
        [Reply(stop=HALF, then="stall"), Reply(stop=0, then="stall")],
        error=r"nothing came for 0\.5 s",
        kept=HALF,
        patience=BRISK,
    ),
    "bytes that drip, always": Fault(
        [Reply(stop=HALF, then="drip"), Reply(stop=0, then="drip")],
        error="sends fewer than 1,000 bytes a second",
        patience=BRISK,
    ),
    "bytes that drip, then a mirror": Fault(
        [Reply(stop=HALF, then="drip")], [Reply()], ratio=TWICE, patience=BRISK
    ),
    "an answer's head that drips, always": Fault(
        [Reply(NO_ANSWER, then="drip")],
        error="does not come to the end of its answer's head",
        ratio=0,
        patience=replace(BRISK, connect_seconds=0.3),
    ),
    "no answer at all": Fault(
        [Reply(NO_ANSWER, then="stall")],
        error=r"nothing came for 0\.5 s",
        ratio=0,
        patience=BRISK,
    ),
    # The server is busy.
    **{
        f"{status}, Retry-After {words}": Fault([busy(status, after), Reply()], seconds=seconds)
        for status in (429, 503)
        for words, after, seconds in (
            ("in seconds", "1", 0.9),
            ("as a date", soon, 0.9),
            ("invalid", "presently", 0),
            ("impossible", "Mon, 99 Nov 99999 10:00:00 GMT", 0),
            ("absent", None, 0),
        )
    },
    **{
        f"{status}, Retry-After too long": Fault(
            [busy(status, "3600")], error=rf"{status}.* asks to come back in 3,600 s", ratio=0
        )
        for status in (429, 503)
    },
    "503, always": Fault([busy(503, None)], error="answers 503 Service Unavailable", ratio=0),
    "503 in the middle": Fault([RESET_AT_HALF, busy(503, "1"), Reply()], ratio=RESUMED),
    # Mirrors.
    "404": Fault([Reply(404)], error="answers 404 Not Found", ratio=0),
    "404, then a mirror": Fault([Reply(404)], [Reply()]),
    "too long a wait, then a mirror": Fault([busy(429, "3600")], [Reply()]),
    **{
        f"dies at half, the rest from a mirror with {words} ETag": Fault(
            [Reply(headers=ETAG, stop=HALF, then="reset"), DEAD],
            [Reply(headers=headers)],
            ratio=RESUMED,
        )
        for words, headers in (("the same", ETAG), ("another", NEW_ETAG), ("no", {}))
    },
    "dies at half, the mirror has another file": Fault(
        [RESET_AT_HALF, DEAD], [Reply(data="newer")], ratio=1.6, final="newer"
    ),
    "dies at half, the mirror sends a page": Fault(
        [RESET_AT_HALF, DEAD], [Reply(body=PAGE)], error="sends a web page", kept=HALF
    ),
    # Ranges.
    "416, the object shrank": Fault(
        [RESET_AT_HALF, Reply(data="shorter")], ratio=2.6, final="shorter"
    ),
    "Range ignored": Fault([RESET_AT_HALF, Reply(ranges=False)], ratio=1.55),
    "Range ignored, and reset at the same byte": Fault(
        [Reply(stop=HALF, then="reset", ranges=False)], error="reset", kept=HALF, ratio=3.1
    ),
    "Content-Range with another start": Fault(
        [RESET_AT_HALF, Reply(headers={"Content-Range": other_range(5, 0)}), Reply()], ratio=1.6
    ),
    "Content-Range with another total": Fault(
        [
            RESET_AT_HALF,
            Reply(headers={"Content-Range": other_range(HALF - 2**16, 9)}),
            Reply(),
        ],
        ratio=1.6,
    ),
    "Content-Range absent": Fault(
        [RESET_AT_HALF, Reply(headers={"Content-Range": ""}), Reply()], ratio=1.6
    ),
    # Lengths.
    "Content-Length too long, once": Fault(
        [Reply(headers={"Content-Length": total(1000)}), Reply()], ratio=2.05
    ),
    "Content-Length too long, always": Fault(
        [Reply(headers={"Content-Length": total(1000)}, ranges=False)],
        error="closed 1,000 bytes before the end",
        ratio=4.0,
    ),
    "Content-Length too short, once": Fault(
        [Reply(headers={"Content-Length": total(-1000)}), Reply()], ratio=TWICE
    ),
    "Content-Length too short, always": Fault(
        [Reply(headers={"Content-Length": total(-1000)})], error="half a download", ratio=THRICE
    ),
    "Content-Length is no number": Fault([Reply(headers={"Content-Length": "\xb2"})]),
    "cut short, with Content-Length": Fault([Reply(stop=HALF), Reply()], ratio=RESUMED),
    **{
        f"cut short, {words}": Fault([Reply(stop=HALF, framing=framing), Reply()], ratio=1.55)
        for words, framing in (("chunked", "chunked"), ("without any length", "neither"))
    },
    "cut short, chunked, with ETag": Fault(
        [Reply(headers=ETAG, stop=HALF, framing="chunked"), Reply(headers=ETAG)], ratio=RESUMED
    ),
    "cut short without any length, always": Fault(
        [Reply(stop=HALF, framing="neither")], error="half a download", ratio=1.59
    ),
    "chunked": Fault([Reply(framing="chunked")]),
    "without any length": Fault([Reply(framing="neither")]),
    # Redirects.
    "redirect in a circle": Fault(
        [Reply(302, {"Location": f"/a/{ZIP}"})], error="redirects in a circle", ratio=0
    ),
    "redirect to what is no address": Fault(
        [Reply(302, {"Location": "http://[::1"})], error="Invalid|answers 302", ratio=0
    ),
    "redirect to what is not HTTP": Fault(
        [Reply(302, {"Location": "ftp://127.0.0.1/x.zip"})], error="ftp://127", ratio=0
    ),
    "redirect to another path": Fault([Reply(302, {"Location": f"/b/{ZIP}"})], [Reply()]),
    "redirect, then resets": Fault(
        [Reply(302, {"Location": f"/b/{ZIP}"})], [RESET_AT_HALF, Reply()], ratio=RESUMED
    ),
    # Something other than the file is sent.
    "gzip though identity was asked": Fault(
        [Reply(headers={"Content-Encoding": "gzip"}, encode=gzip.compress, ranges=False)]
    ),
    "gzip, cut short once": Fault(
        [
            Reply(
                headers={"Content-Encoding": "gzip"},
                encode=gzip.compress,
                ranges=False,
                stop=stop,
            )
            for stop in (MB, None)
        ],
        ratio=RESUMED,
    ),
    "200 with a web page": Fault([Reply(body=PAGE)], error="sends a web page", ratio=0.01),
    "200 with an XML error": Fault([Reply(body=DENIED)], error="error message", ratio=0.01),
    "half, then 200 with a web page": Fault(
        [RESET_AT_HALF, Reply(body=PAGE)], error="sends a web page", kept=HALF
    ),
    "half, then 200 with an XML error": Fault(
        [RESET_AT_HALF, Reply(body=DENIED)], error="error message", kept=HALF
    ),
    **{
        f"half, then 200 with {words}": Fault(
            [RESET_AT_HALF, reply], error="not a zip|sends", kept=HALF
        )
        for words, reply in {
            "a JSON error": Reply(body=b'{"error": "quota"}'),
            "a line of text": Reply(body=b"quota exceeded"),
            "nothing": Reply(body=b""),
            "a web page after a blank line": Reply(
                body=b"\n" + PAGE, stop=1, then="go on", meanwhile=lambda: time.sleep(0.2)
            ),
        }.items()
    },
    "half, then 403": Fault([RESET_AT_HALF, Reply(403, body=PAGE)], error="403", kept=HALF),
    # The object changes between two ranges.
    **{
        f"{words}, {with_what}": Fault(
            [
                Reply(headers=old, data=before, stop=HALF, then="reset"),
                Reply(headers=new, data=data, if_range=obeyed),
            ],
            ratio=2.1,
            final=data,
            file=CSV if "csv" in data else ZIP,
        )
        for words, before, data in (
            ("object changes", "archive", "newer"),
            ("object's start changes", "archive", "edited"),
            ("CSV's ends change", "csv", "edited csv"),
        )
        for with_what, old, new, obeyed in (
            ("with ETag", ETAG, NEW_ETAG, True),
            ("with Last-Modified", DATED, NEW_DATED, True),
            ("with weak ETag", {"ETag": 'W/"one"'}, {"ETag": 'W/"two"'}, True),
            ("with neither", {}, {}, True),
            ("If-Range is ignored", ETAG, NEW_ETAG, False),
        )
        # Nobody can tell: the middle is the same, and nothing indicates that the ends are not.
        if (data, with_what) != ("edited csv", "with neither")
    },
    # Bits are flipped.
    **{
        f"bit flip once, {words}": Fault(
            [Reply(headers=headers, flip=HALF), Reply(headers=headers)], ratio=TWICE
        )
        for words, headers in (
            ("no hash", {}),
            ("with md5", {"x-goog-hash": md5}),
            ("with crc32c", {"x-goog-hash": crc32c}),
            ("with both hashes", {"x-goog-hash": both}),
        )
    },
    "bit flip in what comes after a reset": Fault(
        [RESET_AT_HALF, Reply(flip=HALF + 9), Reply()], ratio=2.1
    ),
    "bit flip always": Fault([Reply(flip=HALF)], error="damaged; its checksum", ratio=THRICE),
    "bit flip always, with both hashes": Fault(
        [Reply(headers={"x-goog-hash": both}, flip=HALF)], error="has md5 .*damaged", ratio=THRICE
    ),
    "bit flip always, then a mirror": Fault([Reply(flip=HALF)], [Reply()], ratio=4.0),
    "right hashes": Fault([Reply(headers={"x-goog-hash": both})]),
    "right hashes and a reset": Fault(
        [Reply(headers={"x-goog-hash": both}, stop=HALF, then="reset"), Reply()], ratio=RESUMED
    ),
    "wrong md5": Fault(
        [Reply(headers={"x-goog-hash": wrong_md5})], error="md5 .*damaged", ratio=THRICE
    ),
    "wrong crc32c": Fault(
        [Reply(headers={"x-goog-hash": wrong_crc32c})], error="crc32c .*damaged", ratio=THRICE
    ),
    "CSV, bit flip once, with both hashes": Fault(
        [
            Reply(headers={"x-goog-hash": both}, data="csv", flip=HALF),
            Reply(headers={"x-goog-hash": both}, data="csv"),
        ],
        ratio=TWICE,
        final="csv",
        file=CSV,
    ),
    "CSV, reset": Fault(
        [Reply(data="csv", stop=HALF, then="reset"), Reply(data="csv")],
        ratio=RESUMED,
        final="csv",
        file=CSV,
    ),
    "CSV, bit flip always, with crc32c": Fault(
        [Reply(headers={"x-goog-hash": crc32c}, data="csv", flip=HALF)],
        error="crc32c .*damaged",
        ratio=THRICE,
        final="csv",
        file=CSV,
    ),
}


def place_in(folder: Path, *mirrors: str, patience: Patience = PATIENCE) -> Place:
    """A campaign's place in ``folder``."""
    return Place("sim", folder / "raw" / "sim", folder / "trust.csv", mirrors, patience=patience)


def fetch(address: str, folder: Path, *mirrors: str, patience: Patience = PATIENCE) -> Outcome:
    """Fetch the archive at ``address`` into ``folder``; the outcome lacks the server's counts."""
    place = place_in(folder, *mirrors, patience=patience)
    began, error = time.monotonic(), ""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            fetch_archive(
                sources={"tweets": [address], "users": []},
                place=place,
                receipt=place.folder / "receipt.csv",
            )
    except InputError as why:
        error = str(why)
    seconds = time.monotonic() - began
    target = place.folder / address.rsplit("/", 1)[1]
    files = {path.name: path.stat().st_size for path in place.folder.iterdir()}
    data = target.read_bytes() if target.exists() else None
    return Outcome(error, data, 0.0, 0, [], seconds, files)


def run_fault(fault: Fault, folder: Path) -> Outcome:
    """Fetch from a server with ``fault`` into ``folder``, and measure."""
    size = len(objects()[fault.final])
    with FaultServer(objects()) as server:
        first, mirror = f"/a/{fault.file}", f"/b/{fault.file}"
        server.pages = {first: fault.first, mirror: fault.mirror or [Reply(404)]}
        mirrors = [server.address(mirror)] if fault.mirror else []
        seen = fetch(server.address(first), folder, *mirrors, patience=fault.patience)
        return Outcome(
            seen.error,
            seen.data,
            server.sent() / size,
            len(server.exchanges()),
            server.ranges(),
            seen.seconds,
            seen.files,
        )


def fault_table(folder: Path) -> list[dict[str, str]]:
    """A row per fault: what happened, how much was fetched, and what is there at the end."""
    rows = []
    for number, (name, fault) in enumerate(FAULTS.items()):
        seen = run_fault(fault, folder / str(number))
        rows.append(
            {
                "fault": name,
                "what happened": seen.happened.replace("|", "/"),
                "fetched / size": f"{seen.ratio:.2f}",
                "final state": seen.state,
            }
        )
    return rows


INTRODUCTION = """\
<!-- Printed by `tests/fault_table.py`; each row is asserted by tests/fetch/test_download.py. -->
# Faults that a download survives

Each fault is produced by a server on the loopback address, for an archive of 8 MB. *Fetched* is
what the server sent in all, over the size of the file: what is above 1 was fetched twice, which
happens where a server cannot send the rest of a file, the object changed, or what came was damaged.
*Whole* names which of the server's files is there at the end (*newer*, *edited* and *shorter* are
what it changes to on the way); a refused download leaves nothing under the file's name. Time-outs
and retries are set short here.
"""


def print_page(rows: Sequence[dict[str, str]]) -> None:
    """Print the rows as a Markdown page."""
    print(INTRODUCTION)
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(row.values()) + " |")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print_page(fault_table(Path(scratch)))
