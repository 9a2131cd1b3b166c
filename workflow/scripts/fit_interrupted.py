"""Stage models: interrupted time series of one campaign."""

from takedown.job import job
from takedown.models.interrupted import interrupted
from takedown.series import read_model_inputs
from takedown.tables import write_table

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    terms, paths, notes = interrupted(
        series,
        events,
        side_days=snakemake.params.side_days,
        hac_days=snakemake.params.hac_days,
    )
    write_table(terms, snakemake.output.terms)
    write_table(paths, snakemake.output.paths)
    write_table(notes, snakemake.output.notes)
