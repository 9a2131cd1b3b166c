"""Run one script of the workflow: its log, and what becomes of its errors."""

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
    """Send what the script prints to its log, and end it with exit code 1 on any error.

    An :class:`InputError` leaves its sentence in the log, anything else its traceback and then a
    sentence; whoever shows the progress shows the last words of a failed step's log.
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
            # The process ends: to look through all it has loaded for cycles took a tenth of it.
            gc.freeze()


def generator(seed: int, campaign: str, method: str) -> np.random.Generator:
    """Random numbers of one method on one campaign: adding a campaign changes no other's."""
    import numpy as np  # here, as most scripts need none and fetch is to stay small

    return np.random.default_rng([seed, crc32(campaign.encode()), crc32(method.encode())])
