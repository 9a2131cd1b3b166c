"""A run that is killed or stopped leaves nothing half done, and the same command goes on."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from conftest import Project, copy_project, prepare_tiny, snakemake
from processes import wait_for

STUDY = "tiny.yaml"
LOCKING = ("-m", "takedown.locking")
FETCH = "fetch simulated_a: files checked, sha256 in the receipt"
CLEAN = "clean simulated_a: typed rows, every row accounted for"
DAILY = "series simulated_a: posts per local day"
LAST = "provenance: the results as an RO-Crate"


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


def assert_whole(files: dict[str, bytes], undisturbed: Project) -> None:
    """What a disturbed run left in ``results`` is as an undisturbed one makes it."""
    whole = undisturbed.files("results")
    for name, data in files.items():
        assert name.endswith(".part") or data == whole[name], f"{name} is half written"


def assert_same(project: Project, undisturbed: Project) -> None:
    """All results and typed rows are equal, byte by byte."""
    for folder in ("results", "data"):
        found, expected = project.files(folder), undisturbed.files(folder)
        assert found.keys() == expected.keys()
        assert [name for name in found if found[name] != expected[name]] == []


def steps(output: str) -> set[str]:
    """The steps that a run, or a dry run, says it takes, as ``series simulated_a: posts per day``.

    Their number depends on which of two steps that run side by side ends first.
    """
    found = re.findall(r"^\[ *\d+/\d+\] (.+)$", output, flags=re.MULTILINE)
    assert found, output
    return set(found)


def fresh(factory: pytest.TempPathFactory) -> Project:
    project = copy_project(factory.mktemp("resume") / "another wörk folder")
    prepare_tiny(project)
    return project


@dataclass(frozen=True)
class Killed:
    """A run that was killed among its models, and what was said before, after and when resumed."""

    project: Project
    first: int
    lock_check: tuple[int, str]
    second_run: tuple[int, str]
    left: dict[str, bytes]
    lock_removal: tuple[int, str]
    resumed: tuple[int, str]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    project = fresh(tmp_path_factory)
    run = project.start(*snakemake(STUDY))
    wait_for((project.root / "results/tiny/simulated_a/series/daily.csv").exists, "no daily.csv")
    lock_check, second_run = project.python(*LOCKING), project.run(STUDY)
    wait_for(
        (project.root / "results/tiny/simulated_a/models/placebo.csv").exists, "no placebo.csv"
    )
    assert run.poll() is None, "it ended too soon to be killed"
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate(timeout=60)
    wait_for(lambda: not processes_in(project.root), "something still runs", seconds=10)
    left = project.files("results")
    lock_removal = project.python(*LOCKING)
    return Killed(project, run.pid, lock_check, second_run, left, lock_removal, project.run(STUDY))


def test_two_runs_at_once_are_explained_before_the_second_starts(killed: Killed) -> None:
    code, said = killed.lock_check
    assert code == 1
    assert f"Another run (process {killed.first}, started " in said
    assert "wait for it to end, or stop it" in said


def test_two_runs_at_once_are_refused_by_snakemake_too(killed: Killed) -> None:
    code, said = killed.second_run
    assert code != 0
    assert "Traceback" not in said
    assert "lock" in said


def test_a_killed_run_leaves_whole_files_and_goes_on(killed: Killed, tiny: Project) -> None:
    assert_whole(killed.left, tiny)
    assert killed.lock_removal == (0, "Removed the lock of a run that ended without finishing.\n")
    code, said = killed.resumed
    assert code == 0, said
    assert not {FETCH, CLEAN, DAILY} & steps(said), "finished steps are kept"
    assert LAST in steps(said)
    assert_same(killed.project, tiny)


@pytest.mark.parametrize("whom", ["everyone, as Ctrl-C does", "snakemake alone"])
def test_a_stopped_run_says_so_and_leaves_nothing_to_clear_up(
    tmp_path_factory: pytest.TempPathFactory, tiny: Project, whom: str
) -> None:
    project = fresh(tmp_path_factory)
    run = project.start(*snakemake(STUDY))
    wait_for((project.root / "logs/clean/simulated_a.log").exists, "no log")
    if whom == "snakemake alone":
        run.send_signal(signal.SIGINT)
    else:
        os.killpg(run.pid, signal.SIGINT)
    said = run.communicate(timeout=60)[0]
    assert run.returncode != 0
    assert "Stopped. Finished steps are kept; run the same command again to go on." in said
    assert "Traceback" not in said
    assert not processes_in(project.root)
    assert_whole(project.files("results"), tiny)
    assert project.python(*LOCKING) == (0, ""), "it left no lock"
    if whom != "snakemake alone":
        left = steps(project.complete(STUDY, "-n"))
        assert FETCH not in left
        assert {CLEAN, LAST} <= left
