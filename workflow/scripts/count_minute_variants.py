"""Stage series: the same of a campaign known by its counts."""

from takedown.describe import read_counts
from takedown.job import job
from takedown.series.daily import variants_of_counts
from takedown.series.modelled import wide
from takedown.tables import read_table, write_table

with job(snakemake):
    days = wide(read_table(snakemake.input.daily)).index.strftime("%Y-%m-%d")
    counts = read_counts(snakemake.input.counts, snakemake.params.timezone)
    write_table(variants_of_counts(counts, days), snakemake.output.variants)
