"""Stage models: the rhythm of one campaign, account by account."""

import polars as pl

from takedown.archives.groups import of_campaign
from takedown.engine.job import generator, job
from takedown.io.tables import read_table, write_table
from takedown.models.rhythm import rhythm
from takedown.series.hours import hours_of_week
from takedown.series.modelled import wide

with job(snakemake):
    days = wide(read_table(snakemake.input.daily)).index
    inside = pl.col("local_day").is_between(days[0].date(), days[-1].date())
    posts = of_campaign(pl.scan_parquet(snakemake.input.tweets)).filter(inside)
    one = pl.lit(1, pl.Int64)
    table, clock, notes = rhythm(
        hours_of_week(posts, pl.col("userid"), pl.col("local_time"), one),
        hours_of_week(posts, pl.col("userid"), pl.col("tweet_time"), one),
        days,
        resampled="accounts",
        bootstrap=snakemake.params.bootstrap,
        rng=generator(snakemake.params.seed, snakemake.wildcards.campaign, "rhythm"),
    )
    write_table(table, snakemake.output.rhythm)
    write_table(clock, snakemake.output.clock)
    write_table(notes, snakemake.output.notes)
