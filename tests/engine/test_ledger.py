"""Whatever happens to the files of a study, the next run leaves what a run from nothing would."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from takedown.engine import ledger
from takedown.engine.ledger import entered, entry_of, makers
from takedown.engine.location import Location
from takedown.engine.stale import Review, record_of
from takedown.errors import InputError
from takedown.io.files import HASHES, LARGE, digest, file_sha256, whole
from takedown.provenance.manifest import trace

POSTS, NEWS, LOCK = "given/posts.csv", "given/news.csv", "requirements.lock"
CLEAN, DAILY = "data/clean/one/posts.parquet", "results/mine/one/daily.csv"
EVENTS, FIT, NOTES = (f"results/mine/one/{name}.csv" for name in ("events", "fit", "fit_notes"))
MANIFEST = "results/mine/manifest.json"
#: The steps of a study, in their order: script, inputs, outputs.
STEPS: Mapping[str, tuple[list[str], list[str]]] = {
    "clean": ([POSTS], [CLEAN]),
    "count": ([CLEAN], [DAILY]),
    "place": ([NEWS, DAILY], [EVENTS]),
    "fit": ([DAILY, EVENTS], [FIT, NOTES]),
    "write": ([CLEAN, DAILY, EVENTS, FIT, NOTES], [MANIFEST]),
}
MADE = [path for _, outputs in STEPS.values() for path in outputs]
GIVEN = [POSTS, NEWS, LOCK, *(f"workflow/scripts/{name}.py" for name in STEPS)]
HERE = Location()
KILLED = Path(".snakemake/incomplete")
#: What Snakemake knows of, and the ledger does not.
SETTINGS = Path("study.yaml")


class Killed(BaseException):
    """The machine is switched off."""


def script(step: str) -> str:
    return f"workflow/scripts/{step}.py"


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def content(step: str, output: str) -> str:
    """What a step makes: any change of what it reads changes it."""
    read = [*STEPS[step][0], script(step), SETTINGS]
    parts = [Path(path).read_text(encoding="utf-8") for path in read]
    return sha256("\n".join([output, *parts]).encode()).hexdigest()


def run_step(step: str, kill: bool = False) -> None:
    """As Snakemake and the step's script do it; a kill leaves the first output alone."""
    inputs, outputs = STEPS[step]
    for path in outputs:
        record_of(path).unlink(missing_ok=True)
        Path(path).unlink(missing_ok=True)
    KILLED.mkdir(parents=True, exist_ok=True)
    (KILLED / step).touch()
    job = SimpleNamespace(rule=step, input=inputs, output=outputs, log=[f"logs/mine/{step}.log"])
    sys.modules["__main__"].__file__ = str(Path(script(step)).absolute())
    with entered(job):
        for path in outputs:
            if path == MANIFEST:
                made, given = trace(inputs, "mine", HERE)
                shas = {name: one.makes[name] for name, one in made.items()} | given
                write(path, json.dumps(shas))
            else:
                write(path, content(step, path))
            if kill:
                raise Killed
    for path in outputs:
        os.utime(path)
        assert max(Path(name).stat().st_mtime for name in inputs) <= Path(path).stat().st_mtime
        record_of(path).parent.mkdir(parents=True, exist_ok=True)
        known = {name: file_sha256(Path(name)) for name in inputs}
        known["settings"] = SETTINGS.read_text(encoding="utf-8")
        record_of(path).write_text(json.dumps(known), encoding="utf-8")
    (KILLED / step).unlink()


def is_due(step: str) -> bool:
    """Snakemake's reasons: cut off, other settings, older than its script or than another input."""
    inputs, outputs = STEPS[step]
    if (KILLED / step).exists():
        return True
    oldest = min(Path(path).stat().st_mtime for path in outputs if Path(path).exists())
    note = record_of(outputs[0])
    known = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    newer = [path for path in inputs if Path(path).exists()]
    newer = [path for path in newer if Path(path).stat().st_mtime > oldest]
    return (
        any(known.get(path) != file_sha256(Path(path)) for path in newer)
        or Path(script(step)).stat().st_mtime > oldest
        or (known and known["settings"] != SETTINGS.read_text(encoding="utf-8"))
    )


def planned() -> list[str]:
    """The steps that Snakemake plans: those due, what rests on them, and what these want."""
    is_there = {step: any(map(os.path.exists, STEPS[step][1])) for step in STEPS}
    found = {step for step in STEPS if is_there[step] and is_due(step)}
    if not Path(MANIFEST).exists():
        found.add("write")
    while True:
        made = {path for step in found for path in STEPS[step][1]}
        wanted = {path for step in found for path in STEPS[step][0] if not Path(path).exists()}
        more = {step for step, (inputs, outputs) in STEPS.items()
                if made & {*inputs} or wanted & {*outputs}}  # fmt: skip
        if more <= found:
            return [step for step in STEPS if step in found]
        found |= more


def make(kill_at: int | None = None) -> list[str]:
    """What is dated, then planned and run; returns the steps, of which one may be killed."""
    Review("mine", set(MADE), HERE).date(MANIFEST, GIVEN)
    steps = planned()
    for number, step in enumerate(steps):
        run_step(step, kill=kill_at == number)
    return steps


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what a study is given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
    for path in [*GIVEN, str(SETTINGS)]:
        write(path, path)
        os.utime(path, (1e9, 1e9))
    return tmp_path


def assert_as_from_nothing() -> None:
    """Every file is what its step makes of the files that are there, and the manifest says so."""
    for step, (_, outputs) in STEPS.items():
        for path in set(outputs) - {MANIFEST}:
            assert Path(path).read_text(encoding="utf-8") == content(step, path), path
    said = json.loads(Path(MANIFEST).read_text(encoding="utf-8"))
    assert said == {path: file_sha256(Path(path)) for path in said}
    assert said.keys() >= {*MADE, *GIVEN} - {MANIFEST, script("write")}


# What may happen between two runs


def edit(path: str, chance: random.Random) -> None:
    """In place, its date kept or not."""
    before = Path(path).stat()
    Path(path).write_text(f"{chance.random()}", encoding="utf-8")
    if chance.random() < 0.5:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def cut(path: str, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(Path(path).stat().st_size + 1))


def remove(path: str, chance: random.Random) -> None:
    if path in MADE:
        Path(path).unlink()


def replace(path: str, chance: random.Random) -> None:
    """By another file, as mv, tar or rsync do, with a date of its own; or by the same bytes."""
    text = f"{chance.random()}" if chance.random() < 0.7 else Path(path).read_text("utf-8")
    new = Path("new")
    new.write_text(text, encoding="utf-8")
    os.utime(new, (chance.uniform(0, time.time()),) * 2)
    new.replace(path)


def date(path: str, chance: random.Random) -> None:
    """As touch does, or where a clock was wrong."""
    moment = time.time() + chance.choice([0, 0, -1e8, 1e8, -1.7e9])
    os.utime(path, (moment, moment))


def forget(path: str, chance: random.Random) -> None:
    """A record is lost: Snakemake's, or the ledger, or a part of it."""
    entries = sorted(ledger.LEDGER.rglob("*.json"))
    if entries and chance.random() < 0.5:
        chance.choice(entries).write_text(chance.choice(["", "{", "[]", "{}"]), encoding="utf-8")
    else:
        shutil.rmtree(chance.choice([Path(".snakemake"), ledger.LEDGER]), ignore_errors=True)


def settle(path: str, chance: random.Random) -> None:
    """Another setting."""
    write(str(SETTINGS), f"{chance.random()}")


def kill(path: str, chance: random.Random) -> None:
    """While the run that follows what has happened so far makes a file."""
    with suppress(Killed):
        make(kill_at=chance.randrange(4))


HAPPENINGS: list[Callable[[str, random.Random], None]] = [
    edit, edit, cut, remove, replace, replace, date, date, forget, settle, kill,
]  # fmt: skip


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("seed", range(200))
def test_after_the_next_run_all_is_as_from_nothing(seed: int) -> None:
    chance = random.Random(seed)
    make()
    assert_as_from_nothing()
    for _ in range(chance.randint(1, 6)):
        there = [path for path in [*MADE, *GIVEN] if Path(path).is_file()]
        chance.choice(HAPPENINGS)(chance.choice(there), chance)
    make()
    assert_as_from_nothing()
    assert make() == [], "all is up to date"


@pytest.mark.parametrize("path", [*MADE, *GIVEN])
def test_a_date_alone_makes_nothing_again(path: str) -> None:
    make()
    for moment in (time.time() + 5, time.time() - 1e8, time.time() + 1e8):
        os.utime(path, (moment, moment))
        assert make() == []


def test_a_result_from_the_future_is_dated_now_when_what_reads_it_is_made_again() -> None:
    make()
    os.utime(DAILY, (time.time() + 1e8,) * 2)
    for path in (EVENTS, FIT, MANIFEST):
        Path(path).write_text("edited", encoding="utf-8")
    assert make() == ["place", "fit", "write"]
    assert_as_from_nothing()


# What is said of it


def words() -> list[str]:
    return [*Review("mine", set(MADE), HERE).words()]


def test_before_the_first_run_and_after_a_whole_one_nothing_is_said() -> None:
    assert words() == []
    make()
    assert words() == []


def test_each_thing_that_is_wrong_is_said() -> None:
    make()
    Path(FIT).unlink()
    os.truncate(EVENTS, 3)
    entry_of("logs/mine/clean.log").unlink()
    write(NEWS, "other")
    assert words() == [
        f"{FIT} is gone.",
        f"{EVENTS} is not as its step left it.",
        f"{CLEAN} has no record of how it was made.",
        "Made again, with all that rests on it.",
    ]


def test_what_was_replaced_is_named_and_of_many_files_their_number() -> None:
    make()
    write(LOCK, "other")
    assert words() == [
        f"{CLEAN}, {MANIFEST}, {DAILY} and 3 more were made of files that have changed ({LOCK}).",
        "Made again, with all that rests on it.",
    ]


def test_what_was_made_of_an_earlier_version_of_a_result_is_made_again() -> None:
    """As after a run of some steps only."""
    make()
    write(POSTS, "other")
    run_step("clean")
    assert words()[0] == f"{MANIFEST}, {DAILY} were made of files that have changed."
    assert make() == ["count", "place", "fit", "write"]


# The entry of a step


def step(**files: list[str]) -> SimpleNamespace:
    return SimpleNamespace(**{"rule": "a", "log": ["logs/mine/a.log"], "input": [], **files})


def test_an_entry_tells_what_was_read_and_made() -> None:
    job = step(input=[POSTS], output=[DAILY])
    with entered(job):
        write(DAILY, "made")
    [entry] = ledger.read_ledger("mine")
    assert [*entry.reads] == [POSTS, "workflow/scripts/test_ledger.py", LOCK]
    assert entry.reads[POSTS] == sha256(POSTS.encode()).hexdigest()
    assert entry.makes == {DAILY: sha256(b"made").hexdigest()}
    assert entry.started <= entry.ended


def test_the_archives_that_a_receipt_names_are_read_too() -> None:
    write("data/raw/one/receipt.csv", f"role,path,bytes,sha256,address\ntweets,{POSTS},5,ab,\n")
    with entered(step(input=["data/raw/one/receipt.csv"], output=[])):
        pass
    assert POSTS in ledger.read_ledger("mine")[0].reads


def test_a_step_that_fails_enters_nothing() -> None:
    with pytest.raises(ValueError), entered(step(output=[])):
        raise ValueError
    assert ledger.read_ledger("mine") == []


def test_a_file_that_is_changed_while_it_is_read_ends_the_step() -> None:
    words = f"{POSTS}: was changed while"
    with pytest.raises(InputError, match=words), entered(step(input=[POSTS], output=[])):
        write(POSTS, "other")
    assert ledger.read_ledger("mine") == []


def test_a_file_from_the_future_is_refused_with_what_to_do() -> None:
    os.utime(POSTS, (time.time() + 1e6,) * 2)
    words = rf"later than now.*touch '{POSTS}'"
    with pytest.raises(InputError, match=words), entered(step(input=[POSTS], output=[])):
        pytest.fail("the step ran")


def test_a_file_of_two_studies_is_known_by_the_step_of_either() -> None:
    make()
    assert makers("other", {CLEAN}, HERE)[CLEAN].rule == "clean"
    Path(CLEAN).write_text("edited", encoding="utf-8")
    assert makers("other", {CLEAN}, HERE) == {}


def test_a_calibration_from_elsewhere_is_taken_as_it_is() -> None:
    path = "results/calibration/mine/estimators.csv"
    with entered(step(output=[path])):
        write(path, "made")
    assert path in makers("mine", {path}, HERE)
    write(path, "another")
    assert path not in makers("mine", {path}, HERE)


# What the manifest may not say


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (lambda: Path(FIT).write_text("x"), f"{FIT}: is not as its step left it"),
        (lambda: entry_of("logs/mine/fit.log").unlink(), f"{FIT}: there is no record of how"),
        (lambda: Path(NEWS).write_text("x"), f"{NEWS}: is not what results were made of"),
        (lambda: Path(NEWS).unlink(), f"{NEWS}: is not what results were made of"),
        (lambda: run_step("clean"), "nothing"),
    ],
    ids=["edited", "unknown", "replaced", "gone", "made again alike"],
)
def test_the_manifest_attests_nothing_else(happens: Callable[[], object], said: str) -> None:
    make()
    happens()
    if said == "nothing":
        assert trace([FIT, NOTES], "mine", HERE)
        return
    with pytest.raises(InputError, match=said):
        trace([FIT, NOTES], "mine", HERE)


def test_nor_a_result_of_an_earlier_version_of_another() -> None:
    make()
    write(POSTS, "other")
    run_step("clean")
    with pytest.raises(InputError, match=f"{DAILY}: was made of another {CLEAN} than there is now"):
        trace([FIT], "mine", HERE)


def test_two_steps_that_read_different_versions_are_told() -> None:
    make()
    write(LOCK, "other")
    run_step("fit")
    with pytest.raises(InputError, match=f"was made of another {LOCK} than there is now"):
        trace([FIT, NOTES], "mine", HERE)


# The sha256 of large files


def test_a_large_file_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("large").write_bytes(bytes(LARGE))
    os.utime("large", (1e9, 1e9))
    time.sleep(0.15)  # its entry's change must not be of this moment
    first = digest(Path("large"))
    monkeypatch.setattr("takedown.io.files.file_sha256", lambda path: pytest.fail("hashed again"))
    assert digest(Path("large")) == first == sha256(bytes(LARGE)).hexdigest()


@pytest.mark.parametrize("kept", ["date", "nothing"])
def test_a_large_file_that_was_edited_is_hashed_again(kept: str) -> None:
    path = Path("large")
    path.write_bytes(bytes(LARGE))
    time.sleep(0.15)
    digest(path)
    before = path.stat()
    path.write_bytes(b"x" * LARGE)
    if kept == "date":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert digest(path) == sha256(b"x" * LARGE).hexdigest()


def test_a_note_taken_in_the_moment_of_a_change_is_not_trusted() -> None:
    """A second change in the same moment would leave the file's state as it was."""
    path = Path("large")
    path.write_bytes(bytes(LARGE))
    digest(path)
    [note] = HASHES.glob("*.json")
    known = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(json.dumps(known | {"sha256": "of the first"}), encoding="utf-8")
    assert digest(path) == sha256(bytes(LARGE)).hexdigest()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_note_that_cannot_be_read_is_none(text: str) -> None:
    Path("large").write_bytes(bytes(LARGE))
    time.sleep(0.15)
    digest(Path("large"))
    [note] = HASHES.glob("*.json")
    note.write_text(text, encoding="utf-8")
    assert digest(Path("large")) == sha256(bytes(LARGE)).hexdigest()
    assert digest(Path("no such file")) is None
