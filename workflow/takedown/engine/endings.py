"""How commands and steps end when something goes wrong: with a sentence, never with a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from takedown.errors import InputError
from takedown.redaction import places

#: Where a command, which has no log of its own, leaves the traceback of an unexpected error.
LOG = Path("logs/unexpected.log")
#: How the sentence about one begins: what shows a step's log leaves out what stands before it.
UNEXPECTED = "Unexpected error"


def unexpected(error: BaseException) -> str:
    """What to say of an error that nobody foresaw."""
    return (
        f"{UNEXPECTED} ({type(error).__name__}). This is a fault of the workflow. Please report it "
        "where you got the workflow, with its log, your study file, and the first line of the file "
        "that was read, as far as others may see it; the log quotes no cell."
    )


def run(main: Callable[[], object]) -> NoReturn:
    """Call ``main`` and end the process with the code it returns, if that is a number, else 0.

    An :class:`InputError` ends it with its sentence and code 1, Ctrl-C with code 130, and any other
    error with a sentence, code 1 and the traceback in :data:`LOG`.
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
    """Write the traceback of ``error`` to :data:`LOG`; what to say of it, and where that is."""
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text(places(error), encoding="utf-8")
    return f"{unexpected(error)}\n  its log: {LOG}"
