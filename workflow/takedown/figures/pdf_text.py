"""Text in PDFs that every reader shows and can search.

Three things that Matplotlib 3.11 leaves to be desired are set right while a figure is saved. Where
several glyphs make one cluster, as a Thai consonant with its vowel and tone mark, it writes the
whole cluster for each of them, so that a search finds nothing. It declares every font to be
TrueType, also one with outlines of PostScript, as Noto Sans SC, which not every reader forgives.
And it writes a space for a character without a picture, as the non-joiner of Persian, which moves
what stands beside it.
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

#: What Thai shaping makes of the vowel AM: it is written as two glyphs.
PARTS = {"\u0e33": "\u0e4d\u0e32"}
#: How far an outline may move, in units of which an em has a thousand.
LARGEST_ERROR = 1.0
#: Tables of a font that tell how glyphs are placed in a line, and how they replace each other.
LAYOUT = ("GDEF", "GPOS", "GSUB")
#: Counts that a font with outlines of TrueType has, and one with those of PostScript lacks.
PROFILE = [
    *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
    *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"),
]


@contextmanager
def readable_text() -> Iterator[None]:
    """PDFs saved inside have text as described, and fonts without what places glyphs in a line.

    That was done when the PDF is written; to cut it down to the glyphs used took most of the time.
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
    """A glyph as Matplotlib lays it out: where it is, and how far from where the last one ends."""

    ft_object: FT2Font
    char: str
    glyph_index: int
    x: float
    y: float
    prev_kern: float


def with_picture(items: Iterable[Any]) -> Iterator[Glyph]:
    """The glyphs of a line without the spaces of no width that stand for what has no picture."""
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
    """Of the ``chars`` of a cluster, the one that ``glyph`` shows; all, where that is not known.

    A glyph that shaping puts in another's place is named after it, with a suffix behind a dot.
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
    """Replace the outlines of PostScript in ``font`` by those of TrueType, in place."""
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
