"""Stage describe: a campaign of which only counts are known."""

import polars as pl

from takedown import describe
from takedown.job import job
from takedown.tables import write_table

with job(snakemake):
    counts = describe.read_counts(snakemake.input.counts, snakemake.params.timezone)
    write_table(describe.summary_of_counts(counts), snakemake.output.summary)
    write_table(describe.languages_of_counts(counts), snakemake.output.languages)
    hours = describe.hour_weekday(pl.col("local_time"), pl.col("posts").sum(), counts)
    write_table(hours, snakemake.output.hour_weekday)
