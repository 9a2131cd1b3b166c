"""``python -m takedown.provenance.unchanged STUDY_FILE``: is there anything to do at all?

After a complete run, the size, times and inode of every file that it read or made, and of their
folders, are recorded. As long as none of them changes there is nothing to do, and Snakemake, which
takes seconds to find that out, need not be started. Any difference is left to Snakemake.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import yaml

from takedown.engine.endings import run
from takedown.engine.ledger import LEDGER
from takedown.engine.location import Location
from takedown.errors import InputError
from takedown.io.files import read_yaml, state, whole

#: Besides what the records of the steps name: the settings of Snakemake and its Python.
SETTINGS = ("profiles/default/config.yaml", ".venv/installed.lock")
#: Suffix of a file next to the note; its modification time is when the run began.
STARTED = ".started"
NOTHING = "Nothing to do: every result is up to date."
States = Mapping[str, list[int] | None]


def states(paths: Iterable[str]) -> States:
    """The state of every file."""
    return {path: state(Path(path)) for path in paths}


def with_folders(files: Iterable[str]) -> set[str]:
    """The ``files`` and their folders within the project, since a new file changes its folder."""
    found = set(files)
    for path in map(Path, files):
        above = [path.parent] if path.is_absolute() else path.parents
        found |= {folder.as_posix() for folder in above if folder != Path()}
    return found


def note_of(study: str) -> Path:
    """Path of the note on the state after a study's last complete run."""
    return LEDGER / f"{quote(study, safe='')}.json"


def unchanged(study_file: str) -> bool:
    """Whether everything that the study's last complete run read and made is as it left it.

    If it is not, or if that cannot be determined, a run is about to begin, and this is noted.
    """
    try:
        note = note_of(read_yaml(study_file)["study"])
        known = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
        if known.get("study_file") == study_file and known["states"] == states(known["states"]):
            return True
        note.parent.mkdir(parents=True, exist_ok=True)
        note.with_suffix(STARTED).touch()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        pass  # unreadable study file or note: planning the study will report it
    return False


def remember(study_file: str) -> None:
    """Note the state after a complete run, unless a file that it reads changed during the run.

    The input missing from a study that leaves campaigns out may turn up without any of its files
    changing, so the state of such a study is not noted. Raises :class:`InputError` if the ledger
    does not say how a result was made.
    """
    from takedown.provenance.manifest import trace  # here, as unchanged() does not need it

    study = read_yaml(study_file)
    note, folder = note_of(study["study"]), Path("results") / study["study"]
    started = state(note.with_suffix(STARTED))
    note.unlink(missing_ok=True)
    if study.get("unavailable") == "leave_out" or not started:
        return
    names = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["results"]
    results = [folder / name for name in (*names, "manifest.json")]
    made, given = trace([path.as_posix() for path in results], study["study"], Location())
    read = {*given, *SETTINGS, study_file} - made.keys()
    found = states(sorted(with_folders([*made, *read])))
    begun = started[1]
    if any(max(seen[1:3]) > begun for path in read if (seen := found[path])):
        return
    with whole(note) as part:
        part.write_text(json.dumps({"study_file": study_file, "states": found}), encoding="utf-8")


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="takedown.provenance.unchanged")
    parser.add_argument("study_file")
    parser.add_argument("--remember", action="store_true", help="note the state after a whole run")
    asked = parser.parse_args(words)
    if asked.remember:
        with suppress(OSError, ValueError, KeyError, InputError):  # if so, the next run plans
            remember(asked.study_file)
        return 0
    if not unchanged(asked.study_file):
        return 1
    print(NOTHING)
    return 0


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
