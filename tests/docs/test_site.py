"""The documentation as a website: built without a warning, for a reader on a phone too."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, copy_project, make
from playwright.sync_api import expect

from pages.pages import PAGES

PHONE = 360
READ = ["index", "tutorial", "reference/codebook", "reference/tables", "reference/archives"]
READ += ["reference/which_rule_made_this_file", "explanation/methods_in_plain_words"]
READ += ["reference/api", "explanation/methods", "how-to/troubleshoot"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, may_take_long: None) -> Path:
    """The built pages, by `make docs` in a copy of the project; a warning is an error."""
    project = copy_project(tmp_path_factory.mktemp("docs") / "wörk folder")
    done = make(project.root, "docs")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("Open docs/_build/index.html\n")
    return project.root / "docs/_build"


class Parsed(HTMLParser):
    """Links, images, anchors and foreign addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict] = []
        self.anchors: set[str] = set()
        self.asked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag == "img":
            self.images.append(found)
        source = found.get("src") or (found.get("href") if tag == "link" else None)
        if source and source.startswith(("http:", "https:", "//")):
            self.asked.append(source)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Parsed]:
    found = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    return {path: Parsed(path.read_text(encoding="utf-8")) for path in found}


def test_every_page_of_the_docs_is_built_and_reached_from_the_first(pages, site):
    sources = {
        path.relative_to(ROOT / "docs").with_suffix(".html")
        for path in (ROOT / "docs").rglob("*.md")
        if "_build" not in path.parts
    }
    assert sources <= {path.relative_to(site) for path in pages}
    links = {link.split("#")[0] for link in pages[site / "index.html"].links}
    assert {path.as_posix() for path in sources} - links <= {"index.html"}
    assert {f"reference/{name}".replace(".md", ".html") for name in PAGES} <= links


def test_no_link_is_dead_not_even_to_a_heading(pages):
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z]+:", link) or path.name in ("search.html", "genindex.html"):
                continue
            target, _, anchor = link.partition("#")
            file = (path.parent / target).resolve() if target else path
            assert file.exists(), f"{path.name}: {link}"
            if anchor and file in pages:
                assert anchor in pages[file].anchors, f"{path.name}: {link}"


def test_every_image_has_words_and_nothing_is_asked_of_the_network(pages):
    images = [image for page in pages.values() for image in page.images]
    assert len(images) >= 3
    assert all(len(image.get("alt") or "") > 20 for image in images)
    assert [page.asked for page in pages.values() if page.asked] == []


@pytest.mark.parametrize("name", READ)
def test_a_page_can_be_read_on_a_phone(name, site, browser):
    page = browser.new_page(viewport={"width": PHONE, "height": 740})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / f"{name}.html").as_uri())
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width <= PHONE
    assert all(address.startswith("file:") for address in asked)


def test_the_search_answers_without_a_network(site, browser):
    page = browser.new_page()
    page.goto((site / "search.html").as_uri() + "?q=placebo")
    expect(page.locator("#search-results")).to_contain_text(
        "methods", ignore_case=True, timeout=20_000
    )
    page.close()


def test_pages_of_the_docs_and_of_the_course_are_accessible(site, browser):
    """Of the theme's own parts, those that only repeat the navigation are left out."""
    for name in ("index", "explanation/methods_in_plain_words", "reference/codebook"):
        page = browser.new_page()
        page.goto((site / f"{name}.html").as_uri())
        found = Axe().run(page, context="article")
        page.close()
        assert found.violations_count == 0, found.generate_report()


def test_an_undocumented_warning_stops_the_build(site):
    """The last test, as it changes the pages: what was built is not built again."""
    page = site.parents[1] / "docs/course.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n[nowhere](no/such.md)\n")
    done = make(site.parents[1], "docs")
    assert done.returncode != 0
    assert "no/such.md" in done.stdout
