"""Stage models: the accounts of one campaign, their creation and their activity."""

import polars as pl

from takedown.archives.groups import of_campaign
from takedown.engine.job import generator, job
from takedown.io.tables import write_table
from takedown.models.accounts import COLUMNS_IN, accounts, languages_used

with job(snakemake):
    posts = of_campaign(pl.scan_parquet(snakemake.input.tweets))
    table = of_campaign(pl.scan_parquet(snakemake.input.accounts))
    joined = table.join(languages_used(posts), on="userid", how="left")
    found, bursts, lorenz, dormancy, notes = accounts(
        joined.select(COLUMNS_IN).collect().to_pandas(),
        min_accounts=snakemake.params.min_accounts,
        bootstrap=snakemake.params.bootstrap,
        rng=generator(snakemake.params.seed, snakemake.wildcards.campaign, "accounts"),
    )
    write_table(found, snakemake.output.accounts)
    write_table(bursts, snakemake.output.bursts)
    write_table(lorenz, snakemake.output.lorenz)
    write_table(dormancy, snakemake.output.dormancy)
    write_table(notes, snakemake.output.notes)
