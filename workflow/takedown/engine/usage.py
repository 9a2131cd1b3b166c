"""The exact CPU time and peak memory of this process; Snakemake samples only every 30 seconds."""

from __future__ import annotations

import json
from pathlib import Path

#: If this environment variable is set, each script writes its usage to a file beside its log.
MEASURE = "TAKEDOWN_MEASURE"


def used() -> dict[str, float]:
    """Processor seconds (``cpu_seconds``) and the most memory (``peak_mb``) of this process."""
    import resource  # imported here: Windows lacks it, and every script imports this module

    own = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_seconds": own.ru_utime + own.ru_stime, "peak_mb": peak_memory(own.ru_maxrss)}


def peak_memory(largest: int) -> float:
    """The peak memory of this process in MB; ``largest`` is the value from ``getrusage``.

    On Linux that value includes the memory of the parent process, so ``VmHWM`` is used there.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return largest / 2**20


def beside(log: Path) -> Path:
    """The usage file of the job with this log."""
    return log.with_suffix(".usage.json")


def record(log: Path) -> None:
    """Write this process's usage to a file beside its job's log."""
    beside(log).write_text(json.dumps(used()), encoding="utf-8")
