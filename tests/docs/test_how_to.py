"""The guides for contributors, followed to the letter in a copy of the project."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import ROOT, Project, copy_finished

PAGE = "results/default/index.html"
#: One of the files of trials that `make calibrate` writes.
TRIALS = "results/calibration/default/trials/thailand_092020_2.0_0.csv"


def steps(guide: str) -> list[tuple[str, str]]:
    """Of each step of a guide, the file that it names first, and its code."""
    text = (ROOT / f"docs/how-to/{guide}.md").read_text(encoding="utf-8")
    parts = re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]
    found = []
    for part in parts:
        [code] = re.findall(r"^   ```\w+\n(.*?)^   ```", part, re.DOTALL | re.MULTILINE)
        [file] = re.findall(r"`((?:workflow|tests)/[\w/]+\.\w+)`", part)[:1]
        found.append((file, textwrap.dedent(code)))
    return found


def write(project: Project, file: str, code: str) -> None:
    target = project.root / file
    assert not target.exists(), f"{file}: the guide would overwrite it"
    target.write_text(code, encoding="utf-8")


def insert(project: Project, file: str, code: str, above: str, indent: int) -> None:
    """Put code into a file, above the line or lines given."""
    target = project.root / file
    text = target.read_text(encoding="utf-8")
    assert text.count(above) == 1, f"{file}: where {above!r} is"
    text = text.replace(above, textwrap.indent(code, " " * indent) + above)
    target.write_text(text, encoding="utf-8")


def check(project: Project, *command: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=project.root, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def extended(default_study: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with the figure and the model of the guides, the study run again."""
    project = copy_finished(default_study, tmp_path_factory.mktemp("guides") / "wörk folder")
    (module, function), (registry, entry), (test, code) = steps("add_a_figure")
    write(project, module, function)
    insert(project, registry, entry, '    Figure(\n        "accounts",\n', 4)
    write(project, test, code)
    (module, function), (registry, entry), (tables, contract), (test, code) = steps("add_a_model")
    write(project, module, function)
    insert(project, registry, entry, '    Model(\n        "negative_controls",\n', 4)
    insert(project, tables, contract, "models/interrupted.csv:\n", 0)
    write(project, test, code)
    # By these rules alone: the edited contracts would make all others run again.
    rules = ("fit_week_after", "draw_weekdays", "write_page", "try_estimators")
    project.complete("config/config.yaml", "--allowed-rules", *rules, "--", PAGE, TRIALS)
    return project


@pytest.mark.parametrize(("guide", "most"), [("add_a_figure", 3), ("add_a_model", 4)])
def test_what_a_guide_adds_passes_lint_types_and_its_own_test(
    extended: Project, guide: str, most: int
) -> None:
    files = [file for file, _ in steps(guide)]
    assert len(files) == len({*files}) <= most
    code = [file for file in files if file.endswith(".py")]
    check(extended, "ruff", "check", *code)
    check(extended, "ruff", "format", "--check", *code)
    check(extended, "mypy", *code[:-1])
    check(extended, "pytest", "-q", files[-1], "tests/workflow/test_rooms.py")


def test_the_figure_of_the_guide_is_on_the_page(extended: Project) -> None:
    page = (extended.root / PAGE).read_text(encoding="utf-8")
    for campaign, posts in (("thailand_092020", 21_385), ("china_hk_2019", 37_911)):
        stem = Path(extended.root, f"results/default/{campaign}/figures/weekdays")
        drawn = stem.with_suffix(".csv").read_text(encoding="utf-8")
        assert sum(int(line.split(",")[1]) for line in drawn.splitlines()[1:]) == posts
        words = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
        assert words["title"] == "Posts by weekday"
        assert f"n = {posts:,}" in words["caption"]
        assert f"{campaign}/figures/weekdays.pdf" in page


def test_the_model_of_the_guide_is_on_the_page_and_untried(extended: Project) -> None:
    page = (extended.root / PAGE).read_text(encoding="utf-8")
    for campaign in ("thailand_092020", "china_hk_2019"):
        table = Path(extended.root, f"results/default/{campaign}/models/week_after.csv")
        with table.open(encoding="utf-8", newline="") as handle:
            rows = {row["series"]: row for row in csv.DictReader(handle)}
        assert rows["all"]["calibrated"] == "untried"
        assert 0 < float(rows["all"]["p_value"]) <= 1
        assert f'href="{campaign}/models/week_after.csv"' in page


def test_the_model_of_the_guide_is_calibrated_with_the_others(extended: Project) -> None:
    with (extended.root / TRIALS).open(encoding="utf-8", newline="") as handle:
        names = {row["estimator"] for row in csv.DictReader(handle)}
    assert "week after" in names and len(names) > 30
