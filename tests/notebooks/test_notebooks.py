"""The course: notebooks as committed, executed as steps of the study, by whoever opens them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import Project
from nbclient import NotebookClient
from scipy import stats

from takedown.engine.closure import files_read, notebook_closure
from takedown.errors import InputError
from takedown.io.tables import read_table
from takedown.notebooks import RESULTS
from takedown.notebooks.run import execute, page, stripped, title
from takedown.notebooks.solutions import exercise_cells

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
REFERENCE = ROOT / "results/reference"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NUMBERS = [f"{number:02d}" for number in range(1, 9)]
TEMPLATE = ROOT / "workflow/templates/notebook.html.j2"
named = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def words_of(path: Path) -> str:
    return "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def test_there_are_the_eight_notebooks_in_their_order():
    assert [path.name[:2] for path in NOTEBOOKS] == NUMBERS
    for path, number in zip(NOTEBOOKS, NUMBERS, strict=True):
        assert title(read(path)).startswith(f"{int(number)} ")


@named
def test_a_notebook_is_committed_without_outputs(path):
    notebook = read(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert notebook == stripped(read(path)), "its metadata hold what only one run had"
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@named
def test_a_notebook_tells_its_goals_its_time_and_where_to_go_on(path):
    words = words_of(path)
    first = words.split("## ")[0]
    minutes = re.search(r"About (\d+) minutes", first)
    assert minutes and 20 <= int(minutes[1]) <= 40
    assert "After it you can" in first and first.count("\n- ") >= 3
    assert "## What to take with you" in words
    following = {name: after.name for name, after in zip(NUMBERS, NOTEBOOKS[1:], strict=False)}
    if path.name[:2] in following:
        assert f"({following[path.name[:2]]})" in words
    assert len(exercise_cells(read(path))) >= 5


@named
def test_links_in_a_notebook_lead_to_notebooks(path):
    for target in re.findall(r"\]\(([^)]+)\)", words_of(path)):
        assert (FOLDER / target).exists(), target
    for named_page in re.findall(r"`(docs/[^`]+)`", words_of(path)):
        assert (ROOT / named_page).exists(), named_page


@named
def test_a_notebook_draws_with_the_functions_of_the_paper_and_explains_its_pictures(path):
    code = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    assert "savefig" not in code
    assert "plt.show" not in code


class Images(HTMLParser):
    """The images of a page, and what it would ask the network for."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[dict] = []
        self.asked: list[str] = []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "img":
            self.images.append(found)
        if tag in ("script", "link", "iframe") or found.get("src", "data:")[:5] != "data:":
            self.asked.append(f"{tag} {found}"[:200])


class TestTheExecutedCourse:
    """The executed copies among the results of the default study."""

    @pytest.fixture(scope="class")
    def results(self, default_study: Project) -> Path:
        return default_study.root / "results/default/notebooks"

    @named
    def test_every_cell_ran_without_error(self, path, results):
        notebook = read(results / path.name)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        kinds = [output.output_type for cell in code for output in cell.outputs]
        assert "error" not in kinds
        errors = [out for cell in code for out in cell.outputs if out.get("name") == "stderr"]
        assert not errors
        assert stripped(notebook) == read(path)

    @named
    def test_open_exercises_ask_for_an_answer_and_fail_nothing(self, path, results):
        cells = exercise_cells(read(results / path.name))
        for number, cell in cells.items():
            said = cell.outputs[-1].data["text/plain"]
            assert said.startswith(f"Exercise {number}, open: not answered yet.")

    @named
    def test_the_page_stands_alone_and_its_pictures_have_words(self, path, results):
        text = (results / f"{path.stem}.html").read_text(encoding="utf-8")
        parser = Images()
        parser.feed(text)
        assert not parser.asked
        if path.name[:2] != "01":
            assert parser.images
        for image in parser.images:
            assert len(image["alt"]) > 20 and "No description" not in image["alt"]
        assert f"<title>{title(read(path)).replace('&', '&amp;')}</title>" in text
        assert '.ipynb"' not in text
        assert len(text) < 1_500_000

    def test_slides_stand_as_pictures_where_nobody_can_move_them(self, results):
        texts = [(results / f"{path.stem}.html").read_text() for path in NOTEBOOKS]
        assert sum("hours from UTC: 7" in text for text in texts) == 1
        assert not any("widget" in text for text in texts)

    def test_the_page_of_the_study_leads_to_the_course(self, results):
        text = (results.parent / "index.html").read_text(encoding="utf-8")
        assert f'<a href="notebooks/{NOTEBOOKS[0].stem}.html">The course</a>' in text


@pytest.mark.usefixtures("may_take_long")
def test_a_notebook_needs_only_the_files_it_is_given(tmp_path):
    """Executed on a folder with just the tables that the rule declares."""
    path = NOTEBOOKS[0]
    for name in files_read(path)[0]:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / "results/reference" / name, target)
    first = execute(path, tmp_path)
    text = page(first, TEMPLATE, NUMBERS)
    again = execute(path, tmp_path)
    assert nbformat.writes(first) == nbformat.writes(again)
    assert page(again, TEMPLATE, NUMBERS) == text
    assert str(tmp_path) not in text and str(ROOT) not in text


@pytest.mark.usefixtures("may_take_long")
def test_a_notebook_that_fails_names_its_cell(tmp_path):
    notebook = nbformat.v4.new_notebook(metadata=read(NOTEBOOKS[0]).metadata)
    for source in ("1 + 1", "from start import table", 'table("no/such.csv")\nprint(1)'):
        notebook.cells.append(nbformat.v4.new_code_cell(source))
    (tmp_path / "start.py").symlink_to(FOLDER / "start.py")
    nbformat.write(notebook, tmp_path / "failing.ipynb")
    with pytest.raises(InputError, match=r"code cell 3 failed, InputError: There is no table"):
        execute(tmp_path / "failing.ipynb", tmp_path)


@named
def test_the_rule_knows_what_a_notebook_reads_and_imports(path):
    tables, given = files_read(path)
    for name in tables:
        assert (ROOT / "results/reference" / name).exists()
    for name in given:
        assert (ROOT / name).exists()
    code = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    assert len(re.findall(r"\btable\(", code)) <= len(re.findall(r'\btable\("', code)) + 1
    closure = notebook_closure(path, ROOT / "workflow")
    assert "notebooks/start.py" in closure
    assert f"workflow/takedown/notebooks/part_{int(path.name[:2])}.py" in closure
    if "figures import volume" in code:
        assert "workflow/takedown/figures/volume.py" in closure


@pytest.mark.usefixtures("may_take_long")
def test_a_slider_is_shown_where_somebody_can_move_it(tmp_path, monkeypatch):
    monkeypatch.setenv(RESULTS, str(ROOT / "results/reference"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = read(NOTEBOOKS[1])
    del notebook.cells[8:]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    slider = "explore(lambda value: print(value), 'hours', [1, 2], static=[2])"
    notebook.cells.append(nbformat.v4.new_code_cell(slider))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}}).execute()
    kinds = {key for out in notebook.cells[-1].outputs for key in out.get("data", {})}
    assert "application/vnd.jupyter.widget-view+json" in kinds
    assert code


@pytest.mark.usefixtures("may_take_long")
def test_the_notebooks_run_where_nobody_set_a_python_path(tmp_path):
    """As on Binder or in a conda environment: the committed results are read."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment.pop(RESULTS, None)
    words = (
        "from start import check, table; print(len(table('thailand_092020/series/daily.csv')));"
        "print(check('1.2', 21385))"
    )
    done = subprocess.run(
        [sys.executable, "-c", words],
        cwd=FOLDER,
        env=environment | {"MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Exercise 1.2, right" in done.stdout


def effect(method: str) -> str:
    table = read_table(REFERENCE / "thailand_092020/models/event_effects.csv")
    row = table.set_index(["series", "event", "method", "effect"]).loc[
        ("all", "pooled", method, "days_0_2")
    ]
    return f"{row['rate_ratio']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})"


def test_numbers_in_the_prose_are_those_of_the_results():
    """What the words of the notebooks say beside the outputs, in the order of the notebooks."""
    words = {path.name[:2]: words_of(path) for path in NOTEBOOKS}
    assert f"against moved calendars: {effect('negbin_shift')}" in words["03"]
    assert f"in the same way, it is {effect('log1p_shift')}" in words["03"]
    hong_kong = read_table(REFERENCE / "china_hk_2019/describe/summary.csv")
    posts = int(hong_kong.set_index("quantity")["value"]["posts"])
    assert f"Here are {posts:,} posts" in words["03"]
    daily = read_table(REFERENCE / "thailand_092020/series/daily.csv")
    everything = daily[daily["series"] == "all"].set_index("date")["posts"]
    assert everything["2020-02-07"] == everything["2020-02-08"] == 189
    assert "on 8 February itself there were 189 posts, as many as on the day before" in words["04"]
    lower, upper = stats.binom.interval(0.99, 60, 0.05)
    assert lower == 0
    assert f"between 0 and {upper / 60:.0%}".replace("%", " %") in words["06"]
    chart = pd.read_csv(ROOT / "resources/charts/hk2019_chart_languages.csv")
    share = chart.set_index("label")["value"]["en"] / chart["value"].sum()
    assert f"The chart says {share:.0%}".replace("%", " %") in words["07"]
    claims = read_table(REFERENCE / "claims.csv").set_index("id")
    published = claims.loc["th0920-tweets-press"]
    assert published["published"] == "21386" and published["computed"] == "21385"
    assert "21,386 posts. The archive has 21,385." in words["07"]
