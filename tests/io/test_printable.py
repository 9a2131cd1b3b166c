"""Text of users and archives on page, article and terminal: nothing hidden or put out of order."""

from __future__ import annotations

import base64
import io
import re
import unicodedata

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from takedown.io.printable import DIRECTIONS, JOINERS, LAYOUT, is_hidden, isolated, printable
from takedown.report.page_fonts import with_fonts

OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – “words” 100 %", None),
        ("\u202eevil\u202c", "[U+202E]evil[U+202C]"),
        ("\u2067x\u2069", "[U+2067]x[U+2069]"),
        ("\u2068x\u2069", None),  # an isolate that ends does nothing to what is around it
        ("\u2068x", "[U+2068]x"),
        ("x\u2069\u2068y", "x[U+2069][U+2068]y"),
        ("zero\u200bwidth\ufeff", "zero[U+200B]width[U+FEFF]"),
        ("soft\u00adhyphen", "soft[U+00AD]hyphen"),
        ("\x00\x1b[31m\x7f\x85", "[U+0000][U+001B][31m[U+007F][U+0085]"),
        ("می\u200cخواهم", None),
        ("क्\u200dष", None),
        ("a\u200db", "a[U+200D]b"),
        ("السعودية\u200f!", None),
        ("a\u200fb", "a[U+200F]b"),
        ("👩\u200d👩\u200d👧 ❤️", None),
        ("🏴\U000e0067\U000e0062\U000e007f", None),  # a flag, which tags name
        ("x\U000e0067", "x[U+E0067]"),
        ("two\nlines\tand more", None),
        ("line\u2028separator", "line[U+2028]separator"),
        ("\u3164\u115f", "[U+3164][U+115F]"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(text: str, shown: str | None) -> None:
    assert printable(text) == (text if shown is None else shown)


@given(st.text(alphabet=st.characters() | st.sampled_from(OVERRIDES + "\u2068\u2069\u200d\u200b")))
def test_nothing_hidden_is_left_in_any_text(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert not set(shown) & set(OVERRIDES)
    for char in shown:
        if is_hidden(char) and char not in LAYOUT | JOINERS | DIRECTIONS | {"\u2068", "\u2069"}:
            assert "\U000e0020" <= char <= "\U000e007f"
    if not any(map(is_hidden, text)):
        assert shown == text


@given(st.text())
def test_what_is_isolated_cannot_move_what_stands_around_it(text: str) -> None:
    shown = isolated(text)
    right = [char for char in text if unicodedata.bidirectional(char) in ("R", "AL")
             and char not in DIRECTIONS]  # fmt: skip
    assert shown == (f"\u2068{printable(text)}\u2069" if right else printable(text))


@pytest.mark.usefixtures("may_take_long")
def test_the_page_holds_the_fonts_of_what_it_shows() -> None:
    page = "<style>body {}</style><p>Latin – Ελλάδα السعودية 🔥 香</p>"
    faces = re.findall(
        r"unicode-range: ([^;]+); src: url\(data:font/woff;base64,([^)]+)\)", with_fonts(page)
    )
    held = {}
    for ranges, data in faces:
        font = TTFont(io.BytesIO(base64.b64decode(data)))
        characters = {int(each[2:], 16) for each in ranges.split(", ")}
        assert characters <= font.getBestCmap().keys()
        held[font["name"].getDebugName(1)] = "".join(map(chr, sorted(characters)))
    assert held == {
        "Noto Sans SC": "香",
        "Noto Sans Arabic": "".join(sorted(set("السعودية"))),
        "Noto Emoji": "🔥",
    }
    assert with_fonts(page) == with_fonts(page)


def test_a_page_of_latin_letters_holds_no_font() -> None:
    page = "<style>body {}</style><p>A dash –, “quotes”, Ελλάδα</p>"
    assert with_fonts(page) == page
