"""Read the CSV files of an archive, whether members of a zip or separate files.

Nothing is unpacked to disk. Compressed members of a zip are inflated with ISA-L; at its end, each
member is checked against the size and CRC in the zip. A separate CSV may be compressed with gzip,
bzip2 or xz; for any other file, the error says what it is.
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
#: How lines end in a file whose cells are quoted.
QUOTED_END = (QUOTE + NEWLINE, QUOTE + b"\r" + NEWLINE)
LOCAL_HEADER = b"PK\x03\x04"
#: The most bytes of a data descriptor, which may follow a member and repeats its sizes and CRC.
DESCRIPTOR_BYTES = 24
UTF8_FLAG = 0x800
AGAIN = "Download it again."
#: First bytes of a compressed single CSV -> the function that opens it.
PACKED: Mapping[bytes, Callable[..., io.BufferedIOBase]] = {
    b"\x1f\x8b": igzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
UNPACKING: tuple[type[Exception], ...] = (OSError, EOFError, lzma.LZMAError)
UNPACKING += (isal_zlib.error,)  # type: ignore[operator]
#: First bytes of other files -> what such a file is, and how to get a CSV instead.
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
#: Suffixes of zip members that may also hold posts but cannot be read inside the zip.
TABLES = (".tsv", ".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zst", ".csv.zip", ".parquet", ".xlsx")
MACOS_DEBRIS = "__MACOSX/"
#: A callback that receives the number of bytes just read from the file, compressed or not.
Seen = Callable[[int], object]


class NoTableError(InputError):
    """The file is intact but holds no CSV."""


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
        """The bytes to read from disk for it: its compressed size in a zip, or the file's size."""
        return self.info.compress_size if self.info else self.path.stat().st_size


@dataclass(frozen=True)
class Limits:
    """Limits on unpacked size: a zip of a few kilobytes can hold terabytes.

    ``ratio`` is in unpacked bytes per packed byte of a member; ``gigabytes`` is the unpacked total
    of a zip. Released archives expand 4- to 8-fold, to at most 25 GB.
    """

    ratio: float = 200
    gigabytes: float = 100


def list_members(path: Path, name: str = "") -> list[Member]:
    """The CSV files in ``path``, a zip or a single CSV, in the archive's own order.

    ``name`` is the file's final name if it differs from that of ``path``. Raises
    :class:`InputError` if the file has a zip's name but is not one, is damaged or encrypted, or
    holds tables that would not be read; :class:`NoTableError` if it holds no CSV.
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
    """Whether a zip member is a CSV, and not a metadata file that macOS adds to one."""
    return name.lower().endswith(".csv") and not is_debris(name)


def is_debris(name: str) -> bool:
    """Whether a zip member is a metadata file that macOS added."""
    return name.startswith(MACOS_DEBRIS) or name.rsplit("/", 1)[-1].startswith("._")


def instead(names: list[str]) -> str:
    """What a zip without a CSV seems to be, judging by the names of its members."""
    if any(name.startswith("xl/") for name in names):
        return "It is a spreadsheet of Excel: take the CSV as it was released."
    packed = [name for name in names if name.lower().endswith((".zip", ".gz", ".7z", ".tar"))]
    if packed:
        return f"It holds {packed[0]}: unpack it, and name the files in it."
    return "Is it the archive's media file?"


def refuse_others(path: Path, start: bytes) -> None:
    """Raise :class:`NoTableError` if the first bytes, ``start``, show another kind of file.

    Raises :class:`InputError` if a compressed file is damaged.
    """
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
    """The function that opens a compressed CSV with these first bytes; None if not compressed."""
    return next((opener for magic, opener in PACKED.items() if start.startswith(magic)), None)


def read_directory(path: Path) -> tuple[list[zipfile.ZipInfo], int]:
    """The members in a zip's central directory, and the byte at which that directory begins.

    Raises :class:`InputError` if the directory is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist(), archive.start_dir
    # zipfile raises NotImplementedError for a zip version that it does not support.
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: damaged ({error}). {AGAIN}") from error


def check_zip(path: Path, limits: Limits) -> None:
    """Raise :class:`InputError` if the zip is unsafe or inconsistent.

    It is refused if a member's name would lead outside the folder on unpacking, if a name occurs
    twice, if members overlap, or if it holds more data than ``limits`` allow. Whether the data are
    intact is known only once they are inflated.
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
    """Raise :class:`InputError` unless the members are where the directory says, and so named.

    ``directory`` is the byte at which the directory begins, after the last member. A zip's
    directory has no checksum, so a flipped bit there could hide a member; it is found by a member
    that begins where the directory lists none.
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
    """Raise :class:`InputError` if a member that the directory does not list begins in the gap."""
    file.seek(start)
    if LOCAL_HEADER in file.read(min(end - start, DESCRIPTOR_BYTES + len(LOCAL_HEADER))):
        raise InputError(f"{path}: damaged; a member is missing from its directory. {AGAIN}")


def seek_data(file: io.BufferedReader, info: zipfile.ZipInfo, where: str) -> bytes:
    """Seek to the first byte of a member's data; return the name in its local header.

    Raises :class:`InputError` if the member is not there.
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
    """The column names of ``member``; none if the file is empty, as those of some years are."""
    head = next(inflate(member, HEADER_BYTES), b"")
    return parse_header(head, member)[0] if head else []


def inflate(
    member: Member, chunk_bytes: int = CHUNK_BYTES, seen: Seen = lambda _: None
) -> Iterator[bytes]:
    """The decompressed bytes of ``member``, checked against the size and CRC if it is in a zip."""
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
            if size > info.file_size:  # the zip understates it, so it evaded the limits
                break
            yield chunk
    if crc != info.CRC or size != info.file_size:
        raise InputError(
            f"{member.where}: damaged; its checksum is {crc:08x}, the zip says {info.CRC:08x} "
            f"({size} of {info.file_size} bytes). {AGAIN}"
        )


def plain(file: io.BufferedReader, member: Member, chunk_bytes: int, seen: Seen) -> Iterator[bytes]:
    """The bytes of a separate CSV file, decompressed if necessary."""
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
            # Called without more data, the inflator returns what it still holds.
            chunk = inflator.decompress(data, chunk_bytes)
            if chunk:
                yield chunk
            elif not data:
                raise InputError(f"{member.where}: cut short. {AGAIN}")
    except isal_zlib.error as error:  # type: ignore[misc]
        raise InputError(f"{member.where}: damaged ({error}). {AGAIN}") from error


def parse_header(data: bytes, member: Member) -> tuple[list[str], int]:
    """Column names, and the index in ``data`` at which the first record starts."""
    # In UTF-16 without a byte order mark, every second byte of a Latin header is 0.
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
        # Strict, as a stray quote would silently change a name.
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

    ``quotes`` is the number of quotes up to the end of ``data``.
    """
    end = len(data)
    while (newline := data.rfind(NEWLINE, 0, end)) >= 0:
        quotes -= data.count(QUOTE, newline, end)
        if quotes % 2 == 0:
            return newline + 1
        end = newline
    return 0
