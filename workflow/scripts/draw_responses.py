"""Stage figures: the response to the news, campaign by campaign, and their mean."""

from pathlib import Path

from takedown.figures import responses, style
from takedown.job import job
from takedown.tables import read_table

with job(snakemake), style.styled():
    tables = (read_table(snakemake.input[name]) for name in ("responses", "combined"))
    style.save(responses.draw(*tables), Path(snakemake.output.csv).with_suffix(""))
