"""Stage clean: the validity checks of one campaign."""

import polars as pl

from takedown.clean.checks import check_archive
from takedown.engine.job import job
from takedown.io.tables import write_table

with job(snakemake):
    checks = check_archive(
        pl.scan_parquet(snakemake.input.tweets),
        pl.read_parquet(snakemake.input.accounts),
        campaign=snakemake.wildcards.campaign,
        window=snakemake.params.window,
        published=dict(snakemake.params.published),
    )
    write_table(checks, snakemake.output.checks)
