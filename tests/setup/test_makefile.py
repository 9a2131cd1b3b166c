"""`make setup` and the other commands, without a network: what goes wrong is said in a sentence.

The installer is a stand-in, a wheel named uv made here, so that set-up runs whole in seconds.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import processes
import pytest

ROOT = Path(__file__).parents[2]
NO_NETWORK = "http://127.0.0.1:9/simple"

pytestmark = [
    pytest.mark.usefixtures("may_take_long"),
    pytest.mark.skipif(shutil.which("make") is None, reason="needs make"),
]


@dataclass
class Project:
    """A scratch copy of what set-up needs, in a folder with a space and non-ASCII letters."""

    root: Path
    fakes: Path  # programs found before the real ones
    wheels: Path

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "UV_", "MAKE", "MFLAGS", "VIRTUAL_ENV"))
        }
        return (
            kept
            | {
                "PATH": f"{self.fakes}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(self.root.parent / "home"),
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": str(self.wheels),
            }
            | changes
        )

    def make(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *words],
            cwd=self.root,
            env=self.environment(**changes),
            capture_output=True,
            text=True,
        )

    def fake(self, program: str, shell: str) -> None:
        path = self.fakes / program
        path.write_text(f"#!/bin/sh\n{shell}\n")
        path.chmod(0o755)

    def fake_uv(self, code: str) -> None:
        """A wheel of uv that runs `code`, and a lock that names it and one more package."""
        wheel = self.wheels / "uv-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("uv/__init__.py", "")
            archive.writestr("uv/__main__.py", code)
            info = "uv-1.0.dist-info"
            archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1.0\n")
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", "")
        self.lock(hashlib.sha256(wheel.read_bytes()).hexdigest())

    def lock(self, uv_hash: str) -> None:
        (self.root / "requirements.lock").write_text(
            "# a comment\n"
            f"six==1.17.0 \\\n    --hash=sha256:{'0' * 64}\n    # via takedown\n"
            f"uv==1.0 \\\n    --hash=sha256:{uv_hash}\n    # via takedown\n"
            f"zipp==3.0 ; python_full_version < '3.12' \\\n    --hash=sha256:{'0' * 64}\n"
        )

    def made(self) -> int:
        """Which making of .venv this is, told by its time stamp."""
        return (self.root / ".venv/made").stat().st_mtime_ns


#: A Python, and one which copies an environment where it is asked to make one.
REAL = f"exec '{sys.executable}' \"$@\""
PYTHON = f"""case "$1 $2" in
    "-m venv") rm -rf "$4" && cp -a '{{environment}}' "$4" ;;
    *) exec '{sys.executable}' "$@" ;;
esac"""
#: What stands for Python where make's own commands are looked at: each is printed, and nothing was
#: remembered of an earlier run.
STUB = """case "$*" in *--leaves-out) grep -q leave_out "$3"; exit ;; *.replaced*) exit ;; esac
echo "$@"; case "$*" in *--remember*) ;; *unchanged*) exit 1 ;; esac"""


#: Stands for pip: unpacks the one wheel that there is.
PIP = """
import os, sysconfig, zipfile
from pathlib import Path
[wheel] = Path(os.environ["PIP_FIND_LINKS"]).glob("*.whl")
zipfile.ZipFile(wheel).extractall(sysconfig.get_path("purelib"))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, may_take_long: None) -> Path:
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    [packages] = folder.glob("lib/*/site-packages")
    (packages / "pip").mkdir()
    (packages / "pip/__main__.py").write_text(PIP)
    return folder


@pytest.fixture
def project(tmp_path: Path, environment: Path) -> Project:
    root = tmp_path / "a wörk folder"
    (root / "workflow").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", root)
    shutil.copy(ROOT / "workflow/setup.sh", root / "workflow")
    result = Project(root, tmp_path / "fakes", tmp_path / "wheels")
    for folder in (result.fakes, result.wheels, tmp_path / "home"):
        folder.mkdir()
    result.fake("python3", PYTHON.format(environment=environment))
    result.fake("stub", STUB)
    result.fake_uv("import sys; print('uv was told', sys.argv[1:])")
    return result


def failure(result: subprocess.CompletedProcess[str]) -> str:
    """The one sentence a failed set-up prints, beside make's own last line."""
    assert result.returncode == 2
    lines = [line for line in result.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_set_up_goes_on_when_it_can_is_done_once_and_follows_the_lock(
    project: Project,
) -> None:
    project.fake("python3", REAL)
    offline = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_RETRIES": "0"}
    result = project.make("setup", **offline, PIP_INDEX_URL=NO_NETWORK)
    assert "registry cannot be reached" in failure(result)
    lock = project.root / "requirements.lock"
    right = lock.read_text()
    project.lock("0" * 64)
    assert "not the one requirements.lock names" in failure(project.make("setup"))
    lock.write_text(right)
    elsewhere = project.root.parent / "elsewhere"  # as the modules of some clusters set it
    first = project.make("setup", PIP_TARGET=str(elsewhere), PIP_PREFIX=str(elsewhere))
    assert first.returncode == 0, first.stderr
    assert not elsewhere.exists()
    assert "installing 3 packages" in first.stdout
    log = (project.root / ".cache/setup.log").read_text()
    assert "'--only-binary', ':all:', '--compile-bytecode', 'requirements.lock'" in log
    assert "'pip', 'setuptools'" in log
    made = project.made()
    assert project.make("setup").stdout == ""
    lock.write_text(lock.read_text().replace("six==1.17.0", "six==1.16.0"))
    changed = project.make("setup")
    assert "installing 3 packages" in changed.stdout
    assert project.made() == made
    assert not list((project.root.parent / "home").glob(".c*"))


def test_tests_add_their_packages_and_a_run_leaves_them(project: Project) -> None:
    dev = project.root / "requirements-dev.lock"
    dev.write_text("attrs==1.0\npluggy==1.0\n")
    script = ["sh", "workflow/setup.sh"]

    def set_up(*groups: str) -> str:
        done = subprocess.run(
            [*script, *groups],
            cwd=project.root,
            env=project.environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "installing 3 packages" in set_up()
    assert "installing 5 packages" in set_up("dev")
    assert set_up() == set_up("dev") == ""
    dev.write_text("attrs==2.0\n")
    assert set_up() == ""
    assert "installing 4 packages" in set_up("dev")
    lock = project.root / "requirements.lock"
    lock.write_text(lock.read_text().replace("six==1.17.0", "six==1.16.0"))
    assert "installing 3 packages" in set_up()
    assert "installing 4 packages" in set_up("dev")


def test_set_up_goes_on_after_a_failure_where_it_stopped(project: Project) -> None:
    project.fake_uv("print('error sending request'); raise SystemExit(2)")
    assert "registry cannot be reached" in failure(project.make("setup"))
    made = project.made()
    project.fake_uv("")
    assert project.make("setup").returncode == 0
    assert project.made() == made


def test_a_half_changed_environment_is_not_taken_for_the_old_one(project: Project) -> None:
    project.fake_uv("import os, sys; sys.exit('FAIL' in os.environ)")
    assert project.make("setup").returncode == 0
    lock = project.root / "requirements.lock"
    old = lock.read_text()
    lock.write_text(old.replace("six==1.17.0", "six==1.16.0"))
    assert project.make("setup", FAIL="1").returncode == 2
    lock.write_text(old)
    assert "installing 3 packages" in project.make("setup").stdout


def test_a_folder_that_cannot_be_used(project: Project) -> None:
    (project.root / ".cache/setup.log").mkdir(parents=True)
    assert "cannot be written to" in project.make("setup").stderr
    project.root = project.root.rename(project.root.with_name("a:b"))
    assert "colon" in failure(project.make("setup"))


def test_a_broken_environment_is_made_again(project: Project) -> None:
    assert project.make("setup").returncode == 0
    for harm in ("interpreter gone", "folder moved", "half made"):
        made = project.made()
        if harm == "interpreter gone":
            python = project.root / ".venv/bin/python"
            python.unlink()
            python.symlink_to("/nonexistent/python3")
        elif harm == "folder moved":
            project.root = project.root.rename(project.root.with_name("another folder"))
        else:
            (project.root / ".venv/made").unlink()
        assert "making .venv" in project.make("setup", f"PYTHON={project.fakes}/python3").stdout
        assert project.made() != made, harm
        assert project.make("setup").stdout == "", harm


def test_ctrl_c_stops_set_up_and_the_next_call_goes_on(project: Project) -> None:
    started = project.root / "started"
    project.fake_uv(f"import time; open({str(started)!r}, 'w'); time.sleep(60)")
    printed = processes.interrupted(["make", "setup"], project.root, project.environment(), started)
    assert "Set-up stopped; run the same command again" in printed
    project.fake_uv("")
    assert "Set-up: done" in project.make("setup").stdout


def test_no_suitable_python(project: Project) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        project.fake(name, 'test "$1" = --version && echo Python 3.9.2')
    sentence = failure(project.make("setup"))
    assert "Python 3.11, 3.12 or 3.13 is needed" in sentence
    assert "Python 3.9.2" in sentence
    assert "PYTHON=/" in sentence


def test_the_next_python_is_tried_and_the_named_one_is_checked(project: Project) -> None:
    for name in ("python3.12", "python3.13"):
        shutil.copy(project.fakes / "python3", project.fakes / name)
    project.fake("python3", "exit 1")
    assert failure(project.make("setup", "PYTHON=python3")).startswith(
        "Set-up stopped: PYTHON=python3 is not"
    )
    assert project.make("setup").returncode == 0


def test_no_venv_package(project: Project) -> None:
    project.fake(
        "python3",
        'test "$1" != -m || { echo "because ensurepip is not\navailable"; exit 1; }\n'
        f'exec "{sys.executable}" "$@"',
    )
    sentence = failure(project.make("setup"))
    assert "python3-venv" in sentence
    assert ".cache/setup.log" in sentence


def test_hash_mismatch_told_by_uv(project: Project) -> None:
    project.fake_uv("print('error: Hash mismatch for `six`'); raise SystemExit(1)")
    assert "not the one requirements.lock names" in failure(project.make("setup"))


@pytest.mark.parametrize("told", [True, False])
def test_full_disk(project: Project, told: bool) -> None:
    """A full disk can keep even the message out of the log: then df tells."""
    if told:
        project.fake_uv("print('No space left on device (os error 28)'); raise SystemExit(2)")
    else:
        project.fake_uv("raise SystemExit(2)")
        project.fake("df", "echo header; echo '/dev/my disk 100000 99990 10 100% /a b'")
    assert "the disk is full" in failure(project.make("setup"))


def test_an_unknown_failure_names_the_step_and_the_log(project: Project) -> None:
    project.fake_uv("print('odd'); raise SystemExit(2)")
    sentence = failure(project.make("setup"))
    assert "installing 3 packages" in sentence
    assert ".cache/setup.log" in sentence
    assert "odd" in (project.root / ".cache/setup.log").read_text()


def test_a_missing_lock_and_a_lock_without_uv(project: Project) -> None:
    lock = project.root / "requirements.lock"
    lock.write_text("six==1.17.0\n")
    assert "no entry for uv" in failure(project.make("setup"))
    lock.unlink()
    assert "requirements.lock is missing" in failure(project.make("setup"))


def test_a_missing_study_file_is_named(project: Project) -> None:
    result = project.make("run", "CONFIG=no such.yaml")
    assert "There is no study file no such.yaml" in result.stderr
    assert result.returncode == 2


def test_a_study_file_without_config_is_not_taken_for_the_default_study(project: Project) -> None:
    (project.root / "my_study.yaml").write_text("study: my_study\n")
    for words in (["run", "my_study.yaml"], ["my_study.yaml"], ["run", "no_such.yml"]):
        result = project.make(*words, "-o", "setup", "python=true")
        assert f"Did you mean: make run CONFIG={words[-1]}" in result.stderr
        assert result.returncode == 2


def test_a_dry_run_shows_no_summary_of_an_earlier_one(project: Project) -> None:
    (project.root / "my_study.yaml").write_text("study: my_study\n")
    words = ["-o", "setup", "run", "CONFIG=my_study.yaml", "python=stub"]
    assert "takedown.report.summary my_study.yaml" in project.make(*words).stdout
    for dry in ("-n", "--dry-run", "-n --quiet"):
        assert "takedown.report.summary" not in project.make(*words, f"ARGS={dry}").stdout


def test_results_in_a_bucket_are_not_summed_up_from_this_folder(project: Project) -> None:
    (project.root / "my_study.yaml").write_text("study: my_study\n")
    words = ["-o", "setup", "run", "CONFIG=my_study.yaml", "python=stub", "PROFILE=s3"]
    assert project.make(*words).stdout.endswith("\nThe results are in your bucket.\n")
    assert "bucket" not in project.make(*words, "ARGS=-n").stdout


@pytest.mark.parametrize(("settings", "goes_on"), [("", False), ("unavailable: leave_out\n", True)])
def test_a_cluster_is_not_asked_for_what_could_not_be_downloaded(
    project: Project, settings: str, goes_on: bool
) -> None:
    (project.root / "my_study.yaml").write_text(f"study: my_study\n{settings}")
    project.fake("stub", f'{STUB}\ncase "$*" in *fetch_archives) exit 1 ;; esac')
    result = project.make(
        "-o", "setup", "run", "CONFIG=my_study.yaml", "python=stub", "PROFILE=slurm"
    )
    assert (result.returncode == 0) == goes_on
    assert ("takedown.report.summary" in result.stdout) == goes_on


@pytest.mark.parametrize("settings", ["", "unavailable: leave_out\n"])
def test_a_study_that_leaves_out_goes_on_with_the_others_where_a_step_fails(
    project: Project, settings: str
) -> None:
    (project.root / "my_study.yaml").write_text(f"study: my_study\n{settings}")
    result = project.make("-o", "setup", "run", "CONFIG=my_study.yaml", "python=stub")
    runs = [line.rstrip() for line in result.stdout.splitlines() if " snakemake " in line]
    assert runs[-1].endswith("--configfile my_study.yaml" + " --keep-going" * bool(settings))


#: What consoles of editors, clusters and shells set, and what would stop a run or change it.
FROM_OUTSIDE = {
    "MPLBACKEND": "module://backend_interagg",
    "SNAKEMAKE_PROFILE": "slurm",
    "PIP_TARGET": "elsewhere",
    "PIP_PREFIX": "elsewhere",
    "PIP_ROOT": "elsewhere",
    "PYTHONHOME": "elsewhere",
    "PYTHONPATH": "elsewhere",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONINSPECT": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "XDG_CACHE_HOME": "elsewhere",
    "JUPYTER_CONFIG_DIR": "elsewhere",
    "MPLCONFIGDIR": "elsewhere",
}


def test_nothing_that_is_set_outside_reaches_a_step(project: Project) -> None:
    (project.root / "my_study.yaml").write_text("study: my_study\n")
    project.fake("stub", f'{STUB}\ncase "$*" in *snakemake*) env ;; esac')
    words = ["-o", "setup", "run", "CONFIG=my_study.yaml", "python=stub"]
    seen = project.make(*words, **FROM_OUTSIDE).stdout.splitlines()
    assert any(line.startswith("MPLCONFIGDIR=") for line in seen)
    assert not [line for line in seen if line in {f"{k}={v}" for k, v in FROM_OUTSIDE.items()}]


def test_clean_keeps_the_reference_and_the_environment(project: Project) -> None:
    kept = ["results/reference/a.csv", ".venv/made", "data/notes.txt", "data/raw/c.zip"]
    kept += ["results/calibration/my_study/estimators.csv"]
    lost = ["results/my study/b.csv", "logs/a.log", "data/clean/d.parquet", ".snakemake/x"]
    for name in [*kept, *lost]:
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for _ in range(2):
        assert project.make("clean").returncode == 0
    assert [name for name in [*kept, *lost] if (project.root / name).exists()] == kept


def test_help_names_every_target(project: Project) -> None:
    makefile = (project.root / "Makefile").read_text()
    phony = next(line for line in makefile.splitlines() if line.startswith(".PHONY:"))
    targets = set(phony.split()[1:]) - {"all"}
    shown = project.make("help").stdout.splitlines()
    assert {line.split()[1] for line in shown if line.startswith("make ")} >= targets
