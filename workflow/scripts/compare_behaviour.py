"""Stage atlas: what each pair of campaigns has in common."""

import pandas as pd

from takedown.atlas.sketch import similarity
from takedown.engine.job import job
from takedown.io.tables import write_table

with job(snakemake):
    pairs = zip(snakemake.params.campaigns, snakemake.input.sketches, strict=True)
    table = similarity({name: pd.read_csv(path, dtype=str) for name, path in pairs})
    write_table(table, snakemake.output.similarity)
