"""Check someone else's results without running their code: ``make verify-bundle``.

``python -m takedown.provenance.bundle FOLDER``. FOLDER is a study's results (results/<study>) or a
folder that contains them and, if they may be shared, the clean rows (data/clean). The sha256 of
every file is compared with the manifest. Then as much as possible is reproduced, with this
workflow's own rules on a copy: from the archives if they are on this machine, otherwise from the
clean rows, otherwise from the tables derived from them. Every file is compared with its
reproduction: tables, pictures, page, article, words. What could not be checked is listed first.
Exit code 0: everything was checked and is right; 1: something is wrong; 3: nothing is wrong, but
not everything could be checked.

``--only PATTERN`` reproduces only the files whose names match, as in ``--only '*/volume.csv'``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from takedown.claims.table import Claim, claims_on, read_claims
from takedown.claims.verdicts import DIFFERS, REPRODUCED, Finding, claims_table, verdict_on
from takedown.engine.endings import run
from takedown.engine.stale import listed
from takedown.io.addresses import hide_secrets
from takedown.io.files import file_sha256, read_yaml
from takedown.provenance.again import ROWS, TABLES, Again, make_again
from takedown.provenance.alike import difference
from takedown.provenance.crate import crate
from takedown.provenance.manifest import anonymous, is_code
from takedown.provenance.opened import PROJECT, UNLISTED, Bundle, files_in, open_bundle
from takedown.study.config import CLAIMS, read_study

SCRATCH = PROJECT / ".cache"
#: Time limit for reproducing results, in minutes.
MINUTES = 120.0
#: Exit code where nothing is wrong, but not all could be checked.
NOT_ALL = 3
#: Number of characters of a reason that are shown.
SAID = 2000
#: Columns of claims.csv on what was published, as opposed to what was computed.
SOURCE = ["campaign", "published", "tolerance", "unit", "quantity", "of", "where", "timezone"]
SOURCE += ["statement", "source"]
#: Starting point of the reproduction -> what is then taken unchanged.
TAKEN = {
    ROWS: "The archives are not here: the clean rows are taken as they are, and with them",
    TABLES: "Neither archives nor clean rows are here: taken as they are",
}


def wrong_hashes(bundle: Bundle) -> Iterator[str]:
    """Files that are missing, differ from the manifest, or are not listed in it."""
    listed = bundle.manifest["results"]
    for name, entry in listed.items():
        path = bundle.results / name
        if not path.is_file():
            yield f"{name}: missing"
        elif file_sha256(path) != entry["sha256"]:
            yield f"{name}: sha256 differs from the manifest's"
    for path in files_in(bundle.results):
        name = path.relative_to(bundle.results).as_posix()
        if name not in listed and name not in UNLISTED:
            yield f"{name}: not in the manifest"
    for name, entry in bundle.manifest["between"].items():
        path = bundle.rows / name
        if path.is_file() and file_sha256(path) != entry["sha256"]:
            yield f"{name}: sha256 differs from the manifest's"


def wrong_claims(bundle: Bundle) -> Iterator[str]:
    """Claims that differ from the source, or whose verdict does not follow from their value.

    Raises :class:`InputError` if the study's claims are not on this machine.
    """
    known = bundle.settings.get("claims", CLAIMS.as_posix())
    ours = claims_on(read_claims(str(PROJECT / known)), list(bundle.settings["campaigns"]))
    table = pd.read_csv(bundle.results / "claims.csv", dtype=str, keep_default_na=False)
    bars = pd.read_csv(bundle.results / "claims_charts.csv", dtype=str, keep_default_na=False)
    theirs = {row["id"]: row for row in table.to_dict("records")}
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
    yield from (f"claims.csv, id {name}: not among the claims of {known}" for name in theirs)


def source_of(claim: Claim) -> dict[str, str]:
    """The columns of claims.csv on what was published, as text."""
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


def wrong_words(bundle: Bundle) -> Iterator[str]:
    """Where the files that describe the results do not follow from the manifest."""
    found, citation = bundle.manifest, read_yaml(PROJECT / "CITATION.cff")
    said = json.loads((bundle.results / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    if said != crate(found, found["resolved"]["title"], citation, "Snakefile"):
        yield "ro-crate-metadata.json: not what the manifest comes to"
    name = "Snakefile"
    if file_sha256(bundle.results / name) != found["given"].get(name, {}).get("sha256"):
        yield f"{name}: sha256 differs from the manifest's"


def wrong_settings(bundle: Bundle, folder: Path) -> Iterator[str]:
    """Whether the settings resolve to what the manifest says, in a ``folder`` with their files."""
    with chdir(folder):
        resolved = hide_secrets(asdict(read_study(bundle.settings)))
    if json.loads(json.dumps(anonymous(resolved))) != bundle.manifest["resolved"]:
        yield "manifest.json, resolved: not what the settings come to"


def other_files(bundle: Bundle, code: bool) -> list[str]:
    """Code (or input) of the results of which this project has a different version."""
    return [
        path
        for path, entry in sorted(bundle.manifest["given"].items())
        if (is_code(path) or path == "Snakefile") == code
        and (PROJECT / path).is_file()
        and file_sha256(PROJECT / path) != entry["sha256"]
    ]


def wrong_files(bundle: Bundle, again: Again) -> Iterator[str]:
    """Files that are missing, differ from their reproduction, or are not results of this study."""
    listed = bundle.manifest["results"]
    for name, rule in again.rules.items():
        if name not in listed and name not in UNLISTED:
            yield f"{name}: missing, the rule {rule} makes it"
    yield from (f"{name}: no result of this study" for name in listed if name not in again.rules)
    for name in again.made:
        path = bundle.results / name
        looked_at = name not in UNLISTED and path.is_file()
        if looked_at and (words := difference(path, again.results / name, name)):
            yield words


class Check:
    """What each check found to be wrong, and what was not checked."""

    def __init__(self) -> None:
        self.wrong: dict[str, list[str]] = {}
        self.not_checked: list[str] = []

    def look(self, name: str, problems: Callable[[], Iterator[str]]) -> None:
        """Note what a check finds; a file that cannot be read at all is a finding, too."""
        found = self.wrong.setdefault(name, [])
        try:
            found.extend(problems())
        except Exception as problem:  # an untrusted file can raise anything
            found.append(f"could not be checked: {str(problem)[:SAID] or repr(problem)}")

    @property
    def code(self) -> int:
        """The exit code."""
        return 1 if any(self.wrong.values()) else NOT_ALL if self.not_checked else 0

    def words(self) -> Iterator[str]:
        """What was not checked, then what was."""
        yield from (f"Not checked. {words}." for words in self.not_checked)
        for name, problems in self.wrong.items():
            yield f"{name}: {f'{len(problems)} wrong' if problems else 'as it should be'}"
            yield from (f"  {words}" for words in problems)


def check(folder: Path, only: str = "*", minutes: float = MINUTES) -> Check:
    """Check the bundle in ``folder``; reproduce only the files whose names match ``only``."""
    bundle, found = open_bundle(folder), Check()
    found.look("sha256 of every file", lambda: wrong_hashes(bundle))
    found.look("what describes the results", lambda: wrong_words(bundle))
    here = TABLES

    def again() -> Iterator[str]:
        nonlocal here
        if code := other_files(bundle, code=True):
            found.not_checked.append(f"Made with other code than is here: {listed(code)}")
        if given := other_files(bundle, code=False):
            found.not_checked.append(f"Made of other files than are here: {listed(given)}")
        SCRATCH.mkdir(exist_ok=True)
        with TemporaryDirectory(prefix="bundle-", dir=SCRATCH) as scratch:
            made = make_again(bundle, Path(scratch), only, minutes * 60)
            here = made.here
            if made.taken:
                found.not_checked.append(f"{TAKEN[here]} {listed(made.taken)}")
            left = len(made.rules) - len(made.made) - len(made.taken)
            if left:
                found.not_checked.append(f"{left} files are not named {only}")
            yield from wrong_settings(bundle, Path(scratch))
            yield from wrong_files(bundle, made)

    found.look("files made again" + (f", only {only}" if only != "*" else ""), again)
    if here == TABLES:
        found.look("claims", lambda: wrong_claims(bundle))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Check a bundle and say what was found; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="what is made again")
    parser.add_argument("--minutes", default=MINUTES, type=float, help="that this may take")
    asked = parser.parse_args(arguments)
    found = check(asked.folder, asked.only, asked.minutes)
    print(*found.words(), sep="\n")
    return found.code


if __name__ == "__main__":
    run(main)
