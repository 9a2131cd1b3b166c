"""Stage figures: before and after each event."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import interrupted, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = interrupted.draw(
        read_table(snakemake.input.terms),
        read_table(snakemake.input.paths),
        read_table(snakemake.input.events),
        read_table(snakemake.input.notes),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
