"""Start a command, and press Ctrl-C once it is under way."""

from __future__ import annotations

import os
import signal
import subprocess
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
