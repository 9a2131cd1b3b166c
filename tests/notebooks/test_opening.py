"""`make notebooks`: JupyterLab at notebook 1, on copies that the learner may change."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import requests
from conftest import Project, copy_project, without_make
from processes import stop
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

pytestmark = [
    pytest.mark.usefixtures("may_take_long"),
    pytest.mark.skipif(shutil.which("make") is None, reason="needs make"),
]
OPTIONS = "--no-browser --allow-root --ServerApp.ip=127.0.0.1 --ServerApp.port=0"
FIRST = "notebooks/mine/01_what_an_archive_is.ipynb"


def opened(project: Project) -> tuple[subprocess.Popen[str], str, str]:
    """The server that `make notebooks` starts, its address, and its token."""
    process = subprocess.Popen(
        ["make", "-o", "setup", "notebooks", f"ARGS={OPTIONS}"],
        cwd=project.root,
        env=without_make(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    printed = []
    for line in process.stdout:
        printed.append(line)
        if found := re.search(rf"(http://127[\d.]+:\d+/)lab/tree/{FIRST}\?token=(\w+)", line):
            return process, found[1], found[2]
    raise AssertionError("".join(printed))


def test_make_notebooks_opens_a_copy_of_notebook_one_and_keeps_what_was_changed(tmp_path):
    project = copy_project(tmp_path / "a wörk folder")
    process, address, token = opened(project)
    try:
        asking = requests.Session()
        asking.headers["Authorization"] = f"token {token}"
        # It tells its address shortly before it listens.
        asking.mount("http://", HTTPAdapter(max_retries=Retry(connect=8, backoff_factor=0.1)))
        assert asking.get(f"{address}lab/tree/{FIRST}", timeout=60).status_code == 200
        contents = asking.get(f"{address}api/contents/{FIRST}", timeout=60).json()
        assert contents["type"] == "notebook"
        assert (
            "python3" in asking.get(f"{address}api/kernelspecs", timeout=60).json()["kernelspecs"]
        )
    finally:
        stop(process)
    own = project.root / FIRST
    own.write_text("changed", encoding="utf-8")
    (project.root / "notebooks/mine/start.py").unlink()
    process, *_ = opened(project)
    stop(process)
    assert own.read_text(encoding="utf-8") == "changed"
    assert (project.root / "notebooks/mine/start.py").exists()


def test_a_copy_finds_the_project(tmp_path):
    project = copy_project(tmp_path / "copied")
    mine = project.root / "notebooks/mine"
    mine.mkdir()
    shutil.copy2(project.root / "notebooks/start.py", mine)
    words = "import sys; sys.path.insert(0, 'notebooks/mine'); import start; print(start.ROOT)"
    code, output = project.python("-c", words, package=False)
    assert code == 0, output
    assert output.strip() == str(project.root.resolve())
