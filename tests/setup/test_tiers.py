"""Which tests are fast follows from what they use; a fast one that starts a process is stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

TESTS = """
import os
import subprocess

import pytest


@pytest.fixture
def browser(may_take_long):
    pass


def test_computes():
    assert 1 + 1 == 2


def test_asks_git():
    subprocess.run(["git", "--version"], check=True)


def test_starts_a_process():
    subprocess.run(["true"], check=True)


def test_forks():
    if not os.fork():
        os._exit(0)


@pytest.mark.parametrize("module", ["snakemake.api", "sphinx.application"])
def test_loads_what_is_slow(module):
    __import__(module)


def test_loads_kernels():
    __import__("jupyter_client.manager")


def test_asks_for_permission(may_take_long):
    subprocess.run(["true"], check=True)


def test_asks_for_what_asks(browser):
    subprocess.run(["true"], check=True)


@pytest.mark.usefixtures("may_take_long")
def test_is_marked():
    subprocess.run(["true"], check=True)
"""
WHOLE = {"test_asks_for_permission", "test_asks_for_what_asks", "test_is_marked"}


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory, may_take_long: None
) -> dict[str, dict[str, str]]:
    """By tier, what comes of each of its tests."""
    folder = tmp_path_factory.mktemp("tiers")
    (folder / "test_some.py").write_text(TESTS)
    found = {}
    for tier in ("fast", "whole"):
        words = ["-p", "tiers", "-p", "no:cacheprovider", "-rA", "-m", tier, "test_some.py"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT / "tests"), "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        lines = re.findall(r"^(PASSED|FAILED) test_some.py::(.*)$", done.stdout, re.MULTILINE)
        found[tier] = {test.split(" - ")[0]: f"{outcome} {test}" for outcome, test in lines}
    return found


def test_whoever_asks_for_permission_is_not_fast(outcomes: dict[str, dict[str, str]]) -> None:
    assert set(outcomes["whole"]) == WHOLE
    assert all(said.startswith("PASSED") for said in outcomes["whole"].values())


def test_all_others_are_fast_and_stopped_where_they_start_a_process(
    outcomes: dict[str, dict[str, str]],
) -> None:
    passed = {name for name, said in outcomes["fast"].items() if said.startswith("PASSED")}
    assert passed == {"test_computes", "test_asks_git"}
    stopped = {name: said for name, said in outcomes["fast"].items() if name not in passed}
    assert len(stopped) == 5
    assert all("StartedProcessError" in said for said in stopped.values())
