"""The pages written by hand: their numbers, the codebook's columns, the glossary, messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from test_docs import calibration, summary

from pages.pages import PAGES
from takedown.archives.columns import POST, TWEET_COLUMNS, USER_COLUMNS
from takedown.atlas.sketch import SIZE
from takedown.estimation.design import MIN_EVENTS
from takedown.io.tables import read_table
from takedown.notebooks.assessment import QUESTIONS
from takedown.series.modelled import ACTIVE_SHARE

DOCS = ROOT / "docs"
REFERENCE = ROOT / "results/reference"
WRITTEN = [
    path
    for path in sorted(DOCS.rglob("*.md"))
    if "_build" not in path.parts
    and (path.parent.name != "reference" or path.name not in {*PAGES, "faults.md"})
]
#: Numbers that are findings or measures: with separators, decimals, percents, or three digits.
NUMBER = re.compile(r"(?<![\w.,/-])(\d{1,3}(?:,\d{3})+|\d+\.\d+|\d+(?= ?%)|\d{3,})(?![\w/]|[.,]\d)")
YEAR = re.compile(r"^(19|20)\d\d$")
words = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)


@pytest.fixture(autouse=True)
def in_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def prose(path: Path) -> str:
    """A page without its code, links' addresses, references and days."""
    text = path.read_text(encoding="utf-8")
    text = re.split(r"^## References$", text, flags=re.MULTILINE)[0]
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"\b(arXiv|10\.\d{4,})[^\s,)\]]* ?[\d.]*", "", text)
    return re.sub(r"`[^`]*`|\d{4}-\d\d-\d\d", "", text)


@cache
def june() -> Mapping[str, str]:
    table = pd.read_csv(ROOT / "resources/archives.csv", dtype=str).set_index("archive_id")
    return table.loc["china_052020"].to_dict()


def of_checks(check: str) -> str:
    table = read_table(REFERENCE / "thailand_092020/clean/checks.csv")
    return f"{int(table.set_index('check')['value'][check]):,}"


def pooled(column: str) -> float:
    table = read_table(REFERENCE / "thailand_092020/models/event_effects.csv")
    keys = ["series", "event", "method", "effect"]
    return float(table.set_index(keys).loc[("all", "pooled", "log1p_shift", "days_0_2"), column])


def false_alarms(campaign: str) -> str:
    table = calibration()
    own = table[(table.campaign == campaign) & (table.estimator == "pooled negbin_hac, days_0_6")]
    return f"{own.fpr.item():.0%}"[:-1]


def ids_that_a_float_changes() -> str:
    path = ROOT / "resources/embedded/thailand_092020_tweets_reduced.zip"
    ids = pd.read_csv(path, dtype=str, usecols=["tweetid"])["tweetid"]
    return f"{(ids.astype(float).astype('int64').astype(str) != ids).sum():,}"


def waiting() -> str:
    claims = read_table(REFERENCE / "claims.csv")
    own = (claims.verdict == "needs the archive") & (claims.campaign == "china_052020")
    return str(own.sum())


def of_thailand(quantity: str) -> str:
    return f"{int(summary('thailand_092020')[quantity]):,}"


#: What a number on a page is: computed here. Conventions (levels, bands) are named as such.
KNOWN: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "codebook": {
        "21,385": lambda: of_thailand("posts"),
        "926": lambda: of_thailand("accounts"),
        "471": lambda: of_thailand("accounts_without_posts"),
        "11,199": lambda: of_thailand("retweets"),
        "437": lambda: of_checks("of these, one of the archive"),
        "9,117": ids_that_a_float_changes,
        "5,000": lambda: "5,000",  # Twitter's own rule for hashing
    },
    "run_june_2020": {
        "23,750": lambda: f"{int(june()['n_accounts_published']):,}",
        "348,608": lambda: f"{int(june()['n_tweets_published']):,}",
        "150,000": lambda: "150,000",  # Twitter's announcement, which rounds
        "120": lambda: str(len(pd.read_csv(ROOT / "resources/news/events_china.csv"))),
    },
    "run_on_a_cluster": {"22.05": lambda: "22.05"},  # of Debian's Slurm
    # Of Debian's buildah and Python, with which the recipe was built.
    "run_in_a_container": {"3.11": lambda: "3.11"},
    "get_an_archive": {
        "23,750": lambda: f"{int(june()['n_accounts_published']):,}",
        "348,608": lambda: f"{int(june()['n_tweets_published']):,}",
        "404": lambda: "404",  # an answer of HTTP
        "4.0": lambda: "4.0",  # the version of a licence
    },
    "methods_in_plain_words": {
        "0.28": lambda: f"{pooled('p_value'):.2f}",
        "0.74": lambda: f"{pooled('lower'):.2f}",
        "2.20": lambda: f"{pooled('upper'):.2f}",
        "0.5": lambda: "0.5",
        "0.01": lambda: "0.01",
        "0.05": lambda: "0.05",
        "100": lambda: "100",
    },
    "methods": {
        "1,000": lambda: f"{calibration().simulations.max():,}",
        "1.5": lambda: "1.5",  # a planted ratio, tested with the figures of the calibration
        "4,096": lambda: f"{SIZE:,}",
    },
    "glossary": {"0.5": lambda: "0.5"},
    "teaching": {
        # Numbers of exercises.
        **{number: (lambda number=number: number) for number in ("3.8", "4.7", "5.6", "7.7")},
        "120": lambda: "120",  # minutes of a session
    },
    "tutorial": {
        # Versions, and an estimate that test_commands.py makes as the page says.
        **{number: (lambda number=number: number) for number in ("3.11", "3.12", "3.13")},
        **{number: (lambda number=number: number) for number in ("0.44", "0.14", "1.62")},
    },
    "review_results": {"300": lambda: "300", "256": lambda: "256", "0.5": lambda: "0.5"},
    "check_a_claim": {"348608": lambda: june()["n_tweets_published"]},
}
LEVELS = {"5", "95", "99"}
PLAIN_TERMS = "rate ratio,baseline,trend,p-value,interval,placebo calendar,counterfactual".split(
    ","
)
PLAIN_TERMS += "change point,prewhitening,calibration,power".split(",")


@words
def test_every_number_of_a_page_is_what_the_workflow_computes(page):
    known = KNOWN.get(page.stem, {})
    text = prose(page)
    found = {number for number in NUMBER.findall(text) if not YEAR.match(number)}
    percents = set(re.findall(r"\b(\d+) ?%", text))
    active = f"{ACTIVE_SHARE:.0%}"[:-1]
    assert percents <= LEVELS | {active, "1"}, "a percentage that no test knows"
    unknown = found - percents - set(known)
    assert not unknown, f"numbers that no test knows: {sorted(unknown)}"
    assert not set(known) - found, "a number that the page no longer has"
    for number, compute in known.items():
        assert compute() == number


def test_how_often_the_usual_regression_errs_is_told_as_it_was_found():
    text = (DOCS / "explanation/methods_in_plain_words.md").read_text(encoding="utf-8")
    thai, hong_kong = false_alarms("thailand_092020"), false_alarms("china_hk_2019")
    assert f" {thai} of 100 simulated campaigns" in text
    assert f" {hong_kong} of 100 " in text


def test_counts_of_the_catalogue_and_the_claims():
    claims = f"{waiting()} published statements on this archive"
    assert claims in (DOCS / "how-to/run_june_2020.md").read_text(encoding="utf-8")
    archives = len(pd.read_csv(ROOT / "resources/archives.csv"))
    for name, said in (
        ("run_your_own_archive", f"Any of the [{archives} released"),
        ("compare_campaigns", f"## All {archives} archives"),
        ("get_an_archive", f"[all {archives}]"),
    ):
        assert said in (DOCS / f"how-to/{name}.md").read_text(encoding="utf-8")


def test_how_hardly_a_single_event_is_noticed():
    table = read_table(REFERENCE / "calibration/power.csv")
    single = table["estimator"].str.startswith("single log1p_dates, days")
    power = table[single & (table["ratio"] == 2)]["claimed"]
    assert len(power) == 4 and (power < 0.2).all()
    text = (DOCS / "explanation/methods_in_plain_words.md").read_text(encoding="utf-8")
    assert "doubled posting would be noticed in fewer than one of five cases" in text


def test_the_codebook_explains_every_column_of_the_archives():
    text = (DOCS / "reference/codebook.md").read_text(encoding="utf-8")
    posts, accounts = text.split("## Columns of posts")[1].split("## Columns of accounts")
    named = re.findall(r"^\| (`[^|]*`) \|", posts, re.MULTILINE)
    columns = [column for cell in named for column in re.findall(r"`(\w+)`", cell)]
    assert set(TWEET_COLUMNS) | {"poll_choices"} == set(columns)
    assert len(columns) == len(set(columns))
    assert set(re.findall(r"`(\w+)`", accounts.split("##")[0])) == set(USER_COLUMNS)


def test_the_columns_that_must_be_there_are_named():
    needed = [name for name, column in POST.items() if column.needed]
    for page in ("reference/codebook.md", "how-to/run_your_own_archive.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        found = re.search(r"((?:`\w+`, )+`\w+` and `\w+`) (?:of posts|must be there)", text)
        assert found
        assert re.findall(r"`(\w+)`", found[1]) == needed


def test_terms_in_bold_are_in_the_glossary():
    glossary = (DOCS / "reference/glossary.md").read_text(encoding="utf-8").casefold()
    entries = re.findall(r"^\*\*([^*]+)\.\*\*", glossary, re.MULTILINE)
    listed = {name.strip() for entry in entries for name in entry.split(",")}
    assert len(entries) > 45
    for section in re.split(r"^## ", glossary, flags=re.MULTILINE)[1:]:
        own = re.findall(r"^\*\*([^*]+)\.\*\*", section, re.MULTILINE)
        assert own == sorted(own), "the glossary is in the order of the alphabet"
    text = (DOCS / "explanation/methods_in_plain_words.md").read_text(encoding="utf-8")
    text = text.split("## Reading a result")[0]
    for term in re.findall(r"\*\*([^*]+)\*\*", text):
        name = term.casefold().rstrip("s")
        assert any(name in entry or entry in name for entry in listed), term


def test_the_plain_page_uses_no_term_before_it_is_explained():
    text = prose(DOCS / "explanation/methods_in_plain_words.md")
    for term in PLAIN_TERMS:
        first = re.search(rf"\*{{0,2}}{term}s?\b\*{{0,2}}", text, re.IGNORECASE)
        assert first, term
        assert first[0].startswith("**") or text.find(f"**{term}") < first.start(), term


def test_the_plain_page_is_easy_to_read():
    """Flesch's reading ease, from his own formula (1948): 60 is plain English for 15-year-olds."""
    text = re.sub(r"[#*|\[\]]", " ", prose(DOCS / "explanation/methods_in_plain_words.md"))
    sentences = [each for each in re.split(r"[.!?:]\s", text) if len(each.split()) > 1]
    found = re.findall(r"[A-Za-z']+", text)
    silent_e = [re.sub(r"e$", "", word.lower()) for word in found]
    silent_e = [re.sub(r"e$", "", word.lower()) for word in found]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word))) for word in silent_e)
    ease = 206.835 - 1.015 * len(found) / len(sentences) - 84.6 * syllables / len(found)
    assert ease > 60
    assert max(len(each.split()) for each in sentences) < 45


def test_messages_of_the_troubleshooting_page_are_those_of_the_workflow():
    page = (DOCS / "how-to/troubleshoot.md").read_text(encoding="utf-8")
    sources = [*(ROOT / "workflow").rglob("*.py"), ROOT / "workflow/setup.sh"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    source = re.sub(r'"\s*\n\s*f?"', "", source)  # a message over several lines
    rows = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    assert len(rows) > 30
    for row in rows:
        for message in re.findall(r"`([^`]+)`", row):
            if message in ("make: command not found", "make verify", "calibrated"):
                continue
            assert message in source, message


def test_three_events_are_the_least_as_the_pages_say():
    assert MIN_EVENTS == 3
    for name in ("tutorial.md", "how-to/make_a_news_calendar.md"):
        assert "hree events" in (DOCS / name).read_text(encoding="utf-8")


def test_the_marking_scheme_adds_up():
    text = (DOCS / "teaching.md").read_text(encoding="utf-8")
    marks = sum(marks for _, marks, _ in QUESTIONS)
    assert f"| **together** | **{marks + 6}** |" in text
    assert "| the paragraph, by hand | 6 |" in text


def test_the_course_page_names_all_notebooks_and_their_minutes():
    text = (DOCS / "course.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        source = path.read_text(encoding="utf-8")
        title = re.search(r'"# (\d .*?)\\n"', source)
        minutes = re.search(r"About (\d+) minutes", source)
        assert title and minutes
        assert f"| {title[1].split(':')[0]} | {minutes[1]} |" in text
