"""Stage figures: calendars that should move nothing."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import negative_controls, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = negative_controls.draw(
        read_table(snakemake.input.controls),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
