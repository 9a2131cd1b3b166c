"""The page of a study: every form of campaign, everything escaped, a text for every picture."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from takedown.figures import registry
from takedown.io.tables import contracts, write_table
from takedown.report import results as report
from takedown.report.page import render_page
from takedown.report.results import CampaignResults, read_campaign, render_summary

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "workflow/templates/index.html.j2"
EVIL = "<script>alert('x')</script> & \"quotes\""
ROWS = {
    "describe/summary.csv": [
        {"quantity": "posts", "value": "21385", "unit": "posts"},
        {"quantity": "accounts", "value": "926", "unit": "accounts"},
        {"quantity": "posting_accounts", "value": "455", "unit": "accounts"},
        {"quantity": "first_post", "value": "2018-01-05 10:00", "unit": "UTC"},
        {"quantity": "last_post", "value": "2020-03-02 10:00", "unit": None},
    ],
    "describe/topics.csv": [
        {"topic": "army", "posts": 1234, "share": 0.5, "posts_strict": 3, "posts_shared": 1}
    ],
    "series/events.csv": [
        {
            "number": number,
            "event": name,
            "date": "2020-02-08",
            "end_date": None,
            "title": f"{name} {EVIL}",
            "topic": None,
            "anticipated": None,
            "source": source,
            "place": "modelled" if number else "outside the study window",
        }
        for number, name, source in [(1, "E01", "https://x.org"), (None, "E02", "a <b>paper</b>")]
    ],
    "models/findings.csv": [
        {"question": question, "strength": strength, "sentence": f"{words} {EVIL}"}
        for question, strength, words in [
            ("events together", "not usable", "Posting is not interpreted."),
            ("before events", "found", "Posting was already unusual. " + "On and on. " * 12),
        ]
    ],
    "models/event_effects.csv": [
        {"series": series, "event": event, "method": "negbin_hac", "effect": effect,
         "rate_ratio": 1.5, "lower": 1.1, "upper": 2.0, "p_value": 0.01, "calibrated": calibrated}
        for series, event, effect, calibrated in [
            ("all", "pooled", "days_0_2", "yes"),
            ("all", "E01", "days_0_6", "no"),
            ("all", "pooled_anticipated", "days_0_2", "untried"),
            ("all", "pooled_unexpected", "days_0_2", "untried"),
            ("all over controls", "pooled", "days_0_2", "untried"),
        ]
    ],
    "models/placebo.csv": [
        {"series": series, "event": event, "statistic": statistic, "null": null,
         "observed": 0.25, "p_value": 0.012, "q_value": 0.02, "p_family": 0.03, "draws": 9999,
         "calibrated": calibrated}
        for null in ("free_redraw", "circular_shift")
        for series, event, statistic, calibrated in [
            ("all", "pooled", "days_0_2", "yes"),
            ("all", "pooled", "days_0_6", "no"),
            ("all", "pooled", "lead_7_1", "yes"),
            ("all", "E01", "days_0_2", "yes"),
            ("topic:army", "pooled", "days_0_2", "untried"),
            ("topic:army", "E01", "days_0_2", "untried"),
        ]
    ],
    "models/change_points.csv": [
        {"series": "all", "date": "2020-02-09", "lower": "2020-02-08", "upper": "2020-02-10",
         "before": 50.25, "after": 700.0, "nearest_event": event, "days_from_event": days,
         "reason": None if event else "no event",
         "calibrated": "no"}
        for event, days in [("E01", 1), (None, None)]
    ],
    "models/lead_lag.csv": [
        {"series": series, "attention": f"page views {EVIL}", "test": test, "lag": 2,
         "statistic": statistic, "p_value": p_value, "differenced": False, "days": 90,
         "calibrated": calibrated}
        for series, test, statistic, p_value, calibrated in [
            ("all", "adf_posts", -3.5, 0.04, None),
            ("all", "granger_news_to_posts", 7.25, 0.021, "no"),
            ("all", "granger_news_to_posts_shift", 7.25, 0.022, "yes"),
            ("all", "granger_posts_to_news", 8.25, 0.023, "no"),
            ("all", "granger_posts_to_news_shift", 8.25, 0.024, "yes"),
            ("all", "peak_lag", 0.4, 0.025, "yes"),
            ("topic:army", "peak_lag", 0.5, 0.026, "untried"),
        ]
    ],
    "models/negative_controls.csv": [
        {"control": "another country", "series": "all", "calendar": f"taiwan {EVIL}", "events": 6,
         "effect": "days_0_6", "rate_ratio": 0.875, "lower": 0.5, "upper": 1.25, "p_value": 0.45}
    ],
    "models/rhythm.csv": [
        {"series": "all", "quantity": quantity, "estimate": estimate, "lower": lower,
         "upper": upper, "unit": unit, "reason": reason, "resampled": "days"}
        for quantity, estimate, lower, upper, unit, reason in [
            ("operators_clock", 8.0, 7.0, 9.0, "hours from UTC", None),
            ("daily_concentration", 0.375, None, None, "0 to 1", "why not"),
        ]
    ],
    "models/accounts.csv": [
        {"quantity": "gini_of_posts", "value": 0.812, "lower": 0.797, "upper": 0.83,
         "reason": None},
        {"quantity": "days_asleep_median", "value": 211.0, "lower": None, "upper": None,
         "reason": "why not"},
    ],
    "models/event_study_notes.csv": [
        {"method": "negbin_hac", "series": "all", "event": event, "note": f"too short {EVIL}"}
        for event in ("E01", "E02", None)
    ],
    "clean/checks.csv": [
        {"check": "posts kept", "value": "21385", "unit": "posts", "ok": ok}
        for ok in (True, False, None)
    ],
    "clean/accounting.csv": [
        {"file": f"{EVIL}.csv", "outcome": outcome, "reason": reason, "rows": 21385}
        for outcome, reason in [("kept", None), ("quarantined", "tweetid is no number")]
    ],
}  # fmt: skip
COUNTS = {name: rows for name, rows in ROWS.items() if name.split("/")[0] in ("series", "models")}
COUNTS["describe/summary.csv"] = [
    row for row in ROWS["describe/summary.csv"] if "accounts" not in row["quantity"]
]
FOLDERS = {name.split("/")[0] for name in ROWS}
FORMS = {"posts": ROWS, "counts": COUNTS, "hashtags": {}}
OF_CAMPAIGN = [one.name for one in registry.FIGURES if not one.across]
FIGURES = {"posts": OF_CAMPAIGN, "counts": OF_CAMPAIGN[:7], "hashtags": ["hashtags"]}


def results(folder: Path, form: str) -> CampaignResults:
    """A campaign of the given form, through the files."""
    inputs = []
    for name, rows in FORMS[form].items():
        path = folder / form / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_table(pd.DataFrame(rows, columns=list(columns(name))), path)
        inputs.append(path)
    for name in FIGURES[form]:
        for kind in ("json", "csv", "svg", "png", "pdf"):
            path = folder / form / f"figures/{name}.{kind}"
            path.parent.mkdir(parents=True, exist_ok=True)
            words = {key: f"{key} of {name} {EVIL}" for key in ("title", "alt", "caption")}
            path.write_text(json.dumps(words) if kind == "json" else "")
            inputs.append(path)
    return read_campaign(folder / form, f"source {EVIL}", [*inputs, TEMPLATE, folder / "x.csv"])


def columns(name: str) -> dict:
    return contracts()["models/notes.csv" if name.endswith("_notes.csv") else name]["columns"]


class Page(HTMLParser):
    """What a browser makes of the page: tags with attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(folder: Path, *forms: str, title: str = EVIL) -> Page:
    page = Page(render_page(title, [results(folder, form) for form in forms], TEMPLATE))
    assert page.open == []
    return page


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("forms", [["posts"], ["counts"], ["hashtags"], [*FORMS], []])
def test_the_page_renders_for_campaigns_of_each_form(tmp_path: Path, forms: list[str]) -> None:
    page = page_of(tmp_path, *forms)
    assert [section["id"] for section in page.all("section")] == forms
    assert ("Needs the archive" in page.words) == ("hashtags" in forms)
    assert ("In numbers" in page.words) == bool({"posts", "counts"} & {*forms})
    assert ("row accounting" in page.words) == ("posts" in forms)
    for word in ("None", "nan", "NaN", "<NA>", "Undefined"):
        assert word not in page.words


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("form", FORMS)
def test_everything_is_escaped(tmp_path: Path, form: str) -> None:
    page = page_of(tmp_path, form)
    assert not page.all("script")
    assert not page.all("b")
    assert page.words.count(EVIL) >= 3


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("form", FORMS)
def test_every_figure_has_its_text_its_caption_and_its_files(tmp_path: Path, form: str) -> None:
    page = page_of(tmp_path, form)
    names = FIGURES[form]
    assert [image["alt"] for image in page.all("img")] == [f"alt of {n} {EVIL}" for n in names]
    assert [image["src"] for image in page.all("img")] == [f"{form}/figures/{n}.svg" for n in names]
    for name in names:
        assert f"title of {name}" in page.words
        assert f"caption of {name}" in page.words
    for target in [*page.all("img"), *page.all("a")]:
        address = target.get("src") or target.get("href")
        if not address.startswith(("#", "http")):
            assert (tmp_path / address).is_file()


@pytest.mark.usefixtures("may_take_long")
def test_links_go_to_addresses_alone(tmp_path: Path) -> None:
    away = [link["href"] for link in page_of(tmp_path, "posts").all("a")]
    assert "https://x.org" in away
    inside = ("#posts", *(f"posts/{folder}/" for folder in ("figures", *FOLDERS)))
    assert all(link.startswith((*inside, "https://x.org")) for link in away)


@pytest.mark.usefixtures("may_take_long")
def test_numbers_of_the_tables_are_on_the_page(tmp_path: Path) -> None:
    words = page_of(tmp_path, "posts").words
    for expected in (
        "1,234",
        "50.0 %",
        "9,999",
        "0.012",
        "+0.25",
        "1.5",
        "1.1 to 2",
        "50.2",
        "700",
    ):
        assert expected in words
    for raw in ("days_0_2", "days_0_6", "lead_7_1", "circular_shift", "negbin_hac", "granger_"):
        assert raw not in words
    assert "All events together" in words
    assert "free redraw" in words


@pytest.mark.usefixtures("may_take_long")
def test_the_findings_come_before_the_figures(tmp_path: Path) -> None:
    page = page_of(tmp_path, "posts")
    assert len(page.all("li")) == 2 + 2 + len(ROWS)  # and what to look at first, and all tables
    found = [page.words.index(f"{row['sentence']}") for row in ROWS["models/findings.csv"]]
    assert found == sorted(found)
    assert page.words.index("Findings") < found[0]
    assert found[-1] < page.words.index("title of volume")
    assert not page_of(tmp_path, "hashtags").all("li")


@pytest.mark.usefixtures("may_take_long")
def test_what_calibration_does_not_allow_is_grey(tmp_path: Path) -> None:
    """And nothing else: neither what it allows nor what is no estimate."""
    page = page_of(tmp_path, "posts")
    rows = {
        "effects": report.effects_rows(results(tmp_path, "posts")),
        "placebo": report.placebo_rows(results(tmp_path, "posts")),
        "changes": ROWS["models/change_points.csv"],
        "relations": report.relation_rows(results(tmp_path, "posts")),
    }
    refused = {
        name: sum(row["calibrated"] in ("no", "untried") for row in shown)
        for name, shown in rows.items()
    }
    assert refused == {"effects": 4, "placebo": 4, "changes": 2, "relations": 2}
    grey = [row for row in page.all("tr") if row.get("class") == "grey"]
    assert len(grey) == sum(refused.values())
    assert "Grey: not calibrated, or not usable here." in page.words


@pytest.mark.parametrize(
    ("calibrated", "grey"), [("yes", ""), (None, ""), ("no", "grey"), ("untried", "grey")]
)
def test_the_class_of_a_row(calibrated: str | None, grey: str) -> None:
    assert report.grey({"calibrated": calibrated}) == (f' class="{grey}"' if grey else "")


@pytest.mark.usefixtures("may_take_long")
def test_groups_of_events_are_named_and_effects_relative_to_controls_follow(tmp_path: Path) -> None:
    rows = report.effects_rows(results(tmp_path, "posts"))
    assert [row["event"]["title"] for row in rows] == [
        "All events together",
        f"E01 {EVIL}",
        "Anticipated events together",
        "Unexpected events together",
        "All events together, relative to control accounts",
    ]
    assert [row["series"] for row in rows] == 4 * ["all"] + ["all over controls"]


@pytest.mark.usefixtures("may_take_long")
def test_relations_are_in_words_without_the_tests_of_their_premises(tmp_path: Path) -> None:
    rows = report.relation_rows(results(tmp_path, "posts"))
    assert len(rows) == len(report.RELATION_WORDS) == 5
    words = page_of(tmp_path, "posts").words
    for expected in ("predict posts, F test", "7.25", "0.022", "0.025"):
        assert expected in words
    for hidden in ("adf", "var_lags", "0.026"):
        assert hidden not in words


@pytest.mark.usefixtures("may_take_long")
def test_controls_rhythm_and_accounts_are_on_the_page(tmp_path: Path) -> None:
    words = page_of(tmp_path, "posts").words
    for expected in (
        "Negative controls",
        "0.875", "0.5 to 1.25", "0.450",
        "Rhythm and the operator's clock", "operators clock", "7 to 9", "0.375",
        "gini of posts", "0.812", "0.797 to 0.83", "days asleep median", "211",
    ):  # fmt: skip
        assert expected in words
    assert "Rhythm and" not in page_of(tmp_path, "hashtags").words


@pytest.mark.usefixtures("may_take_long")
def test_one_note_on_several_events_is_one_row(tmp_path: Path) -> None:
    [note] = report.notes_rows(results(tmp_path, "posts"))
    assert (note["method"], note["series"], note["event"]) == ("negbin_hac", "all", "E01, E02")


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "–"), (1234567, "1,234,567"), (3.0, "3"), (0.123456, "0.123"), (1234.5, "1,234"),
     (0, "0"), ("words", "words")],
)  # fmt: skip
def test_numbers_for_readers(value: object, written: str) -> None:
    assert report.number(value) == written


def test_the_summary_for_the_terminal(tmp_path: Path) -> None:
    campaigns = [results(tmp_path, form) for form in FORMS]
    text = render_summary("A title", campaigns)
    assert text.startswith("A title\n")
    assert "posts: 21,385 posts, 926 accounts, of which 455 posted" in text
    assert "counts: 21,385 posts\n" in text
    assert "from 2018-01-05 10:00 to 2020-03-02 10:00 UTC" in text
    assert "hashtags: hashtag totals only; the rest needs the archive." in text
    assert "    1 of 2 news events lie in the estimation window\n" in text
    assert text.count(f"    - Posting is not interpreted. {EVIL}\n") == 2
    assert text.count("    - Posting was already unusual. On and on.") == 2
    assert max(map(len, text.splitlines())) <= 96


def test_the_summary_counts_rows_that_were_set_aside_and_control_posts() -> None:
    accounting = pd.DataFrame(
        [("a.csv", "kept", None, 9), ("a.csv", "quarantined", "userid missing", 1000)],
        columns=["file", "outcome", "reason", "rows"],
    )
    found = {"posts": 9, "first_post": "2020-01-01 00:00", "last_post": "2020-01-02 00:00"}
    summary = pd.DataFrame(
        list((found | {"control_posts": 7}).items()), columns=["quantity", "value"]
    )
    tables = {"clean/accounting.csv": accounting, "describe/summary.csv": summary}
    text = render_summary("A title", [CampaignResults("mine", "words", [], tables)])
    assert "7 posts by control accounts\n" in text
    assert "    1,000 rows could not be used and were set aside: userid missing\n" in text


def campaign_with(accounting: list[tuple[str, str, int]], checks: dict[str, bool | None]):
    """A campaign of which only the account of its rows, and its checks, are known."""
    tables = {
        "clean/accounting.csv": pd.DataFrame(
            [("a.csv", *row) for row in accounting],
            columns=["file", "outcome", "reason", "rows"],
        ),
        "clean/checks.csv": pd.DataFrame(
            [(name, "12", "posts", None if ok is None else str(ok)) for name, ok in checks.items()],
            columns=["check", "value", "unit", "ok"],
        ),
        "describe/summary.csv": pd.DataFrame(
            [("posts", "990", ""), ("first_post", "2020", ""), ("last_post", "2021", "")],
            columns=["quantity", "value", "unit"],
        ),
    }
    return CampaignResults("mine", "words", [], tables)


ROUNDED = "retweet_tweetid not known, as it was rounded or left out"


@pytest.mark.parametrize(
    ("accounting", "checks", "said"),
    [
        ([("kept", "", 990), ("quarantined", "NUL byte", 10)], {"a": True, "b": None}, []),
        (
            [("kept", "", 980), ("quarantined", "NUL byte", 9), ("quarantined", "x", 11)],
            {},
            [
                "20 of 1,000 rows (2%) could not be used and are excluded from all results: "
                "NUL byte (9), x (11)"
            ],
        ),
        (
            [("kept", "", 500), ("duplicate", "same tweetid, other content", 500)],
            {},
            [
                "500 of 1,000 rows (50%) are duplicates and are excluded from all results: "
                "same tweetid, other"
            ],
        ),
        ([("kept", "", 9)], {ROUNDED: False}, [f"A check failed: {ROUNDED}: 12 posts."]),
    ],
    ids=["nothing", "set aside", "duplicates", "check"],
)
def test_what_is_wrong_with_an_archive_is_in_the_last_lines_and_above_all_results(
    accounting: list[tuple[str, str, int]], checks: dict[str, bool | None], said: list[str]
) -> None:
    campaign = campaign_with(accounting, checks)
    text = " ".join(render_summary("A title", [campaign]).split())
    page = render_page("A title", [campaign], TEMPLATE)
    assert ("Read this first" in text) == ("Read this first" in page) == bool(said)
    for words in said:
        assert f"- mine: {words}" in text[text.index("Read this first:") :]
        assert words in page[: page.index('<section id="mine"')]
