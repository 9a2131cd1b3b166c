"""Every exercise: the solution is right, each typical mistake is told what it overlooked."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from takedown.course.data import RESULTS
from takedown.course.exercise import Sentence, check, find, hint
from takedown.course.run import execute
from takedown.course.solutions import exercise_cells, read_solutions, solved

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
REFERENCE = ROOT / "results/reference"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXERCISES = [
    number for path in NOTEBOOKS for number in exercise_cells(nbformat.read(path, as_version=4))
]
each = pytest.mark.parametrize("number", EXERCISES)


@pytest.fixture(autouse=True)
def committed_results(monkeypatch):
    monkeypatch.setenv(RESULTS, str(REFERENCE))
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_solutions_run_and_are_right(path, tmp_path):
    """A notebook with the solutions in its cells, executed from top to bottom."""
    notebook = solved(path, FOLDER / "solutions" / f"{path.name[:2]}.py")
    (tmp_path / "start.py").symlink_to(FOLDER / "start.py")
    nbformat.write(notebook, tmp_path / path.name)
    done = execute(tmp_path / path.name, REFERENCE)
    for number, cell in exercise_cells(done).items():
        said = cell.outputs[-1].data["text/plain"]
        assert said.startswith(f"Exercise {number}, right: "), said


@each
def test_two_or_more_typical_mistakes_are_told_apart(number):
    exercise = find(number)
    answers = list(exercise.answers())
    assert answers[0].right
    mistakes = [answer for answer in answers if not answer.right]
    assert len(mistakes) >= 2
    for mistake in mistakes:
        verdict = check(number, mistake.value)
        assert verdict.right is False, f"{mistake.value!r} is taken for right"
        if isinstance(answers[0].value, Sentence):
            assert mistake.message in verdict.message
        else:
            assert len(verdict.message) > 15
    messages = {check(number, mistake.value).message for mistake in mistakes}
    assert len(messages) >= 2


@each
def test_what_cannot_be_an_answer_gets_a_sentence_and_no_error(number):
    for odd in (object(), float("nan"), [], {}, pd.DataFrame({"a": [1, 2]}), True, "", "?"):
        verdict = check(number, odd)
        assert verdict.right is False
        assert verdict.message.endswith((".", ")", "?"))
    for nothing in (..., None):
        assert check(number, nothing).right is None


@each
def test_hints_lead_on_and_never_give_a_number_away(number):
    exercise = find(number)
    assert exercise.hints
    for which in range(1, len(exercise.hints) + 1):
        said = hint(number, which).message
        assert said.startswith(exercise.hints[which - 1])
        assert ("More: hint(" in said) == (which < len(exercise.hints))
    assert hint(number, 99) == hint(number, len(exercise.hints))
    truth = next(iter(exercise.answers())).value
    if isinstance(truth, int | float) and abs(truth) > 100:
        assert str(truth) not in " ".join(exercise.hints)


def test_every_exercise_is_in_a_notebook_and_has_a_solution():
    for path in NOTEBOOKS:
        cells = exercise_cells(nbformat.read(path, as_version=4))
        part = int(path.name[:2])
        registered = __import__(f"takedown.course.part_{part}", fromlist=["PART"]).PART.exercises
        assert list(cells) == list(registered) == [f"{part}.{n}" for n in range(1, len(cells) + 1)]
        assert list(cells) == list(read_solutions(FOLDER / f"solutions/{path.name[:2]}.py"))
        for number, cell in cells.items():
            assert "answer = ..." in cell.source
            assert cell.source.endswith(f'check("{number}", answer)')


def test_solutions_that_do_not_fit_are_named(tmp_path):
    odd = tmp_path / "01.py"
    odd.write_text("# %% 1.1\nanswer = 1\n# %% 1.99\nanswer = 2\n")
    with pytest.raises(KeyError, match=r"1\.99"):
        solved(NOTEBOOKS[0], odd)


def test_there_is_no_exercise_99():
    for number in ("1.99", "99.1", "x"):
        with pytest.raises(KeyError, match="there is no exercise"):
            find(number)


ANSWERS = [
    ("1.2", 21_386, "header"),
    ("1.2", "21385", "leave the quotes out"),
    ("1.2", 21_384, "Close"),
    ("1.2", 5, "too small"),
    ("1.4", "2020-02-10", "Too late, by 1 days"),
    ("1.4", 9, "A day is asked for"),
    ("1.4", pd.Timestamp("2020-02-09 03:00"), None),
    ("1.4", date(2020, 2, 9), None),
    ("1.5", 50.8639, "percentage"),
    ("1.5", 0.4914, "did post"),
    ("1.6", "(b)", None),
    ("1.6", "B.", None),
    ("1.6", 2, "A text in quotes"),
    ("3.3", -0.28284, "the sign is not"),
    ("4.6", 1 / 1.508771929825, "Upside down"),
    ("3.8", "Short.", "whole sentence"),
    ("2.3", pd.Series([1, 2]), "a column of 2 rows"),
]


@pytest.mark.parametrize(("number", "answer", "said"), ANSWERS)
def test_answers_as_learners_write_them(number, answer, said):
    verdict = check(number, answer)
    assert verdict.right is (said is None), verdict
    if said:
        assert said in verdict.message
    assert re.match(rf"Exercise {number}, (right|not yet): ", repr(verdict))
    assert "<strong>" in verdict._repr_html_()


SENTENCES = [
    (
        "Over days 0 to 2 after twelve events the removed accounts posted 1.28 times as much "
        "(95 % interval 0.74 to 2.20, p = 0.28), an association that does not show a cause.",
        True,
    ),
    (
        "Posting was 28 % above the baseline after the events (0.74 to 2.2, p=0.28) in the archive "
        "of accounts that were taken down; whether the events triggered it cannot be known.",
        True,
    ),
    (
        "In response to the events the removed accounts posted 1.28 times as much (0.74 to 2.20, "
        "p = 0.28).",
        False,
    ),
    ("The removed accounts posted 1.28 times as much because of the news (0.74 to 2.20).", False),
]


@pytest.mark.parametrize(("text", "right"), SENTENCES)
def test_a_cause_may_be_denied_but_not_claimed(text, right):
    assert check("3.8", text).right is right
