"""Stage fetch: the files of one campaign, and their receipt."""

from pathlib import Path

from takedown.fetch import fetch_archive, read_checksums
from takedown.job import job

with job(snakemake):
    receipt = Path(snakemake.output.receipt)
    fetch_archive(
        sources={"tweets": snakemake.params.tweets, "users": snakemake.params.users},
        folder=receipt.parent,
        receipt=receipt,
        known=read_checksums(Path(snakemake.input.checksums)),
    )
