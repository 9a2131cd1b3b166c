"""Find results that have changed since their step made them, or whose inputs have changed.

Snakemake goes by dates and settings, the ledger by content. Before a run is planned, each file that
the ledger finds stale is given a date older than any script, so that Snakemake finds it stale too.
"""

from __future__ import annotations

import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from functools import cache
from pathlib import Path

from takedown.engine.ledger import Entry, makers
from takedown.engine.location import Location
from takedown.io.files import digest

RECORDS = Path(".snakemake/metadata")
#: Longest name of a record; Snakemake splits longer ones into nested folders.
LONGEST = 254
#: The modification time given to stale files, in seconds since 1970.
LONG_AGO = 86_400.0
#: At most this many files are named; the rest are only counted.
NAMED = 3
#: What can be wrong with files: the words for one, and for several.
GONE = "is gone", "are gone"
CHANGED = "is not as its step left it", "are not as their steps left them"
UNKNOWN = "has no record of how it was made", "have no record of how they were made"
REPLACED = "was made of files that have changed", "were made of files that have changed"


class Review:
    """Which of a study's ``files`` must be remade, as far as the ledger can tell.

    For results in a bucket only their inputs are checked; Snakemake itself checks which of the
    results exist.
    """

    def __init__(self, study: str, files: Set[str], here: Location) -> None:
        self.here = here
        self.made = makers(study, files, here)
        self.now = cache(lambda path: digest(Path(path)))
        #: Files to be remade, each with what is wrong with it.
        self.stale = {path: why for path in sorted(files) if (why := self.fault(path))}
        #: Source files (made by no step) that have changed since stale files were made from them.
        self.replaced: set[str] = set()
        for path in sorted(files & self.made.keys() - self.stale.keys()):
            if others := set(self.others_read(self.made[path])):
                self.stale[path] = REPLACED
                self.replaced |= others - self.made.keys()

    def fault(self, path: str) -> tuple[str, str] | None:
        """What is wrong with a file itself, regardless of its inputs; None if nothing is."""
        if self.here.prefix:
            return None
        if self.now(path) is None:
            return GONE if path in self.made else None
        if path not in self.made or not record_of(path).is_file():
            return UNKNOWN
        return None if self.now(path) == self.made[path].makes[path] else CHANGED

    def others_read(self, entry: Entry) -> Iterator[str]:
        """Files that a step read and that have changed since, except those to be remade anyway."""
        for path, sha256 in entry.reads.items():
            if path not in self.stale and self.now(path) not in (None, sha256):
                yield path

    def words(self) -> Iterator[str]:
        """Sentences that say what is remade and why; none if nothing is."""
        for why in (GONE, CHANGED, UNKNOWN, REPLACED):
            if files := [path for path, fault in self.stale.items() if fault == why]:
                others = listed(sorted(self.replaced)) if why is REPLACED else ""
                of = f" ({others})" if others else ""
                yield f"{listed(files)} {why[len(files) > 1]}{of}."
        if self.stale:
            yield "Made again, with all that rests on it."

    def date(self, last: str, given: Iterable[str]) -> None:
        """Set file dates so that Snakemake remakes what is stale, and nothing else.

        If anything is stale, the file ``last`` is dated as stale too: its step reads all results,
        and so requests those that are missing. ``given`` files in the project that are dated in the
        future, as after a clock was set back, are dated now. Files in a bucket cannot be dated;
        there, the changed source files of stale results are dated now instead.
        """
        now = time.time()
        dated = cache(modified)
        read = {path for entry in self.made.values() for path in entry.reads} - self.made.keys()
        for path in read.union(given):
            if dated(path) > now and not Path(path).is_absolute():
                set_date(path, now)
        if self.here.prefix:
            for path in self.replaced:
                set_date(path, now)
            return
        right = self.made.keys() - self.stale.keys()
        if any(
            dated(path) > now or dated(path) < max(map(dated, self.made[path].reads))
            for path in right
        ):
            for path in right | {benchmark_of(self.made[path]) for path in right}:
                set_date(path, now)
        for path in (*self.stale, *[last] * bool(self.stale)):
            set_date(path, LONG_AGO)


def listed(files: Sequence[str]) -> str:
    """The first of ``files``, and how many more there are."""
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return ", ".join(files[:NAMED]) + more


def record_of(path: str) -> Path:
    """Snakemake's record of the settings that ``path`` was made with."""
    name = urlsafe_b64encode(path.encode()).decode()
    parts = [name[at : at + LONGEST] for at in range(0, len(name), LONGEST)]
    return RECORDS.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])


def benchmark_of(entry: Entry) -> str:
    """The benchmark file of a step, which Snakemake counts among its outputs."""
    return Path("benchmarks", *Path(entry.log).parts[1:]).with_suffix(".tsv").as_posix()


def modified(path: str) -> float:
    """When a file was last changed, as its date says; 0 where there is none."""
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return 0


def set_date(path: str, moment: float) -> None:
    """Date a file, if there is one and it may be dated."""
    with suppress(OSError):
        os.utime(path, (moment, moment))
