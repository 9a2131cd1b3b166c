"""Where every result comes from: the manifest of a study, and the chain behind one file.

Snakemake keeps a record of how it made each file: the rule and its inputs. The manifest puts these
together with the sha256 of every file, so that it can be checked, and followed from a figure to the
archive, without Snakemake. It holds no time and no name of a machine; these are in the run record.
"""

from __future__ import annotations

import json
import platform
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from takedown.addresses import copy_here
from takedown.errors import InputError
from takedown.fetch.receipt import entries_of, file_sha256
from takedown.files import whole
from takedown.provenance.location import Location

RECORDS = Path(".snakemake/metadata")
#: Snakemake spreads longer names of records over folders.
LONGEST = 254
CODE = "workflow"
RULE = re.compile(r"^(?:rule|checkpoint) (\w+):", re.MULTILINE)
#: Code that every result rests on: the entry point, and how the study is read.
ALWAYS = ["Snakefile", f"{CODE}/rules/common.smk"]
RECEIPT = "receipt.csv"
HERE = Location()
SCRIPT = re.compile(r'"\.\./(scripts/\w+\.py)"')


@dataclass(frozen=True)
class Made:
    """How a file was made: the rule, its inputs, code files and logs, and when the job ran."""

    rule: str
    inputs: list[str]
    code: list[str]
    logs: list[str]
    started: float
    ended: float


def record(path: str, rule_files: Mapping[str, str], location: Location = HERE) -> Made | None:
    """Snakemake's record of ``path``; None where no rule made it.

    ``rule_files`` gives the file of each rule, ``location`` is where the study's files lie.
    """
    name = urlsafe_b64encode(location.stored(path).encode()).decode()
    parts = [name[at : at + LONGEST] for at in range(0, len(name), LONGEST)]
    file = RECORDS.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])
    if not file.is_file():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    code = [given for given in found["input"] if given.startswith(f"{CODE}/")]
    code += [f"{CODE}/{script}" for script in SCRIPT.findall(found["code"] or "")]
    code += [*ALWAYS, rule_files[found["rule"]]]
    inputs = [location.plain(given) for given in found["input"] if not given.startswith(f"{CODE}/")]
    times = (found["starttime"] or 0.0, found["endtime"] or 0.0)
    logs = [str(log) for log in found["log"] or ()]
    return Made(found["rule"], sorted(inputs), sorted(set(code)), logs, *times)


def files_of_rules(folder: Path) -> dict[str, str]:
    """Rule -> the file under ``folder`` (workflow/rules) that declares it."""
    return {
        rule: path.as_posix()
        for path in sorted(folder.glob("*.smk"))
        for rule in RULE.findall(path.read_text(encoding="utf-8"))
    }


def trace(
    results: Iterable[str], rules: Path, location: Location = HERE
) -> tuple[dict[str, Made], list[str]]:
    """What was made, from the results back to what was given: made files, and given ones.

    All by the names they have in a study on this machine, wherever (``location``) they lie.
    Raises :class:`InputError` where a result has no record, as after a run without them.
    """
    rule_files = files_of_rules(rules)
    waiting, made, given = [location.plain(path) for path in results], dict[str, Made](), set[str]()
    wanted = set(waiting)
    while waiting:
        path = waiting.pop()
        if path in made or path in given:
            continue
        found = record(path, rule_files, location)
        if found is None:
            if path in wanted:
                raise InputError(
                    f"{path}: Snakemake has no record of how it was made. Remove it and run again, "
                    "without --drop-metadata."
                )
            given.add(path)
            continue
        made[path] = found
        waiting += [*found.inputs, *found.code]
    return made, sorted(given)


def manifest(
    made: Mapping[str, Made],
    given: Iterable[str],
    folder: Path,
    settings: Mapping[str, Any],
    resolved: Mapping[str, Any],
    location: Location = HERE,
) -> dict[str, Any]:
    """``manifest.json``: results (by their path in ``folder``), what they rest on, and versions.

    ``made`` and ``given`` are what :func:`trace` says of the results, which lie at ``location``.

    ``results``: sha256, bytes, rule, inputs, code; ``between``: the same for files that are no
    results; ``archives``: the files behind each receipt; ``given``: sha256 and bytes of resources,
    of archives on this machine, and of code; ``settings``: the study file, ``resolved``: with every
    default.
    """
    receipts = [path for path in made if Path(path).name == RECEIPT]
    inside = f"{folder.as_posix()}/"
    entries = {
        path: fingerprint(location.here(path))
        | {"rule": one.rule, "inputs": [anonymous(name) for name in one.inputs], "code": one.code}
        for path, one in sorted(made.items())
    }
    return {
        "settings": anonymous(settings),
        "resolved": anonymous(resolved),
        "archives": {
            Path(path).parent.name: [
                anonymous(asdict(entry)) for entry in entries_of(location.here(path))
            ]
            for path in sorted(receipts)
        },
        "results": {
            path.removeprefix(inside): entry
            for path, entry in entries.items()
            if path.startswith(inside)
        },
        "between": {path: entry for path, entry in entries.items() if not path.startswith(inside)},
        "given": {anonymous(path): fingerprint(Path(copy_here(path))) for path in given},
        "python": platform.python_version(),
        "packages": packages(),
    }


def anonymous(value: Any) -> Any:
    """``value`` with the file's name alone for every path outside the project."""
    if isinstance(value, Mapping):
        return {key: anonymous(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [anonymous(part) for part in value]
    outside = isinstance(value, str) and (Path(value).is_absolute() or ".." in Path(value).parts)
    return Path(value).name if outside else value


def fingerprint(path: Path) -> dict[str, Any]:
    """The sha256 and size (bytes) of a file."""
    return {"sha256": file_sha256(path), "bytes": path.stat().st_size}


def packages() -> dict[str, str]:
    """The versions of all installed packages."""
    return dict(sorted((one.metadata["Name"], one.version) for one in distributions()))


def run_record(made: Mapping[str, Made]) -> dict[str, Any]:
    """When and where each file was made; not part of the results."""
    return {
        "machine": platform.platform(),
        "files": {
            path: {"rule": one.rule, "started": moment(one.started), "ended": moment(one.ended)}
            for path, one in sorted(made.items())
        },
    }


def moment(seconds: float) -> str:
    """A time in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def write_json(value: Mapping[str, Any], target: Path | str) -> None:
    """JSON that is the same for the same content, whole or not at all."""
    with whole(target) as part:
        text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
        part.write_text(text, encoding="utf-8")
