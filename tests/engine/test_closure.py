"""The import closure of a script is what Python itself loads for it, no more and no less."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from takedown.engine.closure import READ_BY, import_closure

WORKFLOW = Path(__file__).parents[2] / "workflow"
SCRIPTS = sorted((WORKFLOW / "scripts").glob("*.py"))
# Runs the import statements of every script, each in a process of its own forked from this one.
LOADED = """
import ast, json, os, sys
root = sys.argv[1]
for script in sys.argv[2:]:
    reader, writer = os.pipe()
    if os.fork() == 0:
        tree = ast.parse(open(script, encoding="utf-8").read())
        tree.body = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        exec(compile(tree, script, "exec"), {})
        found = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "takedown"]
        os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    print(json.dumps([script, json.loads(os.fdopen(reader, "rb").read())]))
"""


@pytest.fixture(scope="module")
def loaded(may_take_long: None) -> dict[str, list[str]]:
    if not hasattr(__import__("os"), "fork"):
        pytest.skip("needs fork")
    # What the scripts share is imported once, before the forks.
    heavy = "import pandas, polars, pyarrow.parquet, matplotlib.pyplot, pandera.pandas, isal\n"
    heavy += "import scipy.stats, jinja2, jsonschema, yaml, requests, tqdm\n"
    command = [sys.executable, "-c", heavy + LOADED, str(WORKFLOW), *map(str, SCRIPTS)]
    lines = subprocess.run(
        command, env={"PYTHONPATH": str(WORKFLOW)}, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    return {Path(script).name: files for script, files in map(json.loads, lines)}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_closure_of_a_script(loaded: dict[str, list[str]], script: Path) -> None:
    files = {Path(file).relative_to(WORKFLOW.parent).as_posix() for file in loaded[script.name]}
    for module, read in READ_BY.items():
        if f"workflow/{module.replace('.', '/')}.py" in files:
            files.add(f"workflow/{read}")
    assert import_closure(script, WORKFLOW) == sorted(files)
    assert "workflow/takedown/engine/job.py" in files


def test_every_script_that_writes_tables_depends_on_their_contracts() -> None:
    for script in SCRIPTS:
        if "write_table" in script.read_text() or "read_table" in script.read_text():
            assert "workflow/schemas/tables.yaml" in import_closure(script, WORKFLOW)


def test_drawing_and_cleaning_do_not_depend_on_each_other() -> None:
    clean = import_closure(WORKFLOW / "scripts/clean_archive.py", WORKFLOW)
    draw = import_closure(
        WORKFLOW / "scripts/draw_figure.py", WORKFLOW, ("takedown.figures.volume",)
    )
    assert not [file for file in clean if "/figures/" in file or "/models/" in file]
    assert not [file for file in draw if "/clean/" in file]
