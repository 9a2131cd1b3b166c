"""How wide text is in a figure; text cut, or broken into lines, so that it keeps its place."""

from __future__ import annotations

from functools import cache

from matplotlib.ft2font import FT2Font, LoadFlags
from wcwidth import iter_graphemes, width

from takedown.figures.fonts import font_files

#: Of an em, which has a thousand units, a letter of an English title takes so many on average.
LETTER = 480
#: An emoji is wider than a Chinese letter, beside which it takes as much room in a terminal.
EMOJI = 1.33


@cache
def latin() -> FT2Font:
    """Noto Sans, upright."""
    return FT2Font(next(path for path in font_files() if "Italic" not in path.name))


@cache
def width_of(cluster: str) -> float:
    """How wide a letter with its marks is, in English letters; W takes the room of two."""
    if len(cluster) == 1 and latin().get_char_index(ord(cluster)):
        glyph = latin().load_char(ord(cluster), LoadFlags.NO_SCALE)
        return glyph.horiAdvance / LETTER
    return width(cluster) * (EMOJI if cluster >= "\U0001f000" else 1.0)


def fits(text: str, room: float) -> bool:
    """Whether ``text`` takes at most the room of so many English letters."""
    return sum(map(width_of, iter_graphemes(text))) <= room


def beginning(text: str, room: float) -> str:
    """As much of ``text`` as fits, without cutting a letter from its marks; at least one letter."""
    found, left = "", room
    for cluster in iter_graphemes(text):
        left -= width_of(cluster)
        if left < 0 and found:
            break
        found += cluster
    return found


def lines_of(text: str, room: float, first: float | None = None) -> list[str]:
    """``text`` in lines that fit ``room``, the first of them ``first``; a long word is broken."""
    lines = [""]
    for word in text.split():
        rest = word
        while rest:
            here = first if first is not None and len(lines) == 1 else room
            line = f"{lines[-1]} {rest}".lstrip()
            if fits(line, here):
                lines[-1] = line
                break
            if not lines[-1]:
                lines[-1] = beginning(rest, here)
                rest = rest.removeprefix(lines[-1])
            lines.append("")
    return [line for line in lines if line] or [""]
