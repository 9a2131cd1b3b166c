"""Does a known advisory affect a locked package? Asked of a snapshot, so that no network is needed.

``python tools/audit.py`` looks every package of the locks up in ``tools/advisories.json`` and ends
with 1 where one is affected. With ``--refresh FOLDER`` it first makes the snapshot anew from a copy
of the Python Packaging Advisory Database (https://github.com/pypa/advisory-database).
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

#: What is the case between two events of a range: the package is affected, or no longer.
STARTS = {"introduced": True, "fixed": False}


def entries(lock: Path) -> list[Requirement]:
    """The packages that a lock names, each at its version and for a kind of environment."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip("\\ ")) for line in lines if re.match("[A-Za-z0-9]", line)]


def pin(entry: Requirement) -> tuple[str, Version]:
    """The name and the version of an entry of a lock."""
    return canonicalize_name(entry.name), Version(str(entry.specifier).removeprefix("=="))


def locked(folder: Path = ROOT) -> list[tuple[str, Version]]:
    """The packages that the locks in ``folder`` name, with their versions."""
    locks = sorted(folder.glob("requirements*.lock"))
    return [pin(entry) for lock in locks for entry in entries(lock)]


def affects(events: Iterable[dict[str, str]], version: Version) -> bool:
    """Whether ``version`` lies in a range, which need not be in the order of versions.

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
    """The locked packages that an advisory affects, each with its advisory."""
    pins = list(pins)
    for advisory in advisories:
        for name, version in pins:
            if name == advisory["package"] and any(
                affects(events, version) for events in advisory["ranges"]
            ):
                yield name, version, advisory


def read_advisories(folder: Path, names: set[str]) -> tuple[str, list[dict[str, Any]]]:
    """The day of the newest advisory in a copy of the data base, and those on ``names``."""
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
    """Makes the snapshot anew from a copy of the data base in ``folder``."""
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
    """Prints what affects the locked packages; returns 1 if something does, else 0."""
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
