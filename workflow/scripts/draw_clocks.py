"""Stage figures: the hours of posting of all campaigns."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import clocks, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    zones = snakemake.params.zones
    hours = dict(zip(zones, map(read_table, snakemake.input.hours), strict=True))
    style.save(clocks.draw(hours, zones), Path(snakemake.output.csv).with_suffix(""))
