"""The ledger: what each step read and what it made, by content.

Snakemake goes by dates, and knows nothing of a result that was edited. A step that ends well leaves
an entry in ``.ledger/<study>/``: the sha256 of all that it read and of all that it made. Whether a
result is still what its step made, of the files that are there now, can be told from the entries
alone, whatever the dates say.
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
#: What every step rests on beside what its rule names: the versions of all packages.
LOCK = "requirements.lock"
#: Where the scripts are, in a study's folder.
SCRIPTS = "workflow/scripts"
#: Calibrations take long, so that a study takes one from elsewhere as it is.
CALIBRATION = "results/calibration/"
#: Seconds by which a file may be dated later than now, as another machine's clock may differ.
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


# Of one step


def entry_of(log: str) -> Path:
    """Where the entry of the step with this log is: ``logs/a/b.log`` has ``.ledger/a/b.json``."""
    return LEDGER.joinpath(*Path(log).parts[1:]).with_suffix(".json")


@contextmanager
def entered(snakemake: Any) -> Iterator[None]:
    """Enter the step of a script: what it has read and made, once it has ended well.

    Raises :class:`InputError` where a file that it reads is dated in the future, which would make
    all that rests on it look out of date for ever, or is changed while it is read.
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
    """What a script reads: its inputs and their archives, itself, and the lock of the packages."""
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
    """What to do about a file that is dated later than now, as a sentence."""
    return (
        f"{path}: is dated {datetime.fromtimestamp(moment):%Y-%m-%d %H:%M}, later than now. If "
        f"this machine's clock is right, run `touch '{path}'`, then run again; else set the clock."
    )


# Of a study


def read_ledger(study: str) -> list[Entry]:
    """The entries of a study; one that cannot be read is as none."""
    return list(read_entries((LEDGER / study).rglob("*.json")))


def read_entries(files: Iterable[Path]) -> Iterator[Entry]:
    for file in sorted(files):
        with suppress(OSError, ValueError, TypeError):
            yield Entry(**json.loads(file.read_text(encoding="utf-8")))


def makers(study: str, wanted: Iterable[str], here: Location) -> dict[str, Entry]:
    """The step that made each file: an entry of the study, or of another that shares the file."""
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
