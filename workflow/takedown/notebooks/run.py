"""Execute a notebook as a step of the study: the same input gives the same bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from markupsafe import Markup
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from takedown.errors import InputError
from takedown.io.templates import fill
from takedown.notebooks import RESULTS, STATIC

SECONDS_A_CELL = 300
#: Kernels run in parallel, so each uses a single thread; a fixed hash seed keeps order stable.
ALONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ALONE |= {"PYTHONHASHSEED": "0"}
#: Fixes for a notebook's HTML: links lead to pages, scrollable elements can be reached by keyboard,
#: and the corner of a table is not a column header.
REPAIRS = {
    '.ipynb"': '.html"',
    "<pre>": '<pre tabindex="0">',
    '<div class="output_area">': '<div class="output_area" tabindex="0">',
    "<th></th>": "<td></td>",
}


def execute(path: Path, results: Path) -> nbformat.NotebookNode:
    """The notebook at ``path``, executed top to bottom on the tables under ``results``.

    Raises :class:`InputError` naming the cell that failed and why.
    """
    notebook = nbformat.read(path, as_version=4)
    with kernel_settings(**{RESULTS: str(results.resolve()), STATIC: "1"}) as address:
        client = NotebookClient(
            notebook,
            timeout=SECONDS_A_CELL,
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
        )
        client.create_kernel_manager().update_config(Config(KernelManager=address))
        try:
            client.execute(stdout=sys.stderr, stderr=sys.stderr)
        except CellExecutionError as error:
            failed = [cell for cell in notebook.cells if cell.get("execution_count")][-1]
            raise InputError(
                f"{path}: code cell {failed.execution_count} failed, {error.ename}: "
                f"{error.evalue}\nThe cell begins: {failed.source.strip().splitlines()[0]}"
            ) from error
    return normalised(notebook)


@contextmanager
def kernel_settings(**words: str) -> Iterator[dict[str, str]]:
    """Environment variables for the kernel, and temporary folders that are deleted afterwards.

    Yields how to connect to it: through files where the system supports that, because kernels that
    run in parallel might pick the same port.
    """
    before = dict(os.environ)
    with TemporaryDirectory() as scratch:
        folders = dict.fromkeys(("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"), scratch)
        os.environ.update(folders | ALONE | words)
        try:
            if sys.platform == "win32":
                yield {}
            else:
                yield {"transport": "ipc", "ip": f"{scratch}/kernel"}
        finally:
            os.environ.clear()
            os.environ.update(before)


def normalised(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """``notebook`` without what differs between runs: the kernel's version and timings."""
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def stripped(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """``notebook`` as it is committed: without outputs and execution counts."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return normalised(notebook)


def title(notebook: nbformat.NotebookNode) -> str:
    """The heading of a notebook: the first line of its first cell."""
    return notebook.cells[0].source.split("\n")[0].lstrip("# ")


def page(notebook: nbformat.NotebookNode, template: Path, others: list[str]) -> str:
    """An executed notebook as one HTML page that makes no network requests.

    ``others`` are the names of all notebooks, for navigation between them.
    """
    exporter = HTMLExporter(template_name="basic")
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    body, _ = exporter.from_notebook_node(notebook)
    for plain, better in REPAIRS.items():
        body = body.replace(plain, better)
    return fill(template, {}, title=title(notebook), body=Markup(body), others=others)
