"""Stage describe: account creation from an account table."""

from takedown.describe.accounts import account_months
from takedown.describe.aggregates import read_accounts
from takedown.engine.job import job
from takedown.io.tables import write_table

with job(snakemake):
    accounts = read_accounts(snakemake.input.accounts)
    table = account_months(accounts, snakemake.params.timezone, snakemake.params.min_accounts)
    write_table(table, snakemake.output.account_months)
