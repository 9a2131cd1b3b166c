"""The days of an effect, their names and the level of tests are defined once."""

import re
from pathlib import Path

import pytest

from takedown.estimation.estimand import (
    EARLY,
    EFFECT_DAYS,
    EFFECT_WORDS,
    HOLE,
    LATE,
    LEAD,
    SPANS,
    each_effect,
)


def test_an_effect_over_all_days_is_the_mean_by_days() -> None:
    assert each_effect(1.0, 2.0) == {
        "days_0_2": 1.0,
        "days_0_6": pytest.approx((3 * 1 + 4 * 2) / 7),
    }
    assert each_effect(0.3, 0.3)["days_0_6"] == pytest.approx(0.3)
    assert {*each_effect(1.0, 1.0)} == {*SPANS} == {*EFFECT_WORDS}


def test_the_days_fit_together() -> None:
    assert [*EARLY, *LATE] == [*SPANS["days_0_6"]] == [*range(EFFECT_DAYS)]
    assert [*LEAD, *EARLY, *LATE] == [*HOLE]
    assert EFFECT_WORDS == {"days_0_2": "days 0 to +2", "days_0_6": "days 0 to +6"}


@pytest.mark.parametrize("form", [r"^\w*(, )?LEVEL = ", r'"days 0 to \+\d"'])
def test_no_other_module_says_them_again(form: str) -> None:
    package = Path("workflow/takedown")
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(form, path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found <= {"estimation/estimand.py"}
