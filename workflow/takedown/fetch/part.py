"""A partly downloaded file: its bytes so far, their hashes, and the version they belong to.

The bytes are in ``NAME.part``. ``NAME.part.json`` beside it records which version of the object
they belong to, so that a later run can resume the download and never joins two versions.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import google_crc32c
import requests

CHUNK_BYTES = 2**20
OVERLAP_BYTES = 2**16
HASHED_AHEAD = 8


@dataclass(frozen=True)
class Version:
    """One version of an object, as the server that sent it described it.

    ``validator`` is sent as If-Range: a strong ETag, else the Last-Modified date, else blank.
    ``md5`` and ``crc32c`` are in base64, as in ``x-goog-hash``; ``size`` is None if the server did
    not state it.
    """

    address: str
    size: int | None = None
    validator: str = ""
    etag: str = ""
    md5: str = ""
    crc32c: str = ""

    @classmethod
    def of(cls, address: str, response: requests.Response) -> Version:
        """The version described by the headers of a full response (status 200)."""
        headers = response.headers
        encoded = is_encoded(response)
        length = headers.get("Content-Length", "")
        etag = "" if encoded else headers.get("ETag", "")
        changed = "" if encoded else headers.get("Last-Modified", "")
        hashes = dict(
            part.strip().split("=", 1)
            for part in headers.get("x-goog-hash", "").split(",")
            if "=" in part
        )
        return cls(
            address=address,
            size=int(length) if re.fullmatch("[0-9]+", length) and not encoded else None,
            validator=etag if etag.startswith('"') else changed,
            etag=etag,
            md5="" if encoded else hashes.get("md5", ""),
            crc32c="" if encoded else hashes.get("crc32c", ""),
        )


class Part:
    """A partly downloaded file: its bytes, their hashes, and the version they belong to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.about = path.with_name(path.name + ".json")
        self.hashing = ThreadPoolExecutor(1)
        self.pending: deque[Future[None]] = deque()
        self.version = self.read_version()
        self.file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        self.size = 0
        self.has_grown = False
        self.hashes = new_hashes(self.version)
        if self.version is None:
            self.file.truncate()
        while chunk := self.file.read(CHUNK_BYTES):
            self.count(chunk)

    @property
    def name(self) -> str:
        """The name that the complete file will have."""
        return self.path.name.removesuffix(".part")

    def read_version(self) -> Version | None:
        """The version that an earlier run began; None if there is nothing to resume."""
        try:
            return Version(**json.loads(self.about.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def start(self, version: Version) -> None:
        """Start ``version`` from its first byte, and discard what was there."""
        self.discard()
        self.version, self.hashes = version, new_hashes(version)
        self.about.write_text(json.dumps(asdict(version)), encoding="utf-8")

    def append(self, chunk: bytes) -> None:
        self.has_grown = True
        view = memoryview(chunk)
        while view:
            view = view[self.file.write(view) :]
        self.count(chunk)

    def count(self, chunk: bytes) -> None:
        """Queue ``chunk`` for the hashing thread; at most a few chunks are pending at once."""
        self.size += len(chunk)
        for one in self.hashes.values():
            self.pending.append(self.hashing.submit(one.update, chunk))
        while len(self.pending) > HASHED_AHEAD:
            self.pending.popleft().result()

    def settle(self) -> None:
        """Wait until every byte is hashed."""
        while self.pending:
            self.pending.popleft().result()

    def tail(self) -> bytes:
        """The last bytes, which a resumed request asks for again."""
        self.file.seek(max(0, self.size - OVERLAP_BYTES))
        return self.file.read(OVERLAP_BYTES)

    def digests(self) -> dict[str, bytes]:
        self.settle()
        return {name: one.digest() for name, one in self.hashes.items()}

    def close(self) -> None:
        self.settle()
        self.hashing.shutdown()
        self.file.close()
        if not self.size:  # nothing to resume
            self.about.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Throw away the bytes and the version."""
        self.about.unlink(missing_ok=True)  # first, so that it never describes the wrong bytes
        self.settle()
        self.file.seek(0)
        self.file.truncate()
        self.size, self.version, self.hashes = 0, None, new_hashes(None)

    def finish(self, path: Path) -> None:
        """Rename the complete file to ``path`` and remove the version file."""
        self.close()
        self.path.replace(path)
        self.about.unlink(missing_ok=True)

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType
    ) -> None:
        self.close()


def new_hashes(version: Version | None) -> dict[str, Any]:
    """New hashers: sha256, plus md5 and crc32c if the server sent those to compare with."""
    hashes: dict[str, Any] = {"sha256": hashlib.sha256()}
    if version and version.md5:
        hashes["md5"] = hashlib.md5(usedforsecurity=False)
    if version and version.crc32c:
        hashes["crc32c"] = google_crc32c.Checksum()
    return hashes


def is_encoded(response: requests.Response) -> bool:
    """Whether the body is compressed for transfer, so its offsets are not those of the file."""
    encoding = response.headers.get("Content-Encoding", "").lower()
    return any(name in encoding for name in ("gzip", "deflate", "compress", "br", "zstd"))
