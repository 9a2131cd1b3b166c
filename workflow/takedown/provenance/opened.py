"""Open someone else's results with care: a folder of untrusted files."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from takedown.errors import InputError
from takedown.io.addresses import is_address
from takedown.io.files import read_own
from takedown.study.config import LISTS, ONE_FILE, SCHEMA, as_list, check_keys

PROJECT = Path(__file__).parents[3]
#: Files of a study that its manifest does not list: itself, and what describes it.
UNLISTED = {"manifest.json", "ro-crate-metadata.json", "Snakefile"}
OWN_FILES = ("claims", "topics_file", "calibration")
#: Limits of a bundle: files, depth of folders, bytes in all, and bytes of its manifest.
FILES, DEPTH, BYTES, OF_MANIFEST = 100_000, 20, 50 * 10**9, 200 * 10**6


@dataclass(frozen=True)
class Bundle:
    """Results to check: their folder, their manifest, and the folder that contains data/clean."""

    results: Path
    manifest: Mapping[str, Any]
    rows: Path

    @property
    def settings(self) -> Mapping[str, Any]:
        """The study file."""
        return self.manifest["settings"]

    @property
    def study(self) -> str:
        return self.settings["study"]


def open_bundle(folder: Path) -> Bundle:
    """The bundle in ``folder``.

    Raises :class:`InputError` if it contains anything but files and folders, or more of them than
    results ever have; if there is no manifest; or if the manifest cannot be read or names files
    outside its folder.
    """
    files = list(files_in(folder)) if folder.is_dir() else []
    found = [path for path in files if path.name == "manifest.json"]
    if len(found) != 1:
        raise InputError(
            f"{folder}: {len(found)} files manifest.json in it. Give the folder of one study's "
            "results, results/<study>, as the workflow left it."
        )
    if found[0].stat().st_size > OF_MANIFEST:
        raise InputError(f"{found[0]}: larger than any manifest of this workflow. Not read.")
    try:
        manifest = json.loads(found[0].read_text(encoding="utf-8"))
        listed = {**manifest["results"], **manifest["between"]}
        entries = [*listed.values(), *manifest["given"].values()]
        fields = [entry["sha256"] for entry in entries]
        fields += [entry["rule"] for entry in listed.values()]
        names = [*listed, *paths_of(manifest["settings"])]
        resolved = manifest["resolved"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        raise InputError(f"{found[0]}: no manifest of this workflow ({problem!r:.200}).") from None
    if not all(isinstance(field, str) for field in fields) or not isinstance(resolved, dict):
        raise InputError(f"{found[0]}: no manifest of this workflow (a hash or rule is no text).")
    check_keys(manifest["settings"], read_own(SCHEMA))
    for name in names:
        if not is_inside(name):
            raise InputError(f"{found[0]}: the name '{name}' leads out of the folder. Not checked.")
    return Bundle(found[0].parent, manifest, folder)


def files_in(folder: Path) -> Iterator[Path]:
    """All files below a folder; raises :class:`InputError` if it contains anything else.

    Pipes and devices are not opened, links are not followed, and the search stops at more than
    results ever have.
    """
    waiting, seen, size = [folder], 0, 0
    while waiting:
        inside = sorted(os.scandir(waiting.pop()), key=lambda entry: entry.name)
        for entry in inside:
            path, about = Path(entry.path), entry.stat(follow_symlinks=False)
            seen, size = seen + 1, size + about.st_size
            if stat.S_ISLNK(about.st_mode):
                raise InputError(f"{path}: a link. A bundle holds files only; it is not followed.")
            if stat.S_ISDIR(about.st_mode):
                waiting.append(path)
            elif stat.S_ISREG(about.st_mode):
                yield path
            else:
                raise InputError(f"{path}: no file, but a pipe, a device or the like. Not opened.")
            if seen > FILES or size > BYTES or len(path.relative_to(folder).parts) > DEPTH:
                raise InputError(
                    f"{folder}: more than {FILES:,} files, {DEPTH} folders in one another, or "
                    f"{BYTES // 10**9} GB, which no study has. Not checked."
                )


def paths_of(settings: Mapping[str, Any]) -> list[str]:
    """All paths that a study file names."""
    own = [settings[key] for key in OWN_FILES if key in settings]
    return [*paths_under((*LISTS, *ONE_FILE), settings), *own]


def paths_under(keys: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    """The paths that the campaigns of a study file name under ``keys``."""
    return [
        path
        for campaign in settings["campaigns"].values()
        for key in keys
        for path in as_list((campaign or {}).get(key) or ())
        if not is_address(path)
    ]


def is_inside(name: str) -> bool:
    """Whether a path stays in the folder that it is relative to."""
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\\" not in name
