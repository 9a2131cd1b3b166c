"""What was first accepted is written down, read back, and compared with what comes later."""

from __future__ import annotations

import csv
import hashlib
import os
from dataclasses import astuple, replace
from pathlib import Path

import pytest

from takedown.archives.catalogue import CATALOGUE, names, read_catalogue
from takedown.errors import InputError
from takedown.fetch.trust import COLUMNS, Pin, difference, read_pins, write_pin

ROOT = Path(__file__).parents[2]
TRUST = ROOT / "resources/trust"
ORIGINALS = os.environ.get("TAKEDOWN_ORIGINALS")
ROWS = read_catalogue(ROOT / CATALOGUE)
PIN = Pin(
    file="x_tweets_csv_hashed.zip",
    bytes=12_345,
    sha256="ab" * 32,
    etag='"0123, and a comma"',
    md5="1B2M2Y8AsgTpgAmY7PhCfg==",
    crc32c="AAAAAA==",
    date="2026-11-23",
    address="https://x.org/hashed/x_tweets_csv_hashed.zip",
)
BLANK = replace(PIN, file="a ไฟล์.csv", etag="", md5="", crc32c="", address="placed by hand")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where pins are written; neither it nor its folder is there."""
    return tmp_path / "trust" / "x.csv"


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_without_a_file_nothing_is_pinned(path: Path) -> None:
    assert read_pins(path) == {}


@pytest.mark.parametrize("pin", [PIN, BLANK])
def test_a_pin_comes_back_as_it_was_written(path: Path, pin: Pin) -> None:
    write_pin(path, pin)
    assert read_pins(path) == {pin.file: pin}
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_file_has_one_line_a_pin_under_its_columns(path: Path) -> None:
    write_pin(path, BLANK)
    assert lines(path) == [
        "file,bytes,sha256,etag,md5,crc32c,date,address",
        f"a ไฟล์.csv,12345,{PIN.sha256},,,,2026-11-23,placed by hand",
    ]
    assert path.read_bytes().endswith(b"\n")
    assert b"\r" not in path.read_bytes()


@pytest.mark.parametrize("order", ["abc", "cba", "bac"])
def test_pins_stand_in_the_order_of_their_names_however_they_came(path: Path, order: str) -> None:
    pins = {name: replace(PIN, file=name, bytes=ord(name)) for name in order}
    for pin in pins.values():
        write_pin(path, pin)
    assert read_pins(path) == pins
    assert [line[0] for line in lines(path)[1:]] == ["a", "b", "c"]


def test_a_new_pin_replaces_that_of_its_name_and_leaves_the_others(path: Path) -> None:
    for pin in (PIN, BLANK, replace(PIN, sha256="cd" * 32)):
        write_pin(path, pin)
    assert read_pins(path) == {PIN.file: replace(PIN, sha256="cd" * 32), BLANK.file: BLANK}


def test_the_pins_of_two_campaigns_are_apart(path: Path) -> None:
    other = path.with_name("y.csv")
    write_pin(path, PIN)
    write_pin(other, replace(PIN, bytes=1))
    assert read_pins(path)[PIN.file].bytes == 12_345
    assert read_pins(other)[PIN.file].bytes == 1


GOOD = f"x.zip,1,{'ab' * 32},,,,2026-11-23,x"


@pytest.mark.parametrize(
    "line",
    [
        "<<<<<<< HEAD",
        GOOD.replace(",1,", ",many,"),
        GOOD.replace(",1,", ",,"),
        f"{GOOD},more",
        GOOD.rpartition(",")[0],
        "x.zip,1",
        GOOD.replace("ab" * 32, "ab"),
        GOOD.replace("x.zip", "first.zip").replace("ab", "cd"),
    ],
    ids="conflict,no number,no size,one cell more,one less,cut short,no sha256,twice".split(","),
)
def test_a_damaged_line_is_named_with_file_and_number(path: Path, line: str) -> None:
    path.parent.mkdir()
    first = GOOD.replace("x.zip", "first.zip")
    path.write_text("\n".join([",".join(COLUMNS), first, line, ""]), encoding="utf-8")
    with pytest.raises(InputError) as problem:
        read_pins(path)
    assert str(problem.value).startswith(f"{path}, line 3: ")


@pytest.mark.parametrize(
    "header",
    ["<<<<<<< HEAD", ",".join(COLUMNS[:-1]), ",".join([*COLUMNS, "more"]), GOOD],
    ids="conflict,one column less,one more,none".split(","),
)
def test_other_columns_are_refused_with_the_known_ones(path: Path, header: str) -> None:
    path.parent.mkdir()
    path.write_text(f"{header}\n{GOOD}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"The columns are file, bytes, sha256, etag") as problem:
        read_pins(path)
    assert str(problem.value).startswith(str(path))


def test_bytes_that_are_no_text_are_refused_with_the_files_name(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(f"{','.join(COLUMNS)}\n{GOOD}".encode() + b"\xff\n")
    with pytest.raises(InputError) as problem:
        read_pins(path)
    assert str(problem.value).startswith(str(path))


def test_a_damaged_file_is_not_written_over(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(f"{','.join(COLUMNS)}\n<<<<<<< HEAD\n{GOOD}\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(InputError):
        write_pin(path, PIN)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_same_bytes_are_no_difference() -> None:
    assert difference(PIN, PIN.bytes, PIN.sha256, Path("trust.csv")) == ""


@pytest.mark.parametrize("size", [12_345, 54_321])
def test_a_difference_says_both_files_and_what_to_do(size: int) -> None:
    words = difference(PIN, size, "cd" * 32, Path("resources/trust/x.csv"))
    assert words.startswith(f"not the file that was accepted on 2026-11-23 ({PIN.address}): ")
    assert f"{size:,} bytes, sha256 {'cd' * 32}; it was 12,345 bytes, sha256 {PIN.sha256}" in words
    assert "remove the line of x_tweets_csv_hashed.zip from resources/trust/x.csv" in words


# The committed pins

COMMITTED = sorted(TRUST.glob("*.csv"))


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_the_committed_pins_are_of_the_catalogues_files(path: Path) -> None:
    row = ROWS[path.stem]
    pins = read_pins(path)
    own = {names(row[f"{role}_url"])[0] for role in ("tweets", "users")}
    assert pins
    assert set(pins) <= own
    assert list(pins) == sorted(pins)
    for pin in pins.values():
        assert len(bytes.fromhex(pin.sha256)) == 32
        assert all(value is not None for value in astuple(pin))


def test_the_thai_pins_are_the_originals_of_the_reduced_archives() -> None:
    with (ROOT / "resources/embedded/reduced.csv").open(encoding="utf-8", newline="") as handle:
        originals = {row["original"]: row["original_sha256"] for row in csv.DictReader(handle)}
    pins = read_pins(TRUST / "thailand_092020.csv")
    assert len(originals) == 2
    assert {name: pin.sha256 for name, pin in pins.items()} == originals


@pytest.mark.skipif(not ORIGINALS, reason="TAKEDOWN_ORIGINALS names no folder with the originals")
def test_the_thai_pins_are_those_of_the_original_files() -> None:
    pins = read_pins(TRUST / "thailand_092020.csv")
    assert len(pins) == 2
    for name, pin in pins.items():
        data = (Path(ORIGINALS or "none") / name).read_bytes()
        assert (pin.bytes, pin.sha256) == (len(data), hashlib.sha256(data).hexdigest())
