"""Stage figures: operations and events on one time axis."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import style, timeline
from takedown.io.tables import read_table
from takedown.series.modelled import wide

with job(snakemake), style.styled():
    disclosed = snakemake.params.disclosed
    daily = dict(zip(disclosed, map(read_table, snakemake.input.daily), strict=True))
    drawing = timeline.draw(
        {name: wide(table)["all"] for name, table in daily.items()},
        timeline.calendar(map(read_table, snakemake.input.events)),
        disclosed,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
