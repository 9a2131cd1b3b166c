"""Stage series: posts per local day of a campaign known by its counts."""

from takedown.describe import read_counts
from takedown.job import job
from takedown.series.daily import daily_from_counts
from takedown.tables import write_table

with job(snakemake):
    counts = read_counts(snakemake.input.counts, snakemake.params.timezone)
    write_table(daily_from_counts(counts, snakemake.params.window), snakemake.output.daily)
