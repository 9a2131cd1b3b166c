"""Text in PDFs: found by a search, in fonts that every reader shows."""

from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from pypdf import PdfReader

from takedown.figures import style

#: All of them draw, which takes longest of all that starts no process.
pytestmark = pytest.mark.usefixtures("may_take_long")

WORDS = [
    "#กองทัพบก",
    "#กองทัพภาคที่2",
    "#ขบวนพยุหยาตราทางชลมารค",
    "#ทหารเป็นที่พึ่งของประชาชน",
    "#เริ่มแล้วหนุมานการ์เดียน2020",
    "ปิ่น ฝั้น ญุ ฐู",
    "香港暴徒 止暴制亂",
    "Office: ffi, 1,234 × ≥",
]


def pages_of(path: Path, words: list[str]) -> list:
    with style.styled():
        figure = plt.figure(figsize=(4, 4))
        for place, line in enumerate(words):
            figure.text(0.1, 0.95 - 0.1 * place, line)
        figure.savefig(path)
    return list(PdfReader(path).pages)


@pytest.mark.parametrize("word", WORDS)
def test_what_is_written_is_found(word: str, tmp_path: Path) -> None:
    [page] = pages_of(tmp_path / "one.pdf", [word])
    # Readers guess blanks from the distances of glyphs, so these do not count.
    assert "".join(word.split()) in "".join(page.extract_text().split())


def test_the_vowel_am_is_found_as_its_two_parts(tmp_path: Path) -> None:
    [page] = pages_of(tmp_path / "one.pdf", ["ทำ"])
    assert "ท\u0e4d\u0e32" in page.extract_text()


def test_every_font_has_outlines_of_truetype(tmp_path: Path) -> None:
    [page] = pages_of(tmp_path / "one.pdf", WORDS)
    names = set()
    for font in page["/Resources"]["/Font"].values():
        [inner] = font.get_object()["/DescendantFonts"]
        descriptor = inner.get_object()["/FontDescriptor"].get_object()
        names.add(str(descriptor["/FontName"]).split("+")[-1].split("-")[0])
        data = descriptor["/FontFile2"].get_object().get_data()
        assert data[:4] == b"\x00\x01\x00\x00"
        assert b"glyf" in data[:400] and b"CFF " not in data[:400]
    assert names == {"NotoSans", "NotoSansThai", "NotoSansSC"}


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    metadata = []
    for name in ("one.pdf", "two.pdf"):
        with style.styled():
            figure = plt.figure()
            figure.text(0.1, 0.5, "香港 กองทัพ")
            figure.savefig(tmp_path / name, metadata=style.METADATA["pdf"])
        metadata.append((tmp_path / name).read_bytes())
    assert metadata[0] == metadata[1]
