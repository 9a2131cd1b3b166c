"""The block reader gives back every record, wherever the blocks are cut, and names what is bad."""

import csv
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import builders
import pytest
from builders import post, to_csv
from hypothesis import given, settings
from hypothesis import strategies as st

from takedown.archives.members import Member, inflate, list_members, read_header
from takedown.clean import blocks as cutting
from takedown.clean import reader
from takedown.clean.blocks import Blocks
from takedown.clean.reader import read_blocks
from takedown.clean.records import BadRecord, Rows, Walk, text_rows, walk
from takedown.errors import InputError
from takedown.io.background import in_thread

NAMES = ["one", "two", "three"]
CELLS = st.one_of(
    st.text(st.sampled_from('ab",\n\r ก香é\u2028'), max_size=6),
    st.sampled_from(["", '"', '""', "\n", "\r\n", "NA", "null", "กองทัพบก", "香港", "x" * 700]),
)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6)


def as_csv(rows: list[list[str]], newline: str = "\n", quoting: int = csv.QUOTE_ALL) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=newline).writerows(rows)
    return text.getvalue().encode("utf-8")


def plain(folder: Path, data: bytes, name: str = "data.csv") -> Member:
    path = folder / name
    path.write_bytes(data)
    return Member(path, name, None)


def blocks(member: Member, block_bytes: int = reader.BLOCK_BYTES) -> list[Rows]:
    return list(read_blocks(member, text_rows, block_bytes=block_bytes))


def walked(member: Member) -> Walk:
    """The one block of a small member, read record by record."""
    [block] = read_blocks(member, walk)
    return block


def read(member: Member, block_bytes: int = reader.BLOCK_BYTES) -> list[list[str]]:
    return [list(row) for block in blocks(member, block_bytes) for row in block.frame.iter_rows()]


def bad(member: Member, block_bytes: int = reader.BLOCK_BYTES) -> list[BadRecord]:
    return [record for block in blocks(member, block_bytes) for record in block.bad]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


@settings(deadline=None)
@given(rows=TABLES, newline=st.sampled_from(["\n", "\r\n"]), block=st.integers(1, 80))
def test_any_table_in_the_dialect_comes_back(
    folder: Path, rows: list[list[str]], newline: str, block: int
) -> None:
    member = plain(folder, as_csv([NAMES, *rows], newline))
    assert read_header(member) == NAMES
    assert read(member, block) == rows
    assert bad(member, block) == []


@settings(deadline=None)
@given(rows=TABLES, newline=st.sampled_from(["\n", "\r\n"]))
def test_blocks_end_with_a_whole_record_wherever_the_stream_is_cut(
    rows: list[list[str]], newline: str
) -> None:
    header, data = as_csv([NAMES], newline), as_csv(rows, newline)
    member = Member(Path("x.csv"), "x.csv", None)
    for cut in range(0, len(data), 1 + len(data) // 200):
        records = Blocks(iter([header + data[:cut], data[cut:]]), member, 1)
        blocks = list(iter(records.next_block, None))
        assert b"".join(block.raw for block in blocks) == data
        line = 1 + header.count(b"\n")
        for block in blocks:
            assert block.raw.count(b'"') % 2 == 0
            assert block.raw.endswith(b"\n")
            assert block.line == line
            line += block.raw.count(b"\n")


@settings(deadline=None)
@given(rows=TABLES, short=st.integers(0, 6), block=st.integers(20, 3000))
def test_a_short_record_is_set_aside_with_its_line_and_bytes(
    folder: Path, rows: list[list[str]], short: int, block: int
) -> None:
    rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    short = min(short, len(rows))
    damaged = as_csv([['short, with a "quote"\nand a newline', "record"]])
    before = as_csv([NAMES, *rows[:short]])
    member = plain(folder, before + damaged + as_csv(rows[short:]))
    expected = BadRecord(
        before.count(b"\n") + 1, "2 fields instead of 3", damaged.removesuffix(b"\n")
    )
    assert bad(member, block) == [expected]
    assert read(member, block) == rows


@pytest.mark.parametrize("short_record_in_block", [False, True])
def test_a_bare_carriage_return_in_a_field_does_not_move_line_numbers(
    tmp_path: Path, short_record_in_block: bool
) -> None:
    rows = [["a\rb", "", ""], ["c", "d", "e"]]
    damaged = b'"short"\n' if short_record_in_block else b""
    block = walked(plain(tmp_path, as_csv([NAMES, *rows]) + damaged))
    assert block.frame.rows() == [tuple(row) for row in rows]
    assert (block.lines, block.raws[1]) == ([2, 3], b'"c","d","e"')
    assert block.bad == ([BadRecord(4, "1 fields instead of 3", b'"short"')] if damaged else [])


@pytest.mark.parametrize("damaged", [b"", b'"short"\n'])
def test_a_bare_carriage_return_outside_quotes_is_a_character(
    tmp_path: Path, damaged: bytes
) -> None:
    member = plain(tmp_path, HEADER + LINE + b"a\rb,c,d\n" + damaged + LINE)
    assert read(member) == [WHOLE, ["a\rb", "c", "d"], WHOLE]
    assert bad(member) == ([BadRecord(4, "1 fields instead of 3", b'"short"')] if damaged else [])


@pytest.mark.parametrize("block", [16, reader.BLOCK_BYTES])
def test_a_walk_knows_the_line_and_the_bytes_of_every_row(tmp_path: Path, block: int) -> None:
    rows = [["a\nb\n", "", "1"], ["c", "d", "2"], ['"\n', "", "3"]]
    member = plain(tmp_path, as_csv([NAMES, *rows]))
    found = list(read_blocks(member, walk, block_bytes=block))
    assert [line for part in found for line in part.lines] == [2, 5, 6]
    assert [raw for part in found for raw in part.raws] == [
        b'"a\nb\n","","1"',
        b'"c","d","2"',
        b'"""\n","","3"',
    ]


LINE = b'"a","b","c"\n'
HEADER = b"one,two,three\n"
WHOLE = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        pytest.param(b"\xef\xbb\xbf" + HEADER + LINE, [WHOLE], id="byte order mark"),
        pytest.param(b'\xef\xbb\xbf"one","two","three"\n' + LINE, [WHOLE], id="mark, quoted"),
        pytest.param(HEADER + LINE + b"\n\n" + LINE + b"\n", [WHOLE, WHOLE], id="blank lines"),
        pytest.param(HEADER + b"\r\n" + LINE, [WHOLE], id="blank line with CR"),
        pytest.param(HEADER + LINE[:-1], [WHOLE], id="no final newline"),
        pytest.param(HEADER + b"a,b,c", [WHOLE], id="unquoted, no final newline"),
        pytest.param(HEADER + b"a,,\n,,\n", [["a", "", ""], ["", "", ""]], id="unquoted blanks"),
        pytest.param(HEADER + b'"\xff","b","c"\n', [["\ufffd", "b", "c"]], id="not UTF-8"),
        pytest.param(HEADER, [], id="header alone"),
        pytest.param(HEADER[:-1], [], id="header alone, no newline"),
    ],
)
@pytest.mark.parametrize("block", [5, reader.BLOCK_BYTES])
def test_oddities_of_files(tmp_path: Path, data: bytes, rows: list[list[str]], block: int) -> None:
    member = plain(tmp_path, data)
    assert read_header(member) == NAMES
    assert read(member, block) == rows
    assert bad(member, block) == []


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b'"a","b","c","d"', "4 fields instead of 3"),
        (b'"a"', "1 fields instead of 3"),
        (b'"a","b\xff"', "2 fields instead of 3"),
        (b"  ", "1 fields instead of 3"),
    ],
)
@pytest.mark.parametrize("place", ["first", "later"])
def test_records_of_the_wrong_width(tmp_path: Path, record: bytes, reason: str, place: str) -> None:
    before = LINE if place == "later" else b""
    member = plain(tmp_path, HEADER + before + b"\n" + record + b"\n" + LINE)
    assert bad(member) == [BadRecord(4 if before else 3, reason, record)]
    assert read(member) == [WHOLE] * (2 if before else 1)


def test_rows_that_are_not_utf8_are_mended_and_their_bytes_kept(tmp_path: Path) -> None:
    block = walked(plain(tmp_path, HEADER + LINE + b'"\xff","b","c"\n'))
    assert block.frame.rows() == [tuple(WHOLE), ("\ufffd", "b", "c")]
    assert (block.mended, block.raws[1]) == ([1], b'"\xff","b","c"')


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_come_in_the_order_of_the_zip_without_debris(
    tmp_path: Path, compression: int
) -> None:
    path = builders.write_zip(
        tmp_path / "several.zip",
        {
            "folder/b.csv": HEADER + LINE,
            "__MACOSX/folder/._b.csv": b"\x00\x05\x16\x07",
            "readme.txt": b"words",
            "A.CSV": HEADER + LINE * 2,
        },
        compression,
    )
    members = list_members(path)
    assert [member.name for member in members] == ["b.csv", "A.CSV"]
    assert [len(read(member)) for member in members] == [1, 2]
    assert members[0].where == f"{path}, member b.csv"


def test_a_zip_is_known_by_its_bytes_and_a_csv_may_have_any_name(tmp_path: Path) -> None:
    data = {"a.csv": HEADER + LINE}
    [member] = list_members(builders.write_zip(tmp_path / "download", data))
    assert read(member) == [WHOLE]
    (tmp_path / "posts.txt").write_bytes(HEADER + LINE)
    [member] = list_members(tmp_path / "posts.txt")
    assert read(member) == [WHOLE]


@pytest.mark.parametrize("text", [b"x" * 40_000, b"".join(b"%d," % n for n in range(9_000))])
def test_a_member_inflates_whatever_the_size_of_the_chunks(tmp_path: Path, text: bytes) -> None:
    """The last chunk may still wait in the inflator when all compressed bytes are read."""
    data = HEADER + b'"' + text + b'","b","c"\n'
    [member] = list_members(builders.write_zip(tmp_path / "runs.zip", {"a.csv": data}))
    for chunk in (100, 1000, 4096, *range(len(data) - 300, len(data) + 2, 7)):
        assert b"".join(inflate(member, chunk)) == data


def good_zip(folder: Path, compression: int = zipfile.ZIP_DEFLATED) -> bytearray:
    rows = builders.campaign(days=6)
    data = {"posts.csv": builders.to_csv(rows)}
    return bytearray(builders.write_zip(folder / "good.zip", data, compression).read_bytes())


def flipped(data: bytearray, index: int, bits: int = 0xFF) -> bytes:
    data[index] ^= bits
    return bytes(data)


def central(data: bytearray) -> int:
    return data.index(b"PK\x01\x02")


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Callable:
    def make(folder: Path) -> bytes:
        return builders.write_zip(folder / "made.zip", members, compression).read_bytes()

    return make


def damaged(change: Callable[[bytearray], bytes], compression: int = 8) -> Callable:
    return lambda folder: change(good_zip(folder, compression))


BROKEN = {
    "no zip": (lambda _: b"tweetid,userid\n1,2\n", "not a zip file .*download it again"),
    "html page": (lambda _: b"<!DOCTYPE html><html>Error", "error page .*download it again"),
    "empty file": (lambda _: b"", "not a zip file"),
    "cut short": (damaged(lambda data: bytes(data[:-200])), "half a download.*download it again"),
    "byte flipped": (damaged(lambda data: flipped(data, 900)), "damaged.*Download it again"),
    "stored byte flipped": (
        damaged(lambda data: flipped(data, 900), zipfile.ZIP_STORED),
        "damaged; its checksum .*Download it again",
    ),
    "wrong checksum": (
        damaged(lambda data: flipped(data, central(data) + 16)),
        "damaged; its checksum .*Download it again",
    ),
    "encrypted": (
        damaged(lambda data: flipped(data, central(data) + 8, 1)),
        "member posts.csv: encrypted; unpack it yourself",
    ),
    "middle missing": (
        damaged(lambda data: bytes(data[:200] + data[260:])),
        "(?i)damaged.*download it again",
    ),
    "directory damaged": (
        damaged(lambda data: flipped(data, central(data))),
        "(?i)damaged.*download it again",
    ),
    "directory offset damaged": (
        damaged(lambda data: flipped(data, len(data) - 6)),
        "(?i)damaged.*download it again",
    ),
    "no csv": (zipped({"photo.jpg": b"x"}), "no .csv file"),
    "no csv but debris": (zipped({"__MACOSX/._a.csv": b"x"}), "no .csv file"),
    "blank member": (zipped({"a.csv": b" \n"}), "member a.csv: empty, not even a header"),
    "quote never closes": (
        zipped({"a.csv": HEADER + LINE + b'"open,b,c\n' + b"x,y,z\n" * 9}),
        "member a.csv, line 3: the file ends inside a quoted field.*download it again",
    ),
    "unusual compression": (
        zipped({"a.csv": HEADER + LINE}, zipfile.ZIP_BZIP2),
        "compressed in an unusual way; unpack and zip it again",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_zip_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    make, words = BROKEN[name]
    path = tmp_path / "ภาพ of posts.zip"
    path.write_bytes(make(tmp_path))
    with pytest.raises(InputError, match=rf"(?s){words}") as problem:
        for member in list_members(path):
            read(member)
    assert str(problem.value).startswith(str(path))


@pytest.mark.parametrize("name", ["a.csv", "a.zip"])
def test_an_empty_file_has_no_columns_and_no_rows(tmp_path: Path, name: str) -> None:
    """Some years of an archive are: that not all of it is empty is seen when it is fetched."""
    path = tmp_path / name
    path.write_bytes(zipped({"a.csv": b""})(tmp_path) if name == "a.zip" else b"")
    [member] = list_members(path)
    assert read_header(member) == []
    assert blocks(member) == []


def test_a_quote_that_does_not_close_is_found_before_memory_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "RECORD_LIMIT", 2**20)
    member = plain(tmp_path, HEADER + b'"open,b,c\n' + b"x,y,z\n" * 400_000)
    with pytest.raises(
        InputError, match=r"line 2: the record that starts here does not end within 1 MB.*damaged"
    ):
        read(member, 2**18)


def test_a_big_file_that_is_no_zip_is_not_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "half a download.zip"
    path.write_bytes(b"PK\x03\x04" + b"x" * 1000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("reads the file whole"))
    with pytest.raises(InputError, match="half a download"):
        list_members(path)


def test_the_producer_stops_when_the_consumer_does() -> None:
    made = []

    def chunks() -> Iterator[bytes]:
        for number in range(1000):
            made.append(number)
            yield b"x"

    stream = in_thread(chunks())
    next(stream)
    stream.close()
    assert len(made) < 10


def test_the_producer_waits_for_a_slow_consumer() -> None:
    stream = in_thread(iter(range(9)), ahead=1)
    first = next(stream)
    time.sleep(0.3)  # longer than it waits before it looks whether it is to stop
    assert [first, *stream] == list(range(9))


def test_an_error_in_the_producer_reaches_the_consumer() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"
        raise InputError("broken")

    with pytest.raises(InputError, match="broken"):
        list(in_thread(chunks()))


def test_no_error_repeats_what_a_post_says(tmp_path: Path) -> None:
    """Logs must hold no post text, so a damaged record is named by its line."""
    path = tmp_path / "posts.csv"
    path.write_bytes(to_csv([post(tweet_text="a secret sentence")])[:-30])
    with pytest.raises(InputError) as caught:
        blocks(list_members(path)[0])
    assert "secret" not in str(caught.value)
    assert "line 2" in str(caught.value)
