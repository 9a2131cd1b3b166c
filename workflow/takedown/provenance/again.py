"""Reproduce a study's results on a copy, with this workflow's own rules, to check a bundle.

Nothing in the bundle is executed. Files whose inputs are not on this machine are taken from the
bundle unchanged.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from takedown.errors import InputError
from takedown.io.files import digest
from takedown.provenance.opened import PROJECT, Bundle, is_inside, paths_of, paths_under

#: Files that a copy of the workflow needs to run a study.
COPIED = ["workflow", "resources", "notebooks", "results/reference", "profiles", "Snakefile"]
COPIED += ["CITATION.cff", "environment.yml", "requirements.lock"]
#: Possible starting points for reproducing results.
ARCHIVES, ROWS, TABLES = "archives", "rows", "tables"
#: Rules that read the archives, and rules that read the cleaned rows.
OF_ARCHIVES = {"fetch_archive", "clean_archive", "guard_privacy", "write_manifest"}
OF_ROWS = {"check_archive", "check_claims", "describe_posts", "count_posts", "measure_rhythm"}
OF_ROWS |= {"measure_accounts", "sketch_behaviour", "compare_behaviour"}
#: A proxy address that never answers, so that nothing is downloaded.
NOBODY = "http://[::1]:9"
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOBODY)


@dataclass(frozen=True)
class Again:
    """What was reproduced, and what was not.

    ``here`` is what it was made from and ``results`` its folder; ``rules`` maps every expected file
    to the rule that makes it; ``made`` are the files that were reproduced, ``taken`` those that
    were taken from the bundle.
    """

    here: str
    results: Path
    rules: Mapping[str, str]
    made: Sequence[str]
    taken: Sequence[str]


def what_is_here(bundle: Bundle) -> str:
    """What the results can be reproduced from on this machine: archives, rows or tables."""
    archives = [entry for files in bundle.manifest["archives"].values() for entry in files]
    if all(is_here(entry) for entry in archives):
        return ARCHIVES
    rows = [name for name in bundle.manifest["between"] if name.startswith("data/clean/")]
    there = bool(rows) and all((bundle.rows / name).is_file() for name in rows)
    return ROWS if there else TABLES


def is_here(entry: Mapping[str, str]) -> bool:
    """Whether a file of a receipt is on this machine, unchanged."""
    path = entry["path"]
    return is_inside(path) and digest(PROJECT / path) == entry["sha256"]


def make_again(bundle: Bundle, scratch: Path, only: str, seconds: float) -> Again:
    """Reproduce, in the folder ``scratch``, all possible files whose names match ``only``.

    Raises :class:`InputError` if that fails, or takes longer than ``seconds``.
    """
    here = what_is_here(bundle)
    kept = {ARCHIVES: set[str](), ROWS: OF_ARCHIVES, TABLES: OF_ARCHIVES | OF_ROWS}[here]
    results = lay_out(bundle, scratch)
    if here == ROWS:
        shutil.copytree(bundle.rows / "data/clean", scratch / "data/clean")
    rules = planned(run_here(scratch, ["--summary"], seconds), f"results/{bundle.study}/")
    taken = sorted(name for name, rule in rules.items() if rule in kept)
    for name in taken:
        source, target = bundle.results / name, results / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    made = sorted(name for name in rules if name not in taken and fnmatchcase(name, only))
    if not made:
        raise InputError(f"of what can be made again nothing is named {only}")
    words = ["--logger", "takedown"]
    if kept:
        words += ["--allowed-rules", *sorted({*rules.values()} - kept)]
    targets = [f"results/{bundle.study}/{name}" for name in made]
    run_here(scratch, [*words, "--", *targets], seconds)
    return Again(here, results, rules, made, taken)


def lay_out(bundle: Bundle, scratch: Path) -> Path:
    """Set up a copy of the workflow with the bundle's study; returns the folder for its results.

    News calendars and the like come from this project, not from the bundle. An archive that is not
    on this machine, and will not be read, is replaced by an empty file.
    """
    for name in COPIED:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copyfile
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        copy(PROJECT / name, scratch / name)
    archives = {entry["path"] for files in bundle.manifest["archives"].values() for entry in files}
    rows = paths_under(("tweets", "users"), bundle.settings)
    for path in filter(is_inside, [*paths_of(bundle.settings), *archives]):
        target = scratch / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT / path).is_file():
                target.symlink_to(PROJECT / path)
            elif path in rows:
                target.touch()
    text = yaml.safe_dump(dict(bundle.settings), allow_unicode=True, sort_keys=False)
    (scratch / "study.yaml").write_text(text, encoding="utf-8")
    return scratch / "results" / bundle.study


def run_here(scratch: Path, words: Sequence[str], seconds: float) -> str:
    """Run this workflow in ``scratch``; returns its output.

    Raises :class:`InputError`, with the output, if it fails; also if it takes longer than
    ``seconds``.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--configfile", "study.yaml", *words],
        cwd=scratch,
        env=os.environ | NO_NETWORK | {"PYTHONPATH": str(scratch / "workflow")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except BaseException as problem:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(problem, subprocess.TimeoutExpired):
                raise InputError(f"making it again takes longer than {seconds:g} seconds") from None
            raise
    if process.returncode:
        raise InputError(f"making it again failed:\n{said}")
    return said


def planned(summary: str, folder: str) -> dict[str, str]:
    """Result -> the rule that makes it, from the output of ``snakemake --summary``."""
    head, *lines = summary[summary.index("output_file\t") :].rstrip("\n").split("\n")
    at = [head.split("\t").index(name) for name in ("output_file", "rule")]
    found = [[line.split("\t")[place] for place in at] for line in lines if "\t" in line]
    return {file.removeprefix(folder): rule for file, rule in found if file.startswith(folder)}
