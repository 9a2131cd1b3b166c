"""A run that is killed or stopped leaves nothing half done, and the same command goes on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from conftest import Project, copy_project, prepare_tiny, snakemake

LOCKING = ("-m", "takedown.locking")


def wait_until(true: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def processes_in(folder: Path) -> list[psutil.Process]:
    """Living processes that work in ``folder``."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == folder and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def end(run: subprocess.Popen[str], how: signal.Signals) -> str:
    os.killpg(run.pid, how)
    return run.communicate(timeout=60)[0]


def assert_whole_so_far(project: Project, undisturbed: Project) -> None:
    """Snakemake makes again what it knows to be incomplete; all else must be as it should be."""
    whole = undisturbed.files("results")
    for name, data in project.files("results").items():
        assert name.endswith(".part") or data == whole[name], f"{name} is half written"


def assert_same(project: Project, undisturbed: Project) -> None:
    """All results and typed rows are equal, byte by byte."""
    for folder in ("results", "data"):
        found, expected = project.files(folder), undisturbed.files(folder)
        assert found.keys() == expected.keys()
        assert [name for name in found if found[name] != expected[name]] == []


def steps_left(output: str) -> int:
    found = re.search(r"^(\d+) steps to do$", output, flags=re.MULTILINE)
    assert found, output
    return int(found[1])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return copy_project(tmp_path / "another wörk folder")


def test_killed_in_the_models_and_run_again(project: Project, tiny: Project) -> None:
    study = prepare_tiny(project)
    run = project.start(*snakemake(study))
    wait_until(lambda: (project.root / "results/tiny/sim_a/models/placebo.csv").exists())

    code, said = project.python(*LOCKING)
    assert code == 1
    assert f"Another run (process {run.pid}, started " in said
    assert "wait for it to end, or stop it" in said

    end(run, signal.SIGKILL)
    wait_until(lambda: not processes_in(project.root), seconds=10)
    assert_whole_so_far(project, tiny)
    code, said = project.python(*LOCKING)
    assert (code, said) == (0, "Removed the lock of a run that ended without finishing.\n")
    output = project.complete(study)
    assert 0 < steps_left(output) < 12, "finished steps are kept"
    assert_same(project, tiny)


@pytest.mark.parametrize("group", [True, False], ids=["ctrl-c", "only snakemake"])
def test_stopped_in_the_cleaning_and_run_again(
    project: Project, tiny: Project, group: bool
) -> None:
    study = prepare_tiny(project)
    run = project.start(*snakemake(study))
    wait_until(lambda: (project.root / "data/raw/sim_a/receipt.csv").exists())
    wait_until(lambda: (project.root / "logs/clean/sim_a.log").exists())
    if group:
        os.killpg(run.pid, signal.SIGINT)
    else:
        run.send_signal(signal.SIGINT)
    said = run.communicate(timeout=60)[0]
    assert run.returncode != 0
    assert "Stopped. Finished steps are kept; run the same command again to go on." in said
    assert "Traceback" not in said
    assert not processes_in(project.root)
    assert_whole_so_far(project, tiny)
    assert not [name for name in project.files("results") if name.endswith(".part")]
    code, said = project.python(*LOCKING)
    assert (code, said) == (0, ""), "stopped in order, it left no lock"
    if group:
        assert steps_left(project.complete(study)) == 16
        assert_same(project, tiny)


def test_a_second_run_is_told_about_the_first_and_harms_it_not(
    project: Project, tiny: Project
) -> None:
    study = prepare_tiny(project)
    first = project.start(*snakemake(study))
    wait_until(lambda: (project.root / "results/tiny/sim_a/series/daily.csv").exists())
    code, said = project.run(study)
    assert first.poll() is None, "the first ended too soon to test anything"
    assert code != 0
    assert "Traceback" not in said
    assert re.search(r"lock", said, flags=re.IGNORECASE)
    output, _ = first.communicate(timeout=120)
    assert first.returncode == 0, output
    assert_same(project, tiny)
