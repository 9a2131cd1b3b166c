"""Stage series: posts per local day, for a campaign of which only counts are known."""

from takedown.describe.aggregates import read_counts
from takedown.engine.job import job
from takedown.io.tables import write_table
from takedown.series.daily import daily_from_counts, variants_of_counts

with job(snakemake):
    counts = read_counts(snakemake.input.counts, snakemake.params.timezone)
    daily = daily_from_counts(counts, snakemake.params.window)
    write_table(daily, snakemake.output.daily)
    write_table(variants_of_counts(counts, daily["date"].unique()), snakemake.output.variants)
