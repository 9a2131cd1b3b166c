"""Stage figures: posting and the news."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import lead_lag, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = lead_lag.draw(
        read_table(snakemake.input.lead_lag),
        read_table(snakemake.input.paths),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
