"""Stage atlas: the campaigns of the study in the same few quantities."""

from pathlib import Path

import pandas as pd

from takedown.atlas.profile import profile
from takedown.engine.job import job
from takedown.io.tables import read_table, table_name, write_table

with job(snakemake):
    given = snakemake.input
    tables = {name: {} for name in snakemake.params.campaigns}
    for path in map(Path, [*given.tables, *given.accounts, *given.account_tables]):
        tables[path.parts[-3]][table_name(path)] = read_table(path)
    profiles = [profile(name, own) for name, own in tables.items()]
    write_table(pd.concat(profiles, ignore_index=True), snakemake.output.profiles)
