"""A file is an archive, whole and of its role, or is refused with a sentence that says why."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from builders import COLUMNS_30, COLUMNS_31, USER_COLUMNS, clean, post, to_csv, user, write_zip
from isal import isal_zlib

from takedown.archives.catalogue import CATALOGUE, file_name, read_catalogue
from takedown.archives.members import Limits, inflate, list_members
from takedown.errors import InputError
from takedown.fetch.structure import check_structure

ROOT = Path(__file__).parents[2]
ROWS = read_catalogue(ROOT / CATALOGUE)
POSTS = [post(f"2019-11-{day:02} 05:20", f"u{day % 3}") for day in range(1, 10)]
USERS = [user(name) for name in ("u0", "u1", "u2", "silent")]
TWEETS_CSV = to_csv(POSTS)
USERS_CSV = to_csv(USERS, USER_COLUMNS)
HEADER = to_csv([])
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
BOTH = pytest.mark.parametrize("compression", [STORED, DEFLATED], ids=["stored", "deflated"])
MEGABYTE = 2**20
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please</body></html>"
DENIED = (
    b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code>"
    b"<Message>Access denied.</Message></Error>"
)


def check(path: Path, role: str = "tweets", limits: Limits | None = None, **settings: str) -> None:
    check_structure(path, role, limits=limits or Limits(), **settings)


def refusal(path: Path, role: str = "tweets", limits: Limits | None = None, **settings: str) -> str:
    """What is said of a file that must be refused; it begins with the file's path."""
    before = path.read_bytes() if path.stat().st_size < MEGABYTE else b""
    with pytest.raises(InputError) as problem:
        check(path, role, limits, **settings)
    assert str(problem.value).startswith(str(path))
    assert not before or path.read_bytes() == before
    return str(problem.value)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


Entries = list[zipfile.ZipInfo]


def doctored(
    path: Path,
    members: dict[str, bytes],
    change: Callable[[Entries], object],
    compression: int = DEFLATED,
) -> Path:
    """A zip of which only the directory at its end is changed: it lies about its members."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        change(archive.infolist())
    return path


def setting(**values: int | str) -> Callable[[Entries], None]:
    """A change of the last entry of a zip's directory."""

    def change(entries: Entries) -> None:
        for name, value in values.items():
            setattr(entries[-1], name, value)

    return change


def shifting(name: str, by: int) -> Callable[[Entries], None]:
    """A change of a number in the last entry of a zip's directory."""

    def change(entries: Entries) -> None:
        setattr(entries[-1], name, getattr(entries[-1], name) + by)

    return change


# Every archive of the catalogue

PARTS = {
    "single": [["1"]],
    "": [["1"], ["1", "2"]],
    "numbered": [["1", "2", "3"], ["01", "02", "03"], [f"{part:03}" for part in range(9)]],
    "yearly": [["2017", "2018", "2019", "2020"]],
}
CASES = [
    pytest.param(row, parts, id=f"{name}-{parts[0]}-{len(parts)}")
    for name, row in ROWS.items()
    for parts in PARTS[row["tweets_layout"]]
]


def member_names(row: dict[str, str], parts: Iterable[str]) -> list[str]:
    """Names of the CSVs of posts, as far as the catalogue knows them."""
    pattern = row["tweets_members"]
    if pattern.startswith("*"):
        pattern = f"{row['archive_id']}_{pattern[1:]}"
        if row["tweets_layout"] != "single":
            pattern = pattern.replace("hashed*", "hashed_*")
    return list(dict.fromkeys(pattern.replace("*", part) for part in parts))


def yearly(names: list[str]) -> dict[str, bytes]:
    """Posts in two years, between a year that is an empty file and one of a header alone."""
    return dict(zip(names, [b"", to_csv(POSTS[:4]), HEADER, to_csv(POSTS[4:])], strict=True))


def numbered(names: list[str]) -> dict[str, bytes]:
    """The posts dealt out to the members."""
    return {name: to_csv(POSTS[index :: len(names)]) for index, name in enumerate(names)}


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize(("row", "parts"), CASES)
def test_each_archive_of_the_catalogue_is_accepted_and_every_post_of_it_read(
    tmp_path: Path, row: dict[str, str], parts: list[str]
) -> None:
    names = member_names(row, parts)
    tweets = tmp_path / file_name(row["tweets_url"])
    users = tmp_path / file_name(row["users_url"])
    if row["tweets_format"] == "csv":
        tweets.write_bytes(TWEETS_CSV)
    else:
        write_zip(tweets, (yearly if row["tweets_layout"] == "yearly" else numbered)(names))
        assert len(list_members(tweets)) == len(names) == len(parts)
    if row["users_format"] == "csv":
        users.write_bytes(USERS_CSV)
    else:
        write_zip(users, {row["users_members"]: USERS_CSV})
    for path, role in ((tweets, "tweets"), (users, "users")):
        expected = row[f"{role}_members"]
        check(path, role, expected=expected)
        part = path.rename(path.with_name(path.name + ".part"))
        check(part, role, expected=expected, name=path.name)
        part.rename(path)
    found = clean(tmp_path, tweets, [users], timezone=row["timezone"])
    assert found.outcomes == {("kept", ""): len(POSTS) + len(USERS)}
    assert sorted(found.posts["tweetid"]) == sorted(row["tweetid"] for row in POSTS)
    assert sorted(found.accounts["userid"]) == sorted(row["userid"] for row in USERS)


@pytest.mark.parametrize("name", ROWS)
def test_the_members_of_another_archive_are_refused(tmp_path: Path, name: str) -> None:
    row = ROWS[name]
    path = write_zip(tmp_path / "a.zip", {"sim_posts.csv": TWEETS_CSV})
    for role, other in (("tweets", "users"), ("users", "tweets")):
        expected = row[f"{role}_members"]
        words = f"member sim_posts.csv: the members of this archive are named {expected}, so it"
        assert words in refusal(path, role, expected=expected)
        [csv_name, *_] = member_names(row, ["1"]) if other == "tweets" else [row["users_members"]]
        swapped = write_zip(tmp_path / "b.zip", {csv_name: TWEETS_CSV})
        assert "so it seems to be another one." in refusal(swapped, role, expected=expected)


def test_one_member_of_another_archive_among_its_own_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"x_1.csv": TWEETS_CSV, "y_1.csv": TWEETS_CSV})
    assert "member y_1.csv: the members of this archive" in refusal(path, expected="x_*.csv")


# Other shapes that are accepted


@BOTH
@pytest.mark.parametrize("columns", [COLUMNS_30, COLUMNS_31, sorted(COLUMNS_31)])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_every_dialect_is_accepted_zipped_and_raw(
    tmp_path: Path, compression: int, columns: list[str], newline: str, mark: bytes
) -> None:
    data = mark + to_csv(POSTS, columns, newline)
    check(written(tmp_path / "a.csv", data))
    check(write_zip(tmp_path / "a.zip", {"a.csv": data}, compression))


def test_what_is_no_csv_is_passed_over(tmp_path: Path) -> None:
    members = {
        "readme.txt": b"words",
        "__MACOSX/folder/._a.csv": b"\x00\x05\x16\x07",
        "folder/": b"",
        "folder/a..b.csv": TWEETS_CSV,
        ".DS_Store": b"\x00",
    }
    check(write_zip(tmp_path / "a.zip", members), expected="a*.csv")


def test_a_zip_with_a_comment_is_accepted(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.csv": TWEETS_CSV})
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"from the archive of state-linked operations"
    check(path)


def test_a_zip_written_to_a_pipe_is_accepted(tmp_path: Path) -> None:
    """Its sizes and checksums stand behind each member, and as zero before it."""
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        pipe = type("Pipe", (), {"write": file.write, "flush": file.flush})()
        with zipfile.ZipFile(pipe, "w", DEFLATED) as archive:
            archive.writestr("a.csv", TWEETS_CSV)
    assert path.read_bytes()[14:26] == bytes(12)
    check(path)


@pytest.mark.parametrize("role", ["tweets", "users"])
def test_a_csv_with_header_alone_is_accepted(tmp_path: Path, role: str) -> None:
    data = HEADER if role == "tweets" else to_csv([], USER_COLUMNS)
    check(written(tmp_path / "a.csv", data), role)


BIG = 2**32 + 5


def write_big(path: Path) -> None:
    """A zip of a stored member of 4 GB, nearly all of it a hole in the file, and a second one."""
    crc = isal_zlib.crc32(HEADER)
    zeros = memoryview(bytes(16 * MEGABYTE))
    for done in range(len(HEADER), BIG, len(zeros)):
        crc = isal_zlib.crc32(zeros[: BIG - done], crc)
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("big_1.csv")
        info.file_size = info.compress_size = BIG
        info.CRC, info.header_offset = crc, 0
        assert archive.fp is not None
        archive.fp.write(info.FileHeader(zip64=True))
        archive.fp.write(HEADER)
        archive.fp.seek(BIG - len(HEADER), 1)
        archive.start_dir = archive.fp.tell()
        archive.filelist.append(info)
        archive.NameToInfo[info.filename] = info
        archive.writestr("big_2.csv", TWEETS_CSV, DEFLATED)


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.skipif("TAKEDOWN_SEQUENCES" not in os.environ, reason="CI has the time to read 4 GB")
def test_a_zip64_of_more_than_4_gb_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "big.zip"
    write_big(path)
    assert path.stat().st_size > BIG
    assert path.stat().st_blocks * 512 < MEGABYTE
    assert list_members(path)[1].info.header_offset > BIG
    check(path, expected="big_*.csv")
    path.unlink()


# What is no zip, or only part of one


@pytest.mark.parametrize(
    ("data", "start"),
    [(HTML, "b'<!DOCTYPE ht'"), (DENIED, "b'<?xml versio'"), (b"", "b''"), (TWEETS_CSV, "b'\"")],
    ids=["a log-in page", "access denied", "nothing", "a csv"],
)
def test_what_is_named_as_a_zip_must_be_one(tmp_path: Path, data: bytes, start: str) -> None:
    words = f": not a zip file (it starts with {start}"
    assert words in refusal(written(tmp_path / "a.zip", data))
    assert words in refusal(written(tmp_path / "a.zip.part", data), name="a.zip")
    assert words in refusal(written(tmp_path / "A.ZIP", data))


@pytest.mark.parametrize("data", [HTML, DENIED], ids=["a log-in page", "access denied"])
@pytest.mark.parametrize("role", ["tweets", "users"])
def test_a_page_saved_as_csv_is_refused(tmp_path: Path, data: bytes, role: str) -> None:
    column = "tweetid" if role == "tweets" else "userid"
    assert f": no column '{column}'" in refusal(written(tmp_path / "a.csv", data), role)


@BOTH
def test_a_zip_cut_short_anywhere_is_refused(tmp_path: Path, compression: int) -> None:
    members = {"a_1.csv": to_csv(POSTS[:2]), "a_2.csv": to_csv(POSTS[2:4])}
    data = write_zip(tmp_path / "whole.zip", members, compression).read_bytes()
    directory = data.index(b"PK\x01\x02")
    cuts = {*range(40), *range(40, directory, 97), *range(directory - 9, len(data))}
    for cut in sorted(cuts):
        words = refusal(written(tmp_path / "cut.zip", data[:cut]))
        expected = "not a zip file" if cut < 4 else "only half a download of a zip"
        assert expected in words, f"cut at {cut} of {len(data)}: {words}"
    check(written(tmp_path / "cut.zip", data))


@BOTH
def test_bytes_missing_in_the_middle_are_noticed_wherever(tmp_path: Path, compression: int) -> None:
    path = write_zip(tmp_path / "whole.zip", {"a.csv": TWEETS_CSV}, compression)
    data = path.read_bytes()
    for start in range(0, data.index(b"PK\x01\x02"), 11):
        words = refusal(written(tmp_path / "a.zip", data[:start] + data[start + 5 :]))
        assert "ownload it again" in words


@BOTH
def test_a_flipped_bit_in_the_data_is_refused(tmp_path: Path, compression: int) -> None:
    data = write_zip(tmp_path / "whole.zip", {"a.csv": TWEETS_CSV}, compression).read_bytes()
    start, end = 30 + len("a.csv"), data.index(b"PK\x01\x02")
    records = start + len(HEADER) if compression == STORED else start + 400
    for index in range(start, end, 5):
        changed = bytearray(data)
        changed[index] ^= 1 << index % 8
        words = refusal(written(tmp_path / "a.zip", bytes(changed)))
        assert "member a.csv: " in words
        # In the header a changed name is noticed first.
        assert index < records or "member a.csv: damaged" in words or "cut short" in words


@pytest.mark.usefixtures("may_take_long")
@BOTH
def test_a_flipped_bit_anywhere_is_refused_or_changes_nothing_that_is_read(
    tmp_path: Path, compression: int
) -> None:
    members = {"a_1.csv": to_csv(POSTS[:2]), "a_2.csv": to_csv(POSTS[2:4])}
    data = write_zip(tmp_path / "whole.zip", members, compression).read_bytes()
    directory = data.index(b"PK\x01\x02")
    accepted = []
    for index in (*range(40), *range(directory, len(data))):
        for bit in range(8):
            changed = bytearray(data)
            changed[index] ^= 1 << bit
            path = written(tmp_path / "a.zip", bytes(changed))
            try:
                check(path, expected="a_*.csv")
            except InputError as problem:
                assert str(problem).startswith(str(path))
            else:
                read = [b"".join(inflate(member)) for member in list_members(path)]
                accepted += [] if read == list(members.values()) else [(index - directory, bit)]
    assert accepted == []


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        shifting("CRC", 1),
        shifting("file_size", 1),
        shifting("file_size", -1),
        shifting("file_size", -500),
        setting(file_size=0),
        shifting("compress_size", -1),
        setting(compress_size=0),
        shifting("header_offset", 1),
        setting(header_offset=2**20),
    ],
    ids="CRC,size + 1,size - 1,size - 500,size 0,packed - 1,packed 0,offset,offset outside".split(
        ","
    ),
)
def test_a_directory_that_does_not_describe_the_data_is_refused(
    tmp_path: Path, compression: int, change: Callable[[Entries], object]
) -> None:
    members = {"b.csv": to_csv(POSTS[:2]), "a.csv": TWEETS_CSV}
    words = refusal(doctored(tmp_path / "a.zip", members, change, compression))
    assert "damaged" in words or "cut short" in words
    assert words.endswith("Download it again.")


# What could do harm

LEADING_OUT = [
    "../x.csv",
    "a/../../x.csv",
    "a/..",
    "/x.csv",
    "/etc/x.csv",
    "//server/share/x.csv",
    "C:\\x.csv",
    "C:x.csv",
    "c:/x.csv",
    "..\\x.csv",
    "a\\..\\..\\x.csv",
    "\\x.csv",
    "\\\\server\\share\\x.csv",
    "x.csv\0/../../y.csv",
]


@pytest.mark.parametrize("name", LEADING_OUT)
@pytest.mark.parametrize("kind", ["csv", "other"])
def test_a_name_that_leads_out_of_the_folder_is_refused(
    tmp_path: Path, name: str, kind: str
) -> None:
    name = name if kind == "csv" else name.replace("csv", "txt")
    members = {"a.csv": TWEETS_CSV, "last": TWEETS_CSV}
    path = doctored(tmp_path / "a.zip", members, setting(filename=name))
    words = refusal(path)
    assert f"member {name!r}: a name that leads out of the folder it is unpacked in" in words
    assert "do not unpack it" in words


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = doctored(tmp_path / "a.zip", {"a.csv": TWEETS_CSV}, setting(flag_bits=1))
    assert "member a.csv: encrypted; unpack it yourself first" in refusal(path)


def test_a_member_that_unfolds_too_far_is_refused_unless_the_user_knows_better(
    tmp_path: Path,
) -> None:
    data = TWEETS_CSV + bytes(2 * MEGABYTE)
    path = write_zip(tmp_path / "a.zip", {"a.csv": data})
    words = refusal(path)
    assert "member 'a.csv': would unfold from " in words
    assert f" to {len(data):,} bytes, more than 200-fold. Raise `fetch.max_ratio`" in words
    check(path, limits=Limits(ratio=1100))


def test_a_bomb_beside_the_csvs_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.csv": TWEETS_CSV, "photo.jpg": bytes(MEGABYTE)})
    assert "member 'photo.jpg': would unfold from " in refusal(path)


def test_few_bytes_may_unfold_far(tmp_path: Path) -> None:
    """A header alone packs well, and is small."""
    check(write_zip(tmp_path / "a.zip", {"a.csv": HEADER + b"\n" * 90_000}))


@BOTH
def test_a_zip_that_unfolds_to_too_much_is_refused_unless_the_user_knows_better(
    tmp_path: Path, compression: int
) -> None:
    members = {f"a_{part}.csv": TWEETS_CSV for part in range(9)}
    path = write_zip(tmp_path / "a.zip", members, compression)
    size = 9 * len(TWEETS_CSV)
    words = refusal(path, limits=Limits(gigabytes=(size - 1) / 1e9))
    assert ": would unfold to 0.0 GB, more than " in words
    assert "Raise `fetch.max_gigabytes`" in words
    check(path, limits=Limits(gigabytes=size / 1e9))


def test_a_bomb_that_lies_about_its_size_is_stopped_at_that_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = TWEETS_CSV + bytes(64 * MEGABYTE)
    lie = setting(file_size=len(TWEETS_CSV), CRC=zlib.crc32(TWEETS_CSV))
    path = doctored(tmp_path / "a.zip", {"a.csv": data}, lie)
    unfolded: list[int] = []
    monkeypatch.setattr("takedown.archives.members.isal_zlib", Counting(unfolded))
    assert "member a.csv: damaged; its checksum is " in refusal(path)
    assert sum(unfolded) < 4 * MEGABYTE


class Counting:
    """isal_zlib, with a record of how much it inflates."""

    error = isal_zlib.error

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = sizes

    def crc32(self, data: bytes, value: int = 0) -> int:
        self.sizes.append(len(data))
        return isal_zlib.crc32(data, value)

    def decompressobj(self, **settings: int) -> object:
        return isal_zlib.decompressobj(**settings)


@BOTH
def test_two_entries_for_the_same_bytes_are_refused(tmp_path: Path, compression: int) -> None:
    def overlap(entries: Entries) -> None:
        entries[1].header_offset = entries[0].header_offset

    members = {"a_1.csv": TWEETS_CSV, "a_2.csv": TWEETS_CSV}
    path = doctored(tmp_path / "a.zip", members, overlap, compression)
    assert ": overlaps another, as no archive's do." in refusal(path)


def test_a_member_that_reaches_into_the_next_is_refused(tmp_path: Path) -> None:
    def overlap(entries: Entries) -> None:
        entries[0].compress_size += entries[1].compress_size

    members = {"a_1.csv": TWEETS_CSV, "a_2.csv": TWEETS_CSV}
    assert ": overlaps another, as no archive's do." in refusal(
        doctored(tmp_path / "a.zip", members, overlap)
    )


@pytest.mark.parametrize("name", ["a.csv", "readme.txt"])
def test_a_name_that_stands_twice_is_refused(tmp_path: Path, name: str) -> None:
    members = {"a.csv": TWEETS_CSV, "readme.txt": b"words", "last": to_csv(POSTS[:2])}
    path = doctored(tmp_path / "a.zip", members, setting(filename=name))
    assert f"member {name!r}: stands twice in the zip" in refusal(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(tmp_path: Path, compression: int) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.csv": TWEETS_CSV}, compression)
    words = "member a.csv: compressed in an unusual way; unpack and zip it again."
    assert words in refusal(path)


# What is in it


@pytest.mark.parametrize("members", [{}, {"photo.jpg": b"x"}, {"__MACOSX/._a.csv": b"x"}])
def test_a_zip_without_a_csv_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    path = write_zip(tmp_path / "a.zip", members)
    assert ": the zip holds no .csv file. Is it the archive's media file?" in refusal(path)


@pytest.mark.parametrize("name", ["a.zip", "a.csv"])
@pytest.mark.parametrize(
    ("data", "role", "words"),
    [
        (TWEETS_CSV, "users", "holds posts, not accounts. Under `users:` name the archive's users"),
        (USERS_CSV, "tweets", "no column 'tweetid'"),
        (to_csv(POSTS, [*COLUMNS_30, "hashtags"]), "tweets", "the column 'hashtags' stands twice"),
        (to_csv(POSTS, COLUMNS_30[:-3]), "tweets", "no column 'hashtags'"),
        (b"", "tweets", "empty, not even a header line"),
        (b"", "users", "empty, not even a header line"),
        (b"\n", "tweets", "empty, not even a header line"),
        (b"\xef\xbb\xbf", "tweets", "empty, not even a header line"),
    ],
    ids="posts,accounts,twice,missing,empty,empty users,blank,mark alone".split(","),
)
def test_a_csv_of_the_wrong_kind_is_refused(
    tmp_path: Path, name: str, data: bytes, role: str, words: str
) -> None:
    path = tmp_path / name
    where = f"{path}, member x.csv" if name == "a.zip" else str(path)
    path.write_bytes(data) if name == "a.csv" else write_zip(path, {"x.csv": data})
    assert refusal(path, role).startswith(f"{where}: {words}")


@pytest.mark.parametrize("columns", [COLUMNS_30, ["tweetid", 'an "open', "c"]])
def test_a_csv_whose_lines_end_in_a_carriage_return_alone_is_refused(
    tmp_path: Path, columns: list[str]
) -> None:
    """As old programs on a Mac saved them: it is one endless header."""
    data = to_csv(POSTS, columns, "\r").replace(b'"', b"")
    assert refusal(written(tmp_path / "a.csv", data)).startswith(f"{tmp_path / 'a.csv'}: ")


def test_the_wrong_member_of_several_is_named(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a_1.csv": TWEETS_CSV, "a_2.csv": USERS_CSV})
    assert "member a_2.csv: no column 'tweetid'" in refusal(path)


def test_an_archive_of_empty_csvs_alone_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a_2018.csv": b"", "a_2019.csv": b""})
    assert "member a_2018.csv: empty, not even a header line" in refusal(path)


def test_a_raw_csv_that_ends_inside_quotes_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    text = to_csv([post(tweet_text='says "so", and\nmore')])
    cuts = [cut for cut in range(len(HEADER), len(text)) if text.count(b'"', 0, cut) % 2]
    assert len(cuts) > 100
    for cut in cuts:
        words = refusal(written(tmp_path / "a.csv", text[:cut]))
        assert ": the file ends inside a quoted field of the record that starts here." in words


def test_no_refusal_repeats_what_a_post_says(tmp_path: Path) -> None:
    """Logs must hold no post text."""
    data = to_csv([post(tweet_text="a secret sentence")])
    path = written(tmp_path / "a.csv", data[:-1] + b',"')
    assert "secret" not in refusal(path)


# Memory

MEMORY = """
import resource, sys
from pathlib import Path
from takedown.archives.members import Limits
from takedown.fetch.structure import check_structure

def peak():
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024

before = peak()
check_structure(Path(sys.argv[1]), "tweets", limits=Limits(ratio=2000))
print(peak() - before)
"""


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("name", ["deflated.zip", "stored.zip", "raw.csv"])
def test_a_csv_of_300_mb_is_checked_in_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    block = TWEETS_CSV.removeprefix(HEADER) * (MEGABYTE // len(TWEETS_CSV))
    rounds = 1 + 300_000_000 // len(block)
    if name == "raw.csv":
        with path.open("wb") as file:
            file.writelines([HEADER, *[block] * rounds])
    else:
        compression = DEFLATED if name == "deflated.zip" else STORED
        with (
            zipfile.ZipFile(path, "w", compression, compresslevel=1) as archive,
            archive.open("a.csv", "w") as member,
        ):
            member.writelines([HEADER, *[block] * rounds])
    result = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)],
        env={"PYTHONPATH": str(ROOT / "workflow")},
        check=True,
        capture_output=True,
        text=True,
    )
    path.unlink()
    assert int(result.stdout) < 60_000_000
