"""Tell the lock of a live run from one that a crash or power cut left behind.

Snakemake locks its working folder but cannot tell whether the run that made the lock is still
alive. `held`, called before each run, can: it removes a lock that no live run holds, and otherwise
explains who holds it.
"""

import platform
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

STATE = Path(".snakemake")
LOCKS = STATE / "locks"
# Names the computer of the last run: a cluster's computers share folders, but a process on another
# computer cannot be seen.
HOST = STATE / "takedown_host"


@dataclass(frozen=True)
class Process:
    pid: int
    started: datetime
    folder: Path
    command: tuple[str, ...]

    @property
    def runs_snakemake(self) -> bool:
        """Whether this is Snakemake or a step that outlived it, rather than, say, an editor."""
        words = [Path(word).stem for word in self.command]
        program = words[:1] == ["snakemake"] or "snakemake" in words[1:3]
        return program or any(".snakemake/scripts/" in word for word in self.command)


def verdict(
    processes: Iterable[Process], folder: Path, ours: Collection[int], other_host: str | None
) -> str | None:
    """Why the lock must be respected, as a sentence for the user; None if it is stale.

    Names the oldest process of the run: its steps end when it does.
    """
    others = [
        process
        for process in processes
        if process.pid not in ours and process.folder == folder and process.runs_snakemake
    ]
    if others:
        first = min(others, key=lambda process: process.started)
        return (
            f"Another run (process {first.pid}, started {first.started:%Y-%m-%d %H:%M}) "
            "is using this folder: wait for it to end, or stop it."
        )
    if other_host:
        return (
            f"A run on another computer ({other_host}) locked this folder: wait for it to end; "
            f"if you know that it no longer runs, delete the folder {LOCKS}."
        )
    return None


def living_processes() -> Iterator[Process]:
    for process in psutil.process_iter():
        try:
            yield Process(
                pid=process.pid,
                started=datetime.fromtimestamp(process.create_time()),
                folder=Path(process.cwd()),
                command=tuple(process.cmdline()),
            )
        except psutil.Error:  # it ended meanwhile, or belongs to another user
            continue


def held() -> str | None:
    """Why another run has this folder, as a sentence; None if the folder is free.

    Removes a lock that no live run holds, and says so on standard error.
    """
    locks = sorted(LOCKS.glob("*.lock"))
    host = HOST.read_text(encoding="utf-8") if HOST.is_file() else platform.node()
    if locks:
        me = psutil.Process()
        ours = {me.pid, *(parent.pid for parent in me.parents())}
        other_host = host if host != platform.node() else None
        if reason := verdict(living_processes(), Path.cwd(), ours, other_host):
            return reason
        for lock in locks:
            lock.unlink(missing_ok=True)
        print("Removed the lock of a run that ended without finishing.", file=sys.stderr)
    if not HOST.is_file() or host != platform.node():
        STATE.mkdir(exist_ok=True)
        HOST.write_text(platform.node(), encoding="utf-8")
    return None
