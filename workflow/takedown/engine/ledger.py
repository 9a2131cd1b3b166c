"""The ledger: what each step read and what it made, by content.

Snakemake goes by dates and does not notice that a result was edited. A step that succeeds leaves
an entry in ``.ledger/<study>/`` with the sha256 of every file that it read or made. The entries
alone show whether a result is unchanged, and whether it was made from the present inputs, whatever
the dates say.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from takedown.archives.receipt import RECEIPT, entries_of
from takedown.engine.location import Location
from takedown.errors import InputError
from takedown.io.files import digest, state, whole

LEDGER = Path(".ledger")
#: A dependency of every step that its rule does not name: the versions of all packages.
LOCK = "requirements.lock"
#: The folder of the scripts, relative to the project folder.
SCRIPTS = "workflow/scripts"
#: Calibrations take long, so a study may use one that was made elsewhere, as it is.
CALIBRATION = "results/calibration/"
#: Seconds by which a file may be dated in the future, since clocks of machines differ.
AHEAD = 60.0


@dataclass(frozen=True)
class Entry:
    """One step: its rule and log, path -> sha256 of what it read and made, and when it ran."""

    rule: str
    log: str
    reads: Mapping[str, str]
    makes: Mapping[str, str]
    started: float
    ended: float


# The entry of one step


def entry_of(log: str) -> Path:
    """The entry file of the step with this log: ``.ledger/a/b.json`` for ``logs/a/b.log``."""
    return LEDGER.joinpath(*Path(log).parts[1:]).with_suffix(".json")


@contextmanager
def entered(snakemake: Any) -> Iterator[None]:
    """Record in the ledger what a script's step read and made, once it has succeeded.

    Raises :class:`InputError` if an input file is dated in the future, which would make everything
    that depends on it look out of date for ever, or if one changes during the step.
    """
    location = Location.of_study()
    started = time.time()
    read = [*map(Path, files_read(snakemake))]
    before = {path: state(path) for path in read}
    for path, seen in before.items():
        if seen and seen[1] / 1e9 > started + AHEAD:
            raise InputError(from_the_future(path, seen[1] / 1e9))
    yield
    if changed := [str(path) for path in read if state(path) != before[path]]:
        raise InputError(f"{changed[0]}: was changed while this step read it. Run again.")
    found = Entry(
        snakemake.rule,
        str(snakemake.log[0]),
        {location.plain(str(path)): digest(path) or "" for path in read},
        {location.plain(path): digest(Path(path)) or "" for path in snakemake.output},
        started,
        time.time(),
    )
    entry = entry_of(found.log)
    entry.parent.mkdir(parents=True, exist_ok=True)
    with whole(entry) as part:
        part.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1), encoding="utf-8")


def files_read(snakemake: Any) -> list[str]:
    """What a script reads: its inputs, the archives in receipts, itself, and the lock file."""
    script = Path(sys.modules["__main__"].__file__ or "").name
    own = [f"{SCRIPTS}/{script}", LOCK]
    fetched = [
        entry.path
        for path in snakemake.input
        if Path(path).name == RECEIPT
        for entry in entries_of(Path(path))
    ]
    return list(dict.fromkeys([*snakemake.input, *fetched, *own]))


def from_the_future(path: Path, moment: float) -> str:
    """A message that says what to do about a file dated in the future."""
    return (
        f"{path}: is dated {datetime.fromtimestamp(moment):%Y-%m-%d %H:%M}, later than now. If "
        f"this machine's clock is right, run `touch '{path}'`, then run again; else set the clock."
    )


# The entries of a study


def read_ledger(study: str) -> list[Entry]:
    """The entries of a study; unreadable ones are skipped."""
    return list(read_entries((LEDGER / study).rglob("*.json")))


def read_entries(files: Iterable[Path]) -> Iterator[Entry]:
    for file in sorted(files):
        with suppress(OSError, ValueError, TypeError):
            yield Entry(**json.loads(file.read_text(encoding="utf-8")))


def makers(study: str, wanted: Iterable[str], here: Location) -> dict[str, Entry]:
    """The entry of the step that made each file.

    For a ``wanted`` file that no step of this study made, entries of other studies are searched
    for one that made the same content.
    """
    found = {
        path: entry
        for entry in read_ledger(study)
        for path in entry.makes
        if not path.startswith(CALIBRATION) or entry.makes[path] == digest(here.here(path))
    }
    unknown = {path for path in wanted if path not in found and here.here(path).is_file()}
    if unknown:
        for entry in read_entries(LEDGER.rglob("*.json")):
            shared = unknown & entry.makes.keys()
            found |= {
                path: entry for path in shared if entry.makes[path] == digest(here.here(path))
            }
    return found
