"""Stage figures: posts by hour and weekday."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import rhythm, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = rhythm.draw(
        read_table(snakemake.input.hour_weekday),
        read_table(snakemake.input.clock),
        read_table(snakemake.input.rhythm),
        campaign=snakemake.wildcards.campaign,
        timezone=snakemake.params.timezone,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
