"""Where every result comes from: the manifest of a study, and the chain behind one file.

Every step records in the ledger what it read and made. The manifest combines these entries, so that
every result can be checked and traced from a figure to the archive, without Snakemake. It contains
no times and no machine names; these are in the run record.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from takedown.archives.receipt import RECEIPT, entries_of
from takedown.engine.ledger import LOCK, Entry, makers
from takedown.engine.location import Location
from takedown.errors import InputError
from takedown.io.addresses import copy_here
from takedown.io.files import digest, file_sha256, whole

CODE = "workflow"
RULE = re.compile(r"^(?:rule|checkpoint) (\w+):", re.MULTILINE)
#: Prefix of the names of rules that are declared in a loop over a registry.
OF_LOOP = re.compile(r'^ +name:\s+f"(\w+)\{', re.MULTILINE)
#: Code that every result rests on: the entry point, and how the study is read.
ALWAYS = ["Snakefile", f"{CODE}/rules/common.smk", f"{CODE}/rules/lookups.smk"]
AGAIN = "Run again: what is not true is made again."


def files_of_rules(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """For each rule in ``names``, the file under ``folder`` (workflow/rules) that declares it."""
    texts = {path.as_posix(): path.read_text("utf-8") for path in sorted(folder.glob("*.smk"))}
    own = {rule: path for path, text in texts.items() for rule in RULE.findall(text)}
    loops = {start: path for path, text in texts.items() for start in OF_LOOP.findall(text)}
    return {
        name: own.get(name) or next(path for start, path in loops.items() if name.startswith(start))
        for name in names
    }


def trace(
    results: Iterable[str], study: str, here: Location
) -> tuple[dict[str, Entry], dict[str, str]]:
    """Trace results back to their inputs: made file -> step, given file -> sha256.

    Files are identified by the names they have in a study on this machine, wherever (``here``) they
    are stored. Raises :class:`InputError` if the records are incomplete or out of date: if a
    result, or a file on the way to it, was made by no recorded step, is not as its step left it, or
    was made from a different version of its input.
    """
    waiting = [here.plain(path) for path in results]
    makers_of = makers(study, waiting, here)
    made, given = dict[str, Entry](), dict[str, str]()
    if strange := [path for path in waiting if path not in makers_of]:
        raise InputError(f"{strange[0]}: there is no record of how it was made. {AGAIN}")
    while waiting:
        path = waiting.pop()
        if path in made or path not in makers_of:
            continue
        step = made[path] = makers_of[path]
        if digest(here.here(path)) not in (None, step.makes[path]):
            raise InputError(f"{path}: is not as its step left it. {AGAIN}")
        for name, sha256 in step.reads.items():
            maker = makers_of.get(name)
            first = maker.makes[name] if maker else given.setdefault(name, sha256)
            if first != sha256:
                raise InputError(f"{path}: was made of another {name} than there is now. {AGAIN}")
        waiting += step.reads
    for name, sha256 in given.items():
        if digest(Path(copy_here(name))) != sha256:
            raise InputError(f"{name}: is not what results were made of. {AGAIN}")
    return made, given


def manifest(
    made: Mapping[str, Entry],
    given: Mapping[str, str],
    folder: Path,
    settings: Mapping[str, Any],
    resolved: Mapping[str, Any],
    here: Location,
) -> dict[str, Any]:
    """``manifest.json``: results (by path in ``folder``), what they depend on, and versions.

    ``made`` and ``given`` are what :func:`trace` returns for the results, which are stored
    ``here``.

    ``results``: sha256, bytes, rule, inputs, code; ``between``: the same for intermediate files;
    ``archives``: the files behind each receipt; ``given``: sha256 and bytes of resources, of
    archives on this machine, and of code; ``settings``: the study file; ``resolved``: the same with
    all defaults.
    """
    receipts = [path for path in made if Path(path).name == RECEIPT]
    inside = f"{folder.as_posix()}/"
    rule_files = files_of_rules(Path(CODE, "rules"), {one.rule for one in made.values()})
    code = {path: code_of(one, rule_files) for path, one in made.items()}
    entries = {
        path: fingerprint(here.here(path), one.makes[path])
        | {"rule": one.rule, "inputs": inputs_of(one), "code": code[path]}
        for path, one in sorted(made.items())
    }
    rules = {path: file_sha256(Path(path)) for path in set().union(*code.values()) - given.keys()}
    given = dict(sorted({**given, **rules}.items()))
    return {
        "settings": anonymous(settings),
        "resolved": anonymous(resolved),
        "archives": {
            Path(path).parent.name: [
                anonymous(asdict(entry)) for entry in entries_of(here.here(path))
            ]
            for path in sorted(receipts)
        },
        "results": {
            path.removeprefix(inside): entry
            for path, entry in entries.items()
            if path.startswith(inside)
        },
        "between": {path: entry for path, entry in entries.items() if not path.startswith(inside)},
        "given": {
            anonymous(path): fingerprint(Path(copy_here(path)), sha256)
            for path, sha256 in given.items()
        },
        "python": platform.python_version(),
        "packages": packages(),
    }


def anonymous(value: Any) -> Any:
    """``value``, with every path outside the project reduced to its file name."""
    if isinstance(value, Mapping):
        return {key: anonymous(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [anonymous(part) for part in value]
    outside = isinstance(value, str) and (Path(value).is_absolute() or ".." in Path(value).parts)
    return Path(value).name if outside else value


def code_of(step: Entry, rule_files: Mapping[str, str]) -> list[str]:
    """The code, and the versions of packages, that a step rests on."""
    own = [path for path in step.reads if is_code(path)]
    return sorted({*own, *ALWAYS, rule_files[step.rule]})


def inputs_of(step: Entry) -> list[str]:
    """What a step read besides its code, without folders specific to a machine."""
    return [anonymous(path) for path in sorted(step.reads) if not is_code(path)]


def is_code(path: str) -> bool:
    return path.startswith(f"{CODE}/") or path == LOCK


def fingerprint(path: Path, sha256: str) -> dict[str, Any]:
    """The sha256 and size (bytes) of a file."""
    return {"sha256": sha256, "bytes": path.stat().st_size}


def packages() -> dict[str, str]:
    """The versions of the installed packages that a study needs, as the lock names them."""
    lines = Path(LOCK).read_text(encoding="utf-8").splitlines()
    needed = {line.partition("==")[0] for line in lines if "==" in line}
    found = ((one.metadata["Name"], one.version) for one in distributions())
    return dict(sorted(pair for pair in found if canonical(pair[0]) in needed))


def canonical(name: str) -> str:
    """A package's name in the normalised form used in locks."""
    return re.sub(r"[-_.]+", "-", name).lower()


def run_record(made: Mapping[str, Entry]) -> dict[str, Any]:
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
    """Write JSON, completely or not at all; the same content gives the same bytes."""
    with whole(target) as part:
        text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
        part.write_text(text, encoding="utf-8")
