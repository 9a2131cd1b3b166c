"""Stage models: placebo calendars of one campaign."""

from takedown.engine.job import generator, job
from takedown.estimation.flags import Calibration
from takedown.estimation.settings import Settings
from takedown.io.tables import write_table
from takedown.models.placebo import placebo
from takedown.series.modelled import read_model_inputs

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    use, campaign = Settings.of(snakemake.params), snakemake.wildcards.campaign
    trust = Calibration.read(snakemake.input.calibration, campaign, series["all"], events, use)
    rng = generator(snakemake.params.seed, campaign, "placebo")
    table, notes = placebo(
        series,
        events,
        draws=snakemake.params.draws,
        trend_days=use.trend_days,
        rng=rng,
    )
    write_table(trust.of_study(table), snakemake.output.placebo)
    write_table(notes, snakemake.output.notes)
