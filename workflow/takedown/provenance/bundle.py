"""Check somebody else's results without running their code: ``make verify-bundle``.

``python -m takedown.provenance.bundle FOLDER``. FOLDER is a study's results (results/<study>) or a
folder that holds them and, if they may be shared, the clean rows (data/clean). Checked are the
sha256 of every file against the manifest, the claims, that all results are there, that figures draw
what the tables say, and, where the clean rows are there, that the tables follow from them: by this
workflow's own rules, on a copy. ``--only PATTERN`` makes again no more than the tables and figures
of that name, as ``--only '*/figures/volume.csv'``; all other checks stay.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import yaml
from polars.exceptions import PolarsError

from takedown.addresses import is_address
from takedown.archives.columns import CUT
from takedown.claims.question import Data
from takedown.claims.registry import REGISTRY
from takedown.claims.table import Claim, claims_on, read_claims
from takedown.claims.verdicts import (
    DIFFERS,
    NEEDS_ARCHIVE,
    REPRODUCED,
    Finding,
    claims_table,
    judge_one,
    verdict_on,
)
from takedown.config import CLAIMS, LISTS, ONE_FILE, SCHEMA, as_list, check_keys
from takedown.endings import run
from takedown.errors import InputError
from takedown.fetch.receipt import Entry, read_reduced
from takedown.files import file_sha256
from takedown.verify import compare

PROJECT = Path(__file__).parents[3]
SCRATCH = PROJECT / ".cache"
#: Files of a study that its manifest does not list: itself, and what describes it.
UNLISTED = {"manifest.json", "ro-crate-metadata.json", "Snakefile"}
#: Rules that begin with the archives, or end with what describes the results.
NOT_AGAIN = {"fetch_archive", "clean_archive", "check_claims", "guard_privacy", "write_manifest"}
NOT_AGAIN |= {"write_page", "write_paper"}
#: What a study needs of a copy of the workflow.
COPIED = ["workflow", "resources", "results/reference", "Snakefile", "CITATION.cff"]
OWN_FILES = ("claims", "topics_file", "calibration")
#: Columns of claims.csv that say what was published, not what came out.
SOURCE = ["campaign", "published", "tolerance", "unit", "quantity", "of", "where", "timezone"]
SOURCE += ["statement", "source"]


@dataclass(frozen=True)
class Bundle:
    """Results to be checked: their folder, their manifest, and where clean rows may lie."""

    results: Path
    manifest: Mapping[str, Any]
    clean: Path

    @property
    def settings(self) -> Mapping[str, Any]:
        """The study file."""
        return self.manifest["settings"]

    @property
    def study(self) -> str:
        return self.settings["study"]


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
        listed = {**manifest["results"], **manifest["between"]}
        fields = [value for entry in listed.values() for value in (entry["sha256"], entry["rule"])]
        names = [*listed, *paths_of(manifest["settings"])]
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError(f"{found[0]}: no manifest of this workflow ({problem!r}).") from problem
    if not all(isinstance(field, str) for field in fields):
        raise InputError(f"{found[0]}: no manifest of this workflow (a hash or rule is no text).")
    check_keys(manifest["settings"], yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))
    for name in names:
        if not is_inside(name):
            raise InputError(f"{found[0]}: the name '{name}' leads out of the folder. Not checked.")
    return Bundle(found[0].parent, manifest, folder / "data/clean")


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


def wrong_claims(bundle: Bundle) -> Iterator[str]:
    """Claims that are not the source's, or whose verdict or value does not follow.

    Values are computed again where the clean rows are there. Raises :class:`InputError` where the
    study's claims are not here.
    """
    known = bundle.settings.get("claims", CLAIMS.as_posix())
    ours = claims_on(read_claims(str(PROJECT / known)), list(bundle.settings["campaigns"]))
    table = pd.read_csv(bundle.results / "claims.csv", dtype=str, keep_default_na=False)
    bars = pd.read_csv(bundle.results / "claims_charts.csv", dtype=str, keep_default_na=False)
    theirs = {row["id"]: row for row in table.to_dict("records")}
    rows = clean_rows(bundle)
    for claim in ours:
        if claim.id not in theirs:
            yield f"claims.csv, id {claim.id}: missing"
            continue
        row = theirs.pop(claim.id)
        expected = source_of(claim)
        for column in SOURCE:
            if row[column] != expected[column]:
                words = f"{row[column]!r}, the source: {expected[column]!r}"
                yield f"claims.csv, id {claim.id}, column {column}: {words}"
        agree = bars[bars["id"] == claim.id]["agrees"]
        verdict = verdict_of(claim, row, agree == "True")
        if row["verdict"] != verdict:
            yield f"claims.csv, id {claim.id}, column verdict: {row['verdict']}, not {verdict}"
        if rows and REGISTRY[claim.quantity].rows != "files":
            again = judge_one(claim, rows)
            if again.verdict != NEEDS_ARCHIVE and again.computed != row["computed"]:
                words = f"{row['computed']!r}, from the rows: {again.computed!r}"
                yield f"claims.csv, id {claim.id}, column computed: {words}"
    yield from (f"claims.csv, id {name}: not among the claims of {known}" for name in theirs)


def source_of(claim: Claim) -> dict[str, str]:
    """The columns of claims.csv that say what was published, as text."""
    row = claims_table([Finding(claim, "", "")]).iloc[0]
    return {name: f"{row[name]:.10g}" if name == "tolerance" else row[name] for name in SOURCE}


def verdict_of(claim: Claim, row: Mapping[str, str], agree: pd.Series) -> str:
    """The verdict that follows from a row of claims.csv, and from the bars of its chart."""
    if not row["computed"]:
        given = row["verdict"]
        return f"{given} without a value" if given in (REPRODUCED, DIFFERS) else given
    if claim.bars:
        return REPRODUCED if len(agree) and agree.all() else DIFFERS
    return verdict_on(claim, row["computed"])


def clean_rows(bundle: Bundle) -> dict[str, Data | str]:
    """The clean rows of each campaign that are there; those that are not have a reason."""
    listed = {name for name in bundle.manifest["between"] if name.endswith("tweets.parquet")}
    found: dict[str, Data | str] = {}
    reduced = read_reduced(PROJECT / "resources/embedded/reduced.csv")
    for name in listed:
        folder = bundle.clean / Path(name).parent.name
        if not (folder / "tweets.parquet").is_file():
            return {}
        files = [Entry(**entry) for entry in bundle.manifest["archives"][folder.name]]
        cut = CUT if any(entry.sha256 in reduced for entry in files) else ()
        chosen = bundle.manifest["resolved"]["campaigns"][folder.name]["topics"]
        topics = yaml.safe_load(
            (PROJECT / bundle.manifest["resolved"]["topics_file"]).read_text(encoding="utf-8")
        )["topics"]
        posts, accounts = (str(folder / f"{part}.parquet") for part in ("tweets", "accounts"))
        found[folder.name] = Data.of_archive(posts, accounts, files, cut, chosen or topics)
    return found


def wrong_rows(bundle: Bundle) -> Iterator[str]:
    """Clean rows that are there and are not those of the manifest."""
    for name, entry in bundle.manifest["between"].items():
        path = bundle.clean.parents[1] / name
        if name.endswith(".parquet") and path.is_file() and file_sha256(path) != entry["sha256"]:
            yield f"{name}: sha256 differs from the manifest's"


def made_again(bundle: Bundle, from_rows: bool, only: str = "*") -> Iterator[str]:
    """What differs when figures are drawn again from the tables, or tables made from the rows.

    What should be there, and by which rule it is made, is what this workflow says of the study. Of
    the tables and figures, those whose name matches ``only`` are made again.
    """
    SCRATCH.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bundle-", dir=SCRATCH) as folder:
        scratch = Path(folder)
        again = lay_out(bundle, scratch, from_rows)
        code, said = snakemake(scratch, "--summary", package=False)
        if code:
            yield f"could not be planned: {said}"
            return
        rules = planned(said, f"results/{bundle.study}/")
        for name, rule in rules.items():
            if name not in bundle.manifest["results"] and name not in UNLISTED:
                yield f"{name}: missing, the rule {rule} makes it"
        names = [name for name in rules if name.endswith(".csv") and rules[name] not in NOT_AGAIN]
        names = [name for name in names if from_rows or "figures/" in name]
        names = [name for name in names if fnmatchcase(name, only)]
        if not names:
            yield f"nothing is named {only}"
            return
        made = sorted({rules[name] for name in names})
        targets = [f"results/{bundle.study}/{name}" for name in names]
        code, said = snakemake(
            scratch, "--allowed-rules", *made, "--forcerun", *made, "--", *targets
        )
        if code:
            yield f"making them again failed:\n{said}"
            return
        yield from (str(each) for each in compare(bundle.results, again) if each.file in names)


def lay_out(bundle: Bundle, scratch: Path, from_rows: bool) -> Path:
    """A copy of workflow and bundle to work on; returns the folder of its results.

    News calendars and the like are taken from here, not from the bundle. Archives are not read
    again, so an empty file stands for each.
    """
    for name in COPIED:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copyfile
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        copy(PROJECT / name, scratch / name)
    results = scratch / "results" / bundle.study
    shutil.copytree(bundle.results, results)
    for path in paths_of(bundle.settings):
        target = scratch / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT / path).is_file():
                shutil.copyfile(PROJECT / path, target)
            elif path in paths_under(("tweets", "users"), bundle.settings):
                target.touch()
    if from_rows:
        (scratch / "data").mkdir(exist_ok=True)
        (scratch / "data/clean").symlink_to(bundle.clean.resolve())
    text = yaml.safe_dump(dict(bundle.settings), allow_unicode=True)
    (scratch / "study.yaml").write_text(text, encoding="utf-8")
    return results


def snakemake(scratch: Path, *words: str, package: bool = True) -> tuple[int, str]:
    """Run this workflow in ``scratch``; its exit code and what it said."""
    logger = ["--logger", "takedown"] if package else []
    command = [sys.executable, "-m", "snakemake", *logger, "--directory", str(scratch)]
    done = subprocess.run(
        [*command, "--configfile", str(scratch / "study.yaml"), *words],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT / "workflow")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def planned(summary: str, folder: str) -> dict[str, str]:
    """Result -> the rule that makes it, of what ``snakemake --summary`` says."""
    head, *lines = summary[summary.index("output_file\t") :].rstrip("\n").split("\n")
    at = [head.split("\t").index(name) for name in ("output_file", "rule")]
    found = [[line.split("\t")[place] for place in at] for line in lines if "\t" in line]
    return {file.removeprefix(folder): rule for file, rule in found if file.startswith(folder)}


def check(folder: Path, only: str = "*") -> list[tuple[str, Sequence[str]]]:
    """What was checked, and what was found wrong."""
    bundle = open_bundle(folder)
    from_rows = bool(clean_rows(bundle))
    again = "tables and figures from the clean rows" if from_rows else "figures from the tables"
    again += f", only {only}" if only != "*" else ""
    checks: dict[str, Callable[[], Iterator[str]]] = {
        "sha256 of every file": lambda: wrong_hashes(bundle),
        "sha256 of the clean rows": lambda: wrong_rows(bundle),
        "claims": lambda: wrong_claims(bundle),
        again: lambda: made_again(bundle, from_rows, only),
    }
    if not from_rows:
        del checks["sha256 of the clean rows"]
    return [(name, problems_of(problems)) for name, problems in checks.items()]


def problems_of(problems: Callable[[], Iterator[str]]) -> list[str]:
    """What a check finds; a file that cannot be read at all is a finding, too."""
    try:
        return list(problems())
    except (InputError, PolarsError, OSError, LookupError, ValueError, TypeError) as problem:
        return [f"could not be checked: {problem}"]


def main(arguments: list[str] | None = None) -> int:
    """Check a bundle; returns the exit code, 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="what is made again")
    asked = parser.parse_args(arguments)
    for name, problems in (found := check(asked.folder, asked.only)):
        print(f"{name}: {'as it should be' if not problems else f'{len(problems)} wrong'}")
        for words in problems:
            print(f"  {words}")
    return int(any(problems for _, problems in found))


if __name__ == "__main__":
    run(main)
