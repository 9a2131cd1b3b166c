"""Stage models: when a campaign's accounts were created, if only an account table is known."""

from takedown.describe.aggregates import read_accounts
from takedown.engine.job import generator, job
from takedown.io.tables import write_table
from takedown.models.accounts import accounts

with job(snakemake):
    table = read_accounts(snakemake.input.accounts).select("account_creation_date")
    found, bursts, lorenz, dormancy, notes = accounts(
        table.collect().to_pandas(),
        min_accounts=snakemake.params.min_accounts,
        bootstrap=snakemake.params.bootstrap,
        rng=generator(snakemake.params.seed, snakemake.wildcards.campaign, "accounts"),
    )
    write_table(found, snakemake.output.accounts)
    write_table(bursts, snakemake.output.bursts)
    write_table(lorenz, snakemake.output.lorenz)
    write_table(dormancy, snakemake.output.dormancy)
    write_table(notes, snakemake.output.notes)
