"""A run that is killed or stopped leaves nothing half done, and the same command goes on."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from conftest import Project, copy_project, snakemake, write_tiny
from processes import wait_for

from takedown.engine.locking import LOCKS

#: The campaign of the tiny study, in a study of another name.
ALONE = "alone"
STUDY = f"{ALONE}.yaml"
RESULTS, TYPED = f"results/{ALONE}/simulated_a", "data/clean/simulated_a"
FETCH = "fetch simulated_a: files checked, sha256 in the receipt"
CLEAN = "clean simulated_a: typed rows, every row accounted for"
DAILY = "series simulated_a: posts per local day"
VOLUME = "figures simulated_a: daily volume against news events"
#: Steps of every kind, one after another; all that is made of them is made in the same way.
SOME = ("--until", "fit_interrupted", "draw_volume")


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
    """What a disturbed run left of the campaign is as an undisturbed one makes it."""
    whole = undisturbed.files("results/tiny/simulated_a")
    for name, data in files.items():
        assert name.endswith(".part") or data == whole[name], f"{name} is half written"


def steps(output: str) -> set[str]:
    """The steps that a run, or a dry run, says it takes, as ``series simulated_a: posts per day``.

    Their number depends on which of two steps that run side by side ends first.
    """
    found = re.findall(r"^\[ *\d+/\d+\] (.+)$", output, flags=re.MULTILINE)
    assert found, output
    return set(found)


def fresh(factory: pytest.TempPathFactory) -> Project:
    project = copy_project(factory.mktemp("resume") / "another wörk folder")
    write_tiny(project, ALONE)
    return project


@dataclass(frozen=True)
class Killed:
    """A run that was killed among its models, and what was said before, after and when resumed."""

    project: Project
    first: int
    second_run: tuple[int, str]
    left: dict[str, bytes]
    resumed: tuple[int, str]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, may_take_long: None) -> Killed:
    project = fresh(tmp_path_factory)
    results = project.root / RESULTS
    run = project.start(*snakemake(STUDY, *SOME))
    daily = results / "series/daily.csv"
    wait_for(daily.exists, "no daily.csv")
    second_run = project.run(STUDY, *SOME)
    assert daily.stat().st_mtime > 1e9, "a second run dates nothing that the first may read"
    wait_for((results / "models/interrupted.csv").exists, "no interrupted.csv")
    assert run.poll() is None, "it ended too soon to be killed"
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate(timeout=60)
    wait_for(lambda: not processes_in(project.root), "something still runs", seconds=10)
    left = project.files(RESULTS)
    resumed = project.run(STUDY, *SOME)
    return Killed(project, run.pid, second_run, left, resumed)


def test_two_runs_at_once_are_explained_before_the_second_starts(killed: Killed) -> None:
    code, said = killed.second_run
    assert code == 1
    assert f"Another run (process {killed.first}, started " in said
    assert "wait for it to end, or stop it" in said
    assert "Traceback" not in said
    assert "unlock" not in said


def test_a_killed_run_leaves_whole_files_and_goes_on(killed: Killed, tiny: Project) -> None:
    assert_whole(killed.left, tiny)
    code, said = killed.resumed
    assert code == 0, said
    assert "Removed the lock of a run that ended without finishing.\n" in said
    assert not {FETCH, CLEAN, DAILY} & steps(said), "finished steps are kept"
    assert VOLUME in steps(said)


def test_killed_on_the_way_the_bytes_are_the_same(killed: Killed, tiny: Project) -> None:
    for mine, theirs in ((RESULTS, "results/tiny/simulated_a"), (TYPED, TYPED)):
        found, expected = killed.project.files(mine), tiny.files(theirs)
        assert len(found) >= 3 and found.keys() <= expected.keys()
        assert [name for name in found if found[name] != expected[name]] == []


@pytest.mark.parametrize("whom", ["everyone, as Ctrl-C does", "snakemake alone"])
def test_a_stopped_run_says_so_and_leaves_nothing_to_clear_up(
    tmp_path_factory: pytest.TempPathFactory, tiny: Project, whom: str
) -> None:
    project = fresh(tmp_path_factory)
    run = project.start(*snakemake(STUDY))
    wait_for((project.root / "logs/alone/clean/simulated_a.log").exists, "no log")
    if whom == "snakemake alone":
        run.send_signal(signal.SIGINT)
    else:
        os.killpg(run.pid, signal.SIGINT)
    said = run.communicate(timeout=60)[0]
    assert run.returncode != 0
    assert "Stopped. Finished steps are kept; run the same command again to go on." in said
    assert "Traceback" not in said
    assert not processes_in(project.root)
    assert_whole(project.files(RESULTS), tiny)
    assert not [*(project.root / LOCKS).glob("*.lock")], "it left no lock"
