"""``python -m takedown.provenance.replaced STUDY_FILE``: results that an old date leaves stale.

Snakemake makes a result again when a file that it rests on is newer. A corrected file keeps its
own, older date when it is unpacked, or copied by ``cp -p`` or ``rsync -a``. The system's note of
when the file last changed here cannot be set back. Where that is later than the step that read the
file, and the file is not the one that the manifest names, the step's results are printed, as words
for Snakemake (``--forcerun FILE ...``). Nothing is printed where none is stale.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from takedown.endings import run
from takedown.files import read_yaml
from takedown.provenance.manifest import Made, anonymous, files_of_rules, fingerprint, record
from takedown.provenance.unchanged import RULES

#: The rule whose results are made again whenever any other is; its own inputs are in no manifest.
MANIFEST = "write_manifest"


def stale_results(study: str, campaigns: Iterable[str]) -> list[str]:
    """Results, and files on the way, whose step read another file than the one there now."""
    rule_files = files_of_rules(RULES)
    folders = [Path("results", study)]
    folders += [Path("data", kind, name) for kind in ("raw", "clean") for name in campaigns]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    # Before its first whole run a study may share what another has made of the same files.
    own = Path("results", study, "manifest.json")
    known = given_before([own] if own.is_file() else Path("results").glob("*/manifest.json"))

    @cache
    def is_another(name: str) -> bool:
        """Whether a file is none that the last whole run has read."""
        return (anonymous(name), fingerprint(Path(name))["sha256"]) not in known

    found = []
    for path in files:
        made = record(path.as_posix(), rule_files)
        if not made or made.rule == MANIFEST:
            continue
        if any(map(is_another, given_since(made, path, rule_files))):
            found.append(path.as_posix())
    return found


def given_since(made: Made, result: Path, rule_files: Mapping[str, str]) -> Iterable[str]:
    """Files that no rule makes, older than ``result``, that came here after it was begun."""
    for name in (*made.inputs, *made.code):
        path = Path(name)
        if not path.is_file() or record(name, rule_files):
            continue
        state = path.stat()
        if state.st_ctime > made.started and state.st_mtime <= result.stat().st_mtime:
            yield name


def given_before(manifests: Iterable[Path]) -> set[tuple[str, str]]:
    """Name and sha256 of every file that the last whole runs of studies were given."""
    found = set()
    for manifest in manifests:
        with suppress(OSError, ValueError, KeyError, TypeError):  # one that nobody can read
            given: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["given"]
            found |= {(name, entry["sha256"]) for name, entry in given.items()}
    return found


def main(study_file: str) -> None:
    """Print the words, if any."""
    study = read_yaml(study_file)
    if found := stale_results(study["study"], study["campaigns"]):
        print("--forcerun", *found)


if __name__ == "__main__":
    run(lambda: main(sys.argv[1]))
