"""Make text from users and archives safe to display: nothing hidden, nothing reordered."""

from __future__ import annotations

import unicodedata

#: Unicode categories without a glyph: control, format, private use, surrogates, separators.
WITHOUT_PICTURE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
#: Letters and marks without a glyph: Hangul fillers, the grapheme joiner, the Braille blank.
FILLERS = set("\u034f\u115f\u1160\u2800\u3164\uffa0")
#: Characters of category Cf that do have a glyph: signs that span Arabic and Syriac numbers.
DRAWN = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
LAYOUT = set("\n\t")
JOINERS, DIRECTIONS = set("\u200c\u200d"), set("\u200e\u200f\u061c")
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
LATIN_ENDS, FLAG = "\u02ff", "\U0001f3f4"


def printable(text: str) -> str:
    """``text`` with invisible characters spelt out, e.g. ``[U+202E]`` for a direction override.

    Characters that a script needs are kept: joiners after non-Latin letters and in emoji,
    direction marks in right-to-left text, isolates that are closed, the tags of flags, and
    line breaks and tabs, which are laid out as space.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = set(LAYOUT)
    if is_right_to_left(text):
        kept |= DIRECTIONS
    if is_closed(text):
        kept |= {ISOLATE, END_OF_ISOLATE}
    return "".join(
        spelt(char) if is_hidden(char) and char not in kept and not joins(before, char) else char
        for before, char in zip(" " + text, text, strict=False)
    )


def isolated(text: str) -> str:
    """``text`` for use within an English line; right-to-left text is isolated from its words."""
    text = printable(text)
    return f"{ISOLATE}{text}{END_OF_ISOLATE}" if is_right_to_left(text) else text


def spelt(char: str) -> str:
    """A character as its code point, such as ``[U+200B]``."""
    return f"[U+{ord(char):04X}]"


def is_hidden(char: str) -> bool:
    """Whether a character has no visible glyph."""
    return char in FILLERS or (unicodedata.category(char) in WITHOUT_PICTURE and char not in DRAWN)


def joins(before: str, char: str) -> bool:
    """Whether a joiner or tag changes how the character before it is drawn."""
    if "\U000e0020" <= char <= "\U000e007f":
        return before == FLAG or "\U000e0020" <= before < "\U000e007f"
    return char in JOINERS and before > LATIN_ENDS


def is_right_to_left(text: str) -> bool:
    """Whether any letter of ``text`` is written from right to left."""
    return any(
        unicodedata.bidirectional(char) in ("R", "AL") and char not in DIRECTIONS for char in text
    )


def is_closed(text: str) -> bool:
    """Whether every isolate is closed, and none is closed that was not opened."""
    depth = 0
    for char in text:
        depth += (char == ISOLATE) - (char == END_OF_ISOLATE)
        if depth < 0:
            return False
    return depth == 0
