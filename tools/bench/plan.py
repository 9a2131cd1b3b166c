"""``python -m bench.plan``: plan one study in its own process, and record the resources it used.

``plans`` measures the cost of planning by number of campaigns, each in such a process.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import yaml

from takedown.engine.usage import beside, record

FOLDER = Path(".cache/plan")
#: The number of the last step of a plan, as in [12/12].
STEPS = re.compile(r"^\[(\d+)/\1\]", re.MULTILINE)
PLAN = ["campaigns", "steps", "seconds", "cpu_seconds", "peak_mb"]


def plans(counts: list[int]) -> pd.DataFrame:
    """Columns campaigns, steps, seconds, cpu_seconds, peak_mb; one row for each of ``counts``."""
    return pd.DataFrame([plan(campaigns) for campaigns in counts], columns=PLAN)


def plan(campaigns: int) -> tuple[int, int, float, float, float]:
    """Plan a study of ``campaigns`` campaigns with nothing downloaded yet; return its table row."""
    study = write_study(campaigns)
    command = [sys.executable, "-m", "bench.plan", str(study)]
    started = time.monotonic()
    words = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    seconds = time.monotonic() - started
    [steps] = STEPS.findall(words)
    own = json.loads(beside(study).read_text(encoding="utf-8"))
    return campaigns, int(steps), seconds, own["cpu_seconds"], own["peak_mb"]


def write_study(campaigns: int) -> Path:
    """Write a study file of ``campaigns`` campaigns that differ only in name; return its path."""
    entries = {
        f"campaign_{number}": {
            "tweets": f"https://example.org/campaign_{number}_tweets.csv",
            "users": f"https://example.org/campaign_{number}_users.csv",
            "events": "resources/news/events_china.csv",
        }
        for number in range(campaigns)
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{campaigns}.yaml"
    path.write_text(yaml.safe_dump({"study": "plan", "campaigns": entries}), encoding="utf-8")
    return path


def main(study: Path) -> None:
    """Plan ``study`` as ``make run ARGS=-n`` does, and record the resources used beside it."""
    from snakemake.cli import main as snakemake

    try:
        snakemake(["--logger", "takedown", "--dry-run", "--configfile", str(study)])
    finally:
        record(study)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
