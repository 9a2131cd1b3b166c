"""Every exercise: the solution is right, each typical mistake is told what it overlooked."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from takedown.notebooks import RESULTS, STATIC, exercise
from takedown.notebooks.exercise import check, find, hint
from takedown.notebooks.sentence import Sentence
from takedown.notebooks.solutions import exercise_cells, read_solutions, solved

pytestmark = pytest.mark.usefixtures("may_take_long")

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
REFERENCE = ROOT / "results/reference"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXERCISES = [
    number for path in NOTEBOOKS for number in exercise_cells(nbformat.read(path, as_version=4))
]
each = pytest.mark.parametrize("number", EXERCISES)


@cache
def found(number: str) -> exercise.Exercise:
    """An exercise whose answers are computed once, not at every check."""
    one = find(number)
    answers = list(one.answers())
    return replace(one, answers=lambda: iter(answers))


@pytest.fixture(autouse=True)
def committed_results(monkeypatch):
    monkeypatch.setenv(RESULTS, str(REFERENCE))
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(exercise, "find", found)


@pytest.fixture
def shell(monkeypatch) -> InteractiveShell:
    """What a kernel runs cells in, without the kernel, where a notebook lies."""
    monkeypatch.setenv(STATIC, "1")
    monkeypatch.chdir(FOLDER)
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.delitem(sys.modules, "start", raising=False)  # which leads to the project
    # Which the shell replaces by its own: no process could be spawned after that.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    return InteractiveShell.instance()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_solutions_run_and_are_right(path, shell):
    """A notebook with the solutions in its cells, executed from top to bottom."""
    notebook = solved(path, FOLDER / "solutions" / f"{path.name[:2]}.py")
    exercises = {cell.source: number for number, cell in exercise_cells(notebook).items()}
    shell.reset()
    right = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            done = shell.run_cell(cell.source)
            done.raise_error()
            if number := exercises.get(cell.source):
                assert repr(done.result).startswith(f"Exercise {number}, right: "), done.result
                right.append(number)
    assert right == list(exercises.values())


@each
def test_two_or_more_typical_mistakes_are_told_apart(number):
    answers = list(found(number).answers())
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
    hints = found(number).hints
    assert hints
    for which in range(1, len(hints) + 1):
        said = hint(number, which).message
        assert said.startswith(hints[which - 1])
        assert ("More: hint(" in said) == (which < len(hints))
    assert hint(number, 99) == hint(number, len(hints))
    truth = next(iter(found(number).answers())).value
    if isinstance(truth, int | float) and abs(truth) > 100:
        assert str(truth) not in " ".join(hints)


def test_every_exercise_is_in_a_notebook_and_has_a_solution():
    for path in NOTEBOOKS:
        cells = exercise_cells(nbformat.read(path, as_version=4))
        part = int(path.name[:2])
        registered = __import__(f"takedown.notebooks.part_{part}", fromlist=["PART"]).PART.exercises
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
    ("1.4", 9, "year-month-day"),
    ("1.4", "09.02.2020", "year-month-day"),
    ("1.4", "Feb 9", "year-month-day"),
    ("7.1", (18, 711), "Python reads a comma"),
    ("2.7", 2, 'such as "b"'),
    ("8.6", True, 'such as "yes"'),
    # Rounded as learners round, to two digits or more.
    ("4.6", 1.5, None),
    ("4.6", 2.0, "do lie there"),
    ("3.3", 0.28, None),
    ("3.3", 0.3, "large"),
    ("3.3", 28, "percentage"),
    ("7.5", 0.08, None),
    ("7.5", 8, "percentage"),
    ("3.4", 0.25, None),
    ("2.4", 182.3, None),
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


EFFECT = "the removed accounts posted 1.28 times as much (95 % interval 0.74 to 2.20"
CHANGE = "posting by the removed accounts changed its level on 9 February 2020"
KORAT = "a day after the shooting in Korat"
SENTENCES = [
    ("3.8", f"Over days 0 to 2 {EFFECT}, p = 0.28), which does not show a cause.", True),
    ("3.8", f"Over days 0 to 2 {EFFECT}, p = .28), which may be due to chance.", True),
    ("3.8", f"After them {EFFECT}, p = 0.28); because the interval holds 1, we cannot tell.", True),
    ("3.8", f"After them {EFFECT}, p = 0.28); this doesn't show that the news caused it.", True),
    ("3.8", f"Whether the events triggered it is unknown; {EFFECT}, p = 0.28).", True),
    ("3.8", f"In response to the events {EFFECT}, p = 0.28).", False),
    ("3.8", f"This is not luck: the events caused it; {EFFECT}, p = 0.28).", False),
    ("3.8", f"Prompted by events, and a highly significant effect: {EFFECT}, p = 0.28).", False),
    ("3.8", f"Over days 0 to 2 {EFFECT}), as their weekday and trend suggest.", False),
    ("3.8", f"Over days 0 to 2 {EFFECT}, p = 0.03).", False),
    ("4.7", f"{CHANGE} (8th to 14th), {KORAT}; a coincidence cannot be excluded.", True),
    ("4.7", f"{CHANGE} (8 to 14 February),\n{KORAT}; 0.8 of 3 would lie there by luck.", True),
    ("4.7", f"{CHANGE} (8 to 14 February), {KORAT}.", False),
    ("4.7", f"{CHANGE} (8 to 14 February), as an effect of the shooting, not by luck.", False),
    ("5.6", "We cannot say whether posts follow page views: lag \u22121, p = .25.", True),
    ("5.6", "Posts neither follow nor lead page views (largest at lag -1, p = 0.25).", True),
    (
        "5.6",
        "The largest correlation with page views is 0.25 at lag -1, no evidence of it.",
        False,
    ),
    ("5.6", "Posts lead page views by one day, p = 0.25: no evidence against it.", False),
    (
        "7.7",
        "The bar shows 16,144 because the histogram counts rows; the data hold 34,957 posts. "
        "Please plot the total number of posts.",
        True,
    ),
    (
        "7.7",
        "The difference lies in the unit: 16,144 minutes, 34,957 posts. The title should say so.",
        True,
    ),
    ("7.7", "The title says tweets, it shows 16,144 minutes, the data hold 34,957 posts.", False),
    ("7.7", "16,144 minutes, 34,957 posts:\nadd them up.\nYou tried to mislead us.", False),
]


@pytest.mark.parametrize(("number", "text", "right"), SENTENCES)
def test_a_sentence_may_deny_a_cause_and_must_name_what_it_rests_on(number, text, right):
    verdict = check(number, text)
    assert verdict.right is right, verdict.message
