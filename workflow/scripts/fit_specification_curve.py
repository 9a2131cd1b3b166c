"""Stage models: the specification curve of one campaign."""

import pandas as pd

from takedown.engine.job import job
from takedown.io.tables import read_table, write_table
from takedown.models.specification import specification_curve
from takedown.series.daily import VARIANT
from takedown.series.modelled import read_model_inputs

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    table = read_table(snakemake.input.variants)
    variants = {
        variant: rows.set_index(pd.DatetimeIndex(rows["date"]))["posts"].loc[series["all"].index]
        for variant, rows in table.groupby(VARIANT)
    }
    curve, test, notes = specification_curve(
        variants, events, trend_days=snakemake.params.trend_days
    )
    write_table(curve, snakemake.output.curve)
    write_table(test, snakemake.output.test)
    write_table(notes, snakemake.output.notes)
