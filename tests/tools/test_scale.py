"""Growth: the numbers follow from what was measured, and the study of a size runs."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import yaml
from conftest import ROOT, TINY, Project, copy_project

from bench import atlas, growth
from pages.growth import exponents, plan_exponent, predicted
from takedown.archives.catalogue import read_catalogue
from takedown.archives.receipt import Entry, minutes_to_clean, write_receipt
from takedown.engine.job import job
from takedown.engine.usage import MEASURE, beside, used
from takedown.errors import InputError
from takedown.io.tables import read_table

MEASURED = ROOT / "docs/benchmark/growth.csv"
PROFILE = ROOT / "profiles/slurm/config.yaml"
#: Twice the posts may take so much more than twice the time, by chance.
PROPORTIONAL = 1.15
SPARE = 1.2
#: MB of the two Snakemakes that the Slurm executor keeps in every job, as `ps` shows them.
EXECUTOR = 600


def grown(**jobs: list[float]) -> pd.DataFrame:
    """CPU seconds of jobs at 1, 10 and 100 posts."""
    rows = [
        (job, posts, seconds, seconds, 100.0)
        for job, measured in jobs.items()
        for posts, seconds in zip((1, 10, 100), measured, strict=True)
    ]
    return pd.DataFrame(rows, columns=["job", "posts", "seconds", "cpu_seconds", "peak_mb"])


def test_exponents_are_the_slopes_between_the_two_largest_sizes():
    found = exponents(grown(line=[1, 10, 100], square=[1, 3, 300], flat=[5, 5, 5.2]))
    assert found.to_dict() == {"line": pytest.approx(1), "square": pytest.approx(2)}


def test_the_prediction_is_a_line_that_neither_falls_nor_begins_below_zero():
    table = grown(line=[2, 11, 101], fixed=[7, 7, 6], steep=[0, 0, 9])
    found = predicted(table, [10, 1000])
    assert found[10] == pytest.approx(11 + 7 + 1)
    assert found[1000] == pytest.approx(1001 + 7 + 100)


def test_nothing_measured_grows_faster_than_the_posts():
    assert exponents(read_table(MEASURED)).max() < PROPORTIONAL


def test_planning_is_in_proportion_to_the_steps():
    plans = read_table(MEASURED.with_name("plan.csv"))
    assert {1, 48, 1000} <= set(plans["campaigns"])
    assert plan_exponent(plans) < PROPORTIONAL


def test_memory_is_flat():
    table = read_table(MEASURED)
    assert table["posts"].nunique() >= 3
    peak = table.pivot(index="job", columns="posts", values="peak_mb")
    *_, less, more = sorted(peak.columns)
    bytes_per_post = (peak[more] - peak[less]) / ((more - less) / 1e6)
    # Seven times the posts, and no job takes ten bytes more for each of them.
    assert bytes_per_post.max() < 10
    assert peak[more].max() < 1000


def test_the_slurm_profile_asks_for_what_was_measured_with_room_to_spare(tmp_path: Path):
    profile = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))
    default = dict(line.split("=", 1) for line in profile["default-resources"])
    table = read_table(MEASURED)
    largest = table[table["posts"] == table["posts"].max()]
    receipt = tmp_path / "receipt.csv"
    write_receipt(receipt, [Entry("tweets", "tweets.zip", largest_size("raw"), "")])
    rules = profile["set-resources"]
    rules["clean_archive"]["runtime"] = minutes_to_clean(receipt, attempt=1)
    size_mb = largest_size("clean") / 1e6
    archives = read_table(MEASURED.with_name("atlas_jobs.csv"))
    campaigns = int(archives["jobs"].max())
    runs = [(row, 1) for row in largest.itertuples()]
    runs += [(row, campaigns) for row in archives.itertuples()]
    for row, receipts in runs:
        read = SimpleNamespace(size_mb=size_mb, receipts=["receipt.csv"] * receipts)
        given = {"attempt": 1, "input": read}
        own = default | rules.get(RULES.get(row.job, ""), {})
        for key, needed in (("mem_mb", row.peak_mb + EXECUTOR), ("runtime", row.seconds / 60)):
            asked = eval(str(own[key]), given)
            assert asked > SPARE * needed, (row.job, key, asked, needed)


#: The rules whose needs the profile names, by their jobs in the growth table.
RULES = {
    "clean": "clean_archive",
    "models/event_study": "fit_event_study",
    "models/placebo": "fit_placebo",
    "models/specification": "fit_specification",
    "privacy": "guard_privacy",
    "report": "write_page",
    "paper": "write_paper",
}


def largest_size(kind: str) -> int:
    """Bytes of the raw archive, or of the typed rows that others read, at the largest size."""
    disk = read_table(MEASURED.with_name("disk.csv"))
    return int(disk[disk["posts"] == disk["posts"].max()].set_index("kind")["bytes"][kind])


def test_the_summary_gives_exponents_and_the_cost_of_all_archives():
    table = read_table(MEASURED)
    page = (ROOT / "docs/reference/growth.md").read_text(encoding="utf-8")
    [hours] = re.findall(r"All archives: ([\d.]+) CPU hours$", growth.summary(table))
    assert f"about {hours} CPU hours" in page
    assert "Growth exponents of CPU seconds" in growth.summary(table)
    one = table[table["posts"] == table["posts"].min()]
    assert "clean" in growth.summary(one) and "exponents" not in growth.summary(one)


@pytest.mark.parametrize("asked", [True, False])
def test_a_job_says_what_it_has_used_where_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    if asked:
        monkeypatch.setenv(MEASURE, "1")
    log, before = tmp_path / "one.log", used()
    with pytest.raises(SystemExit), job(SimpleNamespace(log=[str(log)])):
        held = bytearray(1) * 2**28
        raise InputError(f"{len(held)} bytes")  # a job that fails says it, too
    assert beside(log).exists() == asked
    if asked:
        found = json.loads(beside(log).read_text(encoding="utf-8"))
        assert found["cpu_seconds"] > before["cpu_seconds"]
        assert found["peak_mb"] >= max(256, before["peak_mb"])


def test_every_job_of_a_study_is_measured(tiny: Project) -> None:
    found = growth.jobs(tiny.root, "tiny", TINY)
    each = {"fetch", "clean", "clean/checks", "describe", "series", "models/rhythm", "privacy"}
    assert each <= set(found["job"])
    assert (found["job"] == "clean").sum() == len(TINY)
    assert (found["seconds"] > 0).all()
    # No script does without Python's own, which Snakemake's samples may miss.
    assert (found["peak_mb"] > 10).all() and (found["cpu_seconds"] > 0.05).all()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_take_long: None) -> Project:
    """A copy of the project as the working folder, in which studies end with their sketches."""
    project = copy_project(tmp_path / "wörk")
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("PYTHONPATH", "workflow:tools")
    whole = growth.run_study

    def short(folder: Path, study: dict[str, Any], cores: int, targets: list[str]) -> None:
        sketches = [f"data/clean/{campaign}/sketch.csv" for campaign in study["campaigns"]]
        whole(folder, study, cores, sketches)

    monkeypatch.setattr(growth, "run_study", short)
    return project


def test_a_small_size_runs_and_is_measured(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    held = bytearray(1) * 2**29  # not to be counted as the memory of a plan
    growth.main(["--rows", "2000", "--campaigns", "1", "3"])
    assert "cpu_seconds" in capsys.readouterr().out
    table = read_table(project.root / "results/benchmark/growth.csv")
    assert set(table["posts"]) == {2000}
    assert set(table["job"]) == {"fetch", "clean", "atlas/sketch"}
    sizes = read_table(project.root / "results/benchmark/disk.csv")
    assert set(sizes["kind"]) == set(growth.DISK) and set(sizes["posts"]) == {2000}
    assert (sizes["bytes"][sizes["kind"] != "results"] > 0).all()
    one, three = read_table(project.root / "results/benchmark/plan.csv").itertuples()
    assert (one.campaigns, three.campaigns) == (1, 3)
    # Steps of the study as a whole are there once, and those on several campaigns join them.
    assert 2 * one.steps < three.steps
    assert 50 < one.peak_mb < len(held) / 2**20
    assert one.cpu_seconds > 0.2  # Python and Snakemake take that long to start


def test_an_atlas_is_measured(
    tiny: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study that has run already stands for the atlas's, which the others run."""
    asked = []

    def ran(folder: Path, study: dict[str, Any], cores: int, targets: list[str]) -> None:
        asked.append((list(study["campaigns"]), targets))
        shutil.copytree(tiny.root, folder, symlinks=True)

    monkeypatch.chdir(copy_project(tmp_path / "wörk").root)
    monkeypatch.setattr(atlas, "run_study", ran)
    monkeypatch.setattr(atlas, "jobs", lambda folder, study, _: growth.jobs(folder, "tiny", TINY))
    atlas.main(["--archives", "Tanzania_0621", "--scale", "0.02"])
    assert asked == [(["simulated_Tanzania_0621"], ["all"])]
    [took] = read_table(Path("results/benchmark/atlas.csv")).itertuples()
    # How many posts this archive has was never published.
    assert (took.campaigns, took.posts) == (1, 2000)
    assert took.raw_bytes > 50 * took.posts and took.clean_bytes > 0
    assert 50 < took.peak_mb < 2000
    kinds = read_table(Path("results/benchmark/atlas_jobs.csv")).set_index("job")
    assert kinds["jobs"]["clean"] == kinds["jobs"]["models/event_study"] == len(TINY)
    assert kinds["jobs"]["privacy"] == 1
    assert kinds["cpu_seconds"].sum() == pytest.approx(took.jobs_cpu_seconds)


def test_what_the_disk_cannot_hold_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = {"serbia_022020": read_catalogue()["serbia_022020"]}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10**9))
    with pytest.raises(SystemExit, match=r"need 10.8 GB of disk.*--scale 0.1"):
        atlas.stand_ins(one, scale=1)
    assert not list((tmp_path / ".cache/atlas").iterdir())
