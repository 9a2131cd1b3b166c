"""Code, results and their crate in one archive, ready to deposit: ``make deposit``.

The same files give the same bytes. Rows of archives are left out, even in reduced form, because
they are subject to Twitter's terms.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import zipfile
from pathlib import Path

from takedown.archives.receipt import read_reduced
from takedown.engine.endings import run
from takedown.errors import InputError
from takedown.io.files import file_sha256, read_yaml, whole
from takedown.provenance.bundle import wrong_hashes
from takedown.provenance.opened import open_bundle

RESULTS = Path("results/default")
REDUCED = Path("resources/embedded/reduced.csv")
#: A table with a row per account of two archives, without identifiers.
ROWS = {"resources/embedded/china_082019_1_2_accounts.csv"}
#: A fixed time: the same input gives the same bytes.
TIME, MODE = (1980, 1, 1, 0, 0, 0), 0o100644 << 16


def own_files() -> list[Path]:
    """The files tracked by git; raises :class:`InputError` if there are uncommitted changes."""
    state = subprocess.run(["git", "status", "--porcelain"], capture_output=True, check=False)
    if state.returncode:
        raise InputError("No git repository here: what is deposited must be a known version.")
    if state.stdout:
        raise InputError("Changes are not committed: what is deposited must be a known version.")
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True)
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def files_to_deposit() -> list[Path]:
    """Code, reference results, and the default study's results with their crate.

    Raises :class:`InputError` if these results are missing, or do not match their manifest.
    """
    if not (RESULTS / "ro-crate-metadata.json").is_file():
        raise InputError(f"{RESULTS}: no crate there. Run `make` first.")
    if problems := list(wrong_hashes(open_bundle(RESULTS))):
        raise InputError(f"{RESULTS}: {problems[0]}. Run `make` again.")
    manifest = json.loads((RESULTS / "manifest.json").read_text(encoding="utf-8"))
    for name, entry in manifest["given"].items():
        if not Path(name).is_file() or file_sha256(Path(name)) != entry["sha256"]:
            raise InputError(f"{name}: not as it was when {RESULTS} was made. Run `make` again.")
    reduced = read_reduced(REDUCED)
    own = [path for path in own_files() if file_sha256(path) not in reduced]
    own = [path for path in own if path.as_posix() not in ROWS]
    results = [path for path in RESULTS.rglob("*") if path.is_file()]
    return sorted({*own, *results})


def pack(files: list[Path], target: Path, top: str) -> None:
    """Write ``files`` into the zip ``target``, under the folder ``top``."""
    with whole(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            info = zipfile.ZipInfo(f"{top}/{path.as_posix()}", TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, MODE
            archive.writestr(info, path.read_bytes())


def main(arguments: list[str] | None = None) -> None:
    """Pack the deposit and print what it is; raises :class:`InputError` if it cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--to", type=Path, default=Path("dist"), metavar="FOLDER")
    options = parser.parse_args(arguments)
    version = read_yaml("CITATION.cff")["version"]
    target = options.to / f"takedown-{version}.zip"
    files = files_to_deposit()
    options.to.mkdir(parents=True, exist_ok=True)
    pack(files, target, f"takedown-{version}")
    print(f"{target}: {len(files)} files, {target.stat().st_size:,} bytes")
    print(f"sha256 {file_sha256(target)}")
    print("Rows of archives are left out: they are under Twitter's terms.")


if __name__ == "__main__":
    run(main)
