"""An edit re-runs what it affects and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from conftest import DEFAULT, ROOT, Plan, Project, copy_finished, read_plans

from takedown.engine.closure import import_closure, notebook_closure
from takedown.figures import registry
from takedown.models.registry import MODELS as FITTED

#: All but those that need two campaigns with posts.
FIGURES = {f"draw_{entry.name}" for entry in registry.FIGURES} - {"draw_similarity"}
REPORT = {"write_page", "write_paper", "guard_privacy", "write_manifest"}
RHYTHM = {"measure_rhythm", "measure_rhythm_of_counts"}
DRAWING = RHYTHM | {"fit_placebo", "fit_change_points", "fit_lead_lag"}
DRAWING |= {"measure_accounts", "measure_account_table", "combine_responses"}
PROFILES = {"profile_campaigns", "draw_profiles"}


EDITED = "\n# edited\n"
DAILY = "results/default/thailand_092020/series/daily.csv"
MODULES = [
    "takedown/figures/volume.py",
    "takedown/study/config.py",
    "schemas/tables.yaml",
]
#: Edits: a file, what is replaced in it (nothing: the end of the file), and by what.
EDITS: Mapping[str, tuple[str, str, str]] = {
    **{module: (f"workflow/{module}", "", EDITED) for module in MODULES},
    "style": ("workflow/takedown/figures/style.py", "", EDITED),
    "rhythm": ("workflow/takedown/models/rhythm.py", "", EDITED),
    "cleaning": ("workflow/takedown/clean/archive.py", "", EDITED),
    "seed": (DEFAULT, "campaigns:\n", "models: {seed: 1}\ncampaigns:\n"),
    "download": (DEFAULT, "campaigns:\n", "fetch: {retries: 9, read_seconds: 5}\ncampaigns:\n"),
    "title": (DEFAULT, "title: Two takedowns", "title: Three takedowns"),
    "notebook": ("notebooks/05_which_came_first.ipynb", "Wandering together", "Wandering"),
    "event": (
        "resources/news/events_thailand.csv",
        "",
        "2020-01-30,,simulated event,army,Thailand,,,,,\n",
    ),
}


def edited(name: str) -> dict[str, str]:
    """The file of an edit, with the text that it has then."""
    file, before, after = EDITS[name]
    text = (ROOT / file).read_text(encoding="utf-8")
    changed = text.replace(before, after, 1) if before else text + after
    assert changed != text
    return {file: changed}


@dataclass(frozen=True)
class Asked:
    """The plan after each edit, and the edges (rule, rule that uses its output) of the rules."""

    plans: dict[str, list[Plan]]
    edges: set[tuple[str, str]]


@pytest.fixture(scope="module")
def asked(default_study: Project, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """What Snakemake says after each of the edits, which are undone one by one, and after all."""
    project = copy_finished(default_study, tmp_path_factory.mktemp("edited") / "wörk")
    words = ["--configfile", DEFAULT]
    daily = (project.root / DAILY).read_text(encoding="utf-8")
    edits = {name: edited(name) for name in EDITS} | {
        "result": {DAILY: f"{daily}x\n"},
        "undone": {},
    }
    cases = [{"words": [*words, "--summary"], "edits": edit} for edit in edits.values()]
    *answers, (code, dot) = project.answers([*cases, {"words": [*words, "--rulegraph"]}])
    assert code == 0, dot
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)"', dot, flags=re.MULTILINE))
    edges = re.findall(r"^\s*(\d+) -> (\d+)", dot, flags=re.MULTILINE)
    return Asked(
        dict(zip(edits, (read_plans(*answer) for answer in answers), strict=True)),
        {(names[before], names[after]) for before, after in edges},
    )


@pytest.fixture
def planned(asked: Asked) -> dict[str, list[Plan]]:
    return asked.plans


@pytest.fixture
def edges(asked: Asked) -> set[tuple[str, str]]:
    return asked.edges


def pending(plans: list[Plan]) -> dict[str, set[str]]:
    """Rules that would run, with their campaigns."""
    found: dict[str, set[str]] = {}
    for plan in plans:
        if plan.pending:
            found.setdefault(plan.rule, set()).add(plan.campaign)
    return found


def importing(module: str) -> set[str]:
    """The rules whose scripts import ``module``, directly or not."""
    workflow = ROOT / "workflow"
    found = set()
    for path in (workflow / "rules").glob("*.smk"):
        if path.name == "calibration.smk":  # its rules run by `make calibrate` alone
            continue
        pieces = re.split(r"^rule (\w+):$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
            script = re.search(r'"\.\./scripts/(\w+\.py)"', text)
            assert script
            if module in import_closure(workflow / "scripts" / script[1], workflow):
                found.add(name)
    drawn = {one.name: f"takedown.figures.{one.drawn_by}" for one in registry.FIGURES}
    for entry, script, package in (
        *((f"draw_{name}", "draw_figure.py", package) for name, package in drawn.items()),
        *((f"fit_{one.name}", "fit_model.py", one.module) for one in FITTED),
    ):
        if module in import_closure(workflow / "scripts" / script, workflow, (package,)):
            found.add(entry)
    if notebooks_importing(module):
        found.add("run_notebook")
    return found


def notebooks_importing(module: str) -> set[str]:
    """The notebooks of the course whose cells import ``module``, directly or not."""
    notebooks = (ROOT / "notebooks").glob("*.ipynb")
    workflow = ROOT / "workflow"
    return {path.stem for path in notebooks if module in notebook_closure(path, workflow)}


def with_followers(rules: set[str], edges: set[tuple[str, str]]) -> set[str]:
    """``rules`` and all that rest on their outputs."""
    found = set(rules)
    while more := {after for before, after in edges if before in found} - found:
        found |= more
    return found - {"all"}


@pytest.mark.parametrize("module", MODULES)
def test_editing_a_module_reruns_what_imports_it_and_what_rests_on_it(
    planned: dict[str, list[Plan]], edges: set[tuple[str, str]], module: str
) -> None:
    of_study = {rule for edge in edges for rule in edge}
    first = importing(f"workflow/{module}") & of_study
    assert first
    found = set(pending(planned[module]))
    expected = with_followers(first, edges)
    if not {"fit_lead_lag", "count_minutes"} & first:  # the campaign with posts has no attention
        expected -= {"draw_lead_lag"}
    assert found == expected


@pytest.mark.parametrize(
    ("edit", "rules"),
    [
        ("style", FIGURES | REPORT | {"run_notebook"}),
        ("rhythm", RHYTHM | PROFILES | {"draw_rhythm"} | REPORT),
    ],
)
def test_editing_style_or_rhythm_in_words(
    planned: dict[str, list[Plan]], edit: str, rules: set[str]
) -> None:
    assert set(pending(planned[edit])) == rules


def test_editing_the_cleaning_leaves_campaigns_without_posts_alone(
    planned: dict[str, list[Plan]],
) -> None:
    found = pending(planned["cleaning"])
    assert {"clean_archive", "describe_posts", "count_posts"} | REPORT <= set(found)
    assert not {"fetch_archive", "count_minutes", "describe_counts"} & set(found)
    found.pop("run_notebook")  # what rests on the tables, whatever the campaign
    assert set().union(*found.values()) == {"thailand_092020", ""}


def test_a_result_that_was_edited_is_made_again_with_what_rests_on_it(
    planned: dict[str, list[Plan]], edges: set[tuple[str, str]]
) -> None:
    found = pending(planned["result"])
    assert found["count_posts"] == {"thailand_092020"}
    assert set(found) <= with_followers({"count_posts"}, edges)
    assert {"fit_event_study", "draw_volume"} | REPORT <= set(found)


def test_put_back_nothing_is_to_be_done(planned: dict[str, list[Plan]]) -> None:
    assert planned["undone"]
    assert not pending(planned["undone"])


def test_another_seed_reruns_what_draws_at_random(
    planned: dict[str, list[Plan]], edges: set[tuple[str, str]]
) -> None:
    found = pending(planned["seed"])
    assert set(found) == with_followers(DRAWING, edges)
    drawn = {"draw_volume", "draw_lead_lag", "draw_rhythm", "draw_accounts", "draw_responses"}
    drawn |= PROFILES
    assert set(found) == DRAWING | drawn | {"write_findings", "run_notebook"} | REPORT


def test_a_setting_of_the_download_reruns_nothing_but_the_record(
    planned: dict[str, list[Plan]],
) -> None:
    assert set(pending(planned["download"])) <= {"write_manifest"}


def test_another_title_reruns_the_report_alone(planned: dict[str, list[Plan]]) -> None:
    found = pending(planned["title"])
    claims = {"07_review_a_published_figure"}  # the one that reads the claims
    assert found.pop("run_notebook") == claims
    assert found == {rule: {""} for rule in REPORT | {"check_claims"}}


def test_editing_a_notebook_or_a_figure_executes_the_notebooks_it_is_in(
    planned: dict[str, list[Plan]],
) -> None:
    found = pending(planned["notebook"])
    assert found.pop("run_notebook") == {"05_which_came_first"}
    assert set(found) == REPORT - {"write_page", "write_paper"}
    module = "takedown/figures/volume.py"
    executed = pending(planned[module])["run_notebook"]
    assert executed == notebooks_importing(f"workflow/{module}")
    assert len(executed) == 2


def test_an_event_added_reruns_nothing_before_the_news(planned: dict[str, list[Plan]]) -> None:
    found = pending(planned["event"])
    kept = {"fetch_archive", "clean_archive", "describe_posts", "count_posts", "count_minutes"}
    assert "place_news" in found
    assert not kept & set(found)
    other = {rule for rule, campaigns in found.items() if "china_hk_2019" in campaigns}
    # The events of another country are the other campaign's negative controls.
    assert other == {"fit_negative_controls", "draw_negative_controls", "write_findings"}
