"""Show where a result comes from, starting with the archive's rows: ``make why FILE=...``.

Reads the manifest of the study that the file belongs to; nothing is run.
"""

from __future__ import annotations

import argparse
import csv
import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from takedown.engine.endings import run
from takedown.errors import InputError, did_you_mean
from takedown.io.files import file_sha256

SHORT = 12
#: The table that says what became of an archive's rows.
ROWS = "clean/accounting.csv"


def read_manifest(file: Path) -> tuple[Path, dict[str, Any]]:
    """The results folder that contains ``file``, and its manifest.

    Raises :class:`InputError` if there is none.
    """
    for folder in file.parents:
        if (folder / "manifest.json").is_file():
            return folder, json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    raise InputError(
        f"{file}: no manifest.json in a folder above it. Run the study to its end first; give the "
        "path of a result, as results/default/thailand_092020/series/daily.csv."
    )


def steps(name: str, made: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The steps behind ``name`` in the order in which they ran: rule, and files it made."""
    order: list[str] = []

    def visit(path: str) -> None:
        if path in made and path not in order:
            for given in made[path]["inputs"]:
                visit(given)
            order.append(path)

    visit(name)
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for path in order:
        key = made[path]["rule"], tuple(made[path]["inputs"])
        found.setdefault(key, []).append(path)
    return [(rule, files) for (rule, _), files in found.items()]


def story(file: Path) -> str:
    """The chain behind ``file``, in words; raises :class:`InputError` if it is not a result."""
    if file.is_absolute() and file.is_relative_to(Path.cwd()):
        file = file.relative_to(Path.cwd())
    folder, manifest = read_manifest(file)
    study = f"results/{manifest['settings']['study']}"
    results = {f"{study}/{path}": each for path, each in manifest["results"].items()}
    made = results | manifest["between"]
    name = f"{study}/{file.relative_to(folder).as_posix()}"
    if name not in made:
        raise InputError(f"{file}: not in {folder}/manifest.json.{did_you_mean(name, made)}")
    places = {path: folder / path.removeprefix(f"{study}/") for path in results}
    chain = steps(name, made)
    files = [path for _, outputs in chain for path in outputs]
    lines = [f"Where {name} comes from", ""]
    campaigns = sorted({Path(path).parts[2] for path in files if path.startswith("data/clean/")})
    for campaign in campaigns:
        lines += rows_of_archive(folder / campaign / ROWS)
    given = {path for each in files for path in made[each]["inputs"]} - made.keys()
    lines += ["Archives:"] if campaigns else []
    for campaign in campaigns:
        for entry in manifest["archives"][campaign]:
            address = f"  from {entry['address']}" if entry["address"] else ""
            lines += [f"   {entry['path']}  sha256 {entry['sha256'][:SHORT]}{address}"]
    lines += ["Given:"]
    lines += [line(path, Path(path), manifest["given"].get(path, {})) for path in sorted(given)]
    for number, (rule, outputs) in enumerate(chain, start=1):
        lines += ["", f"{number}. {rule}"]
        lines += [f"   from {path}" for path in made[outputs[0]]["inputs"]]
        lines += [f"   code {part}" for part in code(made[outputs[0]]["code"], manifest["given"])]
        lines += [line(path, places.get(path, Path(path)), made[path], "made ") for path in outputs]
    return "\n".join(lines)


def rows_of_archive(table: Path) -> Iterator[str]:
    """What became of the rows of an archive, a line per file and outcome."""
    with table.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            why = f" ({row['reason']})" if row["reason"] else ""
            yield f"Rows of {row['file']}: {int(row['rows']):,} {row['outcome']}{why}"


def line(path: str, place: Path, entry: Mapping[str, Any], word: str = "") -> str:
    """A line on a file: its sha256, and whether the file has changed since."""
    state = ""
    if entry and not place.is_file():
        state = ", not on this machine"
    elif entry and file_sha256(place) != entry["sha256"]:
        state = ", CHANGED since"
    return f"   {word}{path}  sha256 {entry.get('sha256', 'unknown')[:SHORT]}{state}"


def code(files: list[str], given: Mapping[str, Any]) -> list[str]:
    """The code files with their sha256, as lines of text."""
    words = [f"{path} {given[path]['sha256'][:SHORT]}" for path in files]
    return textwrap.wrap(", ".join(words), 100, break_on_hyphens=False, break_long_words=False)


def main(arguments: list[str] | None = None) -> None:
    """Print the chain; raises :class:`InputError` where there is none."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    print(story(parser.parse_args(arguments).file))


if __name__ == "__main__":
    run(main)
