"""The default study through a real Slurm, with faults on the way, gives the local run's bytes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import DEFAULT, FOLDER, Project, copy_finished, copy_project, snakemake
from processes import heed_hangups, wait_for
from slurm.cluster import OTHER_NODE, Slurm, missing_programs, slurm
from snakemake_logger_plugin_takedown import STOPPED

pytestmark = pytest.mark.usefixtures("may_take_long")

#: Debian's Slurm has no accounting here, and nobody wants to wait a minute for each answer.
HERE = ["--workflow-profile", "profiles/slurm", "--slurm-status-command", "squeue"]
HERE += ["--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "3"]
HERE += ["--latency-wait", "10"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    if missing := missing_programs():
        pytest.fail(
            f"not on this machine: {', '.join(missing)}. Install Slurm and munge (Debian, Ubuntu: "
            "sudo apt install slurm-wlm munge), then run make test-slurm again."
        )
    with slurm(tmp_path_factory.mktemp("slurm")) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return copy_project(tmp_path / FOLDER)


def start(project: Project, cluster: Slurm, study: str, *options: str) -> subprocess.Popen[str]:
    """Start a study on the cluster, its output going to ``run.log``."""
    return subprocess.Popen(
        [str(project.root / ".venv/bin/python"), *snakemake(study, *HERE, *options)],
        cwd=project.root,
        env=os.environ | cluster.env | {"PYTHONPATH": str(project.root / "workflow")},
        stdout=(project.root / "run.log").open("w"),
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=heed_hangups,
    )


def said(project: Project) -> str:
    return (project.root / "run.log").read_text(encoding="utf-8")


def states(cluster: Slurm, first: int) -> list[str]:
    """The states of the jobs submitted after the ``first`` ones."""
    return [job["JobState"] for job in cluster.all_jobs()[first:]]


def ask(project: Project, rule: str, **needs: object) -> None:
    """Set what the profile asks for, as the messages say it is done."""
    path = project.root / "profiles/slurm/config.yaml"
    profile = yaml.safe_load(path.read_text(encoding="utf-8"))
    profile["set-resources"].setdefault(rule, {}).update(needs)
    path.write_text(yaml.safe_dump(profile), encoding="utf-8")


def test_the_default_study_has_the_bytes_of_a_local_run(
    default_study: Project, project: Project, cluster: Slurm
) -> None:
    before = len(cluster.all_jobs())
    assert start(project, cluster, DEFAULT).wait(timeout=3600) == 0, said(project)
    assert states(cluster, before).count("COMPLETED") >= 40
    assert re.search(r"^Done: \d+ steps in ", said(project), re.MULTILINE)
    assert project.files("results/default") == default_study.files("results/default")


#: Steps of both campaigns that end with none after another, with all that they need.
SOME = ["--until", "place_news", "draw_clients", "measure_rhythm_of_counts"]


def test_faults_change_no_byte(project: Project, tmp_path: Path, cluster: Slurm) -> None:
    undisturbed = copy_project(tmp_path / "here")
    undisturbed.complete(DEFAULT, *SOME)
    before = len(cluster.all_jobs())
    run = start(project, cluster, DEFAULT, *SOME)
    wait_for(lambda: cluster.running(), "no job runs", seconds=120)
    # A job is killed in its midst.
    cluster.run("scancel", cluster.running()[0])
    # The node takes no new jobs for a while, and is given back.
    wait_for(lambda: len(states(cluster, before)) > 2, "too few jobs", seconds=180)
    cluster.drain()
    wait_for(lambda: cluster.node_state() == "IDLE+DRAIN", "the node does not drain", seconds=180)
    # The next one is sent a few seconds after the last has ended, and waits.
    wait_for(lambda: "PENDING" in states(cluster, before), "no job waits", seconds=120)
    cluster.resume()
    # The controller goes away while jobs run, and comes back.
    wait_for(lambda: cluster.running(), "no job runs again", seconds=120)
    cluster.restart_controller(away=5)
    assert run.wait(timeout=900) == 0, said(project)

    assert "CANCELLED" in states(cluster, before)
    found = project.files("results/default")
    assert len(found) > 10
    assert found == undisturbed.files("results/default")


def test_a_job_over_its_memory_is_tried_with_more_and_then_says_what_to_set(
    project: Project, cluster: Slurm
) -> None:
    before = len(cluster.all_jobs())
    until = ["--until", "clean_archive"]
    ask(project, "clean_archive", mem_mb="attempt * 40")
    run = start(project, cluster, DEFAULT, *until)
    assert run.wait(timeout=900) == 1
    asked = [job for job in cluster.all_jobs()[before:] if "cpu=2" in job["TRES"]]
    memory = [job["TRES"].split("mem=")[1].split("M")[0] for job in asked]
    assert memory == ["40", "80", "120"]
    # Twenty minutes and one for the little that this archive is.
    assert [job["TimeLimit"] for job in asked] == ["00:21:00", "00:42:00", "01:03:00"]
    assert "It needed more memory than its 120 MB" in said(project)
    assert "below set-resources in the profile's config.yaml, clean_archive: {mem_mb: 240}" in said(
        project
    )
    assert not (project.root / "data/clean/thailand_092020/tweets.parquet").exists()

    ask(project, "clean_archive", mem_mb=2000)
    assert start(project, cluster, DEFAULT, *until).wait(timeout=900) == 0, said(project)


def test_figures_that_were_one_job_say_once_what_to_set(
    default_study: Project, tmp_path: Path, cluster: Slurm
) -> None:
    project = copy_finished(default_study, tmp_path / FOLDER)
    before = len(cluster.all_jobs())
    ask(project, "draw_hashtags", mem_mb=40)
    again = ["--forcerun", "draw_hashtags", "--until", "draw_hashtags", "--retries", "0"]
    assert start(project, cluster, DEFAULT, *again).wait(timeout=600) == 1
    assert len(states(cluster, before)) == 1
    assert said(project).count("Failed: ") == 2
    assert said(project).count("It needed more memory than its 40 MB") == 1
    assert "draw_hashtags: {mem_mb: 80}" in said(project)


def test_a_job_out_of_time_says_what_to_set(project: Project, cluster: Slurm) -> None:
    script = project.root / "workflow/scripts/count_minutes.py"
    script.write_text("import time\n\ntime.sleep(900)\n" + script.read_text(encoding="utf-8"))
    before = len(cluster.all_jobs())
    ask(project, "count_minutes", runtime=1)
    run = start(project, cluster, DEFAULT, "--until", "count_minutes", "--retries", "0")
    assert run.wait(timeout=600) == 1
    assert states(cluster, before) == ["TIMEOUT"]
    assert "It needed longer than its 1 min. Give it more: " in said(project)
    assert "config.yaml, count_minutes: {runtime: 2}" in said(project)
    assert not (project.root / "results/default/china_hk_2019/series/daily.csv").exists()


def test_a_node_without_the_environment_is_named(project: Project, cluster: Slurm) -> None:
    before = len(cluster.all_jobs())
    environment = project.root / ".venv"
    # The job waits while the environment goes, and the run's own Python gets it back.
    cluster.drain()
    run = start(project, cluster, DEFAULT, "--until", "count_minutes", "--retries", "0")
    wait_for(lambda: "PENDING" in states(cluster, before), "no job waits", seconds=120)
    elsewhere = environment.rename(project.root / ".venv-elsewhere")
    cluster.resume()
    wait_for(lambda: "FAILED" in states(cluster, before), "the job does not fail", seconds=120)
    elsewhere.rename(environment)
    assert run.wait(timeout=600) == 1
    assert "The node does not see this folder's Python" in said(project)


def test_what_a_node_that_fails_had_is_done_on_another(project: Project, cluster: Slurm) -> None:
    before = len(cluster.all_jobs())
    cluster.start_node(OTHER_NODE)
    cluster.drain()
    run = start(project, cluster, DEFAULT, "--until", "count_minutes")
    wait_for(lambda: cluster.running(OTHER_NODE), "no job runs there", seconds=120)
    cluster.crash(OTHER_NODE)
    cluster.resume()
    assert run.wait(timeout=600) == 0, said(project)
    assert states(cluster, before) == ["NODE_FAIL", "COMPLETED"]
    assert (project.root / "results/default/china_hk_2019/series/daily.csv").is_file()


def test_a_closed_terminal_leaves_no_job_behind(project: Project, cluster: Slurm) -> None:
    before = len(cluster.all_jobs())
    run = start(project, cluster, DEFAULT, "--until", "clean_archive", "count_minutes")
    wait_for(lambda: cluster.running(), "no job runs", seconds=120)
    run.send_signal(signal.SIGHUP)
    assert run.wait(timeout=120) != 0
    wait_for(lambda: not cluster.running(), "a job lives on", seconds=30)
    assert set(states(cluster, before)) == {"CANCELLED"}
    assert STOPPED in said(project)


def test_a_run_that_was_killed_goes_on_where_it_was(project: Project, cluster: Slurm) -> None:
    until = ["--until", "clean_archive", "count_minutes"]
    run = start(project, cluster, DEFAULT, *until)
    wait_for(lambda: cluster.running(), "no job runs", seconds=120)
    run.kill()
    run.wait()
    # Here the node is this machine, so that its job counts as a run that still lives.
    wait_for(lambda: not cluster.running(), "the job does not end", seconds=300)
    assert start(project, cluster, DEFAULT, *until).wait(timeout=900) == 0, said(project)
    assert (project.root / "data/clean/thailand_092020/tweets.parquet").is_file()
