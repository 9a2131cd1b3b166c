"""Files that are packed, or no CSV at all: read, or named for what they are."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import campaign, clean, post, to_csv, write_zip

from takedown.archives.catalogue import files_in
from takedown.archives.members import Limits, NoTableError, list_members
from takedown.errors import InputError
from takedown.fetch.structure import check_structure

CSV = to_csv(campaign(days=20))
PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
each = pytest.mark.parametrize("ending", PACKERS)


@each
def test_a_packed_csv_is_read_as_the_csv_itself(tmp_path: Path, ending: str) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/a.csv").write_bytes(CSV)
    packed = tmp_path / f"a.csv.{ending}"
    packed.write_bytes(PACKERS[ending](CSV))
    plain = clean(tmp_path / "plain", tmp_path / "plain/a.csv")
    found = clean(tmp_path, packed)
    assert found.posts.equals(plain.posts)
    assert found.outcomes == plain.outcomes


@each
@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_packed_csv_that_is_damaged_is_refused(tmp_path: Path, ending: str, damage: str) -> None:
    data = bytearray(PACKERS[ending](CSV))
    if damage == "cut":
        del data[len(data) // 2 :]
    else:
        data[len(data) // 2] ^= 0xFF
    path = tmp_path / f"a.csv.{ending}"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"damaged .*Download it again"):
        check_structure(path, "tweets", limits=Limits())


@each
def test_a_packed_csv_that_would_fill_the_disk_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.csv.{ending}"
    path.write_bytes(PACKERS[ending](CSV + b"x" * 2**22))
    with pytest.raises(InputError, match=r"unfolds from .*max_ratio"):
        check_structure(path, "tweets", limits=Limits(ratio=20))


def tar(data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "start", "said"),
    [
        ("a.7z", b"7z\xbc\xaf\x27\x1c", r"a 7z archive, not a CSV; unpack it: 7z x a\.7z"),
        ("a.rar", b"Rar!\x1a\x07", "a RAR archive"),
        ("a.csv.zst", b"\x28\xb5\x2f\xfd", r"Zstandard, not a CSV; unpack it: unzstd a\.csv"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "a spreadsheet of Excel"),
        ("a.parquet", b"PAR1", "a Parquet file"),
        ("a.json", b'{"data": []}', "JSON"),
        ("a.tar", tar(CSV), r"a tar archive, not a CSV; unpack it: tar xf a\.tar"),
        ("a.tar.gz", gzip.compress(tar(CSV)), r"a tar archive, .* tar xf a\.tar\.gz"),
        ("a.tar.xz", lzma.compress(tar(CSV)), "a tar archive"),
    ],
)
def test_what_is_no_csv_is_named(tmp_path: Path, name: str, start: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(start + b"\0" * 20)
    with pytest.raises(NoTableError, match=said):
        list_members(tmp_path / name)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"[Content_Types].xml": b"", "xl/workbook.xml": b""}, "It is a spreadsheet of Excel"),
        ({"inner/posts.zip": b"PK"}, r"It holds inner/posts\.zip: unpack it"),
        ({"a.csv.gz": b""}, r"It holds a\.csv\.gz"),
        ({"photo.jpg": b""}, "Is it the archive's media file"),
        ({"__MACOSX/._a.csv": b"", "x/._a.csv": b""}, "holds no .csv file"),
    ],
)
def test_a_zip_without_a_csv_is_named(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    write_zip(tmp_path / "a.zip", members)
    with pytest.raises(NoTableError, match=said):
        list_members(tmp_path / "a.zip")


def test_what_macos_puts_beside_a_csv_is_passed_over(tmp_path: Path) -> None:
    debris = {"__MACOSX/._a.csv": b"\0\5", "._a.csv": b"\0\5", "a.csv": CSV}
    [member] = list_members(write_zip(tmp_path / "a.zip", debris))
    assert member.name == "a.csv"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress], ids=["plain", "gz"])
def test_utf_16_is_named(tmp_path: Path, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    path = tmp_path / "a.csv"
    path.write_bytes(pack(mark + CSV.decode().encode(encoding)))
    with pytest.raises(InputError, match=r"a\.csv: its text is UTF-16"):
        check_structure(path, "tweets", limits=Limits())


@pytest.mark.parametrize("pack", ["csv", "zip"])
def test_quotes_behind_backslashes_are_refused(tmp_path: Path, pack: str) -> None:
    """As Spark and MySQL write them: read as doubled ones, rows are lost, and texts are wrong."""
    text = CSV.replace(b'""', b'\\"')
    path = tmp_path / f"a.{pack}"
    if pack == "csv":
        path.write_bytes(text)
    else:
        write_zip(path, {"a.csv": text})
    with pytest.raises(InputError, match="quotation marks within cells are written") as problem:
        check_structure(path, "tweets", limits=Limits())
    assert "option" in str(problem.value)


@pytest.mark.parametrize("cell", ["ends with \\", 'a \\" inside', '\\"', "\\", 'x\\"\n"y'])
def test_backslashes_in_texts_are_no_matter(tmp_path: Path, cell: str) -> None:
    rows = campaign(days=3)
    for row in rows:
        row["tweet_text"] = cell
    path = tmp_path / "a.csv"
    path.write_bytes(to_csv(rows))
    assert clean(tmp_path, path).posts["tweet_text"].to_list() == [cell] * len(rows)


def test_a_folder_may_hold_other_things(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "tweets.csv").write_bytes(CSV)
    (folder / "tweet_ids.csv").write_text("tweetid\n1196660000000000123\n")
    (folder / "old.csv").mkdir()
    (folder / "._tweets.csv").write_bytes(b"\0\5")
    (folder / "notes.txt").write_text("x")
    (folder / "backup.7z.gz").write_bytes(gzip.compress(tar(CSV)))
    with zipfile.ZipFile(folder / "photos.zip", "w") as archive:
        archive.writestr("photo.jpg", b"x")
    assert files_in(folder, "tweets", None) == [folder / "tweets.csv"]
    (folder / "half.zip").write_bytes(b"PK\x03\x04 half a download")
    with pytest.raises(InputError, match="only half a download"):
        files_in(folder, "tweets", None)


def test_an_archive_without_a_header_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    """Its first line is a post, and the message goes to logs and pages."""
    rows = campaign(days=5)
    cells = {name: f"secret_{name}" for name in ("user_screen_name", "tweet_text")}
    text = to_csv([rows[0] | cells, *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text[text.index(b"\n") + 1 :])
    with pytest.raises(InputError, match=r"Known columns in its first line: none") as problem:
        check_structure(path, "tweets", limits=Limits())
    assert "secret" not in str(problem.value) and rows[0]["tweetid"] not in str(problem.value)


POSTS = to_csv([post()])
HEADER, ROW = POSTS.split(b"\n", 1)
PARTS = {
    "a part split off without its header": ("xab.csv", ROW),
    "saved with semicolons": ("xab.csv", POSTS.replace(b'","', b'";"')),
    "names in capitals": ("xab.csv", HEADER.upper() + b"\n" + ROW),
    "without the accounts": ("xab.csv", POSTS.replace(b'"userid"', b'"who"', 1)),
    "Parquet called a CSV": ("xab.csv", b"PAR1" + bytes(40)),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_cannot_be_read_is_not_passed_over(tmp_path: Path, part: str) -> None:
    """Posts would be missing from every number, without a word."""
    name, data = PARTS[part]
    (tmp_path / "xaa.csv").write_bytes(POSTS)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=name):
        files_in(tmp_path, "tweets", None)


def test_what_holds_no_posts_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "media_tweets.csv").write_bytes(POSTS)
    (tmp_path / "events.csv").write_text("date,title\n2019-11-20,x\n")
    (tmp_path / "ids.csv").write_text("tweetid\n1\n")
    (tmp_path / "notes.txt").write_text("tweetid,userid\n")
    write_zip(tmp_path / "photos.zip", {"a.jpg": b"x"})
    assert files_in(tmp_path, "tweets", None) == [tmp_path / "media_tweets.csv"]


def test_a_second_mark_of_utf8_is_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf\xef\xbb\xbf" + POSTS)
    assert files_in(tmp_path, "tweets", None) == [tmp_path / "a.csv"]


@pytest.mark.parametrize("name", ["b.tsv", "b.csv.gz", "x/b.parquet", "b.CSV.XZ"])
def test_a_zip_with_tables_that_are_not_read_is_refused(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.csv": POSTS, name: b"x"})
    with pytest.raises(InputError, match=f"beside its CSVs it holds {re.escape(name)}"):
        list_members(path)
    write_zip(path, {"a.csv": POSTS, "README.txt": b"x", "__MACOSX/._b.tsv": b"x"})
    assert [member.name for member in list_members(path)] == ["a.csv"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (POSTS.replace(b"\n", b"\r"), "its lines end in carriage returns alone"),
        (b"\n" + POSTS, "its first line is blank. The names of the columns stand there"),
        (b"", "empty, not even a header line"),
    ],
)
def test_a_first_line_that_is_none_is_told(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        check_structure(path, "tweets", limits=Limits())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_a_file_in_another_unicode_is_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(POSTS.decode("utf-8").encode(encoding))
    with pytest.raises(InputError, match="its text is UTF-16 or UTF-32"):
        check_structure(path, "tweets", limits=Limits())
