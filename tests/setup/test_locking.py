"""A lock is respected exactly while the run that holds it can still be alive."""

import os
import platform
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from takedown.locking import HOST, LOCKS, Process, verdict

WORKFLOW = Path(__file__).parents[2] / "workflow"
SNAKEMAKE = ("/p/.venv/bin/python", "-m", "snakemake", "--configfile", "x.yaml")
FOLDER = Path("/home/a b/takedown")


def process(command: tuple[str, ...] = SNAKEMAKE, folder: Path = FOLDER) -> Process:
    return Process(41, datetime(2026, 5, 4, 3, 2), folder, command)


@pytest.mark.parametrize(
    "command",
    [
        SNAKEMAKE,
        ("/opt/conda/bin/snakemake", "-c2"),
        ("/opt/conda/bin/python3.12", "/opt/conda/bin/snakemake", "-c2"),
        (r"C:\conda\Scripts\snakemake.exe".replace("\\", "/"), "-c2"),
        ("python", "/p/.snakemake/scripts/tmpab12.clean.py"),
        ("bash", "-c", "set -e; python /p/.snakemake/scripts/tmpab12.clean.py"),
    ],
)
def test_a_living_run_keeps_its_lock(command: tuple[str, ...]) -> None:
    reason = verdict([process(command)], FOLDER, ours={1}, other_host=None)
    assert reason is not None
    assert "process 41, started 2026-05-04 03:02" in reason


@pytest.mark.parametrize(
    "other",
    [
        process(folder=Path("/home/b")),
        process(("tail", "-f", ".snakemake/log/2026.snakemake.log")),
        process(("vim", "workflow/snakemake_logger_plugin_takedown/__init__.py")),
        process(()),
    ],
)
def test_other_processes_hold_no_lock(other: Process) -> None:
    assert verdict([other], FOLDER, ours={1}, other_host=None) is None


def test_our_own_processes_hold_no_lock() -> None:
    assert verdict([process()], FOLDER, ours={41}, other_host=None) is None


def test_a_lock_from_another_computer_is_kept() -> None:
    reason = verdict([], FOLDER, ours=set(), other_host="node7")
    assert reason is not None
    assert "node7" in reason
    assert str(LOCKS) in reason


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "takedown.locking"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(WORKFLOW)},
        capture_output=True,
        text=True,
    )


def make_lock(folder: Path) -> Path:
    lock = folder / LOCKS / "0.output.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text("results/x\n")
    return lock


def test_without_a_lock_nothing_is_said(tmp_path: Path) -> None:
    result = check(tmp_path)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_a_stale_lock_is_removed_and_reported_once(tmp_path: Path) -> None:
    lock = make_lock(tmp_path)
    first, second = check(tmp_path), check(tmp_path)
    assert first.returncode == 0
    assert "Removed the lock" in first.stderr
    assert not lock.exists()
    assert second.stderr == ""


def test_the_computer_is_remembered(tmp_path: Path) -> None:
    check(tmp_path)
    assert (tmp_path / HOST).read_text() == platform.node()
    (tmp_path / HOST).write_text("node7")
    lock = make_lock(tmp_path)
    assert check(tmp_path).returncode == 1
    assert lock.exists()


def test_a_real_run_keeps_its_lock_until_it_is_killed(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text('rule:\n    output: "x"\n    shell: "sleep 60"\n')
    run = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "-c1"],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not list((tmp_path / LOCKS).glob("*.lock")) and time.monotonic() < deadline:
            time.sleep(0.1)
        during = check(tmp_path)
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    assert during.returncode == 1
    assert f"Another run (process {run.pid}" in during.stderr
    after = check(tmp_path)
    assert after.returncode == 0
    assert "Removed the lock" in after.stderr
