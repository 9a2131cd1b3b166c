"""Run one script of the workflow: write its log and handle its errors."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from takedown.engine.endings import unexpected
from takedown.engine.ledger import entered
from takedown.engine.usage import MEASURE, record
from takedown.errors import InputError
from takedown.redaction import places

if TYPE_CHECKING:
    import numpy as np


@contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Send the script's output to its log; exit with code 1 on any error, 130 on Ctrl-C.

    An :class:`InputError` leaves its message in the log; any other error leaves its traceback
    and then a message. The progress display shows the end of a failed step's log.
    """
    with (
        Path(snakemake.log[0]).open("w", encoding="utf-8") as log,
        redirect_stdout(log),
        redirect_stderr(log),
    ):
        try:
            with entered(snakemake):
                yield
        except InputError as problem:
            print(problem, file=log)
            sys.exit(1)
        except KeyboardInterrupt:
            print("Stopped.", file=log)
            sys.exit(130)
        except Exception as error:
            print(places(error), unexpected(error), sep="", file=log)
            sys.exit(1)
        finally:
            if MEASURE in os.environ:
                record(Path(snakemake.log[0]))
            # The process is ending: a last search for cycles would take a tenth of its time.
            gc.freeze()


def generator(seed: int, campaign: str, method: str) -> np.random.Generator:
    """Random generator for one method on one campaign, independent of all other campaigns."""
    import numpy as np  # imported here: most scripts do not need it, and fetch must stay small

    return np.random.default_rng([seed, crc32(campaign.encode()), crc32(method.encode())])
