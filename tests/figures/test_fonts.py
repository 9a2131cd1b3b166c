"""Text of every script in figures: with real glyphs, in the right order, and as written."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from takedown.figures import fonts, lettering, style

SCRIPTS = {
    "Arabic": "#السعودية_العظمى",
    "Persian": "می\u200cخواهم گلستان (2019)",
    "Urdu": "پاکستان زندہ باد",
    "Hebrew": "#ישראל 2019",
    "Armenian": "#հայաստան",
    "Georgian": "საქართველო",
    "Korean": "#대한민국",
    "Chinese": "香港警方",
    "Japanese": "カタカナ ひらがな",
    "Bengali": "#বাংলাদেশ ক্ষ",
    "Devanagari": "#हिन्दी क्षत्रिय",
    "Tamil": "தமிழ்",
    "Telugu": "తెలుగు",
    "Kannada": "ಕನ್ನಡ",
    "Malayalam": "മലയാളം",
    "Gujarati": "ગુજરાતી",
    "Gurmukhi": "ਪੰਜਾਬੀ",
    "Odia": "ଓଡ଼ିଆ",
    "Sinhala": "සිංහල",
    "Thai": "กองทัพบกน้ำ",
    "Lao": "ລາວ",
    "Khmer": "ខ្មែរ",
    "Burmese": "မြန်မာ",
    "Amharic": "ኢትዮጵያ",
    "Dhivehi": "ދިވެހި",
    "Tifinagh": "ⵜⵉⴼⵉⵏⴰⵖ",
    "Cyrillic and Greek": "Україна Ελλάδα",
    "emoji": "😀 🔥 ❤️ 🇸🇦 👩\u200d👩\u200d👧 👍🏽",
}
LATIN = "plain Latin words, $x^$ {hidden} \\alpha #1 @x <b> 100 % _y_"


def drawn(words: str, kind: str = "png") -> tuple[np.ndarray, Figure]:
    """``words`` in large letters, as a picture of dark (1) and light (0)."""
    with style.styled(), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = Figure(figsize=(5, 1))
        figure.text(0.02, 0.3, words, fontsize=20)
        held = io.BytesIO()
        figure.savefig(held, format=kind, dpi=144)
    if kind == "pdf":
        picture = pypdfium2.PdfDocument(held)[0].render(scale=2).to_pil()
    else:
        picture = Image.open(held)
    return np.asarray(picture.convert("L")) < 128, figure


def pdf_text(words: str) -> str:
    """What a search finds in the PDF of ``words``."""
    with style.styled():
        figure = Figure()
        figure.text(0.1, 0.5, words)
        held = io.BytesIO()
        figure.savefig(held, format="pdf")
    return pypdfium2.PdfDocument(held)[0].get_textpage().get_text_range()


@pytest.mark.parametrize("script", SCRIPTS)
def test_there_is_a_glyph_for_every_script_of_the_archives(script: str) -> None:
    words = SCRIPTS[script]
    assert fonts.settable(words) == words
    picture, _ = drawn(words)
    assert picture.any()


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("script", ["Arabic", "Persian", "Hebrew", "Devanagari", "emoji", "Thai"])
def test_the_pdf_shows_what_the_png_shows(script: str) -> None:
    """Matplotlib alone moves a line by a space for each character without a picture."""
    words = SCRIPTS[script]
    for each in (words, f"\u2068{words}\u2069 x"):
        png, pdf = drawn(each)[0], drawn(each, "pdf")[0]
        columns = [np.flatnonzero(picture.any(axis=0)) for picture in (png, pdf)]
        starts, ends = ([place[at] for place in columns] for at in (0, -1))
        assert abs(starts[0] - starts[1]) <= 2, each
        assert abs(ends[0] - ends[1]) <= 0.03 * ends[0], each  # a PNG's letters stand on dots


def test_what_is_written_from_right_to_left_begins_at_the_right() -> None:
    """Two low lines, then a letter that is one tall stroke."""

    def height(words: str, edge: slice) -> int:
        picture, _ = drawn(words)
        columns = np.flatnonzero(picture.any(axis=0))[edge]
        return int(picture[:, columns].any(axis=1).sum())

    first, last = slice(0, 6), slice(-6, None)
    assert height("__ا", first) > 20 > height("__ا", last)
    assert height("__l", first) < 20 < height("__l", last)


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_signs_of_markup_are_printed_as_written(kind: str) -> None:
    with style.styled(), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = Figure()
        text = figure.text(0.1, 0.5, LATIN)
        figure.savefig(io.BytesIO(), format=kind)
        assert text.get_text() == LATIN
    assert LATIN in pdf_text(LATIN)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a \U00012000", "a [U+12000]"),  # cuneiform
        ("\ue000", "[U+E000]"),
        ("\u202eevil\u202c", "[U+202E]evil[U+202C]"),
        ("a\x07b\x1b[31m", "a[U+0007]b[U+001B][31m"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("བོད", "[U+0F56][U+0F7C][U+0F51]"),  # Tibetan: Noto has no font of this kind for it
        ("1️⃣", "1️⃣"),
        ("0\u0591\u0591", "0[U+0591][U+0591]"),
        ("0ា, កា", "0[U+17B6], កា"),  # a mark on a letter that its font has not
        ("a\tb", "a b"),
    ],
)
def test_what_no_font_has_is_spelt_out(words: str, shown: str) -> None:
    assert fonts.settable(words) == shown
    assert drawn(words)[0].any()


@pytest.mark.usefixtures("may_take_long")
@given(st.text(max_size=30))
def test_any_text_can_be_drawn(words: str) -> None:
    with style.styled(), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = Figure()
        figure.text(0.1, 0.5, style.shorten(words, 20))
        figure.draw_without_rendering()


def test_labels_are_cut_by_their_width_and_between_letters() -> None:
    for words in (
        "香港" * 30,
        "A" * 500,
        "W" * 90,
        "i" * 90,
        "👩\u200d👩\u200d👧" * 30,
        "long " * 50,
    ):
        short = style.shorten(words, 20)
        assert short.endswith("…") and words.startswith(short[:-1])
        figure = Figure()
        with style.styled():
            text = figure.text(0, 0, short, fontsize=10)
            drawn_width = text.get_window_extent(FigureCanvasAgg(figure).get_renderer()).width
        letters = drawn_width / (10 / 72 * figure.dpi) * 1000 / lettering.LETTER
        assert 14 < letters < 21, words
    assert style.shorten("two\nlines \t here", 40) == "two lines here"
    arabic = style.shorten("السعودية تعلن عن قرار جديد", 15)
    assert arabic[0] + arabic[-1] == "\u2068\u2069" and arabic[-2] == "…"


def test_every_font_is_noto_and_free() -> None:
    """The names that Matplotlib knows them by, in the order in which they are tried."""
    families = fonts.families()
    assert families[0] == "Noto Sans" and families[-1] == "Noto Emoji"
    assert all(name.startswith("Noto ") for name in families)
    listed = fonts.OWN.parent.joinpath("README.md").read_text(encoding="utf-8")
    for path in fonts.OWN.glob("*.ttf"):
        assert path.stem.removesuffix("-Regular").removeprefix("NotoSans") in listed
    assert "SIL OPEN FONT LICENSE" in (fonts.OWN / "OFL.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "title", ["CHINA ANNOUNCES NEW LAW " * 5, "A" * 300, "香港警方" * 40, "plain words " * 20, "x"]
)
def test_lines_keep_their_room_and_lose_nothing(title: str) -> None:
    lines = lettering.lines_of(title, 60, 40)
    assert "".join("".join(lines).split()) == "".join(title.split())
    assert lettering.fits(lines[0], 40)
    assert all(lettering.fits(line, 60) for line in lines)
