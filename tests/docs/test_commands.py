"""Every command that the README and the docs show is run here, or by the test that is named."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path

import conftest
import pytest
from conftest import ROOT, Project, copy_finished, make

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if "_build" not in page.parts]
#: The steps of the learner's study that the tutorial speaks of.
LEARNT = "draw_volume fit_event_study"
#: Commands that are run in place of the ones shown: with the words that keep them short.
SHORTER = {
    "make test": 'make test ARGS="-n 0 tests/series/test_hours.py"',
    "make test-fast": 'make test-fast ARGS="-n 0 tests/series/test_hours.py"',
    "make run CONFIG=my_study.yaml": f"make run CONFIG=my_study.yaml ARGS='--until {LEARNT}'",
    "snakemake --configfile my_study.yaml": (
        f"snakemake --configfile my_study.yaml --until {LEARNT}"
    ),
    "make calibrate": "make calibrate ARGS=-n",
    "make calibrate CONFIG=my_study.yaml": "make calibrate CONFIG=my_study.yaml ARGS=-n",
    # Of the same form as the one before.
    "make calibrate CONFIG=config/china_052020.yaml": "make calibrate CONFIG=my_study.yaml ARGS=-n",
    "PYTHONPATH=workflow .venv/bin/python -m takedown.simulate.archive china_052020": (
        "PYTHONPATH=workflow .venv/bin/python -m takedown.simulate.archive saudi_arabia_082019_1"
    ),
    "make run CONFIG=data/simulated/simulated_china_052020.yaml": (
        "make run CONFIG=data/simulated/simulated_saudi_arabia_082019_1.yaml ARGS=-n"
    ),
    "make run CONFIG=data/simulated/atlas/simulated_atlas.yaml": (
        "make run CONFIG=data/simulated/atlas/simulated_atlas.yaml ARGS=-n"
    ),
    "PYTHONPATH=workflow .venv/bin/python -m takedown.simulate.atlas": (
        "PYTHONPATH=workflow .venv/bin/python -m takedown.simulate.atlas --archives ira GRU_202012"
    ),
    "make why FILE=results/my_study/thailand_092020/figures/volume.csv": (
        "make why FILE=results/default/thailand_092020/figures/volume.csv"
    ),
    # The study has run already; what follows it is what is tried.
    "make verify": "make verify snakemake='sh had_run.sh'",
}
#: Commands that another test runs, as they stand or through what the Makefile calls for them.
ELSEWHERE = {
    "make notebooks": "tests/notebooks/test_opening.py::test_make_notebooks_opens",
    "make docs": "tests/docs/test_site.py::site",
    "make help": "tests/setup/test_makefile.py::test_help_names_every_target",
    "make setup": "tests/setup/test_makefile.py::test_set_up_goes_on_when_it_can",
    "make clean": "tests/setup/test_makefile.py::test_clean_keeps_the_reference",
    "make bench": "tests/tools/test_bench.py::test_",
    **dict.fromkeys(
        (
            "make run CONFIG=config/china_052020.yaml",
            "make run CONFIG=config/china_052020.yaml ARGS=-n",
            "make run CONFIG=config/atlas.yaml ARGS=-n",
        ),
        "tests/workflow/test_fetch_study.py::test_a_plan_needs_no_network",
    ),
    "make verify-bundle BUNDLE=their/results": "tests/provenance/test_bundle.py::test_",
    "make deposit": "tests/provenance/test_bundle.py::test_the_deposit_holds_code",
    "make mark STUDENT=4711 SECRET=word ANSWERS=answers.csv": (
        "tests/notebooks/test_assessment.py::test_made_and_marked_from_the_command_line"
    ),
    "make reference": "tests/provenance/test_verify.py::test_a_refresh_shows_what_differs",
    'make run ARGS="--report report.zip"': "tests/report/test_report.py::test_",
    "python -m takedown.clean.reduce path/to/tweets.zip path/to/users.zip": (
        "tests/clean/test_reduce.py::test_"
    ),
}
#: Commands that cannot be run here, and why.
NOT_RUN = {
    "make lock": "chooses new versions, which needs a package registry",
    "make lint": "is what CI runs before the tests",
    "make scale": "takes an hour; tests/tools/test_scale.py runs it small",
    "make scale-atlas": "takes hours; tests/tools/test_scale.py runs it small",
    "make test-slurm": "needs Slurm; .ci/run",
    "make test-s3": "needs an S3 server; .ci/run",
    "make run PROFILE=slurm CONFIG=config/atlas.yaml": "is what make test-slurm tests",
    'make run PROFILE=s3 CONFIG=my_study.yaml ARGS="--default-storage-prefix '
    's3://my-bucket/my-folder"': "is what make test-s3 tests",
    "docker build --tag takedown .": "needs a container engine; what was tried is on the page",
    'docker run --rm --volume "$PWD/results:/takedown/results" '
    '--volume "$PWD/data:/takedown/data" takedown': "as before",
    'docker run --rm --volume "$PWD:/study" --volume "$PWD/my_study:/takedown/results/my_study" '
    '--volume "$PWD/data:/takedown/data" takedown run CONFIG=/study/my_study.yaml': "as before",
    "export SNAKEMAKE_STORAGE_S3_ACCESS_KEY=... SNAKEMAKE_STORAGE_S3_SECRET_KEY=...": (
        "is said with one's own keys"
    ),
    "conda env create -f environment.yml": "no conda channel can be reached; test_dependencies.py",
    "jupyter lab": "is what `make notebooks` starts",
}
PLACEHOLDER = re.compile(
    r"=$|/path/|CONFIG=study\.yaml$|BUNDLE=path|command not found|ARGS=$|^make verify-bundle$"
)


def shown(page: Path) -> set[str]:
    """The commands of a page: lines of consoles, and code in a sentence that begins like one."""
    text = page.read_text(encoding="utf-8")
    lines = re.findall(r"^ *\$ (.*)$", text, re.MULTILINE)
    words = re.findall(
        r"`((?:make|snakemake|PYTHONPATH=\S+ \S*python|python -m|conda|jupyter)\b[^`]*)`", text
    )
    found = {re.sub(r"\s+#.*", "", line).strip() for line in lines}
    found |= {word for word in words if " " in word}
    return {each for each in found if each in SHORTER or not PLACEHOLDER.search(each)}


COMMANDS = sorted(set().union(*map(shown, PAGES)))


@dataclass(frozen=True)
class Done:
    """What came of a command: its exit code, and what it printed."""

    code: int
    said: str


SHOWN = ["--logger", "takedown"]
#: Stands for Snakemake where `make` would start it: writes down what it was asked.
NOTE = 'for word; do printf "%s\\t" "$word"; done >>../asked; echo >>../asked\n'


@pytest.fixture(scope="module")
def project(default_study: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Where the commands are run: a folder after `make`, with the files of the tutorial."""
    project = copy_finished(default_study, tmp_path_factory.mktemp("read") / "wörk folder")
    for name, text in saved_files(ROOT / "docs/tutorial.md").items():
        (project.root / name).write_text(text, encoding="utf-8")
    (project.root / "had_run.sh").write_text('cp -R results/default "$2/results/"\n')
    (project.root / "note.sh").write_text(NOTE)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "a clone"]):
        who = ["-c", "user.name=reader", "-c", "user.email=reader@example.org"]
        subprocess.run(["git", *who, *words], cwd=project.root, check=True)
    (project.root / ".git/info/exclude").write_text("my_topics.yaml\n")  # made by a command
    return project


@pytest.fixture(scope="module")
def done(project: Project) -> dict[str, Done]:
    """What came of every command; what they ask of Snakemake is asked in one process, in order."""
    ours = [each for each in COMMANDS if each not in ELSEWHERE and each not in NOT_RUN]
    # The learner's study comes first, then what is asked of its results and of the default ones.
    ours.sort(key=lambda command: ("ARGS=-n" in command, "my_study" not in command))
    found, asked = {}, {}
    noted = project.root.parent / "asked"
    for command in ours:
        words = shlex.split(SHORTER.get(command, command))
        noted.write_text("")
        if words[0] == "snakemake":
            found[command], asked[command] = Done(0, ""), [[*SHOWN, *words[1:]]]
        else:
            found[command] = run(project, SHORTER.get(command, command))
            lines = noted.read_text(encoding="utf-8").splitlines()
            asked[command] = [[*SHOWN, *line.rstrip("\t").split("\t")] for line in lines]
    # What is to be fetched first is asked once, and what several commands ask alike.
    cases = {tuple(words): None for each in asked.values() for words in each[-1:]}
    cases |= {tuple(words): None for words in asked["make"]}
    answers = project.answers([{"words": words} for words in cases])
    said = dict(zip(cases, starmap(Done, answers), strict=True))
    for command, each in asked.items():
        for words in each[-1:]:
            before, after = found[command], said[tuple(words)]
            found[command] = Done(before.code or after.code, before.said + after.said)
    assert all(said[tuple(words)].code == 0 for words in asked["make"])
    return found


def saved_files(page: Path) -> dict[str, str]:
    """The files that a page tells to save, by name."""
    found = re.findall(
        r"[Ss]ave this as `([\w.]+)`.*?:\n\n```\w+\n(.*?)```",
        page.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return dict(found)


def run(project: Project, command: str) -> Done:
    """Run ``command`` in the project as a reader types it, but for the set-up and Snakemake."""
    words = shlex.split(command)
    if words[0] == "make":
        noted = [] if "snakemake=" in command else ["snakemake=sh note.sh"]
        ended = make(project.root, *words[1:], *noted)
    else:
        ended = conftest.run(command, project.root, shell=True)
    return Done(ended.returncode, ended.stdout)


def test_the_pages_show_the_commands_that_a_reader_needs():
    assert {"make", "make test", "make run CONFIG=config/china_052020.yaml"} <= set(COMMANDS)
    assert len(COMMANDS) > 25
    for listed in (SHORTER, ELSEWHERE, NOT_RUN):
        assert not set(listed) - set(COMMANDS), "no page shows it any more"


@pytest.mark.parametrize("command", [each for each in COMMANDS if each in ELSEWHERE])
def test_what_is_run_elsewhere_is(command):
    path, _, name = ELSEWHERE[command].partition("::")
    assert f"def {name}" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", [each for each in COMMANDS if each not in ELSEWHERE and each not in NOT_RUN]
)
def test_a_command_runs_as_it_is_shown(command, done):
    assert done[command].code == 0, done[command].said[-3000:]


def test_what_runs_studies_asks_snakemake(done):
    steps = {"make": "Nothing to do", "make run CONFIG=my_study.yaml": "steps in "}
    steps |= {"make calibrate": "Dry run", "snakemake --configfile my_study.yaml": "steps in "}
    for command, words in steps.items():
        assert words in done[command].said, done[command].said


def test_the_tutorial_ends_with_a_figure_of_ones_own(project, done, tiny):
    """Three events of the learner's calendar are drawn, and the refusal is in its very words.

    It is that of every campaign that was not calibrated, as of the simulated one.
    """
    text = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    results = project.root / "results/my_study"
    assert (results / "thailand_092020/figures/volume.png").stat().st_size > 20_000
    events = (results / "thailand_092020/series/events.csv").read_text(encoding="utf-8")
    assert events.count("modelled") == 3
    quoted = re.search(r"is a refusal: \*(.*?)\*", text)
    assert quoted
    findings = (tiny.root / "results/tiny/simulated_a/models/findings.csv").read_text("utf-8")
    assert quoted[1] in findings
    effects = (results / "thailand_092020/models/event_effects.csv").read_text(encoding="utf-8")
    row = re.search(r"^all,pooled,log1p_shift,days_0_2,([\d.]+),([\d.]+),([\d.]+),", effects, re.M)
    assert row
    ratio, lower, upper = (f"{float(number):.2f}" for number in row.groups())
    assert f"Here it is {ratio}, from {lower} to {upper}." in text
