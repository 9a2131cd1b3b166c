"""What a person would see as another file is one; a last digit or a dot beside is not."""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from takedown.provenance.alike import difference


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(folder: Path, name: str, found: str | bytes, wanted: str | bytes) -> str | None:
    (folder / "found").mkdir()
    (folder / "wanted").mkdir()
    mine, theirs = write(folder / "found" / name, found), write(folder / "wanted" / name, wanted)
    return difference(mine, theirs, name)


def png(dark: int = 0, size: int = 400, noise: int = 0) -> bytes:
    """A grey picture, its first ``dark`` lines black, with a little noise."""
    dots = np.full((size, size), 200, np.uint8)
    dots += np.random.default_rng(noise).integers(0, 3, dots.shape, np.uint8)
    dots[:dark] = 0
    file = BytesIO()
    Image.fromarray(dots).save(file, "png")
    return file.getvalue()


def pdf(words: str, pages: int = 1, dark: float = 0.0) -> bytes:
    file = BytesIO()
    with PdfPages(file) as book:
        for _ in range(pages):
            figure = Figure()
            figure.text(0.1, 0.1, words)
            figure.add_artist(Rectangle((0, 0.5), 1, dark, color="black"))
            book.savefig(figure)
    return file.getvalue()


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("a 0.12345678 b", "a 0.12345679 b"),
        ("1e-12", "0"),
        ("<b>-2.5000001em</b>", "<b>-2.5em</b>"),
        ("", ""),
    ],
)
def test_last_digits_are_no_difference(tmp_path: Path, found: str, wanted: str) -> None:
    assert told(tmp_path, "a.svg", found, wanted) is None


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        ("a\np = 0.012", "a\np = 0.757", "a.html, line 2: expected '0.757', found '0.012'"),
        ("a<script>b", "ab", "a.html, line 1: expected 'ab', found 'a<script>b'"),
        ("a 1", "a 1 2", "a.html, line 1: expected ' ', found ''"),
        ("a 1 b", "a 1", "a.html, line 1: expected '', found ' b'"),
        ("2019-06-12", "2019-06-13", "a.html, line 1: expected '13', found '12'"),
        ("id 1234567890123", "id 1234567890124", "a.html, line 1: expected '4', found '3'"),
        ("v1.2.3", "v1.2.4", "a.html, line 1: expected '4', found '3'"),
        ("nan", "1", "a.html, line 1: expected '', found 'nan'"),
        ("\nx\ny", "\nx\nz", "a.html, line 3: expected '\\nx\\nz', found '\\nx\\ny'"),
    ],
)
def test_other_words_and_numbers_are_one(
    tmp_path: Path, found: str, wanted: str, words: str
) -> None:
    said = told(tmp_path, "a.html", found, wanted)
    assert said is not None
    assert said.startswith(words.split("expected")[0]), said


def test_a_picture_is_compared_as_one_is_seen(tmp_path: Path) -> None:
    assert told(tmp_path, "a.png", png(noise=1), png(noise=2)) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (png(dark=40), "a.png, picture, "),
        (png()[:100], "a.png: no picture that can be read"),
        (b"", "a.png: no picture that can be read"),
    ],
)
def test_another_picture_is_told(tmp_path: Path, found: bytes, words: str) -> None:
    said = told(tmp_path, "a.png", found, png())
    assert said is not None
    assert said.startswith(words)


def in_notebook(picture: bytes) -> str:
    return json.dumps({"cells": [{"image/png": b64encode(picture).decode() + "\n"}]})


def in_page(picture: bytes) -> str:
    return f'<img src="data:image/png;base64,{b64encode(picture).decode()}" alt="a">'


@pytest.mark.parametrize("write_in", [in_notebook, in_page])
def test_pictures_in_texts_are_compared_as_pictures(tmp_path: Path, write_in) -> None:
    for folder in ("same", "other", "none"):
        (tmp_path / folder).mkdir()
    wanted = write_in(png(noise=1))
    assert told(tmp_path / "same", "a.ipynb", write_in(png(noise=2)), wanted) is None
    said = told(tmp_path / "other", "a.ipynb", write_in(png(dark=40)), wanted)
    assert said is not None and said.startswith("a.ipynb, a picture in it, picture, ")
    said = told(tmp_path / "none", "a.ipynb", "{}", wanted)
    assert said == "a.ipynb: another number of pictures"


def test_a_pdf_is_compared_page_by_page(tmp_path: Path) -> None:
    for folder in "abcde":
        (tmp_path / folder).mkdir()
    # Another library, or another time, writes other bytes of the same pages.
    assert told(tmp_path / "a", "a.pdf", pdf("p = 0.7") + b"\n", pdf("p = 0.7")) is None
    words = told(tmp_path / "b", "a.pdf", pdf("p = 0.1"), pdf("p = 0.7"))
    assert words is not None and words.startswith("a.pdf, page 1, line 1: expected '0.7'")
    words = told(tmp_path / "c", "a.pdf", pdf("p", dark=0.3), pdf("p"))
    assert words is not None and words.startswith("a.pdf, page 1, picture")
    assert told(tmp_path / "d", "a.pdf", pdf("p", 2), pdf("p")) == (
        "a.pdf: expected 1 pages, found 2"
    )
    assert told(tmp_path / "e", "a.pdf", b"%PDF-x", pdf("p")) == "a.pdf: no PDF that can be read"


def test_a_table_is_compared_by_its_cells(tmp_path: Path) -> None:
    said = told(tmp_path, "a.csv", "day,posts\n1,2\n", "day,posts\n1,3\n")
    assert said == "a.csv, row 1, column posts: expected '3', found '2'"


@pytest.mark.parametrize("name", ["a.html", "a.csv"])
def test_a_text_that_is_none_is_an_error_of_its_own(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnicodeDecodeError):
        told(tmp_path, name, b"\xff", "x")
