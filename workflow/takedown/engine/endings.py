"""End failed commands and steps with a sentence for the user, never with a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from takedown.errors import InputError
from takedown.redaction import places

#: Log for the traceback of an unexpected error in a command, which has no log of its own.
LOG = Path("logs/unexpected.log")
#: Start of the sentence on an unexpected error; when a log is shown, all before it is left out.
UNEXPECTED = "Unexpected error"


def unexpected(error: BaseException) -> str:
    """The message to the user about an unexpected error."""
    return (
        f"{UNEXPECTED} ({type(error).__name__}). This is a fault of the workflow. Please report it "
        "where you got the workflow, with its log, your study file, and the first line of the file "
        "that was read, as far as others may see it; the log quotes no cell."
    )


def run(main: Callable[[], object]) -> NoReturn:
    """Call ``main`` and exit with the code it returns if that is an integer, else with 0.

    An :class:`InputError` exits with its message and code 1, Ctrl-C with code 130, and any other
    error with a message and code 1, leaving the traceback in :data:`LOG`.
    """
    try:
        code = main()
    except InputError as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(logged(error))
    sys.exit(code if isinstance(code, int) else 0)


def logged(error: Exception) -> str:
    """Write the traceback of ``error`` to :data:`LOG`; return a message that names the log."""
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text(places(error), encoding="utf-8")
    return f"{unexpected(error)}\n  its log: {LOG}"
