"""The README and docs say what the workflow does: numbers, commands, links, reference pages."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from fault_table import FAULTS

from pages.pages import FOLDER, PAGES
from takedown.io.tables import read_table
from takedown.series.modelled import estimation_window, wide
from takedown.study.config import read_study

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = ROOT / "results" / "reference"
PAGES_WITH_LINKS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("**/*.md"),
    ROOT / "resources/README.md",
]


@pytest.fixture(autouse=True)
def in_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", PAGES)
def test_reference_pages_are_rendered_from_their_sources(name):
    written = (ROOT / FOLDER / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run: make docs"


@pytest.mark.parametrize("page", PAGES_WITH_LINKS, ids=lambda page: page.name)
def test_links_and_images_lead_somewhere_and_images_have_words(page):
    text = page.read_text(encoding="utf-8")
    for words, target in re.findall(r"!?\[([^\]]*)\]\(([^)]+)\)", text):
        assert words
        if not target.startswith("http"):
            assert (page.parent / target.split("#")[0]).exists(), target


def test_every_make_target_named_exists_and_is_in_the_help():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    helped = set(re.findall(r"^## make ([a-z0-9-]+)", makefile, re.MULTILINE))
    for page in PAGES_WITH_LINKS:
        named = set(re.findall(r"`make ([a-z0-9-]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, page.name
    for needed in ("run", "test", "verify", "bench", "lint", "clean", "help"):
        assert needed in targets & helped


def test_the_study_file_of_the_readme_is_valid():
    block = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert block
    study = yaml.safe_load(block.group(1))
    campaign = study["campaigns"]["my_takedown"]
    archive = "resources/embedded/thailand_092020_tweets_reduced.zip"
    campaign |= {"tweets": archive, "users": archive, "events": archive, "attention": archive}
    assert read_study(study).campaigns["my_takedown"].timezone == "Asia/Bangkok"


def test_the_page_of_faults_has_a_row_for_each_fault_that_is_tested():
    page = (ROOT / FOLDER / "faults.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.split("\n") if line.startswith("| ")]
    assert [row[0] for row in rows[1:]] == list(FAULTS)
    for name, _, fetched, state in rows[1:]:
        fault = FAULTS[name]
        assert float(fetched) <= fault.ratio + 0.005
        assert state.startswith("refused" if fault.error else f"whole: {fault.final}")


def summary(campaign: str) -> dict[str, str]:
    table = read_table(REFERENCE / campaign / "describe" / "summary.csv")
    return dict(zip(table["quantity"], table["value"], strict=True))


def test_numbers_of_the_readme_are_those_of_the_reference_results():
    thai, hong_kong = summary("thailand_092020"), summary("china_hk_2019")
    for number in (thai["posts"], thai["accounts"], thai["posting_accounts"], hong_kong["posts"]):
        assert f"{int(number):,}" in README
    for campaign in ("thailand_092020", "china_hk_2019"):
        table = read_table(REFERENCE / campaign / "models" / "placebo.csv")
        rows = table[
            (table.series == "all")
            & (table.event == "pooled")
            & (table.null == "circular_shift")
            & table.statistic.str.startswith("days")
        ]
        assert len(rows) == 2
        for row in rows.itertuples():
            assert f"p = {row.p_value:.3f}" in README, (campaign, row.statistic)
    events = read_table(REFERENCE / "thailand_092020/series/events.csv")
    assert (events.place == "modelled").sum() == 12
    assert "twelve news events" in README
    changes = read_table(REFERENCE / "thailand_092020/models/change_points.csv")
    change = changes[(changes.series == "all") & (changes.date == "2020-02-09")].iloc[0]
    assert f"changes on {change.date} (95 % interval {change.lower} to {change.upper})" in README
    daily = wide(read_table(REFERENCE / "thailand_092020/series/daily.csv"))
    days = estimation_window(daily["all"], None)
    own = pd.to_datetime(events.date[events.place == "modelled"])
    near = [abs(own - day).min() <= pd.Timedelta(days=1) for day in days]
    assert f"{sum(near) / len(days):.0%} of the days".replace("%", " %") in README


def test_the_regression_for_hong_kong_claims_what_the_readme_warns_of():
    effects = read_table(REFERENCE / "china_hk_2019/models/event_effects.csv")
    pooled = effects[
        (effects.series == "all")
        & (effects.event == "pooled")
        & (effects.effect == "days_0_6")
        & (effects.method == "negbin_hac")
    ].iloc[0]
    placebo = read_table(REFERENCE / "china_hk_2019/models/placebo.csv")
    own = placebo[
        (placebo.series == "all") & (placebo.event == "pooled") & (placebo.statistic == "days_0_6")
    ]
    assert pooled.lower > 1
    assert (own.p_value > 0.05).all()


def calibration() -> pd.DataFrame:
    table = read_table(REFERENCE / "calibration/estimators.csv")
    return table.assign(campaign=table.setting.str.split(",").str[0])


def test_what_the_readme_says_of_the_calibration():
    table = calibration()
    usual = table[table.estimator == "pooled negbin_hac, days_0_6"].set_index("campaign")
    for campaign, words in (("thailand_092020", "Thailand"), ("china_hk_2019", "Hong Kong")):
        assert f"{usual.fpr[campaign]:.0%}".replace("%", " %") + f" ({words})" in README
        assert usual.usable[campaign] == "no"
    shifted = table[table.estimator.str.match("pooled (negbin|log1p)_shift, days")]
    assert len(shifted) == 8
    assert (shifted.usable == "yes").all()


def test_the_published_calibration_rests_on_a_thousand_series():
    table = calibration()
    answered = table[table.why.isna() | ~table.why.fillna("").str.contains("no answer")]
    assert (answered.simulations >= 950).all()
    assert table.simulations.max() == 1000


def test_a_deliberately_wrong_estimator_fails_the_published_calibration():
    naive = calibration().query("estimator == 'naive Poisson, days_0_6'")
    assert len(naive) == 2
    assert (naive.fpr > naive.fpr_upper).all()
    assert (naive.usable == "no").all()


def test_the_catalogue_counts_in_the_readme():
    with (ROOT / "resources/archives.csv").open(encoding="utf-8") as handle:
        rows = {row["archive_id"]: row for row in csv.DictReader(handle)}
    assert len(rows) == 48
    assert "All 48 are in" in README
    june = rows["china_052020"]
    assert f"{int(june['n_accounts_published']):,} core accounts" in README
    assert f"{int(june['n_tweets_published']):,} posts" in README


def test_numbers_of_the_resources_readme():
    text = (ROOT / "resources/README.md").read_text(encoding="utf-8")
    tags = pd.read_csv(ROOT / "resources/embedded/china_052020_hashtag_counts.csv", dtype=str)
    assert f"{len(tags):,} tags, {tags['count'].astype(int).sum():,} uses" in text
    accounts = pd.read_csv(ROOT / "resources/embedded/china_082019_1_2_accounts.csv")
    assert f"{len(accounts)} accounts" in text
    for name, words in (("events_china", "120 dated events"), ("events_thailand", "15 dated")):
        events = pd.read_csv(ROOT / f"resources/news/{name}.csv")
        assert words.split()[0] == str(len(events))
        assert words in text
    for path in [*ROOT.glob("resources/embedded/*"), *ROOT.glob("resources/news/*")]:
        assert path.name in text, f"{path.name} has no source and licence"


def test_change_points_at_the_dates_known_from_the_archive():
    changes = read_table(REFERENCE / "thailand_092020/models/change_points.csv")
    found = pd.to_datetime(changes.date[changes.series == "all"])
    for day in ("2020-02-09", "2020-02-26"):
        assert (abs(found - pd.Timestamp(day)) <= pd.Timedelta(days=1)).any()


def test_what_the_readme_says_of_the_claims():
    claims = read_table(REFERENCE / "claims.csv")
    counts = claims["verdict"].value_counts()
    reproduced, differs = counts["reproduced"], counts["differs"]
    assert (
        f"{reproduced + differs} can be computed again, of which {reproduced} are reproduced and "
        f"{differs} differ"
    ) in README
    chart = claims.set_index("id").loc["hk2019-chart-languages"]
    assert chart["verdict"] == "differs" and "they count rows" in chart["why"]
    waiting = claims[(claims.verdict == "needs the archive") & (claims.campaign == "china_052020")]
    assert f"The June 2020 archive has {len(waiting)} more" in README
