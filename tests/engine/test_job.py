"""What a step leaves behind when it ends early: its exit code, and its reason in its log."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from takedown.engine.job import job
from takedown.errors import InputError


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("the file is odd"), 1, "the file is odd\n"),
        (KeyboardInterrupt(), 130, "Stopped.\n"),
        (ZeroDivisionError("a cell"), 1, "; the log quotes no cell.\n"),
    ],
)
def test_a_step_that_ends_early_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    log = tmp_path / "step.log"
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
    step = SimpleNamespace(rule="a_rule", log=[str(log)], input=[], output=[])
    with pytest.raises(SystemExit) as ended, job(step):
        print("begun")
        raise error
    assert ended.value.code == code
    text = log.read_text(encoding="utf-8")
    assert text.startswith("begun\n")
    assert text.endswith(said)
    assert ("Traceback" in text) == isinstance(error, ZeroDivisionError)
    assert ("ZeroDivisionError\nUnexpected error (Zero" in text) == ("Traceback" in text)
    assert "a cell" not in text
