"""Where the files of a study lie: on this machine, or in a bucket, of which there are copies here.

Manifest and records name every file as a study on this machine would, so that the same study gives
the same manifest wherever its results are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from takedown.addresses import COPIES, SCHEME


@dataclass(frozen=True)
class Location:
    """The bucket and folder in it, ``takedowns/study/``; blank for files on this machine."""

    prefix: str = ""

    @classmethod
    def of(cls, output: str) -> Location:
        """The place of a study one of whose results is ``output``."""
        place = "".join(f"{part}/" for part in Path(output).parts[:-3])
        return cls(place.removeprefix(COPIES) if place.startswith(COPIES) else "")

    def plain(self, path: str) -> str:
        """The name of a file, from that of its copy here or in the bucket."""
        if not self.prefix:
            return path
        return path.removeprefix(COPIES + self.prefix).removeprefix(SCHEME + self.prefix)

    def stored(self, path: str) -> str:
        """The name under which Snakemake keeps its record of the file ``path``."""
        return f"{SCHEME}{self.prefix}{path}" if self.prefix else path

    def here(self, path: str) -> Path:
        """The file ``path`` on this machine."""
        copy = Path(f"{COPIES}{self.prefix}{path}")
        return copy if self.prefix and copy.is_file() else Path(path)
