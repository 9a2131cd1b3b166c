"""Stage describe: hashtags of a campaign from their totals."""

from takedown import describe
from takedown.job import job
from takedown.tables import write_table

with job(snakemake):
    table = describe.hashtag_totals(snakemake.input.totals, snakemake.params.min_uses)
    write_table(table, snakemake.output.hashtags)
