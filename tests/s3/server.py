"""A real S3 server on loopback: rclone's, which keeps buckets as folders and checks signatures."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
