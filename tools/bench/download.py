"""``python -m bench.download``: compare this package's downloader with curl, over loopback.

A server in its own process sends one large file (random bytes, cached in .cache/bench) as fast as
the kernel can. Curl and this package's downloader, which also hashes the file, fetch it in turn,
each in its own process, including start-up. Only the ratio carries over to other machines.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

from takedown.engine.endings import run
from takedown.fetch.download import Patience, download
from takedown.fetch.part import Part
from takedown.io.files import whole

CACHE = Path(".cache/bench")


def serve(path: Path) -> None:
    """Print a port, and answer every request there with the file ``path``, until killed."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {path.stat().st_size}\r\nConnection: close\r\n\r\n"

    def answer(connection: socket.socket) -> None:
        with connection, path.open("rb") as file:
            connection.recv(2**16)
            connection.sendall(head.encode())
            connection.sendfile(file)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=answer, args=(listening.accept()[0],)).start()


def measure(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of ``command``; raises when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise RuntimeError(f"{command[0]}: failed with status {status}")
    scale = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * scale / 2**20


def write_random(path: Path, size: int) -> None:
    """Write a file of ``size`` random bytes."""
    with whole(path) as part, part.open("wb") as file:
        for start in range(0, size, 2**20):
            file.write(os.urandom(min(2**20, size - start)))


def main(arguments: list[str] | None = None) -> dict[str, tuple[float, float]]:
    """Fetch with both in turn; print and return the median seconds and peak MB of each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--fetch", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve)
    if options.fetch:
        with Part(Path(options.fetch[1])) as part:
            download(options.fetch[0], part, Patience())
            part.digests()
        return {}
    if not shutil.which("curl"):
        raise SystemExit("curl is not installed; the downloader is measured against it.")
    CACHE.mkdir(parents=True, exist_ok=True)
    served, got = CACHE / f"random_{options.megabytes}", CACHE / "got"
    if not served.exists():
        write_random(served, options.megabytes * 10**6)
    this = [sys.executable, "-m", "bench.download"]
    server = subprocess.Popen([*this, "--serve", served], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    address = f"http://127.0.0.1:{server.stdout.readline().strip()}/file"
    ways = {
        "curl": ["curl", "--silent", "--output", str(got), address],
        "this package, with sha256": [*this, "--fetch", address, str(got)],
    }
    seen: dict[str, list[tuple[float, float]]] = {label: [] for label in ways}
    try:
        for _ in range(options.rounds):
            for label, command in ways.items():
                seen[label].append(measure(command))
                for left in CACHE.glob("got*"):
                    left.unlink()
    finally:
        server.kill()
    found = {
        label: (median(seconds for seconds, _ in runs), max(memory for _, memory in runs))
        for label, runs in seen.items()
    }
    limit = found["curl"][0]
    print(f"{options.megabytes:,} MB over loopback, {options.rounds} rounds in turn, medians")
    print(f"{'':<30}{'seconds':>9}{'speed of curl':>15}{'peak MB':>9}")
    for label, (seconds, memory) in found.items():
        print(f"{label:<30}{seconds:>9.2f}{limit / seconds:>15.2f}{memory:>9.0f}")
    return found


if __name__ == "__main__":
    run(main)
