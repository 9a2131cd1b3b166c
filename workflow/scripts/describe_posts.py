"""Stage describe: the tables of one campaign whose posts are available."""

from pathlib import Path

import polars as pl

from takedown.archives.groups import of_campaign
from takedown.clean.topics import folded
from takedown.describe.accounts import account_months
from takedown.describe.posts import by_name, hour_weekday, summary, topic_coverage
from takedown.engine.job import job
from takedown.io.tables import write_table
from takedown.study.topics import read_topics

with job(snakemake):
    all_posts = pl.scan_parquet(snakemake.input.tweets)
    all_accounts = pl.scan_parquet(snakemake.input.accounts)
    posts, accounts = of_campaign(all_posts), of_campaign(all_accounts)
    least, zone = snakemake.params.min_accounts, snakemake.params.timezone
    topics = read_topics(Path(snakemake.input.topics), snakemake.params.topics)
    tags = pl.col("hashtags").list.eval(folded(pl.element()))
    client = pl.col("tweet_client_name").fill_null("(none)")
    out = snakemake.output
    write_table(summary(all_posts, all_accounts), out.summary)
    write_table(by_name(posts, pl.col("language"), "language", least), out.languages)
    write_table(by_name(posts, client, "client", least), out.clients)
    write_table(by_name(posts, tags, "hashtag", least), out.hashtags)
    write_table(topic_coverage(posts, [topic.name for topic in topics]), out.topics)
    write_table(account_months(accounts, zone, least), out.account_months)
    hours = hour_weekday(pl.col("local_time"), pl.len(), posts)
    write_table(hours, out.hour_weekday)
