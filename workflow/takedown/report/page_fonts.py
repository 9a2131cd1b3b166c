"""Fonts for the page, cut down to what it shows, so that every machine shows every script."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from takedown.figures.fonts import characters_of, font_files

FAMILY = "Takedown scripts"
#: What makes one letter or picture of two: needed by each font that has it.
JOINERS = {0x200C, 0x200D, 0xFE0F}


def with_fonts(page: str) -> str:
    """``page`` with fonts in its style sheet for what Noto Sans, and so any browser, has not.

    Of several fonts that have a character the first of :func:`font_files` is taken.
    """
    latin, *others = font_files()
    shown = set(map(ord, page))
    left, faces = shown - characters_of(latin), []
    for path in others:
        found = shown & characters_of(path)
        if own := found & left:
            faces.append(face(path, own | found & JOINERS))
            left -= own
    return page.replace("</style>", "\n".join([*faces, "</style>"]), 1)


def face(path: Path, characters: set[int]) -> str:
    """A rule of CSS by which a browser takes ``characters`` from a font, held in it as data."""
    font = TTFont(path, recalcTimestamp=False)
    cut = Subsetter(Options(layout_features=["*"], hinting=False))
    cut.populate(unicodes=characters)
    cut.subset(font)
    font.flavor = "woff"
    held = BytesIO()
    font.save(held)
    data = base64.b64encode(held.getvalue()).decode("ascii")
    ranges = ", ".join(f"U+{number:X}" for number in sorted(characters))
    return (
        f'@font-face {{ font-family: "{FAMILY}"; unicode-range: {ranges}; '
        f"src: url(data:font/woff;base64,{data}) format('woff'); }}"
    )
