"""The executed notebooks in a real browser: on a phone, without a network, and accessible."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, Project

NAMES = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]


@pytest.fixture(scope="module")
def folder(default_study: Project) -> Path:
    return default_study.root / "results/default/notebooks"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_notebook_can_be_read_by_everyone(name, scheme, folder, browser):
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / f"{name}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert all(address.startswith(("file:", "data:")) for address in asked)
    found = Axe().run(page)
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_one_goes_from_one_notebook_to_the_next_and_back_to_the_study(folder, browser):
    page = browser.new_page()
    page.goto((folder / f"{NAMES[0]}.html").as_uri())
    page.click("main a:has-text('from posts to a daily series')")
    assert page.title().startswith("2 From posts")
    page.click("header a:has-text('The study')")
    assert page.url.endswith("/results/default/index.html")
    page.click("nav a:has-text('The course')")
    assert page.title().startswith("1 What a takedown archive is")
    page.close()
