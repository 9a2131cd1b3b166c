"""Stage figures: operations and events on one time axis."""

from pathlib import Path

from takedown.figures import style, timeline
from takedown.job import job
from takedown.series.modelled import wide
from takedown.tables import read_table

with job(snakemake), style.styled():
    disclosed = snakemake.params.disclosed
    daily = dict(zip(disclosed, map(read_table, snakemake.input.daily), strict=True))
    drawing = timeline.draw(
        {name: wide(table)["all"] for name, table in daily.items()},
        timeline.calendar(map(read_table, snakemake.input.events)),
        disclosed,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
