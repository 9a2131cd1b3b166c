"""Stage models: change points of one campaign."""

from takedown.engine.job import generator, job
from takedown.estimation.flags import Calibration
from takedown.estimation.settings import Settings
from takedown.io.tables import write_table
from takedown.models.change_points import change_points, matches
from takedown.series.modelled import read_model_inputs

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    use, campaign = Settings.of(snakemake.params), snakemake.wildcards.campaign
    trust = Calibration.read(snakemake.input.calibration, campaign, series["all"], events, use)
    table, notes = change_points(
        series,
        events,
        bootstrap=snakemake.params.bootstrap,
        generator=lambda name: generator(snakemake.params.seed, campaign, f"change_points {name}"),
    )
    write_table(trust.of_changes(table), snakemake.output.change_points)
    days = series["all"].index
    write_table(matches(table, events, days), snakemake.output.matches)
    write_table(notes, snakemake.output.notes)
