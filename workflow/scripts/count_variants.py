"""Stage series: posts per day under each defensible way to count them."""

import polars as pl

from takedown.job import job
from takedown.series.daily import variants_of_posts
from takedown.series.modelled import wide
from takedown.tables import read_table, write_table

with job(snakemake):
    days = wide(read_table(snakemake.input.daily)).index.strftime("%Y-%m-%d")
    table = variants_of_posts(pl.scan_parquet(snakemake.input.tweets), days)
    write_table(table, snakemake.output.variants)
