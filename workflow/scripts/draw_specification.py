"""Stage figures: the specification curve."""

from pathlib import Path

from takedown.figures import specification, style
from takedown.job import job
from takedown.tables import read_table

with job(snakemake), style.styled():
    drawing = specification.draw(
        read_table(snakemake.input.curve),
        read_table(snakemake.input.test),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
