"""Stage atlas: describe every campaign of the study by the same few quantities."""

import pandas as pd

from takedown.atlas.profile import profile
from takedown.engine.job import job
from takedown.io.tables import read_table, write_table

with job(snakemake):
    given, params = snakemake.input, snakemake.params
    tables = {name: {} for name in params.campaigns}
    for name, campaigns, files in (
        ("describe/summary.csv", params.campaigns, given.summary),
        ("models/rhythm.csv", params.campaigns, given.rhythm),
        ("models/event_effects.csv", params.campaigns, given.effects),
        ("models/accounts.csv", params.with_posts, given.accounts),
        ("models/accounts.csv", params.with_accounts, given.account_tables),
    ):
        for campaign, file in zip(campaigns, files, strict=True):
            tables[campaign][name] = read_table(file)
    profiles = [profile(campaign, own) for campaign, own in tables.items()]
    write_table(pd.concat(profiles, ignore_index=True), snakemake.output.profiles)
