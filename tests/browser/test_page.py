"""The page in a real browser: what it draws, by mouse and by keyboard, and what it never does."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Project
from playwright.sync_api import Browser, Page

from takedown.report.page import render_page
from takedown.report.results import CampaignResults
from takedown.series.modelled import window_table

THAI = "thailand_092020"
DRAWN = f"#{THAI} .chart[data-drawn]"
TEMPLATE = Path(__file__).parents[2] / "workflow/templates/index.html.j2"


@pytest.fixture(scope="module")
def page_file(default_study: Project) -> Path:
    """The page of the default study."""
    return default_study.root / "results/default/index.html"


@pytest.fixture(scope="module")
def many_campaigns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of ten simulated campaigns of 1,500 days."""
    days = pd.date_range("2016-01-01", periods=1500).strftime("%Y-%m-%d")
    campaigns = []
    for number in range(10):
        rng = np.random.default_rng(number)
        series = {
            name: rng.negative_binomial(1, 1 / (1 + mean), 1500)
            for name, mean in (("all", 90), ("lang:zh", 50), ("lang:en", 30), ("topic:a", 10))
        }
        tables = [
            pd.DataFrame({"date": days, "series": name, "posts": posts})
            for name, posts in series.items()
        ]
        events = pd.DataFrame(
            {
                "number": range(1, 41),
                "event": [f"E{event}" for event in range(40)],
                "date": days[::37][:40],
                "title": "Something happened",
            }
        )
        events = events.assign(topic="a", source="made up", place="modelled", anticipated="no")
        campaigns.append(
            CampaignResults(
                f"simulated_{number}",
                "SIMULATED",
                [],
                {
                    "series/daily.csv": pd.concat(tables),
                    "series/events.csv": events,
                    "series/estimation_window.csv": window_table(pd.DatetimeIndex(days), False),
                },
            )
        )
    page = tmp_path_factory.mktemp("pages") / "index.html"
    page.write_text(render_page("SIMULATED campaigns", campaigns, TEMPLATE), encoding="utf-8")
    return page


class Opened:
    """An open page, and what it said and asked for."""

    def __init__(self, browser: Browser, file: Path, view: str = "", **settings: Any) -> None:
        self.context = browser.new_context(
            **{"viewport": {"width": 1100, "height": 900}, "accept_downloads": True} | settings
        )
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.address = file.as_uri()
        self.page.goto(self.address + view)

    def drawn(self, campaign: str = THAI) -> Page:
        """The page once the campaign's chart is drawn."""
        self.page.evaluate(
            "name => document.querySelector(`[data-campaign=${name}]`).scrollIntoView()", campaign
        )
        self.page.wait_for_selector(f"#{campaign} .chart[data-drawn]")
        return self.page

    def redrawn(self, act: Any) -> None:
        """Do ``act`` and wait until the chart is drawn anew."""
        before = int(self.page.get_attribute(DRAWN, "data-drawn") or 0)
        act()
        self.page.wait_for_function(
            "([place, before]) => Number(document.querySelector(place).dataset.drawn) > before",
            arg=[DRAWN, before],
        )

    def part(self, name: str) -> Any:
        return self.page.locator(f"#{THAI} [data-part={name}]")

    def lines(self) -> int:
        """Lines in the large chart: the paths that are open."""
        return self.page.locator(f"#{THAI} .chart svg .mark-line path").count()


@pytest.fixture
def opened(browser: Browser, page_file: Path) -> Iterator[Opened]:
    one = Opened(browser, page_file)
    yield one
    one.context.close()


def rows(project: Project, table: str) -> list[dict[str, str]]:
    path = project.root / "results/default" / THAI / table
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_nothing_is_asked_of_the_network_and_nothing_goes_wrong(opened: Opened) -> None:
    page = opened.drawn()
    opened.drawn("china_hk_2019")
    page.mouse.wheel(0, 20_000)
    page.wait_for_timeout(300)
    assert opened.said == []
    asked = [url for url in opened.asked if not url.startswith("data:")]
    assert asked == [opened.address]


def test_the_page_is_one_small_file(page_file: Path) -> None:
    assert page_file.stat().st_size < 3_000_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, page_file: Path, scheme: str) -> None:
    one = Opened(browser, page_file, color_scheme=scheme)
    page = one.drawn()
    one.redrawn(lambda: one.part("events").locator("button").nth(7).click())
    one.part("table").locator("summary").click()
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found]
    one.context.close()


def test_every_control_is_reached_and_works_by_keyboard(opened: Opened) -> None:
    page = opened.drawn()
    wanted = page.evaluate(
        """name => [...document.querySelectorAll(`#${name} .explorer :is(input, button)`)]
          .map((one, place) => {
            one.dataset.place = place;
            return [place, one.type, one.name];
          })""",
        THAI,
    )
    page.evaluate("name => document.querySelector(`#${name} .explorer input`).focus()", THAI)
    seen = set()
    for _ in range(3 * len(wanted)):
        seen.add(page.evaluate("document.activeElement.dataset.place"))
        page.keyboard.press("Tab")
    # Of radio buttons of one name the arrow keys reach the others.
    radios = {name for _, kind, name in wanted if kind == "radio"}
    missed = [one for one in wanted if str(one[0]) not in seen and one[2] not in radios]
    assert not missed
    for name in radios:
        assert any(str(place) in seen for place, _, own in wanted if own == name)

    opened.part("day").focus()
    before = opened.part("readout").inner_text()
    page.keyboard.press("ArrowRight")
    after = opened.part("readout").inner_text()
    assert before[:10] < after[:10]
    opened.part("scale").locator("input[value=linear]").focus()
    opened.redrawn(lambda: page.keyboard.press("ArrowRight"))
    assert opened.part("scale").locator("input[value=log]").is_checked()
    opened.part("events").locator("button").first.focus()
    opened.redrawn(lambda: page.keyboard.press("Enter"))
    assert opened.part("events").locator("button[aria-pressed=true]").count() == 1


def test_toggles_change_what_is_drawn(opened: Opened, default_study: Project) -> None:
    opened.drawn()
    first = opened.lines()
    boxes = opened.part("series").locator("input")
    assert 1 < boxes.count() <= 8
    opened.redrawn(lambda: boxes.nth(1).uncheck())
    assert opened.lines() < first
    top = opened.part("readout").inner_text()
    assert re.match(r"2020-02-20: All posts 1,313;", top)
    days = {row["date"]: row["posts"] for row in rows(default_study, "series/daily.csv")
            if row["series"] == "all"}  # fmt: skip
    assert days["2020-02-20"] == "1313"
    opened.redrawn(lambda: opened.part("measure").locator("input[value=ratio]").check())
    assert "times its mean" in opened.part("readout").inner_text()
    line = opened.part("chart").locator("svg .mark-line path").first
    shape = line.get_attribute("d")
    opened.redrawn(lambda: opened.part("scale").locator("input[value=log]").check())
    assert line.get_attribute("d") != shape


def test_the_last_series_stays(opened: Opened) -> None:
    page = opened.drawn()
    boxes = opened.part("series").locator("input:checked")
    while boxes.count() > 1:
        opened.redrawn(lambda: boxes.first.uncheck())
    boxes.first.click()
    page.wait_for_timeout(100)
    assert boxes.count() == 1


def test_a_brush_chooses_days(opened: Opened) -> None:
    page = opened.drawn()
    box = page.locator(f"#{THAI} .chart svg").bounding_box()
    assert box
    y = box["y"] + box["height"] - 45
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], y, steps=8)
    page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=8)
    page.mouse.up()
    page.wait_for_function("!location.hash.includes('from=2019-11-09') && location.hash.length > 9")
    first, last = (opened.part(end).input_value() for end in ("from", "to"))
    assert "2017-01-01" < first < last < "2019-12-31"
    assert f"from={first}" in page.url and f"to={last}" in page.url
    assert first[:4] in opened.part("chart").inner_text()


def test_an_event_shows_its_estimates(opened: Opened, default_study: Project) -> None:
    opened.drawn()
    korat = opened.part("events").locator("button", has_text="Korat")
    opened.redrawn(korat.click)
    shown = opened.part("estimates").inner_text()
    effects = rows(default_study, "models/event_effects.csv")
    chosen = [row for row in effects if row["event"] == "E08" and row["series"] == "all"]
    assert len(chosen) == 4
    for row in chosen:
        assert f"{float(row['p_value']):.3f}" in shown
        assert row["method"].replace("_", " ") in shown
    assert shown.count("no: fails calibration here") == sum(
        row["calibrated"] == "no"
        for table in ("event_effects", "placebo", "interrupted")
        for row in rows(default_study, f"models/{table}.csv")
        if row["event"] == "E08" and row["series"] == "all" and row.get("term", "level") == "level"
    )


def test_a_number_in_the_chart_chooses_its_event(opened: Opened) -> None:
    page = opened.drawn()
    numbers = page.locator(f"#{THAI} .chart svg .mark-text.role-mark text")
    box = numbers.filter(has_text=re.compile("^8$")).bounding_box()
    assert box
    opened.redrawn(
        lambda: page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    )
    assert "Korat" in opened.part("events").locator("button[aria-pressed=true]").inner_text()


def test_the_address_keeps_the_view(browser: Browser, opened: Opened, page_file: Path) -> None:
    page = opened.drawn()
    opened.redrawn(lambda: opened.part("scale").locator("input[value=log]").check())
    opened.part("from").fill("2020-01-15")
    opened.redrawn(lambda: opened.part("events").locator("button").nth(7).click())
    again = Opened(browser, page_file, page.evaluate("location.hash"))
    again.drawn()
    for name in ("from", "to", "day"):
        assert again.part(name).input_value() == opened.part(name).input_value()
    assert again.part("from").input_value() == "2020-01-15"
    assert again.part("scale").locator("input[value=log]").is_checked()
    assert again.part("estimates").inner_text() == opened.part("estimates").inner_text()
    again.context.close()


@pytest.mark.parametrize(
    "words", ["from=x&to=2020-13-45&series=nothing", "from=2020-02-02&to=2019-01-01&event=<b>", "%"]
)
def test_an_address_that_cannot_be_is_left_out(
    browser: Browser, page_file: Path, words: str
) -> None:
    one = Opened(browser, page_file, f"#{THAI}?{words}")
    one.drawn()
    assert one.said == []
    assert one.part("from").input_value() == "2019-11-09"
    one.context.close()


def test_the_table_and_the_csv_hold_the_chosen_days(opened: Opened, default_study: Project) -> None:
    page = opened.drawn()
    opened.part("table").locator("summary").click()
    table = opened.part("rows")
    table.locator("tbody tr").nth(114).wait_for()  # drawn when the summary is opened
    assert table.locator("tbody tr").count() == 115
    with page.expect_download() as waiting:
        opened.part("csv").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    found = list(csv.DictReader(text.splitlines()))
    assert [row["date"] for row in found][:: len(found) - 1] == ["2019-11-09", "2020-03-02"]
    posts = {(row["date"], row["series"]): row["posts"]
             for row in rows(default_study, "series/daily.csv")}  # fmt: skip
    for row in found:
        for name in row.keys() - {"date"}:
            assert row[name] == posts[row["date"], name]


def test_without_scripts_figures_and_tables_are_there(browser: Browser, page_file: Path) -> None:
    one = Opened(browser, page_file, java_script_enabled=False)
    page = one.page
    assert page.locator(".explorer").first.is_hidden()
    assert page.locator("figure img").count() > 15
    first = page.locator(f"#{THAI} figure img").first
    assert (first.bounding_box() or {})["height"] > 200
    assert page.locator(f"#{THAI} table").first.is_visible()
    one.context.close()


@pytest.mark.parametrize(("width", "scale"), [(360, 1), (550, 2)], ids=["phone", "zoomed"])
def test_nothing_scrolls_sideways(
    browser: Browser, page_file: Path, width: int, scale: int
) -> None:
    view = {"width": width, "height": 740}
    one = Opened(browser, page_file, viewport=view, device_scale_factor=scale)
    page = one.drawn()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    one.context.close()


def test_many_campaigns_are_painted_before_their_charts_are_drawn(
    browser: Browser, many_campaigns: Path
) -> None:
    one = Opened(browser, many_campaigns)
    page = one.page
    page.wait_for_selector(".chart[data-drawn]")
    paint, loaded = page.evaluate(
        "[performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.now()]"
    )
    print(f"first paint after {paint:.0f} ms, first chart by {loaded:.0f} ms")
    assert paint < loaded
    assert page.locator(".chart[data-drawn]").count() < 5  # those in sight
    one.drawn("simulated_9")
    assert one.said == []
    assert many_campaigns.stat().st_size < 3_000_000
    one.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_claims_is_accessible_on_a_phone(
    browser: Browser, page_file: Path, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{page_file.with_name('claims.html').as_uri()}#th0920-tweets-press")
    assert page.locator("#th0920-tweets-press").is_visible()
    assert "differs" in page.locator("#th0920-tweets-press h2").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found]
    assert len(asked) == 1
    context.close()


def test_a_claim_leads_to_its_explanation(opened: Opened) -> None:
    page = opened.page
    table = page.locator("#claims")
    assert "Coconuts Bangkok counts 21,386 tweets." in table.inner_text()
    target = table.get_by_role("link", name="Coconuts Bangkok counts 21,386 tweets.")
    assert target.get_attribute("href") == "claims.html#th0920-tweets-press"
