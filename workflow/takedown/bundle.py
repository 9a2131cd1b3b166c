"""``python -m takedown.bundle FOLDER``: check somebody else's results without running their code.

FOLDER is a study's results (results/<study>) or a folder that holds them and, if they may be
shared, the clean rows (data/clean). Checked are the sha256 of every file against the manifest, the
verdicts on claims, that figures draw what the tables say, and, where the clean rows are there, that
the tables follow from them: both by this workflow's own rules, on a copy.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import yaml

from takedown.addresses import is_address
from takedown.claims.table import read_claims
from takedown.claims.verdicts import published, verdict_on
from takedown.config import CLAIMS, LISTS, ONE_FILE, as_list
from takedown.errors import InputError
from takedown.provenance import files_of_rules
from takedown.receipt import file_sha256
from takedown.verify import compare

PROJECT = Path(__file__).parents[2]
SCRATCH = PROJECT / ".cache"
#: Files of a study that its manifest does not list: itself, and what describes it.
UNLISTED = {"manifest.json", "ro-crate-metadata.json", "Snakefile"}
#: Rules that begin with the archives, or end with what describes the results.
NOT_AGAIN = {"fetch_archive", "clean_archive", "check_claims", "guard_privacy", "write_manifest"}
NOT_AGAIN |= {"write_crate", "write_page", "write_paper"}


@dataclass(frozen=True)
class Bundle:
    """Results to be checked: their folder, their manifest, and where clean rows may lie."""

    results: Path
    manifest: Mapping[str, Any]
    clean: Path

    @property
    def study(self) -> str:
        return self.manifest["settings"]["study"]


def open_bundle(folder: Path) -> Bundle:
    """The bundle in ``folder``.

    Raises :class:`InputError` when there is no manifest, or one that cannot be read, names files
    outside its folder, or where a link leads out of the bundle.
    """
    found = sorted(folder.rglob("manifest.json")) if folder.is_dir() else []
    if len(found) != 1:
        raise InputError(
            f"{folder}: {len(found)} files manifest.json in it. Give the folder of one study's "
            "results, results/<study>, as the workflow left it."
        )
    for path in folder.rglob("*"):
        if path.is_symlink():
            raise InputError(f"{path}: a link. A bundle holds files only; it is not followed.")
    try:
        manifest = json.loads(found[0].read_text(encoding="utf-8"))
        names = [*manifest["results"], *manifest["between"], manifest["settings"]["study"]]
        digests = [
            each["sha256"] for part in ("results", "between") for each in manifest[part].values()
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError(f"{found[0]}: no manifest of this workflow ({problem!r}).") from problem
    for name in names:
        if not is_inside(name):
            raise InputError(f"{found[0]}: the name '{name}' leads out of the folder. Not checked.")
    if not all(isinstance(digest, str) for digest in digests):
        raise InputError(f"{found[0]}: a sha256 is no text. Not checked.")
    return Bundle(found[0].parent, manifest, folder / "data/clean")


def wrong_hashes(bundle: Bundle) -> Iterator[str]:
    """Files that are missing, are not those of the manifest, or are not in it."""
    listed = bundle.manifest["results"]
    for name, entry in listed.items():
        path = bundle.results / name
        if not path.is_file():
            yield f"{name}: missing"
        elif file_sha256(path) != entry["sha256"]:
            yield f"{name}: sha256 differs from the manifest's"
    for path in sorted(bundle.results.rglob("*")):
        name = path.relative_to(bundle.results).as_posix()
        if path.is_file() and name not in listed and name not in UNLISTED:
            yield f"{name}: not in the manifest"


def wrong_verdicts(bundle: Bundle) -> Iterator[str]:
    """Claims whose published value is not the source's, or whose verdict does not follow.

    Raises :class:`InputError` where the study's claims are not here.
    """
    known = bundle.manifest["settings"].get("claims", CLAIMS.as_posix())
    ours = {claim.id: claim for claim in read_claims(str(PROJECT / known))}
    table = pd.read_csv(bundle.results / "claims.csv", dtype=str, keep_default_na=False)
    for row in table.to_dict("records"):
        place = f"claims.csv, id {row['id']}"
        claim = ours.get(row["id"])
        if claim is None:
            yield f"{place}: not among the claims of {known}"
        elif row["published"] != published(claim):
            yield f"{place}, column published: {row['published']}, the source: {published(claim)}"
        elif row["computed"] and not claim.bars:
            expected = verdict_on(claim, row["computed"])
            if row["verdict"] != expected:
                yield f"{place}, column verdict: {row['verdict']}, not {expected}"


def made_again(bundle: Bundle, clean: bool) -> Iterator[str]:
    """What differs when figures are drawn again from the tables, or tables made from the rows."""
    ours = files_of_rules(PROJECT / "workflow/rules")
    listed = {
        name: entry["rule"]
        for name, entry in bundle.manifest["results"].items()
        if entry["rule"] in ours and entry["rule"] not in NOT_AGAIN
    }
    names = [name for name in listed if name.endswith(".csv") and (clean or "/figures/" in name)]
    rules = sorted({listed[name] for name in names})
    with TemporaryDirectory(prefix="bundle-", dir=SCRATCH) as scratch:
        again = copy_of(bundle, Path(scratch), clean)
        targets = [f"results/{bundle.study}/{name}" for name in names]
        command = [sys.executable, "-m", "snakemake", "--logger", "takedown"]
        command += ["--directory", scratch, "--configfile", f"{scratch}/study.yaml"]
        run = subprocess.run(
            [*command, "--allowed-rules", *rules, "--forcerun", *rules, "--", *targets],
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": str(PROJECT / "workflow")},
            capture_output=True,
            text=True,
        )
        if run.returncode:
            yield f"making them again failed:\n{run.stdout}{run.stderr}"
            return
        for difference in compare(bundle.results, again):
            if difference.file in names:
                yield str(difference)


def copy_of(bundle: Bundle, scratch: Path, clean: bool) -> Path:
    """A copy of the bundle that this workflow's rules can work on; returns its results' folder."""
    settings = bundle.manifest["settings"]
    results = scratch / "results" / bundle.study
    shutil.copytree(bundle.results, results)
    for name in ("workflow", "resources"):
        (scratch / name).symlink_to(PROJECT / name)
    (scratch / "results/reference").symlink_to(PROJECT / "results/reference")
    if clean:
        (scratch / "data").mkdir()
        (scratch / "data/clean").symlink_to(bundle.clean.resolve())
    for campaign in settings["campaigns"].values():
        for key in (*LISTS, *ONE_FILE):
            for path in as_list((campaign or {}).get(key) or ()):
                lay_out(path, scratch, empty=key in ("tweets", "users"))
    (scratch / "study.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return results


def lay_out(path: str, scratch: Path, empty: bool) -> None:
    """Put a file that the study names into ``scratch``: ours, or for archives an empty one.

    Archives are not read again; of other files that are not here, Snakemake says so.
    """
    target = scratch / path
    if is_address(path) or not is_inside(path) or target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if (PROJECT / path).is_file():
        target.symlink_to(PROJECT / path)
    elif empty:
        target.touch()


def is_inside(name: str) -> bool:
    """Whether a path stays in the folder that it is relative to."""
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\\" not in name


def clean_rows(bundle: Bundle) -> bool:
    """Whether all clean rows of the study are there, and are those of the manifest."""
    rows = {
        name: entry["sha256"]
        for name, entry in bundle.manifest["between"].items()
        if name.endswith(".parquet")
    }
    paths = {bundle.clean.parents[1] / name: digest for name, digest in rows.items()}
    return bool(paths) and all(
        path.is_file() and file_sha256(path) == digest for path, digest in paths.items()
    )


def check(folder: Path) -> list[tuple[str, list[str]]]:
    """What was checked, and what was found wrong."""
    bundle = open_bundle(folder)
    checks: dict[str, Callable[[], Iterator[str]]] = {
        "sha256 of every file": lambda: wrong_hashes(bundle),
        "verdicts on claims": lambda: wrong_verdicts(bundle),
    }
    if clean_rows(bundle):
        checks["tables and figures from the clean rows"] = lambda: made_again(bundle, True)
    else:
        checks["figures from the tables"] = lambda: made_again(bundle, False)
    found = []
    for name, problems in checks.items():
        try:
            wrong = list(problems())
        except (InputError, OSError, KeyError, ValueError) as problem:
            wrong = [f"could not be checked: {problem}"]
        found.append((name, wrong))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Check a bundle; returns the exit code, 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    SCRATCH.mkdir(exist_ok=True)
    try:
        found = check(parser.parse_args(arguments).folder)
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 1
    for name, problems in found:
        print(f"{name}: {'as it should be' if not problems else f'{len(problems)} wrong'}")
        for words in problems:
            print(f"  {words}")
    return int(any(problems for _, problems in found))


if __name__ == "__main__":
    sys.exit(main())
