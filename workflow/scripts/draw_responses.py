"""Stage figures: the response to the news, campaign by campaign, and their mean."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import responses, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = responses.draw(
        read_table(snakemake.input.responses),
        read_table(snakemake.input.combined),
        snakemake.params.campaigns,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
