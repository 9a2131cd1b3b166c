"""Stage figures: posting around news events."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import event_study, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = event_study.draw(
        read_table(snakemake.input.path),
        read_table(snakemake.input.bands),
        read_table(snakemake.input.effects),
        read_table(snakemake.input.events),
        read_table(snakemake.input.notes),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
