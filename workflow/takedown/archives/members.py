"""The CSV files in an archive, a zip's members or a file of its own, and their bytes.

Nothing is unpacked to disk. Every byte of a zip that is handed on has been inflated with ISA-L, and
is checked against the zip's own size and CRC at the end of its member. A CSV of its own may be
packed with gzip, bzip2 or xz; what is packed otherwise, or no CSV, is named for what it is.
"""

from __future__ import annotations

import bz2
import csv
import io
import lzma
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from isal import igzip, isal_zlib

from takedown.errors import InputError
from takedown.io.user_csv import SEPARATORS

CHUNK_BYTES = 2**20
HEADER_BYTES = 2**16
NEWLINE, QUOTE, BOM = b"\n", b'"', b"\xef\xbb\xbf"
#: How a line of a file ends whose cells are quoted.
QUOTED_END = (QUOTE + NEWLINE, QUOTE + b"\r" + NEWLINE)
LOCAL_HEADER = b"PK\x03\x04"
#: A member's sizes and checksum may stand once more behind it.
DESCRIPTOR_BYTES = 24
UTF8_FLAG = 0x800
AGAIN = "Download it again."
#: How a file of one packed CSV begins, and what opens it.
PACKED: Mapping[bytes, Callable[..., io.BufferedIOBase]] = {
    b"\x1f\x8b": igzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
UNPACKING: tuple[type[Exception], ...] = (OSError, EOFError, lzma.LZMAError)
UNPACKING += (isal_zlib.error,)  # type: ignore[operator]
#: How other files begin, what they are, and what turns them into a CSV.
OTHERS: Mapping[bytes, tuple[str, str]] = {
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it: 7z x FILE"),
    b"Rar!": ("a RAR archive", "unpack it: unrar x FILE"),
    b"\x28\xb5\x2f\xfd": ("packed with Zstandard", "unpack it: unzstd FILE"),
    b"\xd0\xcf\x11\xe0": ("a spreadsheet of Excel", "take the CSV as it was released"),
    b"PAR1": ("a Parquet file", "take the CSV as it was released"),
    b"SQLite format 3": ("a data base of SQLite", "take the CSV as it was released"),
    b"%PDF": ("a PDF", "take the CSV as it was released"),
    b"{": ("JSON", "take the CSV as it was released"),
}
TAR, TAR_AT = b"ustar", 257
UTF16, WIDE = (b"\xff\xfe", b"\xfe\xff"), 64
#: Members that may hold posts as well, and are not read where they lie.
TABLES = (".tsv", ".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zst", ".csv.zip", ".parquet", ".xlsx")
MACOS_DEBRIS = "__MACOSX/"
#: Is told how many bytes of the file, packed or not, have been read.
Seen = Callable[[int], object]


class NoTableError(InputError):
    """A sound file that holds no CSV."""


@dataclass(frozen=True)
class Member:
    """One CSV file: a member of a zip, or a file of its own (then ``info`` is None)."""

    path: Path
    name: str
    info: zipfile.ZipInfo | None

    @property
    def where(self) -> str:
        return f"{self.path}, member {self.name}" if self.info else str(self.path)

    @property
    def packed_bytes(self) -> int:
        """The bytes it takes in its file, which is what a reading of it reads."""
        return self.info.compress_size if self.info else self.path.stat().st_size


@dataclass(frozen=True)
class Limits:
    """How far an archive may unfold: a zip of a few kilobytes can hold terabytes.

    ``ratio`` is in unpacked bytes per packed byte of a member, ``gigabytes`` the sum of a zip.
    Released archives unfold by 4 to 8, to 25 GB at most.
    """

    ratio: float = 200
    gigabytes: float = 100


def list_members(path: Path, name: str = "") -> list[Member]:
    """The CSV files in ``path``, a zip or a plain CSV; in the archive's own order.

    ``name`` is the file's final name where it is not that of ``path``. Raises :class:`InputError`
    when the file is named as a zip and is none, is damaged, or is encrypted;
    :class:`NoTableError` where it holds no CSV.
    """
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            start = file.read(TAR_AT + len(TAR))
        refuse_others(path, start)
        if start.startswith(LOCAL_HEADER):
            raise InputError(f"{path}: only half a download of a zip; download it again.")
        if Path(name or path.name).suffix.lower() == ".zip":
            raise InputError(
                f"{path}: not a zip file (it starts with {start[:12]!r}). Often an error page "
                "saved by a browser: download it again."
            )
        return [Member(path, path.name, None)]
    everything = read_directory(path)[0]
    infos = [info for info in everything if is_csv(info.filename)]
    if not infos:
        seems = instead([info.filename for info in everything])
        raise NoTableError(f"{path}: the zip holds no .csv file. {seems}")
    for info in everything:
        if info.filename.lower().endswith(TABLES) and not is_debris(info.filename):
            raise InputError(
                f"{path}: beside its CSVs it holds {info.filename}, which would not be read. "
                "Unpack the zip, and name the files with posts."
            )
    for info in infos:
        if info.flag_bits & 1:
            raise InputError(
                f"{path}, member {info.filename}: encrypted; unpack it yourself first."
            )
    return [Member(path, Path(info.filename).name, info) for info in infos]


def is_csv(name: str) -> bool:
    """Whether a zip's member is a CSV, and not what macOS puts beside one."""
    return name.lower().endswith(".csv") and not is_debris(name)


def is_debris(name: str) -> bool:
    """Whether macOS put a member there beside another one."""
    return name.startswith(MACOS_DEBRIS) or name.rsplit("/", 1)[-1].startswith("._")


def instead(names: list[str]) -> str:
    """What a zip without a CSV seems to be, by the names in it."""
    if any(name.startswith("xl/") for name in names):
        return "It is a spreadsheet of Excel: take the CSV as it was released."
    packed = [name for name in names if name.lower().endswith((".zip", ".gz", ".7z", ".tar"))]
    if packed:
        return f"It holds {packed[0]}: unpack it, and name the files in it."
    return "Is it the archive's media file?"


def refuse_others(path: Path, start: bytes) -> None:
    """Raise :class:`NoTableError` where what begins so is no CSV, packed or not, and no zip."""
    for magic, (what, remedy) in OTHERS.items():
        if start.startswith(magic):
            raise NoTableError(f"{path}: {what}, not a CSV; {remedy.replace('FILE', path.name)}.")
    if opener := opener_of(start):
        try:
            with opener(path) as file:
                start = file.read(TAR_AT + len(TAR))
        except UNPACKING as error:
            raise InputError(f"{path}: damaged ({error}). {AGAIN}") from error
    if start[TAR_AT:] == TAR:
        raise NoTableError(f"{path}: a tar archive, not a CSV; unpack it: tar xf {path.name}.")


def opener_of(start: bytes) -> Callable[..., io.BufferedIOBase] | None:
    """What opens the packed CSV that begins so; None for one that is not packed."""
    return next((opener for magic, opener in PACKED.items() if start.startswith(magic)), None)


def read_directory(path: Path) -> tuple[list[zipfile.ZipInfo], int]:
    """What the zip says of its members, and where it begins to say so.

    Raises :class:`InputError` when that is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist(), archive.start_dir
    # NotImplementedError is what zipfile raises for a version of zip that it does not know.
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: damaged ({error}). {AGAIN}") from error


def check_zip(path: Path, limits: Limits) -> None:
    """Raise :class:`InputError` unless the zip is one that an archive could come in.

    Refused are names that would leave the folder if somebody unpacked them, a name that stands
    twice, members that overlap, and more data than ``limits`` allow. That the data are
    intact shows only when they are inflated.
    """
    infos, directory = read_directory(path)
    seen: set[str] = set()
    for info in infos:
        where = f"{path}, member {info.orig_filename!r}"
        parts = info.orig_filename.replace("\\", "/").split("/")
        if parts[0] == "" or ":" in parts[0] or ".." in parts or "\0" in info.orig_filename:
            raise InputError(
                f"{where}: a name that leads out of the folder it is unpacked in. No released "
                "archive has one: do not unpack it, get the file elsewhere."
            )
        if info.filename in seen:
            raise InputError(
                f"{where}: stands twice in the zip, so which of the two counts is unclear. "
                "Unpack it yourself and name the CSV files."
            )
        seen.add(info.filename)
        if info.file_size > limits.ratio * max(info.compress_size, 1024):
            raise InputError(
                f"{where}: would unfold from {info.compress_size:,} to {info.file_size:,} bytes, "
                f"more than {limits.ratio:g}-fold. Raise `fetch.max_ratio` in the study file if "
                "you know that this is right."
            )
    total = sum(info.file_size for info in infos)
    if total > limits.gigabytes * 1e9:
        raise InputError(
            f"{path}: would unfold to {total / 1e9:,.1f} GB, more than {limits.gigabytes:g} GB. "
            "Raise `fetch.max_gigabytes` in the study file if you know that this is right."
        )
    check_places(path, infos, directory)


def check_places(path: Path, infos: list[zipfile.ZipInfo], directory: int) -> None:
    """Raise :class:`InputError` unless the members lie where, and as, the directory says.

    ``directory`` is the byte at which the directory begins, behind the last member.
    Nothing in a zip guards its directory: a wrong bit there could hide a member, which shows as one
    that begins where the directory has none.
    """
    with path.open("rb") as file:
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            where = f"{path}, member {info.filename}"
            if info.header_offset < end:
                raise InputError(f"{where}: overlaps another, as no archive's do. {AGAIN}")
            check_gap(path, file, end, info.header_offset)
            name = seek_data(file, info, where)
            encoding = "utf-8" if info.flag_bits & UTF8_FLAG else "cp437"
            if name != info.orig_filename.encode(encoding, "replace"):
                raise InputError(f"{where}: damaged; the zip names it in two ways. {AGAIN}")
            end = file.tell() + info.compress_size
        if directory < end:
            raise InputError(f"{path}: damaged; its directory overlaps its members. {AGAIN}")
        check_gap(path, file, end, directory)


def check_gap(path: Path, file: io.BufferedReader, start: int, end: int) -> None:
    """Raise :class:`InputError` where a member begins that the directory does not name."""
    file.seek(start)
    if LOCAL_HEADER in file.read(min(end - start, DESCRIPTOR_BYTES + len(LOCAL_HEADER))):
        raise InputError(f"{path}: damaged; a member is missing from its directory. {AGAIN}")


def seek_data(file: io.BufferedReader, info: zipfile.ZipInfo, where: str) -> bytes:
    """Go to the first byte of a member's data; returns the name that stands before it.

    Raises :class:`InputError` where the member is not.
    """
    file.seek(max(info.header_offset, 0))
    header = file.read(30)
    if info.header_offset < 0 or len(header) < 30 or not header.startswith(LOCAL_HEADER):
        raise InputError(f"{where}: damaged; it is not where the zip says. {AGAIN}")
    # The local header's two lengths may differ from the central directory's.
    name_bytes, extra_bytes = struct.unpack("<HH", header[26:30])
    name = file.read(name_bytes)
    file.seek(extra_bytes, io.SEEK_CUR)
    return name


def read_header(member: Member) -> list[str]:
    """The column names of ``member``; none where the file is empty, as some years' files are."""
    head = next(inflate(member, HEADER_BYTES), b"")
    return parse_header(head, member)[0] if head else []


def inflate(
    member: Member, chunk_bytes: int = CHUNK_BYTES, seen: Seen = lambda _: None
) -> Iterator[bytes]:
    """The bytes of ``member``, decompressed with ISA-L and checked against the zip's CRC."""
    with member.path.open("rb") as file:
        if member.info is None:
            yield from plain(file, member, chunk_bytes, seen)
            return
        info = member.info
        seek_data(file, info, member.where)
        crc = size = 0
        for chunk in decompress(file, info, chunk_bytes, member, seen):
            crc = isal_zlib.crc32(chunk, crc)
            size += len(chunk)
            if size > info.file_size:  # it lies about its size: the limits have been passed by
                break
            yield chunk
    if crc != info.CRC or size != info.file_size:
        raise InputError(
            f"{member.where}: damaged; its checksum is {crc:08x}, the zip says {info.CRC:08x} "
            f"({size} of {info.file_size} bytes). {AGAIN}"
        )


def plain(file: io.BufferedReader, member: Member, chunk_bytes: int, seen: Seen) -> Iterator[bytes]:
    """The bytes of a CSV of its own, unpacked if it is packed."""
    opener = opener_of(file.peek(8))
    place = 0
    try:
        with opener(file) if opener else file as source:
            while chunk := source.read(chunk_bytes):
                seen(file.tell() - place)
                place = file.tell()
                yield chunk
    except UNPACKING as error:
        if not opener:
            raise
        raise InputError(f"{member.where}: damaged ({error}). {AGAIN}") from error


def decompress(
    file: io.BufferedReader, info: zipfile.ZipInfo, chunk_bytes: int, member: Member, seen: Seen
) -> Iterator[bytes]:
    """The member's data, from the file's present position, in chunks of about ``chunk_bytes``."""
    left = info.compress_size
    if info.compress_type == zipfile.ZIP_STORED:
        while left:
            chunk = file.read(min(left, chunk_bytes))
            if not chunk:
                raise InputError(f"{member.where}: cut short. {AGAIN}")
            left -= len(chunk)
            seen(len(chunk))
            yield chunk
        return
    if info.compress_type != zipfile.ZIP_DEFLATED:
        raise InputError(f"{member.where}: compressed in an unusual way; unpack and zip it again.")
    inflator = isal_zlib.decompressobj(wbits=-15)
    try:
        while not inflator.eof:
            data = inflator.unconsumed_tail
            if not data:
                data = file.read(min(left, 2**20))
                left -= len(data)
                seen(len(data))
            # Without more data, what still waits in the inflator comes out.
            chunk = inflator.decompress(data, chunk_bytes)
            if chunk:
                yield chunk
            elif not data:
                raise InputError(f"{member.where}: cut short. {AGAIN}")
    except isal_zlib.error as error:  # type: ignore[misc]
        raise InputError(f"{member.where}: damaged ({error}). {AGAIN}") from error


def parse_header(data: bytes, member: Member) -> tuple[list[str], int]:
    """Column names, and the index in ``data`` at which the first record starts."""
    # Without its mark, every second byte of a header of Latin letters is 0.
    if data.startswith(UTF16) or data[:WIDE].count(0) > WIDE / 4:
        raise InputError(
            f"{member.where}: its text is UTF-16 or UTF-32, as Excel's 'Unicode text' is, not "
            "UTF-8. Take the file as it was released, or save it as CSV UTF-8."
        )
    head = data
    while head.startswith(BOM):  # some tools write a second one
        head = head.removeprefix(BOM)
    first = head.split(NEWLINE, 1)[0]
    if not first.strip():
        what = "its first line is blank" if head.strip() else "empty, not even a header line"
        raise InputError(f"{member.where}: {what}. The names of the columns stand there.")
    if b"\r" in first.rstrip(b"\r"):
        raise InputError(
            f"{member.where}: its lines end in carriage returns alone, as old programs of the Mac "
            "write them. Take the file as it was released, or save it as CSV UTF-8."
        )
    try:
        line = first.decode("utf-8", "replace").rstrip("\r")
        other = any(f'"{mark}"' in line for mark in SEPARATORS)
        # Strict: a quote too many would make another name of one.
        names = [line] if other else next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise InputError(f"{member.where}: no header line can be read ({error}).") from error
    return [name.strip() for name in names], len(data) - len(head) + len(first) + 1


def cut_short(where: str, line: int) -> InputError:
    """The error for a file that ends inside a quoted field."""
    return InputError(
        f"{where}, line {line}: the file ends inside a quoted field of the record that starts "
        "here. It is cut short: download it again."
    )


def last_record_end(data: bytes, quotes: int) -> int:
    """Index just after the last newline of ``data`` that is outside quotes; 0 if there is none.

    ``quotes`` is their number up to the end of ``data``.
    """
    end = len(data)
    while (newline := data.rfind(NEWLINE, 0, end)) >= 0:
        quotes -= data.count(QUOTE, newline, end)
        if quotes % 2 == 0:
            return newline + 1
        end = newline
    return 0
