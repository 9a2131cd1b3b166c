"""Stage atlas: a sketch of the hashtags, retweeted accounts and links of one campaign."""

from pathlib import Path

from takedown.atlas.sketch import sketch
from takedown.engine.job import job
from takedown.io.files import whole

with job(snakemake):
    table = sketch(Path(snakemake.input.tweets), snakemake.params.min_accounts)
    with whole(Path(snakemake.output.sketch)) as part:
        table.to_csv(part, index=False, lineterminator="\n")
