"""Stage figures: posting around each event."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import event_paths, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = event_paths.draw(
        read_table(snakemake.input.path),
        read_table(snakemake.input.bands),
        read_table(snakemake.input.events),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
