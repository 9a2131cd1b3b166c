"""Start a command: press Ctrl-C once it is under way, or run it on a terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def interrupted(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], started: Path
) -> str:
    """What ``command`` prints as errors when Ctrl-C comes once ``started`` exists; it must fail."""
    run = subprocess.Popen(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)
    printed = run.communicate(timeout=60)[1]
    assert run.returncode != 0
    return printed


def on_a_terminal(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """What ``command``, which must succeed, prints as errors when those go to a terminal."""
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
    """End a server that was started in a session of its own, with all that it started."""
    os.killpg(run.pid, signal.SIGTERM)
    try:
        run.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
