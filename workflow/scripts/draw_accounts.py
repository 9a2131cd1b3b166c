"""Stage figures: creation of accounts."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import accounts, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = accounts.draw(
        read_table(snakemake.input.account_months),
        read_table(snakemake.input.bursts),
        read_table(snakemake.input.dormancy),
        read_table(snakemake.input.lorenz),
        read_table(snakemake.input.accounts),
        campaign=snakemake.wildcards.campaign,
        source=snakemake.params.source,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
