"""What this process has used, exactly and at its end; Snakemake looks every 30 seconds only."""

from __future__ import annotations

import json
from pathlib import Path

#: Where this is in the environment, each script writes beside its log what it has used.
MEASURE = "TAKEDOWN_MEASURE"


def used() -> dict[str, float]:
    """Processor seconds (``cpu_seconds``) and the most memory (``peak_mb``) of this process."""
    import resource  # here, as Windows has none and every script imports this module

    own = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_seconds": own.ru_utime + own.ru_stime, "peak_mb": peak_memory(own.ru_maxrss)}


def peak_memory(largest: int) -> float:
    """The most memory this process has had, in MB; ``largest`` is what ``getrusage`` says.

    Linux's begins with the memory of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return largest / 2**20


def beside(log: Path) -> Path:
    """Where the usage of the job with this log is written."""
    return log.with_suffix(".usage.json")


def record(log: Path) -> None:
    """Write what this process has used beside the log of its job."""
    beside(log).write_text(json.dumps(used()), encoding="utf-8")
