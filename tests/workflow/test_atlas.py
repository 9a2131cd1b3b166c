"""A study of several campaigns: one more re-makes nothing of the others, one less stops none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from conftest import FASTEST, Project, copy_finished, copy_project

pytestmark = pytest.mark.slow
ARCHIVES = ["GRU_202012", "thailand_092020", "ira_092020"]
LATER = "saudi_arabia_082019_1"
STUDY = "data/simulated/atlas/simulated_atlas.yaml"
#: What is of all campaigns, or of all results.
TOGETHER = {
    *("draw_timeline", "draw_campaigns", "profile_campaigns", "draw_profiles", "draw_clocks"),
    *("combine_responses", "draw_responses", "compare_behaviour", "draw_similarity"),
    *("check_claims", "write_page", "write_paper", "guard_privacy", "write_manifest"),
    "write_crate",
}


def simulate(project: Project, *archives: str) -> dict:
    """Write stand-ins and their study, with the settings that run fastest; returns the study."""
    code, output = project.python("-m", "takedown.simulate.atlas", "--archives", *archives)
    assert code == 0, output
    path = project.root / STUDY
    study = yaml.safe_load(path.read_text(encoding="utf-8")) | {"models": FASTEST}
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which the atlas of ``ARCHIVES`` has run. Do not change it: copy it."""
    project = copy_project(tmp_path_factory.mktemp("atlas") / "wörk")
    simulate(project, *ARCHIVES)
    project.complete(STUDY)
    return project


def test_figures_and_tables_on_all_campaigns_are_there_and_say_simulated(atlas: Project) -> None:
    files = atlas.files("results/simulated_atlas")
    for name in ("timeline", "campaigns", "profiles", "clocks", "responses", "similarity"):
        for kind in ("pdf", "svg", "png", "csv", "json"):
            assert files[f"figures/{name}.{kind}"], name
        assert b'"title": "SIMULATED' in files[f"figures/{name}.json"]
    for name in ("campaigns", "responses", "meta_analysis", "similarity"):
        assert files[f"atlas/{name}.csv"]
    page = files["index.html"].decode()
    assert page.count("figures/similarity.pdf") == 1
    # So few posts allow no estimate: no mean is taken, and the figure says why.
    assert "No campaign of the study has a response" in files["figures/responses.json"].decode()


def test_one_more_campaign_is_made_and_what_is_about_all(atlas: Project, tmp_path: Path) -> None:
    project = copy_finished(atlas, tmp_path / "wörk")
    simulate(project, *ARCHIVES, LATER)
    pending = [plan for plan in project.plans(STUDY) if plan.pending]
    own = {plan.campaign for plan in pending if plan.rule not in TOGETHER}
    assert own == {f"simulated_{LATER}"}
    assert {plan.rule for plan in pending if plan.campaign == ""} == TOGETHER


def test_what_cannot_be_had_is_listed_and_made_later(atlas: Project, tmp_path: Path) -> None:
    project = copy_finished(atlas, tmp_path / "wörk")
    simulate(project, *ARCHIVES)
    study = yaml.safe_load((project.root / STUDY).read_text(encoding="utf-8"))
    there, gone, *_ = (project.root / study["campaigns"][f"simulated_{name}"]["tweets"]
                       for name in ARCHIVES)  # fmt: skip
    gone.rename(gone.with_name("elsewhere"))
    study["campaigns"]["simulated_far"] = {
        "tweets": "http://127.0.0.1:9/simulated_far_tweets.zip", "timezone": "UTC",
    }  # fmt: skip
    study["fetch"] = {"retries": 0, "backoff_seconds": 0}
    (project.root / STUDY).write_text(yaml.safe_dump(study), encoding="utf-8")

    code, output = project.run(STUDY, "--keep-going", "--", "fetch_archives")
    assert code == 1, output
    output = project.complete(STUDY)
    files = project.files("results/simulated_atlas")
    for place in ("summary.txt", "index.html"):
        text = files[place].decode()
        assert f"there is no file {gone.name}" in text
        assert "simulated_far_tweets.zip: could not be downloaded." in text
        assert str(project.root) not in text
    assert b"simulated_thailand_092020" not in files["atlas/campaigns.csv"]
    assert b"simulated_GRU_202012" in files["atlas/campaigns.csv"]
    assert there.is_file()

    gone.with_name("elsewhere").rename(gone)
    pending = [plan for plan in project.plans(STUDY) if plan.pending]
    made = {plan.campaign for plan in pending if plan.rule not in TOGETHER}
    assert made <= {"simulated_thailand_092020"}, "the others stay as they are"
