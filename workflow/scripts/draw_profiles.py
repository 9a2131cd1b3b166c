"""Stage figures: the campaigns in the same quantities."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import profiles, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = profiles.draw(read_table(snakemake.input.profiles))
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
