"""Stage notebooks: execute one notebook of the course, and render it as a page."""

from pathlib import Path

import nbformat

from takedown.engine.job import job
from takedown.io.files import whole
from takedown.notebooks.run import execute, page

with job(snakemake):
    results = Path(snakemake.output.notebook).parents[1]
    executed = execute(Path(snakemake.input.notebook), results)
    with whole(Path(snakemake.output.notebook)) as part:
        nbformat.write(executed, part)
    text = page(executed, Path(snakemake.input.template[0]), snakemake.params.others)
    with whole(Path(snakemake.output.page)) as part:
        part.write_text(text, encoding="utf-8")
