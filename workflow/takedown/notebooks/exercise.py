"""Self-checking exercises: feedback on typical wrong answers, and hints.

An exercise is a generator of answers: the right one first, then the common mistakes, each with its
feedback. All are computed from the data on demand, so that no answer can be read in the code and
none becomes outdated.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from numbers import Real
from typing import Any

import pandas as pd

from takedown.notebooks.sentence import Sentence

#: How far a number that is not a count may be off, relative to the right one.
TOLERANCE = 0.005
NEAR = 0.05
ISO_DAY = re.compile(r"\d{4}-\d\d?-\d\d?\b")


@dataclass(frozen=True)
class Answer:
    """A possible answer, and the feedback on it."""

    value: Any
    message: str
    right: bool


def right(value: Any, message: str) -> Answer:
    """The right answer, with a message on what it shows."""
    return Answer(value, message, right=True)


def wrong(value: Any, message: str) -> Answer:
    """A typical wrong answer, with a message on what was overlooked."""
    return Answer(value, message, right=False)


@dataclass(frozen=True)
class Exercise:
    """One exercise: ``answers`` computes its :class:`Answer`s, ``hints`` lead to the right one."""

    number: str
    hints: tuple[str, ...]
    answers: Callable[[], Iterator[Answer]]


@dataclass(frozen=True)
class Verdict:
    """The result of a check; ``right`` is None if there is no answer yet."""

    number: str
    right: bool | None
    message: str

    def __repr__(self) -> str:
        word = {True: "right", False: "not yet", None: "open"}[self.right]
        return f"Exercise {self.number}, {word}: {self.message}"

    def _repr_html_(self) -> str:
        head, rest = repr(self).split(": ", 1)
        return f"<p><strong>{head}:</strong> {html.escape(rest)}</p>"


@dataclass
class Part:
    """The exercises of one notebook, in their order."""

    exercises: dict[str, Exercise] = field(default_factory=dict)

    def exercise(self, number: str, *hints: str) -> Callable[[Callable], Callable]:
        """Register the decorated generator of answers as exercise ``number``."""

        def register(answers: Callable[[], Iterator[Answer]]) -> Callable[[], Iterator[Answer]]:
            self.exercises[number] = Exercise(number, hints, answers)
            return answers

        return register


def find(number: str) -> Exercise:
    """The exercise ``number``, such as 2.3. Raises :class:`KeyError` when there is none."""
    part = str(number).split(".")[0]
    try:
        known = import_module(f"takedown.notebooks.part_{part}").PART.exercises
    except ModuleNotFoundError:
        known = {}
    if str(number) not in known:
        raise KeyError(f"there is no exercise {number}") from None
    return known[str(number)]


def check(number: str, answer: Any) -> Verdict:
    """Check an answer to exercise ``number``; ``...`` means that there is none yet."""
    exercise = find(number)
    if answer is ... or answer is None:
        return Verdict(number, None, f'not answered yet. hint("{number}") helps.')
    answers = list(exercise.answers())
    truth = answers[0]
    if isinstance(truth.value, Sentence):
        return judged(number, truth, answer)
    if fault := other_kind(truth.value, answer):
        return Verdict(number, False, fault)
    for known in answers:
        if same(known.value, answer):
            return Verdict(number, known.right, known.message)
    return Verdict(number, False, general(truth.value, answer))


def hint(number: str, which: int = 1) -> Verdict:
    """Hint number ``which`` for an exercise; the last one almost gives the answer away."""
    hints = find(number).hints
    which = min(max(which, 1), len(hints))
    more = f' More: hint("{number}", {which + 1}).' if which < len(hints) else ""
    return Verdict(number, None, f"{hints[which - 1]}{more}")


def judged(number: str, truth: Answer, text: Any) -> Verdict:
    """The verdict on a sentence."""
    if not isinstance(text, str) or len(text.split()) < 5:
        return Verdict(number, False, "Give a whole sentence, as text in quotes.")
    fault = truth.value.fault(text)
    return Verdict(number, not fault, fault or truth.message)


def other_kind(truth: Any, answer: Any) -> str:
    """What is wrong with the type of ``answer``; empty if it can be compared with ``truth``."""
    given = f"this is {describe(answer)}"
    if is_number(truth):
        return "" if is_number(answer) else f"The answer should be a number; {given}."
    if isinstance(truth, date):
        asked = f'Write the day as year-month-day, such as "2020-03-31"; {given}.'
        return "" if as_day(answer) else asked
    such = '"yes"' if truth in ("yes", "no") else '"b"' if len(truth) == 1 else '"a word"'
    return (
        ""
        if isinstance(answer, str)
        else f"A text in quotes is needed here, such as {such}; {given}."
    )


def describe(answer: Any) -> str:
    """The type of ``answer``, in a learner's terms."""
    if isinstance(answer, pd.DataFrame | pd.Series):
        kind = "table" if isinstance(answer, pd.DataFrame) else "column"
        return f"a {kind} of {len(answer)} rows: pick one value from it"
    if isinstance(answer, str):
        return f"the text '{answer}'" + (" (leave the quotes out)" if is_numeral(answer) else "")
    if is_number(answer):
        return f"the number {answer}"
    if isinstance(answer, tuple):
        return "a pair, which is how Python reads a comma: write 18711, and 0.26 with a point"
    return f"of the type {type(answer).__name__}"


def is_numeral(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not math.isnan(value)


def as_day(value: Any) -> date | None:
    """``value`` as a day: a date, or a text that begins like 2020-03-31; otherwise None.

    Other formats are not guessed: 09.02. means different days in different countries.
    """
    if isinstance(value, Real) or (isinstance(value, str) and not ISO_DAY.match(value.strip())):
        return None
    try:
        found = pd.Timestamp(value)
        return None if found is pd.NaT else found.date()
    except (ValueError, TypeError):
        return None


def same(known: Any, answer: Any) -> bool:
    """Whether two answers of the same type agree.

    Counts must agree exactly. Other numbers must agree to half a per cent, or to the digits given,
    if there are at least two of them (one for a number below 0.1).
    """
    if is_number(known):
        if isinstance(known, int):
            return abs(float(answer) - known) < 1e-6
        return math.isclose(answer, known, rel_tol=TOLERANCE, abs_tol=1e-12) or rounded(
            known, answer
        )
    if isinstance(known, date):
        return as_day(answer) == known
    return str(answer).strip().strip("().").casefold() == str(known).casefold()


def rounded(known: float, answer: float) -> bool:
    """Whether ``answer`` is ``known`` rounded to at least two digits (one if below 0.1)."""
    digits = f"{float(answer):.10f}".rstrip("0").partition(".")[2]
    enough = 1 if abs(known) < 0.1 else 2
    figures = len(f"{abs(float(answer)):.{len(digits)}f}".replace(".", "").lstrip("0"))
    return figures >= enough and math.isclose(answer, round(known, len(digits)), rel_tol=1e-9)


def general(truth: Any, answer: Any) -> str:
    """Feedback on a wrong answer that was not anticipated."""
    if isinstance(truth, date):
        days = (as_day(answer) - truth).days  # type: ignore[operator]
        return f"Too {'late' if days > 0 else 'early'}, by {abs(days)} days."
    if not is_number(truth):
        return "That is not it. Look at the table again, or ask for a hint."
    if math.isclose(answer, truth * 100, rel_tol=NEAR):
        return "That is the percentage; a share lies between 0 and 1."
    known = (
        (truth / 100, "A hundred times too small: did you take a share for a percentage?"),
        (-truth, "The size is right, but the sign is not: what is subtracted from what?"),
        (1 - truth, "That is the share of the others: subtract it from 1."),
        (1 / truth if truth else math.nan, "Upside down: which of the two is the denominator?"),
    )
    for value, message in known:
        if math.isclose(answer, value, rel_tol=TOLERANCE):
            return message
    size = "large" if answer > truth else "small"
    near = math.isclose(answer, truth, rel_tol=NEAR)
    return f"{'Close, but a little' if near else 'Not yet:'} too {size}."
