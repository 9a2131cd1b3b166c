"""A lock is respected exactly while the run that holds it can still be alive."""

import platform
from datetime import datetime
from pathlib import Path

import pytest

from takedown.engine.locking import HOST, LOCKS, Process, held, verdict

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


def test_the_run_is_named_rather_than_a_step_of_it() -> None:
    """Numbers of processes start again when they are used up: a step's may be the smaller."""
    step = ("python", "/p/.snakemake/scripts/tmpab12.clean.py")
    later = Process(7, datetime(2026, 5, 4, 3, 4), FOLDER, step)
    for found in ([later, process()], [process(), later]):
        reason = verdict(found, FOLDER, ours={1}, other_host=None)
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_lock(folder: Path) -> Path:
    lock = folder / LOCKS / "0.output.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text("results/x\n")
    return lock


def test_without_a_lock_nothing_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert held() is None
    assert capsys.readouterr() == ("", "")


def test_a_stale_lock_is_removed_and_reported_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = make_lock(folder)
    assert held() is None
    assert "Removed the lock" in capsys.readouterr().err
    assert not lock.exists()
    assert held() is None
    assert capsys.readouterr().err == ""


def test_the_computer_is_remembered(folder: Path) -> None:
    held()
    assert (folder / HOST).read_text() == platform.node()
    (folder / HOST).write_text("node7")
    lock = make_lock(folder)
    assert "node7" in (held() or "")
    assert lock.exists()
