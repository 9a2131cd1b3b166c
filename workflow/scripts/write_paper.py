"""Stage report: the study as an article."""

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from takedown.engine.job import job
from takedown.estimation.flags import TABLE
from takedown.estimation.settings import Settings, setting
from takedown.io.tables import read_table
from takedown.report.paper import paper, typeset
from takedown.report.results import modelled_of, read_campaign, read_overview

with job(snakemake):
    target, params = Path(snakemake.output.paper), snakemake.params
    campaigns = [
        read_campaign(target.parent / name, inputs=map(Path, snakemake.input), **settings)
        for name, settings in params.campaigns.items()
    ]
    use = Settings.of(params)
    tried = read_table(snakemake.input.calibration, TABLE)
    rows = [
        tried[tried["setting"] == setting(one.name, *modelled_of(one), use)].assign(
            campaign=one.name
        )
        for one in campaigns
        if one.quantities
    ]
    data = paper(
        params.title,
        campaigns,
        pd.concat(rows) if rows else tried.iloc[:0].assign(campaign=None),
        asdict(use) | {"draws": params.draws, "min_accounts": params.min_accounts},
        target.parent,
        read_table(snakemake.input.claims),
        *read_overview([Path(path) for path in snakemake.input.get("overview", [])]),
    )
    typeset(data, Path(snakemake.input.template), Path(snakemake.input.references), target)
