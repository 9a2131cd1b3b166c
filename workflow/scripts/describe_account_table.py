"""Stage describe: account creation from an account table."""

from takedown import describe
from takedown.job import job
from takedown.tables import write_table

with job(snakemake):
    accounts = describe.read_accounts(snakemake.input.accounts)
    table = describe.account_months(
        accounts, snakemake.params.timezone, snakemake.params.min_accounts
    )
    write_table(table, snakemake.output.account_months)
