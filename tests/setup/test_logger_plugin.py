"""What a person reads while a toy study runs, is interrupted, or fails."""

import doctest
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import processes
import pytest
import snakemake_logger_plugin_takedown as plugin
from conftest import PLANNER, answers
from snakemake_interface_logger_plugins.common import LogEvent

WORKFLOW = Path(__file__).parents[2] / "workflow"
SNAKEFILE = """
rule all:
    input: "out/a", "out/b"
rule clean:
    output: "out/{name}"
    log: "logs/{name}.log"
    message: "clean {wildcards.name}: typed rows"
    shell: "%s"
"""
SUCCEED = "touch {output}"
FAIL_ON_B = (
    "seq 100 > {log}; echo row 7 has no date >> {log}; test {wildcards.name} = a; " + SUCCEED
)
LATE = "echo CANCELLED DUE TO TIME LIMIT > {log}; seq 100 >> {log}; false"
MISSING = 'rule:\n    input: "no.csv"\n    output: "x"\n    shell: "touch x"\n'
SENTENCE = 'from snakemake.exceptions import WorkflowError\nraise WorkflowError("No key studdy.")\n'
PRINTS = 'print("printed")\n' + SNAKEFILE % SUCCEED
#: Each a Snakefile in a folder of its own, and the words of the runs there, one after the other.
RUNS: dict[str, tuple[str, list[list[str]]]] = {
    "succeeds": (SNAKEFILE % SUCCEED, [["-n"], [], []]),
    "fails": (SNAKEFILE % FAIL_ON_B, [["--keep-going"]]),
    "late": (
        SNAKEFILE.replace("    log:", "    resources: runtime=7\n    log:") % LATE,
        [["--", "out/b"]],
    ),
    "killed": (SNAKEFILE % "kill -9 $$", [[]]),
    "no output": (SNAKEFILE % "true", [["--latency-wait", "0"]]),
    "no input": (MISSING, [[]]),
    "half a word": ('rule:\n    input: "no.csv\n', [[]]),
    "division": ("1 / 0\n", [[]]),
    "a sentence": (SENTENCE, [[]]),
    "prints": (PRINTS, [["--summary"], ["--lint"], ["-n"], ["-n", "--verbose"]]),
}


@dataclass(frozen=True)
class Ran:
    """What a run of Snakemake came to."""

    code: int
    stdout: str
    stderr: str


def command(*options: str) -> list[str]:
    return ["--logger", "takedown", "-c1", *options]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(WORKFLOW)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("toys")


@pytest.fixture(scope="module")
def ran(folder: Path, may_take_long: None) -> dict[str, list[Ran]]:
    """What came of all ``RUNS``, one process for them all."""
    cases = []
    for name, (text, runs) in RUNS.items():
        (folder / name).mkdir()
        (folder / name / "Snakefile").write_text(text)
        cases += [
            {"words": command("--directory", name, "-s", f"{name}/Snakefile", *words)}
            for words in runs
        ]
    process = subprocess.Popen(
        [sys.executable, *PLANNER], cwd=folder, env=environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    found = iter(answers(process, cases))
    return {name: [Ran(*next(found)) for _ in runs] for name, (_, runs) in RUNS.items()}


def test_examples_in_its_docstrings() -> None:
    result = doctest.testmod(plugin)
    assert result.attempted > 3
    assert result.failed == 0


def test_success_is_one_line_a_step_and_a_second_run_has_nothing_to_do(
    ran: dict[str, list[Ran]],
) -> None:
    _, first, second = ran["succeeds"]
    *steps, last = first.stderr.splitlines()
    assert steps[0] == "2 steps to do"
    assert {step[:6] for step in steps[1:]} == {"[1/2] ", "[2/2] "}
    assert {step[6:] for step in steps[1:]} == {"clean a: typed rows", "clean b: typed rows"}
    assert last.startswith("Done: 2 steps in ")
    assert (first.code, first.stdout) == (0, "")
    assert second.stderr == "Nothing to do: every result is up to date.\n"


def test_failure_shows_the_steps_log_and_where_the_logs_are(ran: dict[str, list[Ran]]) -> None:
    [result] = ran["fails"]
    lines = result.stderr.splitlines()
    failed = lines.index(next(line for line in lines if line.startswith("Failed: ")))
    assert lines[failed].endswith("/2] clean b: typed rows")
    shown = [line for line in lines[failed + 1 :] if line.startswith("    ")]
    assert len(shown) == plugin.LOG_LINES
    assert shown[-1] == "    row 7 has no date"
    assert "  its log: logs/b.log" in lines
    assert lines[-1].startswith("1 step failed, 1 of 2 done. Full log: ")
    full_log = Path(lines[-1].split("Full log: ")[1])
    assert "CalledProcessError" in full_log.read_text()
    assert "CalledProcessError" not in result.stderr
    assert result.code == 1


def test_what_to_do_is_found_in_all_of_a_log_not_only_in_its_end(ran: dict[str, list[Ran]]) -> None:
    [failed] = ran["late"]
    assert failed.code == 1
    assert "DUE TO TIME LIMIT" not in failed.stderr
    assert "It needed longer than its 7 min. Give it more: " in failed.stderr
    assert "below set-resources in the profile's config.yaml, clean: {runtime: 14}" in failed.stderr


@pytest.fixture
def display() -> Iterator[plugin.LogHandler]:
    """The display alone, told by us what happens."""
    settings = SimpleNamespace(
        quiet=None, verbose=False, debug_dag=False, dryrun=False, stdout=True
    )
    handler = plugin.LogHandler(common_settings=settings, settings=None)
    yield handler
    handler.close()


def failed_job(number: int, rule: str, log: Path) -> dict[str, object]:
    return {"jobid": number, "rule_name": rule, "log": [str(log)]}


def test_of_steps_that_were_one_job_the_reason_is_said_once(
    tmp_path: Path, display: plugin.LogHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = tmp_path / "7.log"
    shared.write_text("slurmstepd: error: Exceeded job memory limit\n")
    jobs = [failed_job(number, f"draw_{number}", tmp_path / "none.log") for number in range(3)]
    display.resources = {number: {"mem_mb": 900} for number in range(3)}
    display.emit(
        SimpleNamespace(event=LogEvent.GROUP_ERROR, job_error_info=jobs, aux_logs=[shared])
    )
    for job in jobs:  # Snakemake tells each once more
        display.emit(SimpleNamespace(event=LogEvent.JOB_ERROR, indent=True, **job))
    printed = capsys.readouterr().out
    assert printed.count("Failed: ") == 3
    assert printed.count(f"{plugin.TOGETHER}It needed more memory than its 900 MB.") == 1
    assert "draw_0: {mem_mb: 1800}" in printed
    assert printed.count(f"its log: {shared}") == 1


def test_a_job_of_which_slurm_wrote_no_log_may_not_see_the_folder(
    tmp_path: Path, display: plugin.LogHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    job = failed_job(1, "clean", tmp_path / "slurm_logs/rule_clean/1.log")
    display.emit(SimpleNamespace(event=LogEvent.JOB_ERROR, indent=False, **job))
    assert plugin.NO_LOG in capsys.readouterr().out


def test_a_killed_step_is_explained(ran: dict[str, list[Ran]]) -> None:
    [result] = ran["killed"]
    assert "A step was killed (SIGKILL): most often, memory ran out." in result.stderr


def test_dry_run_lists_steps_and_why(ran: dict[str, list[Ran]]) -> None:
    dry, run, _ = ran["succeeds"]
    lines = dry.stdout.splitlines()
    assert lines[0] == "2 steps to do"
    assert lines.count("    why: Missing output files: out/a") == 1
    assert lines[-1] == "Dry run: nothing was started."
    assert run.stderr.startswith("2 steps to do\n"), "the dry run made nothing"


def test_a_step_without_its_output_is_an_error_that_is_shown(ran: dict[str, list[Ran]]) -> None:
    [result] = ran["no output"]
    assert "MissingOutputException in rule clean" in result.stderr
    assert "Not finished, 0 of 2 done. Full log: " in result.stderr


@pytest.mark.parametrize(
    ("case", "words"),
    [("no input", "no.csv"), ("half a word", "SyntaxError"), ("division", "division by zero")],
)
def test_errors_before_the_first_step_are_shown(
    ran: dict[str, list[Ran]], case: str, words: str
) -> None:
    [result] = ran[case]
    assert words in result.stderr


def test_a_workflow_error_is_its_sentence_first_without_a_stack(
    ran: dict[str, list[Ran]], folder: Path
) -> None:
    [result] = ran["a sentence"]
    sentence, where = result.stderr.splitlines()
    assert sentence == "No key studdy."
    assert where == f'(in file "{folder / "a sentence" / "Snakefile"}", line 2)'
    assert result.code == 1


def test_other_commands_and_prints_keep_their_output(ran: dict[str, list[Ran]]) -> None:
    summary, lint, dry, verbose = ran["prints"]
    assert "output_file" in summary.stdout
    assert "Lints for rule clean" in lint.stderr
    assert "printed" in dry.stdout
    assert "Building DAG of jobs" in verbose.stdout + verbose.stderr


def interrupted(
    folder: Path, snakefile: str, started: Path, by: signal.Signals = signal.SIGINT
) -> list[str]:
    """What a run prints when the signal `by` comes once `started` exists."""
    (folder / "Snakefile").write_text(snakefile)
    words = [sys.executable, "-m", "snakemake", *command()]
    return processes.interrupted(words, folder, environment(), started, by).splitlines()


@pytest.mark.usefixtures("may_take_long")
def test_a_closed_terminal_ends_with_one_line(tmp_path: Path) -> None:
    """As Ctrl-C does, of which the tests of a real study tell."""
    started = tmp_path / "started"
    snakefile = SNAKEFILE % f"touch '{started}'; sleep 60"
    printed = interrupted(tmp_path, snakefile, started, signal.SIGHUP)
    assert len(printed) == 3
    assert printed[0] == "2 steps to do"
    assert printed[2] == plugin.STOPPED
    assert not (tmp_path / ".snakemake/locks").exists()


@pytest.mark.usefixtures("may_take_long")
def test_ctrl_c_while_the_snakefile_is_read_ends_with_one_line(tmp_path: Path) -> None:
    started = tmp_path / "started"
    snakefile = f"import time\nopen({str(started)!r}, 'w')\ntime.sleep(60)\n"
    assert interrupted(tmp_path, snakefile, started) == [plugin.STOPPED]
