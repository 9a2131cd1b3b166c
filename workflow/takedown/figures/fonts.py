"""Fonts of the figures and the article, and text reduced to what these fonts can show."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
import fontpkg_noto_sans_thai
import pylopdf_fonts_ko
import pylopdf_fonts_zh_cn
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font

from takedown.io.printable import is_hidden, printable, spelt

#: Fonts for scripts that no package has, or of which a package has more than is drawn; emoji last.
OWN = Path(__file__).parents[3] / "resources/fonts"


def font_files() -> list[Path]:
    """Noto's fonts: those of the locked packages, then those of ``resources/fonts``."""
    packages = fontpkg_noto_sans.__file__, fontpkg_noto_sans_thai.__file__
    found = [path for one in packages for path in sorted(Path(one).parent.glob("files/*.ttf"))]
    asian = [pylopdf_fonts_zh_cn.sans_path(), pylopdf_fonts_ko.sans_path()]
    own = sorted(OWN.glob("*.ttf"), key=lambda path: ("Emoji" in path.name, path.name))
    return [*found, *map(Path, asian), *own]


@cache
def families() -> tuple[str, ...]:
    """Make the fonts known to Matplotlib; returns their families in order of preference."""
    files = font_files()
    for path in files:
        fontManager.addfont(path)
    return tuple(dict.fromkeys(font.name for font in fontManager.ttflist[-len(files) :]))


@cache
def characters_of(path: Path) -> frozenset[int]:
    """The code points that a font has a glyph for."""
    return frozenset(FT2Font(path).get_charmap())


def settable(text: str) -> str:
    """``text`` as :func:`takedown.io.printable.printable`, also spelling out what no font has.

    A combining mark is drawn in the font of its base letter, so one font must have both.
    """
    if text.isascii() and text.isprintable():
        return text
    found, base = "", ""
    for char in printable(text).replace("\t", " "):
        is_mark = unicodedata.category(char).startswith("M") and not is_hidden(char)
        together = base + char if is_mark else char
        if char == "\n" or is_hidden(char) or has_font(together):
            found, base = found + char, together if is_mark else char
        else:
            found, base = found + spelt(char), "]"
    return found


@cache
def has_font(letters: str) -> bool:
    """Whether one of the fonts has all of ``letters``."""
    codes = frozenset(map(ord, letters))
    return any(codes <= characters_of(path) for path in font_files())
