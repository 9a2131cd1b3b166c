"""Copies of the project in scratch folders, in which tests run whole studies."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from builders import USER_COLUMNS, campaign, post, to_csv, user, write_archive

from takedown.engine.usage import MEASURE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["tiers"]
ROOT = Path(__file__).parents[1]
FOLDER = "a wörk folder"
DEFAULT = "config/config.yaml"
FASTEST = {"draws": 99, "bootstrap": 50}
MADE_BY_RUNS = {
    ".git",
    ".venv",
    ".cache",
    ".snakemake",
    "data",
    "results",
    "logs",
    "benchmarks",
    ".ledger",
}


@dataclass(frozen=True)
class Plan:
    """Snakemake's plan for one output file: the rule that makes it, and whether it will run."""

    file: str
    rule: str
    pending: bool

    @property
    def campaign(self) -> str:
        """``data/<stage>/<campaign>/...``, ``results/<study>/<campaign>/...``; otherwise empty.

        ``figures/`` and ``atlas/`` at that level belong to all campaigns. For a notebook of the
        course, it is the notebook's name.
        """
        parts = Path(self.file).parts
        if parts[2:3] == ("notebooks",):
            return Path(self.file).stem
        together = parts[2:3] in (("figures",), ("atlas",))
        return parts[2] if len(parts) > 3 and not together else ""


@dataclass(frozen=True)
class Project:
    """A copy of the project."""

    root: Path

    def study(self, name: str, campaigns: dict, **settings: object) -> str:
        """Write the study file ``<name>.yaml``, with the fastest settings."""
        wanted = {"study": name, "title": TITLE, "campaigns": campaigns, "models": FASTEST}
        path = self.root / f"{name}.yaml"
        path.write_text(yaml.safe_dump(wanted | settings, allow_unicode=True), encoding="utf-8")
        return path.name

    def start(
        self, *words: str, package: bool = True, stdin: bool = False, **variables: str
    ) -> subprocess.Popen[str]:
        """Start ``python <words>`` in the project, in its own process group.

        ``package`` says whether ``workflow/`` is on the Python path, as with the Makefile;
        ``stdin``, whether something will be written to it; ``variables`` are added to its
        environment.
        """
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if package:
            environment["PYTHONPATH"] = str(self.root / "workflow")
        return subprocess.Popen(
            # The link keeps the space in the path, as an environment inside the project would.
            [str(self.root / ".venv/bin/python"), *words],
            cwd=self.root,
            env=environment | {"PYTHONUTF8": "1"} | variables,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def python(self, *words: str, package: bool = True, **variables: str) -> tuple[int, str]:
        """Run ``python <words>``; returns its exit code and all that it printed."""
        process = self.start(*words, package=package, **variables)
        output, _ = process.communicate()
        return process.returncode, output

    def run(self, study: str, *options: str) -> tuple[int, str]:
        """Run a study as ``make run`` does."""
        return self.python(*snakemake(study, *options))

    def complete(self, study: str, *options: str) -> str:
        """Run a study that must succeed; returns what was printed."""
        code, output = self.run(study, *options)
        assert code == 0, output
        return output

    def answers(self, cases: Sequence[Mapping]) -> list[tuple[int, str]]:
        """Snakemake's output in each of the ``cases``, all run by one process (``planner.py``)."""
        process = self.start(*PLANNER, stdin=True)
        return [(code, errors + out) for code, out, errors in answers(process, cases)]

    def plans(self, *studies: str, edits: Sequence[Mapping[str, str]] = ({},)) -> list[list[Plan]]:
        """All output files, and whether a run would make them, for each study under each edit.

        An edit maps files to their contents while the study is planned.
        """
        words = [["--configfile", study, "--summary"] for study in studies]
        cases = [{"words": each, "edits": edit} for each in words for edit in edits]
        return [read_plans(*answer) for answer in self.answers(cases)]

    def files(self, folder: str) -> dict[str, bytes]:
        """The files under ``folder``, by path relative to it."""
        top = self.root / folder
        return {
            path.relative_to(top).as_posix(): path.read_bytes()
            for path in sorted(top.rglob("*"))
            if path.is_file()
        }


#: Arguments of ``python`` that ask Snakemake about several cases.
PLANNER = (str(ROOT / "tests/planner.py"),)


def answers(planner: subprocess.Popen[str], cases: Sequence[Mapping]) -> list[tuple[int, str, str]]:
    """For each case: the exit code, what was printed, and what was printed as errors."""
    said, _ = planner.communicate(json.dumps(list(cases)))
    assert planner.returncode == 0, said
    return [(code, out, errors) for code, out, errors in json.loads(said.splitlines()[-1])]


def read_plans(code: int, output: str) -> list[Plan]:
    """The plans in the output of ``snakemake --summary``."""
    assert code == 0, output
    head, *lines = output[output.index("output_file\t") :].rstrip("\n").split("\n")
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    return [Plan(row["output_file"], row["rule"], row["plan"] == "update pending") for row in rows]


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``make`` in ``folder`` without its setup."""
    return run(["make", "-o", "setup", *words], folder)


def run(
    command: Sequence[str] | str, folder: Path, shell: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command in ``folder``, without the flags of a make that runs the tests."""
    return subprocess.run(
        command,
        shell=shell,
        cwd=folder,
        env=without_make(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )


def without_make() -> dict[str, str]:
    """The environment without the variables set by a make that runs the tests."""
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))
    }


def snakemake(study: str, *options: str) -> list[str]:
    """Arguments of ``python`` that run a study with the progress display."""
    return ["-m", "snakemake", "--logger", "takedown", "--configfile", study, *options]


def project_files() -> list[str]:
    """The files of a clone: those git tracks or would track; without git, all not made by runs."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        names = {name for name in listed.stdout.split("\0") if name}
    else:
        kept = [entry for entry in ROOT.iterdir() if entry.name not in MADE_BY_RUNS]
        kept.append(ROOT / "results/reference")
        paths = [path for entry in kept for path in (entry, *entry.rglob("*"))]
        names = {
            path.relative_to(ROOT).as_posix() for path in paths if "__pycache__" not in str(path)
        }
    return sorted(name for name in names if (ROOT / name).is_file())


def copy_project(folder: Path) -> Project:
    """A fresh copy of the project in ``folder``, with this Python as its environment."""
    for name in project_files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    (folder / ".venv").symlink_to(sys.prefix)
    return Project(folder)


def copy_finished(project: Project, folder: Path) -> Project:
    """A copy of a project with its results, modification times and Snakemake's records."""
    shutil.copytree(project.root, folder, symlinks=True)
    return Project(folder)


def shared(factory: pytest.TempPathFactory, name: str, build: Callable[[Project], None]) -> Project:
    """A copy of the project, prepared by ``build`` once per test run.

    Under pytest-xdist the other workers wait, and only one copy is built at a time, because each
    build uses all cores.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, begun = base / name / FOLDER, base / name / "begun"
    with (base / "one at a time").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not begun.exists():
            folder.mkdir(parents=True)
            begun.touch()
            build(copy_project(folder))
    return Project(folder)


#: A file in the default study's project: the output of the two runs of `make`.
SAID = "said.json"


@pytest.fixture(scope="session")
def default_study(tmp_path_factory: pytest.TempPathFactory, may_take_long: None) -> Project:
    """A project in which `make` has run twice. Do not change it: copy it."""

    def build(project: Project) -> None:
        runs = [make(project.root) for _ in range(2)]
        assert [run.returncode for run in runs] == [0, 0], runs[0].stdout
        said = json.dumps([run.stdout for run in runs])
        (project.root / SAID).write_text(said, encoding="utf-8")

    return shared(tmp_path_factory, "default study", build)


CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "no Chromium found; install it (Debian, Ubuntu: sudo apt install chromium) to run this"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser(may_take_long: None) -> Iterator[Browser]:
    """Headless Chromium. If there is none, tests are skipped, but never in CI.

    Closed after the tests of each module, or its event loop would keep running in later ones.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        if "TAKEDOWN_NEEDS_BROWSER" in os.environ:
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    from playwright.sync_api import sync_playwright  # takes half a second

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


#: Titles that a library might take for markup, or whose characters its fonts lack.
TITLES = {
    "2019-12-10": "Aid of $x^$ agreed {hidden} \\alpha <b>&amp;</b>",
    "2020-01-15": "قرار جديد (2019) في الرياض",
    "2020-02-01": "🔥 \u202eevil\u202c บาท " + "very long " * 50,
}
EVENTS = "date,title\n" + "".join(f"{day},{title}\n" for day, title in TITLES.items())
#: The title of the tests' own studies.
TITLE = "The {hidden} war: حرب 🔥 $x^$"
#: A simulated campaign with everything that a study file can name.
TINY = {
    "simulated_a": {
        "tweets": "simulated_a.zip",
        "users": "simulated_users.csv",
        "timezone": "Asia/Bangkok",
        "events": "events.csv",
    }
}
#: Another one, with posts only; added by the tests that need two.
SECOND = {"sim_ü": {"tweets": "ทวีต é.zip"}}
#: An account of the first campaign, whose texts and names must not appear anywhere.
SENTENCE = 'A canary sang "of the Quiet harbour", then left;\nnobody heard the small yellow bird.'
SCREEN_NAME, DISPLAY_NAME = "canary_of_the_harbour", "Yellow Harbour Bird"
PROFILE = "A simulated profile that must never be seen in any of the results at all."
ACCOUNT, POST = "canaryCANARYcanaryCANARYcanaryCANARYcanary1=", "1196660000000000123"
BIRD = {
    "user_screen_name": SCREEN_NAME,
    "user_display_name": DISPLAY_NAME,
    "user_profile_description": PROFILE,
    "user_reported_location": "Canary Islands harbour",
    "user_profile_url": "https://canary.example/bird",
}


def tiny_posts() -> list[dict]:
    """The posts of the tiny study, in the format of the releases of December 2021.

    The ids of referenced posts are rounded. A third of the posts have a hashtag in Arabic.
    """
    sung = post("2019-11-20 05:20", ACCOUNT, **BIRD, tweet_text=SENTENCE, hashtags="['army']")
    rounded = {"true": {"retweet_tweetid": "4.194088352004301e+17"}, "false": {}}
    posts = [
        row
        | {"hashtags": row["hashtags"].replace("'b'", "'السعودية'")}
        | rounded[row["is_retweet"]]
        for row in campaign()
    ]
    return [*posts, sung | {"tweetid": POST}]


def write_tiny(project: Project, name: str = "tiny") -> str:
    """Write the files of the tiny study, and the posts of ``SECOND``; returns its study file."""
    rows = tiny_posts()
    people = [user(each) for each in sorted({row["userid"] for row in rows} - {ACCOUNT})]
    people.append(user(ACCOUNT, **BIRD))
    of_years = {year: [row for row in rows if row["tweet_time"].startswith(year)]
                for year in ("2019", "2020")}  # fmt: skip
    texts = {"simulated_a_tweets_csv_hashed_2016.csv": b""}  # a year without posts is an empty file
    texts |= {f"simulated_a_tweets_csv_hashed_{year}.csv": to_csv(those)
              for year, those in of_years.items()}  # fmt: skip
    with zipfile.ZipFile(project.root / "simulated_a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in texts.items():
            archive.writestr(zipfile.ZipInfo(member), text)  # no time: copies are identical
    (project.root / "simulated_users.csv").write_bytes(to_csv(people, USER_COLUMNS))
    (project.root / "events.csv").write_text(EVENTS)
    write_archive(project.root / "ทวีต é.zip", campaign(days=60, seed=2))
    return project.study(name, TINY)


class Watch(threading.Thread):
    """Records every size at which a file under ``folder`` is seen."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.sizes: dict[str, set[int]] = defaultdict(set)
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            for folder, _, names in os.walk(self.folder):
                for path in (f"{folder}/{name}" for name in names):
                    with suppress(FileNotFoundError):  # it was renamed meanwhile
                        size = os.stat(path).st_size  # noqa: PTH116 (five times as fast as Path)
                        self.sizes[os.path.relpath(path, self.folder)].add(size)

    def found(self) -> dict[str, list[int]]:
        """The sizes seen of each file; the last is its current size, unless the file is gone."""
        self.over.set()
        self.join()
        sizes = {}
        for name, seen in self.sizes.items():
            path = self.folder / name
            now = [path.stat().st_size] if path.is_file() else []
            sizes[name] = [*sorted(seen - {*now}), *now]
        return sizes


#: A file in the tiny study's project: the sizes seen of its results while they were made.
WATCHED = "watched.json"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, may_take_long: None) -> Project:
    """A project in which a small simulated study has run, undisturbed. Do not change it: copy it.

    It was run with Snakemake alone, without the progress display and without a Python path; its
    jobs recorded what resources they used.
    """

    def build(project: Project) -> None:
        study = write_tiny(project)
        watch = Watch(project.root / "results")
        watch.start()
        alone = ["-m", "snakemake", "--configfile", study]
        code, output = project.python(*alone, package=False, **{MEASURE: "1"})
        assert code == 0, output
        (project.root / WATCHED).write_text(json.dumps(watch.found()), encoding="utf-8")

    return shared(tmp_path_factory, "tiny study", build)
