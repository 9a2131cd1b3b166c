"""Stage models: interrupted time series of one campaign."""

from takedown.engine.job import job
from takedown.estimation.flags import Calibration
from takedown.estimation.settings import Settings
from takedown.io.tables import write_table
from takedown.models.interrupted import interrupted
from takedown.series.modelled import read_model_inputs

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    use, campaign = Settings.of(snakemake.params), snakemake.wildcards.campaign
    trust = Calibration.read(snakemake.input.calibration, campaign, series["all"], events, use)
    terms, paths, notes = interrupted(
        series,
        events,
        side_days=use.interrupted_days,
        hac_days=use.hac_days,
    )
    write_table(trust.of_terms(terms), snakemake.output.terms)
    write_table(paths, snakemake.output.paths)
    write_table(notes, snakemake.output.notes)
