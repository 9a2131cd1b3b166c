"""PDF text that every reader displays correctly and can search.

Works around three shortcomings of Matplotlib 3.11 while a figure is saved. If several glyphs form
one cluster, such as a Thai consonant with its vowel and tone mark, Matplotlib writes the whole
cluster for each of them, and a search finds nothing. It declares every font to be TrueType, even
those with PostScript outlines such as Noto Sans SC, which not every reader tolerates. And it writes
a space for a character without a visible glyph, such as the Persian non-joiner, which shifts the
text next to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NamedTuple
from unittest.mock import patch

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options
from fontTools.ttLib import TTFont, newTable
from matplotlib import _text_helpers
from matplotlib.backends import _backend_pdf_ps
from matplotlib.ft2font import FT2Font, LoadFlags

#: Thai shaping splits the vowel AM into two glyphs.
PARTS = {"\u0e33": "\u0e4d\u0e32"}
#: Largest deviation of a converted outline, in thousandths of an em.
LARGEST_ERROR = 1.0
#: Font tables that control the positioning and the substitution of glyphs.
LAYOUT = ("GDEF", "GPOS", "GSUB")
#: Fields of the table maxp that fonts with TrueType outlines have and PostScript ones lack.
PROFILE = [
    *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
    *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"),
]


@contextmanager
def readable_text() -> Iterator[None]:
    """PDFs saved inside have text as described above, and fonts without layout tables.

    Layout is complete by the time a PDF is written, and subsetting these tables took most of the
    time.
    """
    tracker, save = _backend_pdf_ps.CharacterTracker, _backend_pdf_ps.font_as_file
    track, layout = tracker.track_glyph, _text_helpers.layout

    def track_own(self: object, font: FT2Font, chars: str | int, glyph: int) -> tuple:
        return track(self, font, share(font, chars, glyph), glyph)

    def lay_out(text: str, font: FT2Font, **options: Any) -> Iterator[Glyph]:
        return with_picture(layout(text, font, **options))

    def save_truetype(font: TTFont) -> BytesIO:
        if "CFF " in font:
            to_truetype(font)
        return save(font)

    with (
        patch.object(Options, "_drop_tables_default", [*Options._drop_tables_default, *LAYOUT]),
        patch.object(tracker, "track_glyph", track_own),
        patch.object(_text_helpers, "layout", lay_out),
        patch.object(_backend_pdf_ps, "font_as_file", save_truetype),
    ):
        yield


class Glyph(NamedTuple):
    """A glyph as laid out by Matplotlib: its position, and its distance from the previous one."""

    ft_object: FT2Font
    char: str
    glyph_index: int
    x: float
    y: float
    prev_kern: float


def with_picture(items: Iterable[Any]) -> Iterator[Glyph]:
    """The glyphs of a line, without spaces that stand for characters with no visible glyph."""
    moved = 0.0
    for item in items:
        font, glyph = item.ft_object, item.glyph_index
        kern = moved + item.prev_kern
        moved = 0.0
        if glyph == font.get_char_index(ord(" ")) and not any(map(str.isspace, item.char)):
            moved = kern + font.load_glyph(glyph, LoadFlags.NO_HINTING).linearHoriAdvance / 65536
        else:
            yield Glyph(font, item.char, glyph, item.x, item.y, kern)


def share(font: FT2Font, chars: str | int, glyph: int) -> str | int:
    """The one of a cluster's ``chars`` that ``glyph`` shows; all of them if that is unknown.

    A glyph that shaping substitutes for another is named after it, with a suffix after a dot.
    """
    if isinstance(chars, int) or len(chars) == 1:
        return chars
    name = font.get_glyph_name(glyph).split(".")[0]
    for char in "".join(PARTS.get(char, char) for char in chars):
        plain = font.get_char_index(ord(char))
        if plain and (plain == glyph or font.get_glyph_name(plain) == name):
            return char
    return chars


def to_truetype(font: TTFont) -> None:
    """Convert the PostScript outlines of ``font`` to TrueType, in place."""
    outlines, order = font.getGlyphSet(), font.getGlyphOrder()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, LARGEST_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    font["maxp"].tableVersion = 0x00010000
    for field in PROFILE:
        setattr(font["maxp"], field, 0)
    font["maxp"].maxZones = 1
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font.sfntVersion = "\000\001\000\000"
    font.recalcBBoxes = True  # the outlines moved a little, and had no boxes of their own
