"""An edit re-runs what it affects and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import DEFAULT, Project, copy_finished

from takedown.closure import import_closure, notebook_closure

pytestmark = pytest.mark.slow
FIGURES = {
    f"draw_{name}"
    for name in (
        "volume event_study event_paths interrupted lead_lag specification negative_controls "
        "rhythm accounts hashtags clients campaigns timeline profiles clocks responses"
    ).split()
}
REPORT = {"write_page", "write_paper", "guard_privacy", "write_manifest", "write_crate"}
RHYTHM = {"measure_rhythm", "measure_rhythm_of_counts"}
DRAWING = RHYTHM | {"draw_placebo_calendars", "find_change_points", "fit_lead_lag"}
DRAWING |= {"measure_accounts", "measure_account_table", "combine_responses"}
PROFILES = {"profile_campaigns", "draw_profiles"}


@pytest.fixture(scope="module")
def project(default_study: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy that the tests edit; each puts back what it changed."""
    return copy_finished(default_study, tmp_path_factory.mktemp("edited") / "wörk")


@contextmanager
def edited(path: Path, before: str = "", after: str = "\nEDITED = True\n") -> Iterator[None]:
    """``path`` with ``before`` replaced by ``after`` (appended, by default)."""
    text = path.read_text(encoding="utf-8")
    changed = text.replace(before, after, 1) if before else text + after
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def pending(project: Project) -> dict[str, set[str]]:
    """Rules that would run, with their campaigns."""
    found: dict[str, set[str]] = {}
    for plan in project.plans(DEFAULT):
        if plan.pending:
            found.setdefault(plan.rule, set()).add(plan.campaign)
    return found


def importing(project: Project, module: str) -> set[str]:
    """The rules whose scripts import ``module``, directly or not."""
    workflow = project.root / "workflow"
    found = set()
    for path in (workflow / "rules").glob("*.smk"):
        if path.name == "calibrate.smk":  # its rules run by `make calibrate` alone
            continue
        pieces = re.split(r"^rule (\w+):$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
            script = re.search(r'"\.\./scripts/(\w+\.py)"', text)
            assert script
            if module in import_closure(workflow / "scripts" / script[1], workflow):
                found.add(name)
    if notebooks_importing(project, module):
        found.add("run_notebook")
    return found


def notebooks_importing(project: Project, module: str) -> set[str]:
    """The notebooks of the course whose cells import ``module``, directly or not."""
    notebooks = (project.root / "notebooks").glob("*.ipynb")
    workflow = project.root / "workflow"
    return {path.stem for path in notebooks if module in notebook_closure(path, workflow)}


@pytest.fixture(scope="module")
def edges(project: Project) -> set[tuple[str, str]]:
    """(rule, rule that uses its output), as Snakemake draws them."""
    code, dot = project.python(
        "-m", "snakemake", "--configfile", DEFAULT, "--rulegraph", package=False
    )
    assert code == 0, dot
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)"', dot, flags=re.MULTILINE))
    return {(names[a], names[b]) for a, b in re.findall(r"^\s*(\d+) -> (\d+)", dot, re.MULTILINE)}


def with_followers(rules: set[str], edges: set[tuple[str, str]]) -> set[str]:
    """``rules`` and all that rest on their outputs."""
    found = set(rules)
    while more := {after for before, after in edges if before in found} - found:
        found |= more
    return found - {"all"}


@pytest.mark.parametrize(
    "module",
    [
        "takedown/figures/volume.py",
        "takedown/models/design.py",
        "takedown/series/daily.py",
        "takedown/config.py",
        "schemas/tables.yaml",
    ],
)
def test_editing_a_module_reruns_what_imports_it_and_what_rests_on_it(
    project: Project, edges: set[tuple[str, str]], module: str
) -> None:
    of_study = {rule for edge in edges for rule in edge}
    first = importing(project, f"workflow/{module}") & of_study
    assert first
    with edited(project.root / "workflow" / module):
        found = set(pending(project))
    expected = with_followers(first, edges)
    if "fit_lead_lag" not in first:  # cleaned again are only posts, whose campaign has no news
        expected -= {"draw_lead_lag"}
    assert found == expected


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("figures/style.py", FIGURES | REPORT | {"run_notebook"}),
        ("models/rhythm.py", RHYTHM | PROFILES | {"draw_rhythm"} | REPORT),
    ],
)
def test_editing_style_or_rhythm_in_words(project: Project, module: str, rules: set[str]) -> None:
    with edited(project.root / "workflow/takedown" / module):
        assert set(pending(project)) == rules


def test_editing_the_cleaning_leaves_campaigns_without_posts_alone(project: Project) -> None:
    with edited(project.root / "workflow/takedown/clean/archive.py"):
        found = pending(project)
    assert {"clean_archive", "describe_posts", "count_posts"} | REPORT <= set(found)
    assert not {"fetch_archive", "count_minutes", "describe_counts"} & set(found)
    found.pop("run_notebook")  # what rests on the tables, whatever the campaign
    assert set().union(*found.values()) == {"thailand_092020", ""}
    assert not pending(project), "put back, nothing is to be done"


def test_another_seed_reruns_what_draws_at_random(
    project: Project, edges: set[tuple[str, str]]
) -> None:
    seed = "models: {seed: 1}\ncampaigns:\n"
    with edited(project.root / DEFAULT, "campaigns:\n", seed):
        found = pending(project)
    assert set(found) == with_followers(DRAWING, edges)
    drawn = {"draw_volume", "draw_lead_lag", "draw_rhythm", "draw_accounts", "draw_responses"}
    drawn |= PROFILES
    assert set(found) == DRAWING | drawn | {"write_findings", "run_notebook"} | REPORT


def test_another_title_reruns_the_report_alone(project: Project) -> None:
    with edited(project.root / DEFAULT, "title: Two takedowns", "title: Three takedowns"):
        found = pending(project)
    claims = {"07_review_a_published_figure"}  # the one that reads the claims
    assert found.pop("run_notebook") == claims
    assert found == {rule: {""} for rule in REPORT | {"check_claims"}}


def test_editing_a_notebook_or_a_figure_executes_the_notebooks_it_is_in(project: Project) -> None:
    notebook = "05_which_came_first"
    with edited(project.root / f"notebooks/{notebook}.ipynb", "Wandering together", "Wandering"):
        found = pending(project)
    assert found.pop("run_notebook") == {notebook}
    assert set(found) == REPORT - {"write_page", "write_paper"}
    module = "takedown/figures/volume.py"
    with edited(project.root / "workflow" / module):
        executed = pending(project)["run_notebook"]
    assert executed == notebooks_importing(project, f"workflow/{module}")
    assert len(executed) == 2


def test_an_event_added_reruns_nothing_before_the_news(project: Project) -> None:
    calendar = project.root / "resources/news/events_thailand.csv"
    line = "2020-01-30,,simulated event,army,Thailand,,,,,\n"
    with edited(calendar, after=line):
        found = pending(project)
    kept = {"fetch_archive", "clean_archive", "describe_posts", "count_posts", "count_minutes"}
    assert "place_news" in found
    assert not kept & set(found)
    other = {rule for rule, campaigns in found.items() if "china_hk_2019" in campaigns}
    # The events of another country are the other campaign's negative controls.
    assert other == {"try_negative_controls", "draw_negative_controls", "write_findings"}
