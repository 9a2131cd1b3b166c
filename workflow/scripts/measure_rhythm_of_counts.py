"""Stage models: the rhythm, day by day, of a campaign of which only counts are known."""

import polars as pl

from takedown.describe.aggregates import read_counts
from takedown.engine.job import generator, job
from takedown.io.tables import read_table, write_table
from takedown.models.rhythm import rhythm
from takedown.series.hours import hours_of_week
from takedown.series.modelled import wide

with job(snakemake):
    days = wide(read_table(snakemake.input.daily)).index
    inside = pl.col("local_day").is_between(days[0].date(), days[-1].date())
    counts = read_counts(snakemake.input.counts, snakemake.params.timezone).filter(inside)
    day, posts = pl.col("local_day"), pl.col("posts")
    table, clock, notes = rhythm(
        hours_of_week(counts, day, pl.col("local_time"), posts),
        hours_of_week(counts, day, pl.col("time"), posts),
        days,
        resampled="days",
        bootstrap=snakemake.params.bootstrap,
        rng=generator(snakemake.params.seed, snakemake.wildcards.campaign, "rhythm"),
    )
    write_table(table, snakemake.output.rhythm)
    write_table(clock, snakemake.output.clock)
    write_table(notes, snakemake.output.notes)
