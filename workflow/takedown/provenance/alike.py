"""Whether two files that should be the same agree: in text and numbers, pictures, or pages.

The same machine reproduces the same bytes. Another machine may round the last digit of a number
differently, or shift a dot in a picture. Only what a person could notice counts as a difference.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from filecmp import cmp
from io import BytesIO
from itertools import zip_longest
from pathlib import Path

import pypdfium2
from PIL import Image

from takedown.provenance.verify import differing_cells, differing_in_pictures, shrink

#: A number with its sign, decimals and exponent; the text between numbers must be equal.
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
#: Tolerances, relative and absolute; estimates are written with up to ten digits.
RELATIVE, NOTHING = 1e-6, 1e-9
#: A PNG embedded in text, as in pages and notebooks.
PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/=\\n]{40,}")
#: Number of characters shown where texts differ.
SHOWN = 40


def difference(found: Path, wanted: Path, name: str) -> str | None:
    """The first difference between a file and the expected one, in words; None if there is none."""
    if cmp(found, wanted, shallow=False):
        return None
    kind = KINDS.get(found.suffix, texts)
    return next(kind(found, wanted, name), None)


def tables(found: Path, wanted: Path, name: str) -> Iterator[str]:
    yield from map(str, differing_cells(found, wanted, name))


def pictures(found: Path, wanted: Path, name: str) -> Iterator[str]:
    yield from in_pictures(found.read_bytes(), wanted.read_bytes(), name)


def in_pictures(found: bytes, wanted: bytes, name: str) -> Iterator[str]:
    """Where two pictures differ visibly."""
    try:
        have, want = (shrink(Image.open(BytesIO(data))) for data in (found, wanted))
    except (OSError, ValueError, Image.DecompressionBombError):
        yield f"{name}: no picture that can be read"
        return
    yield from map(str, differing_in_pictures(have, want, name))


def texts(found: Path, wanted: Path, name: str) -> Iterator[str]:
    """Where two texts differ in more than the last digits of numbers, or in a picture."""
    have, want = (path.read_text(encoding="utf-8") for path in (found, wanted))
    for mine, theirs in zip_longest(PNG.findall(have), PNG.findall(want)):
        if mine is None or theirs is None:
            yield f"{name}: another number of pictures"
            return
        if mine != theirs:
            yield from in_pictures(packed(mine), packed(theirs), f"{name}, a picture in it")
    yield from in_words(PNG.sub("", have), PNG.sub("", want), name)


def packed(text: str) -> bytes:
    """The bytes of a picture in a text."""
    try:
        return b64decode(text.replace("\\n", ""))
    except NotBase64:
        return b""


def in_words(found: str, wanted: str, name: str) -> Iterator[str]:
    """Where two texts differ in more than the last digits of numbers."""
    line = 1
    for mine, theirs in zip_longest(pieces(found), pieces(wanted), fillvalue=""):
        if mine != theirs and not near(mine, theirs):
            at = next(i for i, (a, b) in enumerate(zip_longest(mine, theirs)) if a != b)
            line += theirs[:at].count("\n")
            from_here = max(0, at - SHOWN // 2)
            words = (part[from_here : from_here + SHOWN] for part in (theirs, mine))
            yield "{}, line {}: expected {!r}, found {!r}".format(name, line, *words)
            return
        line += theirs.count("\n")


def pieces(text: str) -> Iterator[str]:
    """The numbers in a text, and the text between them."""
    end = 0
    for number in NUMBER.finditer(text):
        yield text[end : number.start()]
        yield number[0]
        end = number.end()
    yield text[end:]


def near(found: str, wanted: str) -> bool:
    """Whether both are numbers, not both whole, that differ in their last digits only."""
    if found.lstrip("-").isdigit() and wanted.lstrip("-").isdigit():
        return False
    try:
        have, want = float(found), float(wanted)
    except ValueError:
        return False
    return math.isclose(have, want, rel_tol=RELATIVE, abs_tol=NOTHING)


def pages(found: Path, wanted: Path, name: str) -> Iterator[str]:
    """Where two PDFs differ: in their number of pages, in their text, or visibly."""
    try:
        have, want = (pypdfium2.PdfDocument(path) for path in (found, wanted))
        sheets = [list(document) for document in (have, want)]
    except pypdfium2.PdfiumError:
        yield f"{name}: no PDF that can be read"
        return
    if len(sheets[0]) != len(sheets[1]):
        yield f"{name}: expected {len(sheets[1])} pages, found {len(sheets[0])}"
        return
    for number, (mine, theirs) in enumerate(zip(*sheets, strict=True), start=1):
        where = f"{name}, page {number}"
        said, meant = (page.get_textpage().get_text_range() for page in (mine, theirs))
        yield from in_words(said, meant, where)
        seen, drawn = (shrink(page.render(grayscale=True).to_pil()) for page in (mine, theirs))
        yield from map(str, differing_in_pictures(seen, drawn, where))


Kind = Callable[[Path, Path, str], Iterator[str]]
KINDS: dict[str, Kind] = {".csv": tables, ".png": pictures, ".pdf": pages}
