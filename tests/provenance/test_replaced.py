"""What rests on a file that an older one has replaced is made again; nothing else is."""

from __future__ import annotations

import json
import os
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from takedown.provenance import replaced

POSTS, CLEAN, SERIES = (
    "given/posts.csv",
    "data/clean/one/tweets.parquet",
    "results/mine/one/daily.csv",
)
NEWS, PLACED = "given/events.csv", "results/mine/one/events.csv"
MADE = {CLEAN: [POSTS], SERIES: [CLEAN], PLACED: [SERIES, NEWS]}
OLD, BEGAN, ENDED = 1e9, time.time() - 100, time.time() - 50


def write(path: str, text: str, modified: float) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
    os.utime(path, (modified, modified))


def record(path: str, inputs: list[str], began: float) -> None:
    """Snakemake's note of how it made ``path``."""
    name = urlsafe_b64encode(path.encode()).decode()
    found = {"rule": "make", "input": inputs, "code": None, "log": [], "starttime": began,
             "endtime": began + 10}  # fmt: skip
    write(f".snakemake/metadata/{name}", json.dumps(found), ENDED)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study whose steps began after its files came here, as far as the records say."""
    monkeypatch.chdir(tmp_path)
    write("study.yaml", "study: mine\ncampaigns:\n  one:\n", OLD)
    write("workflow/rules/all.smk", "rule make:\n", OLD)
    write("Snakefile", "", OLD)
    write("workflow/rules/common.smk", "", OLD)
    for path in (POSTS, NEWS):
        write(path, path, OLD)
    given = {path: {"sha256": sha256(path.encode()).hexdigest()} for path in (POSTS, NEWS)}
    after = time.time() + 0.01
    for path, inputs in MADE.items():
        write(path, "made", ENDED)
        record(path, inputs, after)
    write("results/mine/manifest.json", json.dumps({"given": {}}), ENDED)
    write("noted.json", json.dumps({"given": given}), ENDED)
    time.sleep(0.05)


def whole_run() -> None:
    """As a whole run leaves it: the manifest names what was given."""
    Path("noted.json").rename("results/mine/manifest.json")


def words(capsys: pytest.CaptureFixture[str]) -> str:
    replaced.main("study.yaml")
    return capsys.readouterr().out.strip()


def test_nothing_is_made_again_where_nothing_was_replaced(capsys) -> None:
    assert words(capsys) == ""


@pytest.mark.parametrize("manifest", [True, False])
@pytest.mark.parametrize(("path", "stale"), [(POSTS, CLEAN), (NEWS, PLACED)])
def test_an_older_file_in_its_place_makes_what_read_it_stale(path, stale, manifest, capsys) -> None:
    if manifest:
        whole_run()
    write("new", "another file", OLD - 1000)
    Path("new").replace(path)
    assert words(capsys) == f"--forcerun {stale}"


def test_a_file_edited_in_place_whose_date_was_set_back_is_noticed(capsys) -> None:
    whole_run()
    write(POSTS, "given/p0sts.csv", OLD)
    assert words(capsys) == f"--forcerun {CLEAN}"


def test_the_same_bytes_from_elsewhere_are_no_other_file(capsys) -> None:
    whole_run()
    write("new", POSTS, OLD - 1000)
    Path("new").replace(POSTS)
    assert words(capsys) == ""


def test_a_newer_file_is_left_to_snakemake(capsys) -> None:
    whole_run()
    write(POSTS, "another file", time.time())
    assert words(capsys) == ""


def test_once_made_again_it_is_no_longer_stale(capsys) -> None:
    write(POSTS, "another file", OLD)
    assert words(capsys)
    time.sleep(0.02)
    record(CLEAN, [POSTS], time.time())
    assert words(capsys) == ""


def test_before_its_first_whole_run_a_study_goes_by_those_of_others(capsys) -> None:
    """A copy of the project changes when every file came here, and no file."""
    Path("results/mine/manifest.json").unlink()
    Path("results/other").mkdir()
    Path("noted.json").rename("results/other/manifest.json")
    write("new", POSTS, OLD - 1000)
    Path("new").replace(POSTS)
    assert words(capsys) == ""
    write(POSTS, "another file", OLD)
    assert words(capsys) == f"--forcerun {CLEAN}"
