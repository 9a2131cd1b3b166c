"""Figures set text as a browser does: letters joined, marks placed, right to left."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import Browser

from takedown.figures import fonts, style

LINES = {
    "Arabic": "#السعودية_العظمى",
    "Arabic with numbers": "قرار (2019) رقم 5",
    "Persian with a non-joiner": "می\u200cخواهم",
    "Hebrew": "#ישראל: החלטה",
    "within Latin": "Mixed: السعودية 2020 and more",
    "Devanagari": "#हिन्दी क्षत्रिय",
    "Bengali": "বাংলাদেশ ক্ষ",
    "Thai": "กองทัพบกน้ำ",
    "Korean": "대한민국",
}
POINTS, DPI = 20, 144


def in_figure(words: str) -> np.ndarray:
    with style.styled():
        figure = Figure(figsize=(6, 1))
        figure.text(0.1, 0.4, words, fontsize=POINTS)
        held = io.BytesIO()
        figure.savefig(held, format="png", dpi=DPI)
    return inked(Image.open(held))


def inked(picture: Image.Image) -> np.ndarray:
    """The dark part of a picture, cut to what is dark, as dark (1) and light (0)."""
    dark = np.asarray(picture.convert("L")) < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def blurred(dark: np.ndarray) -> np.ndarray:
    """Dark, or beside what is dark: outlines may differ by the width of a dot."""
    padded = np.pad(dark, 2)
    moved = [np.roll(padded, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return np.logical_or.reduce(moved)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the dark dots that both pictures have, of those that either has."""
    shape = np.maximum(one.shape, other.shape)
    one, other = (np.pad(each, [(0, a - b) for a, b in zip(shape, each.shape, strict=True)])
                  for each in (one, other))  # fmt: skip
    common = (one & blurred(other)[2:-2, 2:-2]).sum() + (other & blurred(one)[2:-2, 2:-2]).sum()
    return common / (one.sum() + other.sum())


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory):
    """A page that draws with the fonts of the figures."""
    faces = "".join(
        f"@font-face {{ font-family: f{number}; src: url('{path.as_uri()}'); }}"
        for number, path in enumerate(fonts.font_files())
        if "Italic" not in path.name
    )
    families = ", ".join(f"f{number}" for number in range(len(fonts.font_files())))
    file = tmp_path_factory.mktemp("scripts") / "page.html"
    file.write_text(
        f"<meta charset=utf-8><style>{faces} p {{ font: {POINTS * DPI / 72}px {families}; "
        "white-space: nowrap; margin: 20px; width: max-content }</style><p dir=auto></p>",
        encoding="utf-8",
    )
    page = browser.new_page(viewport={"width": 1200, "height": 200})
    page.goto(file.as_uri())
    yield page
    page.close()


@pytest.mark.parametrize("script", LINES)
def test_a_figure_shows_the_line_that_a_browser_shows(page, script: str) -> None:
    words = LINES[script]
    page.evaluate("words => { document.querySelector('p').textContent = words }", words)
    page.evaluate("document.fonts.ready")
    theirs = inked(Image.open(io.BytesIO(page.locator("p").screenshot())))
    same = overlap(in_figure(words), theirs)
    reversed_words = overlap(in_figure(words[::-1]), theirs)
    assert same > 0.75
    assert reversed_words < same - 0.2
