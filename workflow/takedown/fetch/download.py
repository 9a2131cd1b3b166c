"""Download one file over HTTP, even on a poor connection: resume, retry, and hash as it arrives.

requests handles HTTP, and urllib3's ``Retry`` decides how long to wait. This module adds what
neither does: it resumes in the middle of a file, and never joins two versions of it.

Every resumed request asks again for the last 64 kB already saved. If the bytes differ, the object
has changed, whatever the server's headers say, and the download starts again from the beginning.
"""

from __future__ import annotations

import base64
import errno
import math
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from threading import current_thread, main_thread

import requests
from tqdm import tqdm
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    InvalidHeader,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import Retry
from urllib3.util.retry import RequestHistory

from takedown.engine.progress import byte_bar
from takedown.errors import InputError
from takedown.fetch.part import CHUNK_BYTES, OVERLAP_BYTES, Part, Version, is_encoded
from takedown.redaction import shown

BUSY = (408, 425, 429, 500, 502, 503, 504)
SPARE_BYTES = 2**20
HEAD_BYTES = 2**12
#: Give up on a body that averages fewer bytes per second than this over ``read_seconds``.
LEAST_BYTES = 1_000
FAILED_BEFORE = RequestHistory("GET", None, None, None, None)
OFFLINE = "its name cannot be resolved; this machine may be offline"


class RefusedError(Exception):
    """This address does not supply the file; the message tells the user why."""


class DamagedError(RefusedError):
    """The whole file arrived, but was damaged in transit; another attempt may succeed."""


class UselessError(RefusedError):
    """The file arrived just as the server holds it, but it is not the right file."""


class BrokenOffError(Exception):
    """The transfer broke off and can be retried.

    Carries the cause, and the response if the server answered with one.
    """

    def __init__(self, why: str, response: requests.Response | None = None) -> None:
        super().__init__(why)
        self.response = response


class NoRangeError(Exception):
    """The server did not send the requested range, or the range does not fit the saved bytes."""


@dataclass(frozen=True)
class Patience:
    """How long to try one address; the study file's ``fetch`` section.

    ``retries`` is the number of consecutive retries that may bring no new byte. The wait between
    them doubles from ``backoff_seconds``, with jitter, unless the server sets it in Retry-After. A
    server that asks for more than ``longest_wait`` seconds is not tried again until the next run.
    """

    retries: int = 5
    connect_seconds: float = 20
    read_seconds: float = 60
    backoff_seconds: float = 1
    longest_wait: float = 600

    def policy(self, retries: int, at_once: bool = False) -> Retry:
        """The retry policy; ``at_once`` skips the wait before the first retry."""
        return Retry(
            total=retries,
            # urllib3 does not wait before the second failure, and then waits twice the factor.
            history=() if at_once else (FAILED_BEFORE,),
            backoff_factor=self.backoff_seconds / 2,
            backoff_jitter=self.backoff_seconds,
            backoff_max=self.longest_wait,
            status_forcelist=BUSY,
        )


def download(address: str, part: Part, patience: Patience, most_bytes: float = math.inf) -> Version:
    """Complete ``part`` from ``address``; return the version of the object that it now holds.

    Raises :class:`RefusedError` when this address does not supply the file, or not in time; the
    bytes received so far stay in the part, for the next address or the next run. Raises
    :class:`UselessError` if the server sends more than ``most_bytes``, and :class:`InputError` if
    the disk is full or cannot be written to.
    """
    # Give up early on an address that never answers, and late on one that has begun to send.
    tries = patience.policy(min(2, patience.retries))
    farthest, answered, by_range = part.size, False, True
    with requests.Session() as session, byte_bar(part.name) as bar:
        session.max_redirects = 5
        while True:
            try:
                return one_request(session, address, part, patience, most_bytes, by_range, bar)
            except NoRangeError as why:
                say(f"{shown(address)}: {why}; asking for the whole file")
                by_range = False
            except BrokenOffError as why:
                new = part.size - farthest
                if new > 0 or (why.response is not None and not answered):
                    farthest, answered = max(farthest, part.size), True
                    tries = patience.policy(patience.retries, at_once=new >= CHUNK_BYTES)
                bar.set_postfix_str(shown(str(why)))  # what it waits for, if it waits
                tries = wait(tries, why, address, part.size, patience)
                by_range = True


def one_request(
    session: requests.Session,
    address: str,
    part: Part,
    patience: Patience,
    most_bytes: float,
    by_range: bool,
    bar: tqdm,
) -> Version:
    """Make one request and read its body; return the version once the part is complete."""
    asked = range_start(part) if by_range else 0
    with answer(session, address, part, patience, asked) as response:
        if asked and response.status_code == 206:
            check_range(response, part, asked, address)
            body = skip_overlap(chunks(response, patience), part)
        elif response.status_code == 416 and asked:
            raise NoRangeError("the object is shorter than what is here")
        elif response.status_code == 200:
            body = start_over(chunks(response, patience), part, Version.of(address, response))
        else:
            raise RefusedError(f"answers {response.status_code} {response.reason or ''}".strip())
        assert part.version is not None
        bar.reset(part.version.size)
        bar.initial = bar.n = bar.last_print_n = part.size
        bar.set_postfix_str("")
        for chunk in body:
            if part.size + len(chunk) > most_bytes:
                raise UselessError(f"sends more than {most_bytes / 1e9:g} GB (max_gigabytes)")
            write(part, chunk)
            bar.update(len(chunk))
    version = part.version
    if version.size is not None and part.size != version.size:
        raise BrokenOffError(f"{part.size:,} bytes came, {version.size:,} were announced")
    check_sent_hashes(part, version)
    return version


def range_start(part: Part) -> int:
    """The byte to resume from, which overlaps the end of the part; 0 if it cannot be resumed."""
    version = part.version
    if version is None or (version.size is None and not version.validator):
        return 0
    return max(0, part.size - OVERLAP_BYTES)


@contextmanager
def answer(
    session: requests.Session, address: str, part: Part, patience: Patience, asked: int
) -> Iterator[requests.Response]:
    """The response to a request for the bytes from ``asked`` onwards, with its body not yet read.

    Raises :class:`BrokenOffError` if a later attempt may succeed, otherwise :class:`RefusedError`.
    """
    headers = {"Accept-Encoding": "identity"}
    if asked:
        assert part.version is not None
        headers["Range"] = f"bytes={asked}-"
        if part.version.validator and part.version.address == address:
            headers["If-Range"] = part.version.validator
    timeout = (patience.connect_seconds, patience.read_seconds)
    # The read timeout applies to each piece of the response header; this limits the total.
    longest = sum(timeout) + patience.read_seconds
    try:
        with alarm(longest):
            response = session.get(address, headers=headers, timeout=timeout, stream=True)
    except TooSlowError as error:
        raise RefusedError("does not come to the end of its answer's head") from error
    except requests.TooManyRedirects as error:
        raise RefusedError("redirects in a circle") from error
    except (requests.ConnectionError, requests.Timeout) as error:
        cause = cause_of(error)
        if isinstance(cause, NameResolutionError) and not part.has_grown:
            raise RefusedError(OFFLINE) from error
        raise BrokenOffError(in_words(cause, patience)) from error
    except (requests.RequestException, ValueError) as error:  # ValueError: an invalid Location
        raise RefusedError(in_words(cause_of(error), patience)) from error
    with response:
        if response.status_code in BUSY:
            raise BrokenOffError(f"answers {response.status_code} {response.reason}", response)
        if address.startswith("https:") and not response.url.startswith("https:"):
            raise RefusedError(f"redirects to {response.url}, which is not encrypted")
        yield response


def check_range(response: requests.Response, part: Part, asked: int, address: str) -> None:
    """Raise :class:`NoRangeError` unless a 206 has the requested range of the same version."""
    assert part.version is not None
    said = response.headers.get("Content-Range", "")
    found = re.fullmatch(r"bytes ([0-9]+)-([0-9]+)/([0-9]+)", said)
    start, last, size = map(int, found.groups()) if found else (-1, -1, -1)
    if (start, last) != (asked, size - 1) or part.version.size not in (None, size):
        raise NoRangeError(f"was asked from byte {asked} of {part.version.size}, sends '{said}'")
    part.version = replace(part.version, size=size)
    check_space(part, size - part.size)
    etag = response.headers.get("ETag", "")
    if part.version.address == address and etag and etag != part.version.etag:
        raise NoRangeError("the object has changed")
    if is_encoded(response):
        raise NoRangeError("sends a compressed range")


def skip_overlap(body: Iterator[bytes], part: Part) -> Iterator[bytes]:
    """``body`` without its beginning, which must equal the end of the part.

    Raises :class:`NoRangeError` if it does not.
    """
    expected = part.tail()
    for chunk in body:
        known, new = chunk[: len(expected)], chunk[len(expected) :]
        if known != expected[: len(known)]:
            raise NoRangeError("the object has changed")
        expected = expected[len(known) :]
        if new:
            yield new


def start_over(body: Iterator[bytes], part: Part, version: Version) -> Iterator[bytes]:
    """Restart the part from ``body``, the whole object, if that looks like the right kind of file.

    Otherwise raises an error and keeps the bytes that are already saved.
    """
    first = b""
    while b"\n" not in first and len(first) < HEAD_BYTES and (more := next(body, b"")):
        first += more
    if not first:
        raise BrokenOffError("sends nothing")
    if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise RefusedError("sends a web page (or an error message), not the file")
    if not looks_right(first, part.name):
        raise RefusedError(f"sends something else than the file (it starts with {first[:12]!r})")
    check_space(part, (version.size or 0) - part.size)
    part.start(version)
    return chain([first], body)


def looks_right(first: bytes, name: str) -> bool:
    """Whether ``first`` fits the name: a zip starts with its signature, a CSV with its header."""
    if name.lower().endswith(".zip"):
        return first.startswith(b"PK")
    header = first.split(b"\n")[0]
    return not name.lower().endswith(".csv") or b"userid" in header or b"postid" in header


def check_space(part: Part, more: int) -> None:
    """Raise :class:`InputError` unless ``more`` bytes fit on the disk with some to spare."""
    free = shutil.disk_usage(part.path.parent).free
    if more > 0 and more + SPARE_BYTES > free:
        raise InputError(
            f"{part.name}: {more / 1e6:,.1f} MB are to come, but only {free / 1e6:,.1f} MB are "
            f"free in {part.path.parent}. Make room and run again."
        )


def chunks(response: requests.Response, patience: Patience) -> Iterator[bytes]:
    """The body as it arrives, decompressed if the server compressed it without being asked."""
    started, came = time.monotonic(), 0
    try:
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            yield chunk
            came += len(chunk)
            if (now := time.monotonic()) - started > patience.read_seconds:
                if came < LEAST_BYTES * (now - started):
                    raise RefusedError(f"sends fewer than {LEAST_BYTES:,} bytes a second")
                started, came = now, 0
    except HTTPError as error:
        raise BrokenOffError(in_words(error, patience)) from error


def write(part: Part, chunk: bytes) -> None:
    """Append to the part; raises :class:`InputError` if it cannot be written to disk."""
    try:
        part.append(chunk)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = "the disk (or your quota) is full" if full else f"cannot be written ({error})"
        raise InputError(
            f"{part.path}: {what}, after {part.size / 1e6:,.1f} MB. Make room and run again; what "
            "has come is kept, and the download goes on from there."
        ) from error


def check_sent_hashes(part: Part, version: Version) -> None:
    """Raise :class:`DamagedError` if the bytes do not match the hashes that the server sent."""
    digests = part.digests()
    for name, sent in (("md5", version.md5), ("crc32c", version.crc32c)):
        found = base64.b64encode(digests.get(name, b"")).decode()
        if sent and found != sent:
            raise DamagedError(
                f"what came has {name} {found}, the server says {sent}: damaged on the way"
            )


def wait(tries: Retry, why: BrokenOffError, address: str, size: int, patience: Patience) -> Retry:
    """Wait as long as the server asks, or else longer each time.

    Raises :class:`RefusedError` when the retries are used up, or the server asks for too long.
    """
    raw = why.response.raw if why.response is not None else None
    try:
        tries = tries.increment(method="GET", url=address, response=raw)
    except MaxRetryError as error:
        made = len(tries.history) - tries.history.count(FAILED_BEFORE) + 1
        raise RefusedError(f"{why} ({made} tries)") from error
    try:
        asked = tries.get_retry_after(raw) if raw is not None else None
    except (InvalidHeader, ValueError, OverflowError):
        asked, raw = None, None
    if asked and asked > patience.longest_wait:
        raise RefusedError(f"{why} and asks to come back in {asked:,.0f} s")
    say(f"{shown(address)}: {why}; trying again from byte {size:,}")
    tries.sleep(raw)
    return tries


def cause_of(error: BaseException) -> BaseException:
    """The urllib3 error that caused an error from requests, without the wrappers."""
    inner = error.args[0] if error.args else None
    if isinstance(inner, MaxRetryError) and inner.reason is not None:
        return inner.reason
    return inner if isinstance(inner, BaseException) else error


def in_words(error: BaseException, patience: Patience) -> str:
    """What went wrong, in one line."""
    if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
        return f"no connection within {patience.connect_seconds:g} s"
    if isinstance(error, ReadTimeoutError):
        return f"nothing came for {patience.read_seconds:g} s"
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    if isinstance(error, IncompleteRead):
        return f"closed {error.expected:,} bytes before the end"
    return " ".join(str(error).split()) or type(error).__name__


class TooSlowError(Exception):
    """The time limit of an :func:`alarm` has passed."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise :class:`TooSlowError` if the block takes longer than ``seconds``.

    Without SIGALRM, or outside the main thread, no timer can be set and there is no limit.
    """
    if not hasattr(signal, "SIGALRM") or current_thread() is not main_thread():
        yield
        return

    def over(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def say(text: str) -> None:
    """Print a line to the step's log, with secrets removed from addresses."""
    print(shown(text), flush=True)
