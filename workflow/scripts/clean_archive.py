"""Stage clean: typed rows, the accounting and the checks of one campaign."""

from pathlib import Path

from takedown.clean import clean_archive
from takedown.job import job
from takedown.tables import write_table
from takedown.topics import read_topics

with job(snakemake):
    accounting, checks = clean_archive(
        receipt=Path(snakemake.input.receipt),
        topics=read_topics(Path(snakemake.input.topics), snakemake.params.topics),
        timezone=snakemake.params.timezone,
        window=snakemake.params.window,
        published=dict(snakemake.params.published),
        tweets=Path(snakemake.output.tweets),
        accounts=Path(snakemake.output.accounts),
        quarantine=Path(snakemake.output.quarantine),
    )
    write_table(accounting, snakemake.output.accounting)
    write_table(checks, snakemake.output.checks)
