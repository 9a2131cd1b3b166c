"""The width of text in a figure; cuts or wraps text so that it fits."""

from __future__ import annotations

from functools import cache

from matplotlib.ft2font import FT2Font, LoadFlags
from wcwidth import iter_graphemes, width

from takedown.figures.fonts import font_files

#: Average width of a letter in an English title, in thousandths of an em.
LETTER = 480
#: Width of an emoji relative to a Chinese character; in a terminal both are equally wide.
EMOJI = 1.33


@cache
def latin() -> FT2Font:
    """Noto Sans, upright."""
    return FT2Font(next(path for path in font_files() if "Italic" not in path.name))


@cache
def width_of(cluster: str) -> float:
    """Width of a letter with its marks, in average English letters; a W is as wide as two."""
    if len(cluster) == 1 and latin().get_char_index(ord(cluster)):
        glyph = latin().load_char(ord(cluster), LoadFlags.NO_SCALE)
        return glyph.horiAdvance / LETTER
    return width(cluster) * (EMOJI if cluster >= "\U0001f000" else 1.0)


def fits(text: str, room: float) -> bool:
    """Whether ``text`` fits into the width of ``room`` average English letters."""
    return sum(map(width_of, iter_graphemes(text))) <= room


def beginning(text: str, room: float) -> str:
    """The longest beginning of ``text`` that fits, at least one letter; letters keep marks."""
    found, left = "", room
    for cluster in iter_graphemes(text):
        left -= width_of(cluster)
        if left < 0 and found:
            break
        found += cluster
    return found


def lines_of(text: str, room: float, first: float | None = None) -> list[str]:
    """Wrap ``text`` to the width ``room``, or ``first`` in the first line; breaks long words."""
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
