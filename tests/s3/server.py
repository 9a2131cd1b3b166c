"""A real S3 server on loopback: rclone's, which keeps buckets as folders and checks signatures."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from processes import free_port, is_open, wait_for

BUCKET = "takedowns"
PATIENCE = 30.0


@dataclass(frozen=True)
class Bucket:
    """The server's address, the keys that it accepts, and the folder in which its bucket lies."""

    endpoint: str
    access_key: str
    secret_key: str
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """What a run must have in its environment to reach it."""
        return {
            "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": self.endpoint,
            "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": self.access_key,
            "SNAKEMAKE_STORAGE_S3_SECRET_KEY": self.secret_key,
        }


@contextmanager
def bucket(folder: Path) -> Iterator[Bucket]:
    """A server whose bucket ``BUCKET`` lies in ``folder``."""
    (folder / "served" / BUCKET).mkdir(parents=True)
    port = free_port()
    access, secret = secrets.token_hex(8), secrets.token_hex(16)
    command = [str(Path(sys.prefix) / "bin/rclone"), "serve", "s3", str(folder / "served")]
    command += ["--addr", f"127.0.0.1:{port}", "--auth-key", f"{access},{secret}"]
    command += ["--config", os.devnull, "--vfs-cache-mode", "off"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(lambda: is_open(port) or server.poll() is not None, "the S3 server is silent")
            if server.poll() is not None:
                raise RuntimeError("the S3 server did not start")
            yield Bucket(f"http://127.0.0.1:{port}", access, secret, folder / "served" / BUCKET)
        finally:
            server.terminate()
            server.wait(PATIENCE)


@contextmanager
def half_of(store: Bucket, name: str) -> Iterator[tuple[str, threading.Event]]:
    """An address that passes all on to the server, but of the upload of ``name`` only half.

    The event is set when that half is with the server, which then waits for the rest. At the end,
    by which whoever uploads must be gone, the server has done with all requests.
    """
    reached = threading.Event()
    upload = re.compile(rf"(?s)PUT \S*{re.escape(name)} .*?Content-Length: (\d+)".encode())
    server = ("127.0.0.1", int(store.endpoint.rsplit(":", 1)[1]))
    pumps: list[threading.Thread] = []

    def up(client: socket.socket, behind: socket.socket) -> None:
        left = None  # bytes of the half that are still to go
        with suppress(ConnectionError):
            while block := client.recv(2**14):
                if left is not None:
                    block = block[:left]
                    left -= len(block)
                elif begun := upload.match(block):
                    left = int(begun[1]) // 2
                behind.sendall(block)
                if left == 0:
                    reached.set()
        with suppress(OSError):  # the server may have hung up first
            behind.shutdown(socket.SHUT_WR)

    def down(client: socket.socket, behind: socket.socket) -> None:
        with suppress(ConnectionError):
            while block := behind.recv(2**14):
                client.sendall(block)
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)

    def listen() -> None:
        with suppress(OSError):  # closed below
            while True:
                pair = listening.accept()[0], socket.create_connection(server)
                for pump in (up, down):
                    pumps.append(threading.Thread(target=pump, args=pair, daemon=True))
                    pumps[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", reached
    for pump in pumps:
        pump.join(PATIENCE)
