"""Fonts for the page, subset to the characters on it, so that it looks right on every machine."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from takedown.figures.fonts import characters_of, font_files

FAMILY = "Takedown scripts"
#: Characters that join two letters or emoji into one; kept in every font that has them.
JOINERS = {0x200C, 0x200D, 0xFE0F}


def with_fonts(page: str) -> str:
    """``page`` with embedded fonts for what Noto Sans lacks, since any browser may lack it too.

    If several fonts have a character, the first of :func:`font_files` is used.
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
    """A CSS rule that embeds a font and applies it to ``characters``."""
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
