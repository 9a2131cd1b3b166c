"""A web server on the loopback address that fails in specified ways.

It speaks HTTP over plain sockets, one request per connection, and counts the bytes it sends.
"""

from __future__ import annotations

import fcntl
import re
import socket
import struct
import termios
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Literal

BLOCK_BYTES = 2**16
PATIENCE_SECONDS = 30
NO_ANSWER = 0


@dataclass(frozen=True)
class Reply:
    """How one request is answered.

    The body is the object named ``data``, or the requested range of it, unless ``body`` is given.
    ``then`` happens after ``stop`` bytes of the body. ``headers`` are set last; any that are
    functions are called with the object. ``flip`` is the position of a byte that is damaged on the
    way.
    """

    status: int = 200
    headers: Mapping[str, str | Callable[[bytes], str]] = field(default_factory=dict)
    data: str = "archive"
    body: bytes | None = None
    stop: int | None = None
    then: Literal["close", "reset", "stall", "drip", "go on"] = "close"
    meanwhile: Callable[[], object] = lambda: None
    framing: Literal["length", "chunked", "neither"] = "length"
    ranges: bool = True
    if_range: bool = True
    encode: Callable[[bytes], bytes] | None = None
    flip: int | None = None
    pause: float = 0


@dataclass
class Exchange:
    """One request, and the number of body bytes sent in reply."""

    headers: dict[str, str]
    sent: int = 0


class FaultServer:
    """Answers requests for each path with its ``pages`` in turn; the last one is repeated."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self.objects = objects
        self.pages: dict[str, Sequence[Reply]] = {}
        self.log: defaultdict[str, list[Exchange]] = defaultdict(list)
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=50)
        threading.Thread(target=self.serve, daemon=True).start()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}{path}"

    def exchanges(self, path: str = "") -> list[Exchange]:
        """The requests for ``path``, or for all paths."""
        return [one for key, log in self.log.items() if path in ("", key) for one in log]

    def sent(self, path: str = "") -> int:
        """Number of body bytes that were sent."""
        return sum(one.sent for one in self.exchanges(path))

    def ranges(self, path: str = "") -> list[str]:
        """The ranges that were requested."""
        return [one.headers["range"] for one in self.exchanges(path) if "range" in one.headers]

    def serve(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        # A small buffer, so that almost all that was sent has also arrived.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BLOCK_BYTES)
        connection.settimeout(PATIENCE_SECONDS)
        with connection:
            try:
                first, *lines = read_head(connection)
                path = first.split(" ")[1]
                headers = {
                    key.lower(): value for key, value in (line.split(": ", 1) for line in lines)
                }
                exchange = Exchange(headers)
                with self.lock:
                    self.log[path].append(exchange)
                    pages = self.pages.get(path, [Reply(404)])
                    reply = pages[min(len(self.log[path]), len(pages)) - 1]
                self.answer(connection, reply, exchange)
            except (OSError, ValueError, IndexError):  # the client left, or sent nothing
                return

    def answer(self, connection: socket.socket, reply: Reply, exchange: Exchange) -> None:
        if reply.status != NO_ANSWER:
            status, headers, body = self.response(reply, exchange.headers)
            head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
            head += [f"{key}: {value}" for key, value in headers.items()]
            connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
            stop = len(body) if reply.stop is None else min(reply.stop, len(body))
            self.send(connection, body[:stop], reply, exchange)
            if stop < len(body):
                reply.meanwhile()
            if stop == len(body) or reply.then == "go on":
                self.send(connection, body[stop:], reply, exchange)
                if reply.framing == "chunked":
                    connection.sendall(b"0\r\n\r\n")
                return
        wait_until_arrived(connection)
        if reply.then == "stall":
            connection.settimeout(0.05)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < deadline and not self.closing.is_set():
                try:
                    if not connection.recv(1):
                        return
                except TimeoutError:
                    pass
        elif reply.then == "drip":
            if reply.status == NO_ANSWER:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Without-End: ")
            while not self.closing.wait(0.05):
                connection.sendall(b"a")
        elif reply.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def response(self, reply: Reply, asked: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body, as they would be sent without interruption."""
        whole = self.objects[reply.data]
        headers = {
            key: value if isinstance(value, str) else value(whole)
            for key, value in reply.headers.items()
        }
        validator = headers.get("ETag", headers.get("Last-Modified"))
        status, body, said = reply.status, reply.body, {}
        if body is None and status == 200:
            body = whole
            if reply.flip is not None:
                body = (
                    whole[: reply.flip] + bytes([whole[reply.flip] ^ 4]) + whole[reply.flip + 1 :]
                )
            start = re.fullmatch(r"bytes=(\d+)-", asked.get("range", ""))
            same = not reply.if_range or asked.get("if-range", validator) == validator
            if start and reply.ranges and same:
                first = int(start[1])
                if first >= len(whole):
                    status, body = 416, b""
                    said["Content-Range"] = f"bytes */{len(whole)}"
                else:
                    status, body = 206, body[first:]
                    said["Content-Range"] = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
        body = body or b""
        if reply.encode:
            body = reply.encode(body)
        if reply.framing == "chunked":
            said["Transfer-Encoding"] = "chunked"
        elif reply.framing == "length":
            said["Content-Length"] = str(len(body))
        return status, said | headers | {"Connection": "close"}, body

    def send(
        self, connection: socket.socket, body: bytes, reply: Reply, exchange: Exchange
    ) -> None:
        for start in range(0, len(body), BLOCK_BYTES):
            block = body[start : start + BLOCK_BYTES]
            chunked = reply.framing == "chunked"
            connection.sendall(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
            exchange.sent += len(block)
            time.sleep(reply.pause)

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType
    ) -> None:
        self.closing.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def read_head(connection: socket.socket) -> list[str]:
    """The lines of a request, without the blank line at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(4096)):
            return []
        data += more
    return data.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")


def wait_until_arrived(connection: socket.socket) -> None:
    """Wait until the client has received everything sent: a reset would discard the rest."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        [waiting] = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))
        if not waiting:
            return
        time.sleep(0.001)
