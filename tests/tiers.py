"""Which tests are fast, and how many Snakemake processes and jobs the others start.

A test that starts a process, or is as slow (it cleans many archives, or fits models to many
series), requests the fixture ``may_take_long``, itself or through another fixture. All other tests
are fast, and are stopped if they start a process. The marks ``fast`` and ``whole`` thus follow from
the fixtures that a test uses.
"""

from __future__ import annotations

import gc
import os
import sys
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

PERMISSION = "may_take_long"
STARTS = {"subprocess.Popen", "os.fork", "os.posix_spawn", "os.system", "os.exec"}
#: Modules as slow to load as a process is to start; no fast test loads them.
SLOW = ("snakemake.api", "sphinx.application", "jupyter_client.manager")
#: Programs that any test may run, because they answer at once.
QUICK = {"git"}
NOTES, HOOK = "TAKEDOWN_STARTED", "TAKEDOWN_STARTS"
#: A line that every Python of the environment reads at its start; no effect outside the tests.
PTH = f'import os; "{HOOK}" in os.environ and exec(open(os.environ["{HOOK}"]).read(), {{}})\n'

settings.register_profile("fast", max_examples=20, deadline=None)
settings.register_profile("whole", max_examples=30, deadline=None)

#: The test that is running, if it is a fast one.
fast_test: pytest.Item | None = None


class StartedProcessError(RuntimeError):
    """A test that has no permission started a process."""


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: stops a fast test that starts a process or loads a slow module."""
    if fast_test is None or (event not in STARTS and event != "import"):
        return
    if event == "import":
        slow = arguments[0] in SLOW
    else:
        command = arguments[1] if event == "subprocess.Popen" else ()
        slow = not command or Path(os.fspath(command[0])).name not in QUICK
    if slow:
        raise StartedProcessError(
            f"{fast_test.nodeid} has {event} {arguments[:2]}: it is no fast test. Let it use the "
            f"fixture {PERMISSION}."
        )


sys.addaudithook(watch)


@pytest.fixture(scope="session")
def may_take_long() -> None:
    """Permission to start processes, or to be as slow: such a test is not a fast one."""


def is_whole(item: pytest.Item) -> bool:
    return PERMISSION in getattr(item, "fixturenames", ())


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fast: starts no process (given by what a test uses)")
    config.addinivalue_line("markers", "whole: may start processes (given by what a test uses)")
    chosen = "fast" if config.getoption("markexpr") == "fast" else "whole"
    settings.load_profile(chosen)
    if HOOK not in os.environ:  # the first of the test processes
        os.environ[HOOK] = str(Path(__file__).with_name("starts.py"))
        os.environ[NOTES] = tempfile.mkstemp(prefix="starts-")[1]
        hook().write_text(PTH, encoding="utf-8")
        config.add_cleanup(forget)


def forget() -> None:
    hook().unlink(missing_ok=True)
    Path(os.environ[NOTES]).unlink(missing_ok=True)


def hook() -> Path:
    """The file that every Python of the environment reads at its start."""
    return Path(sysconfig.get_path("purelib"), f"takedown_tests_{os.getpid()}.pth")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker("whole" if is_whole(item) else "fast")


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # modules stay loaded; scanning them for cycles took a tenth of the time


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    global fast_test
    fast_test = None if is_whole(item) else item
    try:
        return (yield)
    finally:
        fast_test = None


def notes() -> list[list[str]]:
    """The notes on processes that were started: snakemake, job, modules RULE N."""
    return [line.split() for line in Path(os.environ[NOTES]).read_text("utf-8").splitlines()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    count = Counter(words[0] for words in notes())
    terminalreporter.write_line(
        f"Snakemake: {count['snakemake']} processes, {count['job']} jobs started by these tests."
    )
