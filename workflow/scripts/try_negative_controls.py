"""Stage models: calendars that should move nothing, put to one campaign."""

from takedown.engine.job import job
from takedown.io.tables import read_table, write_table
from takedown.models.negative_controls import negative_controls
from takedown.series.modelled import read_model_inputs
from takedown.series.news import read_events

with job(snakemake):
    series, _ = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    table, notes = negative_controls(
        series,
        read_table(snakemake.input.events),
        read_events(snakemake.input.foreign, ()),
        trend_days=snakemake.params.trend_days,
    )
    write_table(table, snakemake.output.controls)
    write_table(notes, snakemake.output.notes)
