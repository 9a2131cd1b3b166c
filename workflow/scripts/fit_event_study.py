"""Stage models: event study of one campaign."""

from takedown.job import job
from takedown.models.event_study import event_study
from takedown.series import read_model_inputs
from takedown.tables import write_table

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    path, effects, notes = event_study(
        series,
        events,
        lead_days=snakemake.params.lead_days,
        lag_days=snakemake.params.lag_days,
        trend_days=snakemake.params.trend_days,
        hac_days=snakemake.params.hac_days,
    )
    write_table(path, snakemake.output.path)
    write_table(effects, snakemake.output.effects)
    write_table(notes, snakemake.output.notes)
