"""Stage figures: the specification curve."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import specification, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = specification.draw(
        read_table(snakemake.input.curve),
        read_table(snakemake.input.test),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
