"""A study of several campaigns: one more re-makes nothing of the others, one less stops none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from conftest import FASTEST, SECOND, TINY, TITLE, Plan, Project, copy_finished

#: What is of all campaigns, or of all results.
TOGETHER = {
    *("draw_timeline", "draw_campaigns", "profile_campaigns", "draw_profiles", "draw_clocks"),
    *("combine_responses", "draw_responses", "compare_behaviour", "draw_similarity"),
    *("check_claims", "write_page", "write_paper", "guard_privacy", "write_manifest"),
}
FAR = {"tweets": "http://127.0.0.1:9/simulated_far_tweets.zip", "timezone": "UTC"}


@pytest.fixture
def project(tiny: Project, tmp_path: Path) -> Project:
    return copy_finished(tiny, tmp_path / "wörk")


def remade(project: Project, plans: list[Plan]) -> list[str]:
    """Files of single campaigns that are there and would be made again."""
    own = [plan for plan in plans if plan.pending and plan.rule not in TOGETHER]
    return [plan.file for plan in own if (project.root / plan.file).exists()]


def test_one_more_campaign_is_made_and_what_is_about_all(project: Project) -> None:
    study = {"study": "tiny", "title": TITLE, "campaigns": TINY | SECOND, "models": FASTEST}
    now, then = project.plans("tiny.yaml", edits=[{}, {"tiny.yaml": yaml.safe_dump(study)}])
    assert {plan.campaign for plan in now} == {*TINY, ""}
    assert not [plan for plan in now if plan.pending]
    pending = [plan for plan in then if plan.pending]
    assert {plan.campaign for plan in pending} == {*TINY, *SECOND, ""}
    assert not remade(project, pending), "what was of one campaign stays as it is"
    assert {plan.rule for plan in pending if plan.campaign == ""} == TOGETHER - {"check_claims"}


def test_what_campaigns_have_in_common_is_drawn_and_said_to_be_simulated(project: Project) -> None:
    study = project.study("tiny", TINY | SECOND)
    drawn = ("draw_timeline", "draw_profiles", "draw_clocks", "draw_similarity")
    project.complete(study, "--until", *drawn)
    files = project.files("results/tiny")
    for name in ("timeline", "profiles", "clocks", "similarity"):
        for kind in ("pdf", "svg", "png", "csv", "json"):
            assert files[f"figures/{name}.{kind}"], name
        assert b"SIMULATED" in files[f"figures/{name}.json"], name
    for name in ("campaigns", "similarity"):
        assert files[f"atlas/{name}.csv"]


def test_what_cannot_be_had_is_listed_and_made_later(project: Project) -> None:
    [second] = SECOND.values()
    gone = project.root / second["tweets"]
    gone.rename(gone.with_name("elsewhere"))
    wanted = {"unavailable": "leave_out", "fetch": {"retries": 0, "backoff_seconds": 0}}
    study = project.study("tiny", TINY | SECOND | {"simulated_far": FAR}, **wanted)
    code, output = project.run(study, "--keep-going", "--", "fetch_archives")
    assert code == 1, output
    project.complete(study, "--until", "write_page")
    files = project.files("results/tiny")
    for place in ("summary.txt", "index.html"):
        text = files[place].decode()
        assert f"there is no file {gone.name}" in text
        assert "simulated_far_tweets.zip: could not be downloaded." in text
        assert str(project.root) not in text
        assert "simulated_a" in text

    gone.with_name("elsewhere").rename(gone)
    [plans] = project.plans(study)
    assert {plan.campaign for plan in plans if plan.pending} >= {*SECOND}
    assert not remade(project, plans), "the other stays as it is"
