"""Where a study's files are: on this machine, or in a bucket with local copies.

The manifest and records name every file as if it were on this machine, so that a study gives the
same manifest wherever its results are kept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from takedown.io.addresses import COPIES, SCHEME

#: Environment variable of every step: the bucket and folder that hold the study.
STORE = "TAKEDOWN_STORE"


@dataclass(frozen=True)
class Location:
    """The bucket and the folder in it, such as ``takedowns/study/``; blank for local files."""

    prefix: str = ""

    @classmethod
    def of_study(cls) -> Location:
        """The location of the running study, which ``common.smk`` passes to every step."""
        return cls(os.environ.get(STORE, ""))

    def plain(self, path: str) -> str:
        """The plain name of a file, given the path of its local copy or its bucket address."""
        if path.startswith(COPIES):
            path = SCHEME + path.removeprefix(COPIES)
        return path.removeprefix(SCHEME + self.prefix) if self.prefix else path

    def here(self, path: str) -> Path:
        """Where ``path`` is on this machine: its copy from the bucket if there is one."""
        copy = Path(f"{COPIES}{self.prefix}{path}")
        return copy if self.prefix and copy.is_file() else Path(path)
