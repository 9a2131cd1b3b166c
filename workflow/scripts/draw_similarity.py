"""Stage figures: what campaigns have in common."""

from pathlib import Path

from takedown.figures import similarity, style
from takedown.job import job
from takedown.tables import read_table

with job(snakemake), style.styled():
    drawing = similarity.draw(read_table(snakemake.input.similarity))
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
