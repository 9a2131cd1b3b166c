"""Stage atlas: a sketch of what one campaign tags, retweets and links to."""

from pathlib import Path

from takedown.atlas.sketch import sketch
from takedown.files import whole
from takedown.job import job

with job(snakemake):
    table = sketch(Path(snakemake.input.tweets), snakemake.params.min_accounts)
    with whole(Path(snakemake.output.sketch)) as part:
        table.to_csv(part, index=False, lineterminator="\n")
