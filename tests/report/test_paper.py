"""The article: no number of its own, accessible, the same bytes twice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import typst
from conftest import ROOT, Project
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from takedown.figures.fonts import font_files
from takedown.io.tables import read_table
from takedown.report.paper import between, calibration_rows, in_fonts, p_value, percent, typeset
from takedown.report.results import number

TEMPLATE = ROOT / "workflow/templates/paper.typ"
REFERENCES = ROOT / "resources/references.bib"


def prose(source: str) -> str:
    """The words of a template: no code, formulas, citations or comments."""
    for pattern in (
        r"//[^\n]*",
        r"\$[^$]*\$",
        r'"[^"]*"',
        r"@[a-z]+\d*",
        r"<[a-z]+>",
        r"#if [^\[\n]*",
        r"(?m)^\s*#(set|show|let)\b[^\n]*$",
        r"#?[a-z_.]+\((?:[^()]|\([^()]*\))*\)",
        r"\b(left|grey|size|inset|x|y|place|fill|width):[^,\n]*",
        r"#d(\.[a-z_]+)+",
    ):
        source = re.sub(pattern, " ", source)
    return source[source.index("Abstract") :]


def test_the_prose_of_the_template_holds_no_number() -> None:
    words = prose(TEMPLATE.read_text(encoding="utf-8"))
    assert "Takedown archives hold" in words and "Only accounts that the platform" in words
    assert not re.findall(r"[^\n]*\d[^\n]*", words)


@pytest.mark.parametrize("bad", ["in 95 % of them", "a p of 0.05", "about 12 events"])
def test_a_number_in_the_prose_would_be_noticed(bad: str) -> None:
    source = TEMPLATE.read_text(encoding="utf-8").replace(
        "evidence: where", f"evidence {bad}: where"
    )
    assert re.search(r"\d", prose(source))


def test_every_reference_is_cited_and_every_citation_is_there() -> None:
    keys = set(re.findall(r"^@\w+\{(\w+),", REFERENCES.read_text(encoding="utf-8"), re.MULTILINE))
    cited = set(re.findall(r"@([a-z]+\d{4})", TEMPLATE.read_text(encoding="utf-8")))
    assert cited == keys


@pytest.fixture(scope="module")
def pdf(default_study: Project) -> PdfReader:
    return PdfReader(default_study.root / "results/default/paper.pdf")


def text_of(path: Path) -> str:
    with PdfDocument(path) as pdf:
        return re.sub(r"\s+", " ", " ".join(page.get_textpage().get_text_range() for page in pdf))


def test_the_article_says_what_the_tables_say(default_study: Project) -> None:
    text = text_of(default_study.root / "results/default/paper.pdf")
    for campaign, posts in (("thailand_092020", "21,385"), ("china_hk_2019", "37,911")):
        assert campaign in text and posts in text
        models = default_study.root / "results/default" / campaign / "models"
        effects = read_table(models / "event_effects.csv")
        for row in effects[
            (effects["series"] == "all") & (effects["event"] == "pooled")
        ].itertuples():
            assert f"{number(row.lower)} to {number(row.upper)}" in text
        first = read_table(models / "findings.csv")["sentence"][0]
        assert first[:60].replace("  ", " ") in text
    combined = read_table(default_study.root / "results/default/atlas/meta_analysis.csv")
    for row in combined.dropna(subset="lower").itertuples():
        assert between(row.lower, row.upper) in text
    tried = read_table(default_study.root / "results/reference/calibration/estimators.csv")
    shown = tried[tried["estimator"] == "pooled negbin_hac, days_0_6"]
    assert len(shown) == 2
    for row in shown.itertuples():
        assert percent(row.fpr) in text
    for word in ("None", "nan", "NaN", "<NA>"):
        assert not re.search(rf"\b{word}\b", text)


def test_the_article_is_accessible_with_vector_figures(pdf: PdfReader) -> None:
    catalog = pdf.root_object
    assert catalog["/MarkInfo"]["/Marked"]
    assert str(catalog["/Lang"]).startswith("en")
    assert pdf.metadata and pdf.metadata.title
    assert "pdfuaid" in pdf.xmp_metadata.stream.get_data().decode("utf-8")
    alts = []

    def walk(element: object) -> None:
        for one in element if isinstance(element, list) else [element]:
            one = one.get_object() if hasattr(one, "get_object") else one
            if isinstance(one, dict):
                if one.get("/S") == "/Figure":
                    alts.append(str(one.get("/Alt", "")))
                walk(one.get("/K", []))
            elif isinstance(one, list):
                walk(one)

    walk(catalog["/StructTreeRoot"])
    assert len(alts) == 25 and all(len(words) > 40 for words in alts)
    # Raster pictures are the heat maps alone, of each campaign and of all together.
    objects = [
        each.get_object()
        for page in pdf.pages
        for each in page["/Resources"].get("/XObject", {}).values()
    ]
    assert [each["/Subtype"] for each in objects].count("/Image") == 6


def test_the_fonts_of_article_and_figures_are_embedded_and_none_is_type_3(
    default_study: Project,
) -> None:
    folder = default_study.root / "results/default"
    for path in [folder / "paper.pdf", *folder.glob("*/figures/*.pdf")]:
        fonts = [
            font.get_object()
            for page in PdfReader(path).pages
            for font in page["/Resources"].get("/Font", {}).values()
        ]
        assert fonts, path
        for font in fonts:
            assert font["/Subtype"] == "/Type0", path
            [inner] = font["/DescendantFonts"]
            descriptor = inner.get_object()["/FontDescriptor"].get_object()
            if path.parent.name == "figures":
                assert inner.get_object()["/Subtype"] == "/CIDFontType2", path
                data = descriptor["/FontFile2"].get_object().get_data()
                assert data[:4] == b"\x00\x01\x00\x00", path  # outlines of TrueType
            else:
                assert {"/FontFile2", "/FontFile3"} & set(descriptor), path


@pytest.mark.parametrize("campaign", ["thailand_092020", "china_052020"])
def test_hashtags_in_any_script_can_be_found_in_their_figure(
    default_study: Project, campaign: str
) -> None:
    folder = default_study.root / "results/default" / campaign
    [page] = PdfReader(folder / "figures/hashtags.pdf").pages
    text = page.extract_text()
    drawn = pd.read_csv(folder / "figures/hashtags.csv")["hashtag"]
    whole = [tag for tag in drawn if len(tag) <= 34]
    assert len(whole) >= 12
    for tag in whole:
        # The vowel AM is two glyphs, so it is found as the two characters it is made of.
        assert f"#{tag}" in text or "\u0e33" in tag, tag


def test_the_article_is_byte_identical_when_made_again(
    default_study: Project, tmp_path: Path
) -> None:
    data = {
        "title": "A title", "author": "x", "keywords": ["y"], "interval": "95 % interval",
        "posts": "12", "calibration": [], "claims": [], "verdicts": [], "together": [],
        "combined": [],
        "campaigns": [
            {"name": "simulated_a", "source": "SIMULATED", "countable": False, "lead": "",
             "figures": []},
        ],
        "settings": dict.fromkeys(
            ["lead_days", "lag_days", "trend_days", "hac_days", "interrupted_days", "draws",
             "min_accounts", "level", "band"],
            "7",
        ),
    }  # fmt: skip
    for name in ("one.pdf", "two.pdf"):
        typeset(data, TEMPLATE, REFERENCES, tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.pdf", "two.pdf"]
    text = text_of(tmp_path / "one.pdf")
    assert "hashtag totals" in text
    assert "No calibration is" in text


def test_a_template_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(typst.TypstError):
        typeset({}, TEMPLATE, REFERENCES, tmp_path / "paper.pdf")
    assert not list(tmp_path.iterdir())


def test_numbers_as_they_are_printed() -> None:
    assert [p_value(value) for value in (0.0004, 0.0123, 1.0)] == ["< 0.001", "0.012", "1.000"]
    assert [percent(share) for share in (0.05, float("nan"))] == ["5.0 %", "–"]
    row = {"campaign": "a", "estimator": "pooled log1p_shift, days_0_2", "simulations": 1000,
           "fpr": 0.05, "coverage": 0.95, "power_rr2": 0.5, "usable": "yes"}  # fmt: skip
    silent = row | {"fpr": None}
    other = row | {"estimator": "change points"}
    [found] = calibration_rows(pd.DataFrame([row, silent, other]))
    assert found["believed"] and "1,000" in found["cells"]
    assert json.dumps(found)


def test_there_is_a_font_for_every_script() -> None:
    assert {path.suffix for path in font_files()} == {".ttf", ".otf"}


def test_only_long_latin_words_may_be_broken_anywhere() -> None:
    long, thai, arabic = "A" * 40, "กองทัพบก" * 9, "السعودية" * 9
    path = "/simulated_" + "a" * 40 + "/figures/volume.svg"
    data = {"title": f"x {long}", "cells": [thai, arabic, "short words only"], "path": path}
    found = in_fonts(data)
    assert found["title"] == "x " + "\u200b".join(long)
    assert found["cells"] == data["cells"] and found["path"] == path
