"""Stage figures: the most frequent hashtags or clients."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import names, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = names.draw(
        read_table(snakemake.input.table),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
        what=snakemake.params.what,
        unit=snakemake.params.unit,
        least=snakemake.params.min_accounts,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
