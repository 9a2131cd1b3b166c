"""Stage models: change points of one campaign."""

from takedown.job import generator, job
from takedown.models.change_points import change_points
from takedown.series import read_model_inputs
from takedown.tables import write_table

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    seed, campaign = snakemake.params.seed, snakemake.wildcards.campaign
    table, notes = change_points(
        series,
        events,
        bootstrap=snakemake.params.bootstrap,
        generator=lambda name: generator(seed, campaign, f"change_points {name}"),
    )
    write_table(table, snakemake.output.change_points)
    write_table(notes, snakemake.output.notes)
