"""Stage series: posts per local day, by language, topic and kind, and counted in other ways."""

from pathlib import Path

import polars as pl

from takedown.engine.job import job
from takedown.io.tables import POOLED, read_table, write_table
from takedown.series.daily import daily_from_posts, variants_of_posts
from takedown.study.topics import read_topics

with job(snakemake):
    posts = pl.scan_parquet(snakemake.input.tweets)
    languages = read_table(snakemake.input.languages)["language"]
    topics = read_topics(Path(snakemake.input.topics), snakemake.params.topics)
    daily = daily_from_posts(
        posts,
        topics=[topic.name for topic in topics],
        languages=[name for name in languages if name != POOLED],
        window=snakemake.params.window,
        keep_rare_topics=snakemake.params.topics is not None,
    )
    write_table(daily, snakemake.output.daily)
    write_table(variants_of_posts(posts, daily["date"].unique()), snakemake.output.variants)
