"""Copies of the project in scratch folders, in which tests run whole studies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from builders import campaign, to_csv
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = "a wörk folder"
DEFAULT = "config/config.yaml"
FASTEST = {"draws": 99, "bootstrap": 50}
MADE_BY_RUNS = {".git", ".venv", ".cache", ".snakemake", "data", "results", "logs", "benchmarks"}


@dataclass(frozen=True)
class Plan:
    """What Snakemake says of one output file: who makes it, and whether it is to be made."""

    file: str
    rule: str
    pending: bool

    @property
    def campaign(self) -> str:
        """``data/<stage>/<campaign>/...``, ``results/<study>/<campaign>/...``, else nothing.

        What is of all campaigns is in ``figures/`` and ``atlas/`` there. Of a notebook of the
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
        """Write the study file ``<name>.yaml``, with the settings that run fastest."""
        text = {"study": name, "campaigns": campaigns, "models": FASTEST} | settings
        path = self.root / f"{name}.yaml"
        path.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
        return path.name

    def start(self, *words: str, package: bool = True) -> subprocess.Popen[str]:
        """Start ``python <words>`` in the project, in a process group of its own.

        ``package`` tells whether ``workflow/`` is on the Python path, as the Makefile puts it.
        """
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if package:
            environment["PYTHONPATH"] = str(self.root / "workflow")
        return subprocess.Popen(
            # The link keeps the path's space, as an environment in the project would have it.
            [str(self.root / ".venv/bin/python"), *words],
            cwd=self.root,
            env=environment | {"PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def python(self, *words: str, package: bool = True) -> tuple[int, str]:
        """Run ``python <words>``; returns its exit code and all that it printed."""
        process = self.start(*words, package=package)
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

    def plans(self, study: str) -> list[Plan]:
        """Every output file of a study, and whether a run would make it."""
        code, output = self.python(
            "-m", "snakemake", "--configfile", study, "--summary", package=False
        )
        assert code == 0, output
        head, *lines = output[output.index("output_file\t") :].rstrip("\n").split("\n")
        rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
        return [
            Plan(row["output_file"], row["rule"], row["plan"] == "update pending") for row in rows
        ]

    def files(self, folder: str) -> dict[str, bytes]:
        """The files under ``folder``, by path relative to it."""
        top = self.root / folder
        return {
            path.relative_to(top).as_posix(): path.read_bytes()
            for path in sorted(top.rglob("*"))
            if path.is_file()
        }


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``make`` there without set-up, and without the flags of a make that runs the tests."""
    return subprocess.run(
        ["make", "-o", "setup", *words],
        cwd=folder,
        env=without_make(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )


def without_make() -> dict[str, str]:
    """The environment as it is where no make runs the tests."""
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))
    }


def snakemake(study: str, *options: str) -> list[str]:
    """What follows ``python`` to run a study with the progress display."""
    return ["-m", "snakemake", "--logger", "takedown", "--configfile", study, *options]


def project_files() -> list[str]:
    """What a clone would hold: what git keeps or would keep, else all that no run makes."""
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
    """A copy of a project with its results, times of change and Snakemake's records."""
    shutil.copytree(project.root, folder, symlinks=True)
    return Project(folder)


def shared(factory: pytest.TempPathFactory, name: str, build: Callable[[Project], None]) -> Project:
    """A copy of the project that ``build`` works in, once per test run.

    Under pytest-xdist one worker builds and the others wait.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, ready = base / name / FOLDER, base / name / "ready"
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        deadline = time.monotonic() + 600
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.2)
    else:
        try:
            build(copy_project(folder))
        finally:
            ready.touch()
    return Project(folder)


@pytest.fixture(scope="session")
def default_study(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which the default study has run. Do not change it: copy it."""
    return shared(tmp_path_factory, "default study", lambda project: project.complete(DEFAULT))


CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "no Chromium found; install it (Debian, Ubuntu: sudo apt install chromium) to run this"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Where there is none, tests are skipped, but never in CI.

    Closed behind the tests of a module: its event loop would run on in those that follow.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        if "TAKEDOWN_NEEDS_BROWSER" in os.environ:
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


EVENTS = "date,title\n2019-12-10,first\n2020-01-15,second\n2020-02-01,third\n"
TINY = {
    "simulated_a": {"tweets": "simulated_a.zip", "timezone": "Asia/Bangkok", "events": "events.csv"}
}


def prepare_tiny(project: Project) -> str:
    """Write the simulated files and the study file of :func:`tiny`; returns the latter's name."""
    member = zipfile.ZipInfo("simulated_a.csv")  # without a time of making: copies have equal bytes
    with zipfile.ZipFile(project.root / "simulated_a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, to_csv(campaign()))
    (project.root / "events.csv").write_text(EVENTS)
    return project.study("tiny", TINY)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which a small simulated study has run, undisturbed. Do not change it: copy it.

    It was run by Snakemake alone, without progress display and without a Python path.
    """

    def build(project: Project) -> None:
        study = prepare_tiny(project)
        code, output = project.python("-m", "snakemake", "--configfile", study, package=False)
        assert code == 0, output

    return shared(tmp_path_factory, "tiny study", build)
