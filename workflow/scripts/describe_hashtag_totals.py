"""Stage describe: the hashtags of a campaign of which only their totals are known."""

from takedown.describe.aggregates import hashtag_totals
from takedown.engine.job import job
from takedown.io.tables import write_table

with job(snakemake):
    table = hashtag_totals(snakemake.input.totals, snakemake.params.min_uses)
    write_table(table, snakemake.output.hashtags)
