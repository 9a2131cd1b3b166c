"""Each way in which an error travels: one sentence, nothing half-written, nothing harmed.

What is refused, and in which words, is tested where it is refused: tests/study, tests/fetch,
tests/clean, tests/series and tests/claims.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import write_archive
from conftest import TINY, Project, copy_finished, snakemake

CALENDAR = "date,title\n2020-02-01,good\n12.02.2020,bad\n"
#: Files, and what is said of them before any step begins.
BEFORE = {
    "a misspelt key": (
        {"wrong.yaml": "study: a\ncampaigns: {x: {tweets: simulated_a.zip, timezon: UTC}}\n"},
        ["campaigns.x", "unknown key 'timezon'", "Did you mean 'timezone'?"],
    ),
    "no campaigns, which is not the default study": (
        {"wrong.yaml": "study: only\n"},
        ["the key 'campaigns' is missing"],
    ),
    "no YAML": ({"wrong.yaml": "study: [unclosed\n"}, ["wrong.yaml", "Config file", "YAML"]),
    "no mapping": ({"wrong.yaml": "just some words\n"}, ["Config file", "YAML"]),
    "empty": ({"wrong.yaml": ""}, ["Config file", "YAML"]),
    "a day in a news calendar": (
        {
            "wrong.yaml": "study: a\ncampaigns: {simulated_x: {tweets: simulated_a.zip, "
            "events: bad.csv}}\n",
            "bad.csv": CALENDAR,
        },
        [
            "bad.csv, line 3, column date",
            "column date: a number of 10 characters is no day",
            "Write days as 2019-06-01",
        ],
    ),
    "published claims": (
        {
            "wrong.yaml": "study: a\nclaims: claims.csv\n"
            "campaigns: {simulated_x: {tweets: simulated_a.zip}}\n",
            "claims.csv": "id,campaign\na,b\n",
        },
        ["claims.csv: no column 'quantity'", "A claims file has the columns"],
    ),
}


@pytest.fixture(scope="module")
def project(tiny: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with good results of an earlier study."""
    return copy_finished(tiny, tmp_path_factory.mktemp("bad") / "wörk folder")


@pytest.fixture(scope="module")
def refusals(project: Project) -> dict[str, tuple[int, str]]:
    """What is said of each of the files that are wrong before anything starts."""
    words = ["--logger", "takedown", "--configfile", "wrong.yaml"]
    cases = [{"words": words, "edits": files} for files, _ in BEFORE.values()]
    return dict(zip(BEFORE, project.answers(cases), strict=True))


def assert_one_sentence(code: int, output: str, *said: str) -> None:
    assert code != 0, output
    for words in said:
        assert words in output, f"{words!r} not in:\n{output}"
    assert "Traceback" not in output
    assert 'File "' not in output


@pytest.mark.parametrize("what", BEFORE)
def test_what_is_wrong_is_said_before_anything_starts(
    refusals: dict[str, tuple[int, str]], project: Project, tiny: Project, what: str
) -> None:
    assert_one_sentence(*refusals[what], *BEFORE[what][1])
    assert project.files("results") == tiny.files("results")


def test_a_bad_archive_leaves_the_good_one_of_the_same_study_alone(project: Project) -> None:
    write_archive(project.root / "none.zip", [])
    before = project.files("results/tiny")
    typed = project.files("data/clean")
    study = project.study("tiny", TINY | {"none": {"tweets": "none.zip"}})
    code, output = project.run(study)
    assert_one_sentence(code, output, "none.zip", "not one usable post", "Full log: ")
    assert project.files("results/tiny") == before
    left = project.files("data/clean")
    assert {name: left[name] for name in typed} == typed
    assert not [name for name in left if name.startswith("none/")], "nothing is half there"


def test_a_bad_edit_costs_only_the_failed_steps_files_until_it_is_put_right(
    tiny: Project, tmp_path: Path
) -> None:
    """Snakemake removes a step's old outputs before the step starts; the others stay."""
    project = copy_finished(tiny, tmp_path / "edited wörk")
    window = {"window": {"start": "2012-01-01", "end": "2012-02-01"}}
    study = project.study("tiny", TINY | {"simulated_a": TINY["simulated_a"] | window})
    checks = "results/tiny/simulated_a/clean/checks.csv"
    code, output = project.run(study, "--", checks)
    assert_one_sentence(code, output, "no posts in the study window 2012-01-01 to 2012-02-01")
    good, left = tiny.files("results/tiny"), project.files("results/tiny")
    own = {"simulated_a/clean/checks.csv"}
    assert {name: good[name] for name in good.keys() - own} == left
    project.complete(project.study("tiny", TINY), "--", checks)
    assert project.files("results/tiny") == good


def test_a_full_disk_is_named_and_leaves_nothing_half_written(project: Project) -> None:
    """A limit on the size of files stands in for the disk: writing stops at the same place."""
    limit = 24_000
    good = project.root / "data/clean/simulated_a/tweets.parquet"
    assert good.stat().st_size > limit
    study = project.study("full", {"simulated_full": {"tweets": "simulated_a.zip"}})
    rows = "data/clean/simulated_full/tweets.parquet"
    run = (
        "import os, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    code, output = project.python("-c", run, *snakemake(study, "--", rows))
    assert code == 1, output
    assert "The disk is full, or takes no file so large. Free some space" in output
    assert not (project.root / "data/clean/simulated_full").exists()
