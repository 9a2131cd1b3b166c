"""Where the files of a study lie: on this machine, or in a bucket, of which there are copies here.

Manifest and records name every file as a study on this machine would, so that the same study gives
the same manifest wherever its results are kept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from takedown.io.addresses import COPIES, SCHEME

#: In the environment of every step: the bucket, and the folder in it, that the study lies in.
STORE = "TAKEDOWN_STORE"


@dataclass(frozen=True)
class Location:
    """The bucket and folder in it, ``takedowns/study/``; blank for files on this machine."""

    prefix: str = ""

    @classmethod
    def of_study(cls) -> Location:
        """The place of the study that is run: common.smk tells it to every step."""
        return cls(os.environ.get(STORE, ""))

    def plain(self, path: str) -> str:
        """The name of a file, from that of its copy here or in the bucket."""
        if path.startswith(COPIES):
            path = SCHEME + path.removeprefix(COPIES)
        return path.removeprefix(SCHEME + self.prefix) if self.prefix else path

    def here(self, path: str) -> Path:
        """The file ``path`` on this machine."""
        copy = Path(f"{COPIES}{self.prefix}{path}")
        return copy if self.prefix and copy.is_file() else Path(path)
