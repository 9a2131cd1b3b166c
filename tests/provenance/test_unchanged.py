"""Nothing is said to be up to date unless every file is as it was after the last whole run."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from takedown.engine import ledger
from takedown.engine.ledger import entered
from takedown.provenance import unchanged

STUDY = "study.yaml"
RESULTS = Path("results/mine")
STEPS = {
    "results/mine/a.csv": ["given/posts.csv", "workflow/count.py"],
    "results/mine/manifest.json": ["results/mine/a.csv"],
}
OWN = f"{ledger.SCRIPTS}/{Path(__file__).name}"
GIVEN = ["given/posts.csv", "workflow/count.py", OWN, ledger.LOCK, *unchanged.SETTINGS]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the study has run, and its state was noted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
    Path(STUDY).write_text("study: mine\n")
    for name in (*STEPS, *GIVEN):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x\n")
    assert not unchanged.unchanged(STUDY), "nothing was noted yet"
    run()
    return tmp_path


def run() -> None:
    """A whole run: every step enters what it read and made, then the state is noted."""
    (RESULTS / "manifest.json").write_text(json.dumps({"results": {"a.csv": {}}}))
    for made, read in STEPS.items():
        log = [f"logs/mine/{Path(made).stem}.log"]
        with entered(SimpleNamespace(rule="count", input=read, output=[made], log=log)):
            pass
    unchanged.remember(STUDY)


def replace_by_an_older_file() -> None:
    """As mv, cp -p or rsync do: the same size, an older time."""
    older = Path("older.csv")
    older.write_text("y\n")
    os.utime(older, (1e9, 1e9))
    older.replace("given/posts.csv")


def edit_and_set_the_time_back(name: str) -> None:
    before = Path(name).stat()
    Path(name).write_text("y\n")
    os.utime(name, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[], object]] = {
    "an input edited": lambda: Path("given/posts.csv").write_text("other\n"),
    "an input edited, its time set back": lambda: edit_and_set_the_time_back("given/posts.csv"),
    "an input replaced by an older file": replace_by_an_older_file,
    "an input removed": lambda: Path("given/posts.csv").unlink(),
    "a file beside an input": lambda: Path("given/more.csv").write_text("x\n"),
    "code edited": lambda: Path("workflow/count.py").write_text("other\n"),
    "a module more": lambda: Path("workflow/more.py").write_text("x\n"),
    "a result edited": lambda: (RESULTS / "a.csv").write_text("other\n"),
    "a result removed": lambda: (RESULTS / "a.csv").unlink(),
    "a result cut off": lambda: os.truncate(RESULTS / "a.csv", 0),
    "all results removed": lambda: shutil.rmtree("results"),
    "the study file edited": lambda: Path(STUDY).write_text("study: mine\ntitle: other\n"),
    "the profile edited": lambda: Path(unchanged.SETTINGS[0]).write_text("cores: 1\n"),
    "packages installed": lambda: Path(unchanged.SETTINGS[1]).write_text("other\n"),
    "the note cut off": lambda: os.truncate(unchanged.note_of("mine"), 9),
    "the ledger removed": lambda: shutil.rmtree(ledger.LEDGER),
}


def test_after_a_whole_run_nothing_is_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert unchanged.main([STUDY]) == 0
    assert capsys.readouterr().out == f"{unchanged.NOTHING}\n"


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_left_to_a_plan(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    CHANGES[change]()
    assert unchanged.main([STUDY]) == 1
    assert capsys.readouterr().out == ""


def test_another_study_file_of_the_same_name_is_another_study() -> None:
    Path("other.yaml").write_text("study: mine\n")
    assert not unchanged.unchanged("other.yaml")
    assert unchanged.unchanged(STUDY)


def test_what_was_changed_while_it_was_read_is_planned_again() -> None:
    Path("given/posts.csv").write_text("changed\n")
    assert not unchanged.unchanged(STUDY), "a run begins"
    Path("given/posts.csv").write_text("changed again\n")
    run()
    assert not unchanged.unchanged(STUDY)
    run()
    assert unchanged.unchanged(STUDY)


def test_results_that_were_not_made_again_are_not_taken_for_up_to_date() -> None:
    """As where a run was of some steps only, or a result was edited while it ran."""
    Path("given/posts.csv").write_text("changed\n")
    assert not unchanged.unchanged(STUDY), "a run begins"
    assert unchanged.main([STUDY, "--remember"]) == 0
    assert not unchanged.unchanged(STUDY)


def test_a_study_that_leaves_out_is_always_planned() -> None:
    Path(STUDY).write_text("study: mine\nunavailable: leave_out\n")
    assert not unchanged.unchanged(STUDY)
    unchanged.remember(STUDY)
    assert not unchanged.unchanged(STUDY)


@pytest.mark.parametrize("text", ["study: [", "", "- a list\n", "title: no study\n"])
def test_a_study_file_that_cannot_be_read_is_left_to_the_plan(text: str) -> None:
    Path(STUDY).write_text(text)
    assert unchanged.main([STUDY]) == 1


def test_no_fault_of_the_note_ends_a_run() -> None:
    shutil.rmtree("results")
    assert unchanged.main([STUDY, "--remember"]) == 0
    assert not unchanged.unchanged(STUDY)


def test_a_study_may_have_any_name() -> None:
    assert unchanged.note_of("../../etc/x").parent == ledger.LEDGER
