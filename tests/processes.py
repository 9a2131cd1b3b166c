"""Run commands on a terminal, interrupt them once they are under way, wait for conditions."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def wait_for(done: Callable[[], object], why: str, seconds: float = 90) -> None:
    """Wait until ``done()`` is true; :class:`TimeoutError` with ``why`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(why)
        time.sleep(0.05)


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def is_open(port: int) -> bool:
    """Whether a server on this machine takes connections there."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def heed_hangups() -> None:
    """Run in a child before it starts: SIGHUP then ends it, even if the tests run under nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def interrupted(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    started: Path,
    by: signal.Signals = signal.SIGINT,
) -> str:
    """The errors ``command`` prints if it gets ``by`` once ``started`` exists; it must fail."""
    run = subprocess.Popen(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=heed_hangups,
    )  # fmt: skip
    wait_for(started.exists, f"{started} was not made")
    os.killpg(run.pid, by)
    printed = run.communicate(timeout=60)[1]
    assert run.returncode != 0
    return printed


def on_a_terminal(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """The errors that ``command``, which must succeed, prints to a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    run = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    printed = b""
    try:
        while more := os.read(ours, 4096):
            printed += more
    except OSError:  # the terminal's other end is closed
        pass
    finally:
        os.close(ours)
    assert run.wait(timeout=60) == 0, printed
    return printed.decode()


def stop(run: subprocess.Popen[str]) -> None:
    """Stop a server that was started in its own session, with everything that it started."""
    os.killpg(run.pid, signal.SIGTERM)
    try:
        run.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
