"""Of a simulated study: no file is ever half there, every result says that it is simulated."""

from __future__ import annotations

import csv
import html
import json
from collections import Counter
from io import BytesIO
from pathlib import Path

import pypdfium2
from conftest import TITLE, TITLES, WATCHED, Project, tiny_posts

from takedown.io.printable import printable

FIRST = "simulated_a"
#: The figures of a campaign with all that a study file may name.
PICTURES = 10


def test_a_campaign_has_its_figures_in_every_form(tiny: Project) -> None:
    files = tiny.files("results/tiny")
    kinds = {Path(name).suffix for name in files if name.startswith(FIRST)}
    assert kinds == {".csv", ".json", ".pdf", ".png", ".svg"}
    assert f'id="{FIRST}"' in files["index.html"].decode("utf-8")


def test_bug_no_file_is_ever_half_written_under_its_final_name(tiny: Project) -> None:
    sizes = json.loads((tiny.root / WATCHED).read_text(encoding="utf-8"))
    assert len(sizes) > 50
    assert not [name for name in tiny.files("results") if name.endswith(".part")]
    there = {name: seen for name, seen in sizes.items() if not name.endswith(".part")}
    assert not [name for name, seen in there.items() if len(seen) > 1]


def test_every_result_of_a_simulated_campaign_says_so(tiny: Project) -> None:
    results = tiny.files("results/tiny")
    of_first = [name for name in results if name.startswith(f"{FIRST}/")]
    for path in ("index.html", "summary.txt", "paper.pdf", "manifest.json"):
        assert b"simulated" in results[path].lower(), path
    for path in of_first:  # they say it in their path; figures, which are passed on alone, in words
        if "/figures/" in path and path.endswith(".json"):
            words = json.loads(results[path])
            assert "SIMULATED" in words["caption"], path
            assert "SIMULATED" in words["title"], path
    assert b"SIMULATED, no real campaign" in results["index.html"]
    assert len([path for path in of_first if path.endswith(".png")]) == PICTURES


def pdf_text(data: bytes) -> str:
    """The words of a PDF, with its lines joined."""
    pages = pypdfium2.PdfDocument(BytesIO(data))
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def test_titles_of_any_signs_are_printed_as_written(tiny: Project) -> None:
    """Signs of markup, writing from right to left, emoji, changes of direction, 500 letters."""
    results = tiny.files("results/tiny")
    table = csv.DictReader(results[f"{FIRST}/series/events.csv"].decode("utf-8").splitlines())
    assert [row["title"] for row in table] == [" ".join(title.split()) for title in TITLES.values()]
    page = results["index.html"].decode("utf-8")
    for title in TITLES.values():
        assert f"<bdi>{html.escape(printable(title.strip()))}</bdi>" in page
    assert f"<h1>{html.escape(TITLE)}</h1>" in page
    assert "font/woff" in page  # the fonts of what Noto Sans has not
    assert TITLE in results["summary.txt"].decode("utf-8")
    figure = pdf_text(results[f"{FIRST}/figures/volume.pdf"])
    assert "Aid of $x^$ agreed {hidden} \\alpha <b>&amp;</b>" in figure
    assert "[U+202E]evil[U+202C] บาท very long" in figure
    assert "قرار جديد" in figure
    article = pdf_text(results["paper.pdf"])
    assert "{hidden} war" in article


def test_hashtags_of_any_script_are_drawn(tiny: Project) -> None:
    files = tiny.files("results/tiny")
    assert "#السعودية" in pdf_text(files[f"{FIRST}/figures/hashtags.pdf"])


def test_a_release_whose_references_are_rounded_goes_to_the_end(tiny: Project) -> None:
    """A CSV for each year, of which one is empty, as RNA_0621: what is lost is counted and said."""
    files = tiny.files("results/tiny")
    posts = tiny_posts()
    table = csv.DictReader(files[f"{FIRST}/clean/accounting.csv"].decode("utf-8").splitlines())
    rows = {(row["file"], row["outcome"]): int(row["rows"]) for row in table}
    of_years = Counter(row["tweet_time"][:4] for row in posts)
    for year, number in of_years.items():
        assert rows[f"simulated_a_tweets_csv_hashed_{year}.csv", "kept"] == number
    assert sum(rows.values()) == len(posts) + len({row["userid"] for row in posts})
    lost = sum(row["is_retweet"] == "true" for row in posts)
    words = f"retweet_tweetid not known, as it was rounded or left out: {lost} posts"
    assert words in " ".join(files["summary.txt"].decode("utf-8").split())
    page = files["index.html"].decode("utf-8")
    assert page.index("Read this first") < page.index(words) < page.index("<section")
    daily = csv.DictReader(files[f"{FIRST}/series/daily.csv"].decode("utf-8").splitlines())
    assert sum(int(row["posts"]) for row in daily if row["series"] == "kind:retweet") == lost
