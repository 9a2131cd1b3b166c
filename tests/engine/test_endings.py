"""Whatever goes wrong, a command ends with a sentence and a code, never with a traceback."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from takedown.engine import endings
from takedown.errors import InputError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def end(result: object) -> int | str | None:
    """What a command ends with that returns, or raises, ``result``."""

    def main() -> object:
        if isinstance(result, BaseException):
            raise result
        return result

    with pytest.raises(SystemExit) as ended:
        endings.run(main)
    return ended.value.code


@pytest.mark.parametrize(
    ("result", "code"),
    [(None, 0), (0, 0), (2, 2), ({"a": 1}, 0), (SystemExit(3), 3), (KeyboardInterrupt(), 130)],
)
def test_the_exit_code_is_that_of_the_command(result: object, code: int) -> None:
    assert end(result) == code


def test_what_the_user_gave_is_told_in_its_own_sentence() -> None:
    assert end(InputError("a.csv, line 3: no.")) == "a.csv, line 3: no."
    assert not endings.LOG.exists()


def test_an_unexpected_error_is_told_with_its_log_and_what_to_report() -> None:
    said = str(end(ValueError("a cell of somebody's file")))
    assert said.startswith("Unexpected error (ValueError).")
    assert "report it" in said and "your study file" in said
    assert said.endswith("its log: logs/unexpected.log")
    assert "Traceback" not in said and "somebody" not in said
    log = endings.LOG.read_text(encoding="utf-8")
    assert "Traceback" in log and "a cell of somebody's file" not in log


def test_every_command_of_the_package_ends_so() -> None:
    package = Path(endings.__file__).parents[1]
    tools = package.parents[1] / "tools/bench"
    commands = {}
    for path in [*package.rglob("*.py"), *tools.rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        ends = [node for node in tree.body if isinstance(node, ast.If)
                and "__name__" in ast.unparse(node.test)]  # fmt: skip
        if ends:
            commands["/".join(path.parts[-2:])] = ast.unparse(ends[0].body[0])
    assert len(commands) > 15
    inner = {"bench/plan.py", "bench/ways.py"}  # processes of the benchmarks, which no user calls
    others = {name: ending for name, ending in commands.items() if name not in inner}
    assert not {name for name, ending in others.items() if not ending.startswith("run(")}
