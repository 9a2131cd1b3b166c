"""Stage figures: what campaigns have in common."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import similarity, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    table = read_table(snakemake.input.similarity)
    drawing = similarity.draw(table, snakemake.params.campaigns)
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
