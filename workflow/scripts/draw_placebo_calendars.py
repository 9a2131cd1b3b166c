"""Stage models: placebo calendars of one campaign."""

from takedown.job import generator, job
from takedown.models.placebo import placebo
from takedown.series import read_model_inputs
from takedown.tables import write_table

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    rng = generator(snakemake.params.seed, snakemake.wildcards.campaign, "placebo")
    table, notes = placebo(
        series,
        events,
        draws=snakemake.params.draws,
        trend_days=snakemake.params.trend_days,
        rng=rng,
    )
    write_table(table, snakemake.output.placebo)
    write_table(notes, snakemake.output.notes)
