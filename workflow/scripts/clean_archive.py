"""Stage clean: typed rows of one campaign, and the accounting of every row."""

from pathlib import Path

from takedown.clean.archive import clean_archive
from takedown.engine.job import job
from takedown.io.tables import write_table
from takedown.study.topics import read_topics

with job(snakemake):
    accounting = clean_archive(
        receipt=Path(snakemake.input.receipt),
        topics=read_topics(Path(snakemake.input.topics), snakemake.params.topics),
        timezone=snakemake.params.timezone,
        tweets=Path(snakemake.output.tweets),
        accounts=Path(snakemake.output.accounts),
        quarantine=Path(snakemake.output.quarantine),
    )
    write_table(accounting, snakemake.output.accounting)
