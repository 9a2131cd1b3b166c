"""Check the locked packages against a snapshot of known advisories; needs no network.

``python tools/audit.py`` looks up every package in the lock files in ``tools/advisories.json``, and
exits with 1 if one is affected or was not looked up for the snapshot. With ``--refresh FOLDER`` it
first rebuilds the snapshot from a copy of the Python Packaging Advisory Database
(https://github.com/pypa/advisory-database).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
SNAPSHOT = ROOT / "tools/advisories.json"
SOURCE = "Python Packaging Advisory Database, https://github.com/pypa/advisory-database"
LICENCE = "CC BY 4.0"

#: Whether versions are affected from an event of this kind until the next event of the range.
STARTS = {"introduced": True, "fixed": False}


def entries(lock: Path) -> list[Requirement]:
    """The packages in a lock file, each with its version and environment marker."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip("\\ ")) for line in lines if re.match("[A-Za-z0-9]", line)]


def pin(entry: Requirement) -> tuple[str, Version]:
    """The name and version of an entry in a lock file."""
    return canonicalize_name(entry.name), Version(str(entry.specifier).removeprefix("=="))


def locked(folder: Path = ROOT) -> list[tuple[str, Version]]:
    """The packages in the lock files in ``folder``, with their versions."""
    locks = sorted(folder.glob("requirements*.lock"))
    return [pin(entry) for lock in locks for entry in entries(lock)]


def affects(events: Iterable[dict[str, str]], version: Version) -> bool:
    """Whether ``version`` is in a range, whose events need not be sorted by version.

    See "Evaluation" in the Open Source Vulnerability format, https://ossf.github.io/osv-schema/.
    """
    affected = False
    told = [(Version(when), what) for event in events for what, when in event.items()]
    for when, what in sorted(told):
        if what == "last_affected":
            affected = affected and version <= when
        elif when <= version:
            affected = STARTS[what]
    return affected


def hits(
    advisories: Iterable[dict[str, Any]], pins: Iterable[tuple[str, Version]]
) -> Iterator[tuple[str, Version, dict[str, Any]]]:
    """The locked packages that are affected by an advisory, each with that advisory."""
    pins = list(pins)
    for advisory in advisories:
        for name, version in pins:
            if name == advisory["package"] and any(
                affects(events, version) for events in advisory["ranges"]
            ):
                yield name, version, advisory


def read_advisories(folder: Path, names: set[str]) -> tuple[str, list[dict[str, Any]]]:
    """The date of the newest advisory in a copy of the database, and those on ``names``."""
    newest, found = "", []
    for path in sorted(folder.glob("vulns/*/PYSEC-*.yaml")):
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        newest = max(newest, told["modified"])
        if "withdrawn" in told:
            continue
        for part in told["affected"]:
            name = canonicalize_name(part["package"]["name"])
            ranges = [one["events"] for one in part["ranges"] if one["type"] == "ECOSYSTEM"]
            if name in names:
                found.append(
                    {
                        "package": name,
                        "id": told["id"],
                        "aliases": told.get("aliases", []),
                        "ranges": ranges,
                    }
                )
    if not newest:
        raise SystemExit(f"{folder} holds no advisory, vulns/<package>/PYSEC-*.yaml.")
    return newest[:10], found


def refresh(folder: Path, snapshot: Path = SNAPSHOT) -> None:
    """Rebuild the snapshot from a copy of the database in ``folder``."""
    names = {name for name, _ in locked()} | {"pip", "setuptools"}
    day, found = read_advisories(folder, names)
    told = {
        "source": SOURCE,
        "licence": LICENCE,
        "date": day,
        "looked_up": sorted(names),
        "advisories": found,
    }
    snapshot.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def audit(snapshot: Path = SNAPSHOT, folder: Path = ROOT) -> int:
    """Print the advisories that affect the locked packages.

    Returns 1 if there are any, or if a package is not in the snapshot; otherwise 0.
    """
    told = json.loads(snapshot.read_text(encoding="utf-8"))
    pins = locked(folder)
    found = list(hits(told["advisories"], pins))
    for name, version, advisory in found:
        names = ", ".join([advisory["id"], *advisory["aliases"]])
        print(f"{name} {version} is affected by {names}. Run make lock, or replace it.")
    unknown = sorted({name for name, _ in pins} - {*told["looked_up"]})
    if unknown:
        print(
            f"Not looked up: {', '.join(unknown)}. Refresh the snapshot: {Path(__file__).name} -h."
        )
    print(
        f"Advisories up to {told['date']}: {len(found) or 'none'} "
        f"of {len(told['advisories'])} affect the {len(pins)} locked packages."
    )
    return 1 if found or unknown else 0


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refresh", type=Path, metavar="FOLDER", help="a copy of the data base")
    given = parser.parse_args(words)
    if given.refresh:
        refresh(given.refresh)
    return audit()


if __name__ == "__main__":
    sys.exit(main())
