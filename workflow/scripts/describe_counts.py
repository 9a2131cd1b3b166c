"""Stage describe: a campaign of which only counts are known."""

import polars as pl

from takedown.describe.aggregates import languages_of_counts, read_counts, summary_of_counts
from takedown.describe.posts import hour_weekday
from takedown.engine.job import job
from takedown.io.tables import write_table

with job(snakemake):
    counts = read_counts(snakemake.input.counts, snakemake.params.timezone)
    write_table(summary_of_counts(counts), snakemake.output.summary)
    write_table(languages_of_counts(counts), snakemake.output.languages)
    hours = hour_weekday(pl.col("local_time"), pl.col("posts").sum(), counts)
    write_table(hours, snakemake.output.hour_weekday)
