"""A study of several campaigns: one more re-makes nothing of the others, one less stops none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from builders import campaign, write_archive
from conftest import FASTEST, SECOND, TINY, Project, copy_finished

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


def test_one_more_campaign_is_made_and_what_is_about_all(project: Project) -> None:
    write_archive(project.root / "later.zip", campaign(days=30, seed=3))
    later = TINY | {"simulated_later": {"tweets": "later.zip"}}
    text = yaml.safe_dump({"study": "tiny", "campaigns": later, "models": FASTEST})
    now, then = project.plans("tiny.yaml", edits=[{}, {"tiny.yaml": text}])
    assert {plan.campaign for plan in now} == {*TINY, ""}
    assert not [plan for plan in now if plan.pending]
    pending = [plan for plan in then if plan.pending]
    own = {plan.campaign for plan in pending if plan.rule not in TOGETHER}
    assert own == {"simulated_later"}
    assert {plan.rule for plan in pending if plan.campaign == ""} == TOGETHER - {"check_claims"}


def test_what_cannot_be_had_is_listed_and_made_later(project: Project) -> None:
    gone = project.root / TINY[SECOND]["tweets"]
    gone.rename(gone.with_name("elsewhere"))
    wanted = {"unavailable": "leave_out", "fetch": {"retries": 0, "backoff_seconds": 0}}
    study = project.study("tiny", TINY | {"simulated_far": FAR}, **wanted)
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
    made = {plan.campaign for plan in plans if plan.pending if plan.rule not in TOGETHER}
    assert made <= {SECOND}, "the others stay as they are"
