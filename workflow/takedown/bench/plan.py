"""How long Snakemake plans before the first job, by the number of campaigns: dry runs, timed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import yaml

FOLDER = Path(".cache/plan")
#: How the last step of a plan is numbered.
STEPS = re.compile(r"^\[(\d+)/\1\]", re.MULTILINE)
PLAN = ["campaigns", "steps", "seconds", "cpu_seconds", "peak_mb"]


def plans(counts: list[int]) -> pd.DataFrame:
    """Columns campaigns, steps, seconds, cpu_seconds, peak_mb; one row for each of ``counts``."""
    return pd.DataFrame([plan(campaigns) for campaigns in counts], columns=PLAN)


def plan(campaigns: int) -> tuple[int, int, float, float, float]:
    """Plan a study of so many campaigns, of which nothing is downloaded yet; a row of the table."""
    command = [sys.executable, "-m", "snakemake", "--logger", "takedown", "--dry-run"]
    command += ["--configfile", str(write_study(campaigns))]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as planning:
        words = planning.stdout.read() if planning.stdout else ""
        _, status, used = os.wait4(planning.pid, 0)
        planning.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    if planning.returncode:
        raise subprocess.CalledProcessError(planning.returncode, command, words)
    [steps] = STEPS.findall(words)
    peak = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return campaigns, int(steps), seconds, used.ru_utime + used.ru_stime, peak


def write_study(campaigns: int) -> Path:
    """A study file of so many campaigns that differ in nothing but their names."""
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
