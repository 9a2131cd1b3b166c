"""Stage notebooks: one notebook of the course, executed, and as a page."""

from pathlib import Path

import nbformat

from takedown.course.run import execute, page
from takedown.files import whole
from takedown.job import job

with job(snakemake):
    results = Path(snakemake.output.notebook).parents[1]
    executed = execute(Path(snakemake.input.notebook), results)
    with whole(Path(snakemake.output.notebook)) as part:
        nbformat.write(executed, part)
    text = page(executed, Path(snakemake.input.template[0]), snakemake.params.others)
    with whole(Path(snakemake.output.page)) as part:
        part.write_text(text, encoding="utf-8")
