"""Stage figures: what campaigns have in common."""

from pathlib import Path

from takedown.figures import similarity, style
from takedown.job import job
from takedown.tables import read_table

with job(snakemake), style.styled():
    table = read_table(snakemake.input.similarity)
    drawing = similarity.draw(table, snakemake.params.campaigns)
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
