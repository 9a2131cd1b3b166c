"""Whatever happens to the files of a study, its next run leaves what a run from nothing would.

The same with stub steps, and far more often: tests/engine/test_ledger.py.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from conftest import Project, copy_finished, copy_project, snakemake

from takedown.io.files import file_sha256

STUDY, RESULTS = "ledger.yaml", "results/ledger"
TOTALS, MODULE = "totals.csv", "workflow/takedown/describe/posts.py"
#: So many sequences: ten in CI (TAKEDOWN_SEQUENCES=10), as each takes some seconds.
SEQUENCES = int(os.environ.get("TAKEDOWN_SEQUENCES", "0"))
BEFORE, AFTER = "hashtag,count\nred,70\nblue,31\n", "hashtag,count\nred,70\ngreen,30\n"


@dataclass
class Chance:
    """A study's folder, and what happens in it by chance."""

    project: Project
    random: random.Random

    def result(self) -> Path:
        found = [path for path in (self.project.root / RESULTS).rglob("*") if path.is_file()]
        return self.random.choice(sorted(found))


def edit(chance: Chance) -> None:
    """A byte in a result becomes another; its date stays."""
    path = chance.result()
    data, before = bytearray(path.read_bytes()), path.stat()
    data[chance.random.randrange(len(data))] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def cut(chance: Chance) -> None:
    path = chance.result()
    os.truncate(path, chance.random.randrange(path.stat().st_size))


def remove(chance: Chance) -> None:
    for _ in range(chance.random.randint(1, 5)):
        chance.result().unlink()


def replace(chance: Chance) -> None:
    """The input, by a file with an older date, as mv, tar or rsync do."""
    new = chance.project.root / "new.csv"
    new.write_text(chance.random.choice([BEFORE, AFTER]), encoding="utf-8")
    os.utime(new, (chance.random.uniform(0, time.time()),) * 2)
    new.replace(chance.project.root / TOTALS)


def date(chance: Chance) -> None:
    """As touch does, or where a clock was wrong."""
    root = chance.project.root
    moment = time.time() + chance.random.choice([0, -1e8, 1e8])
    for path in (chance.result(), root / TOTALS, root / MODULE):
        os.utime(path, (moment, moment))


def forget(chance: Chance) -> None:
    """A record is lost: Snakemake's, or the ledger."""
    folder = chance.random.choice([".snakemake", ".ledger", ".ledger/ledger/describe"])
    shutil.rmtree(chance.project.root / folder, ignore_errors=True)


def kill(chance: Chance) -> None:
    """A run, at any moment."""
    run = chance.project.start(*snakemake(STUDY))
    time.sleep(chance.random.uniform(1, 8))
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    time.sleep(0.5)


HAPPENINGS: list[Callable[[Chance], None]] = [edit, cut, remove, replace, date, forget, kill]


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, may_take_long: None
) -> Callable[[str], Project]:
    """A study of hashtag totals that has run on an input: once for each."""

    @cache
    def run(text: str) -> Project:
        project = copy_project(tmp_path_factory.mktemp("ledger") / "wörk folder")
        (project.root / TOTALS).write_text(text, encoding="utf-8")
        project.study("ledger", {"simulated_totals": {"hashtags": TOTALS}})
        project.complete(STUDY)
        return project

    return run


@pytest.mark.parametrize("seed", range(4, 4 + SEQUENCES))
def test_after_the_next_run_all_is_as_from_nothing(
    finished: Callable[[str], Project], tmp_path: Path, seed: int
) -> None:
    project = copy_finished(finished(BEFORE), tmp_path / "wörk folder")
    chance = Chance(project, random.Random(seed))
    kinds = [chance.random.choice(HAPPENINGS) for _ in range(chance.random.randint(2, 4))]
    for happens in kinds:
        happens(chance)
    said = project.complete(STUDY)
    text = (project.root / TOTALS).read_text(encoding="utf-8")
    files, expected = project.files(RESULTS), finished(text).files(RESULTS)
    assert files.keys() == expected.keys(), (kinds, said)
    assert [name for name in files if files[name] != expected[name]] == [], (kinds, said)
    manifest = json.loads(files["manifest.json"])
    for part, folder in (("results", RESULTS), ("given", "")):
        for name, entry in manifest[part].items():
            assert entry["sha256"] == file_sha256(project.root / folder / name), name
