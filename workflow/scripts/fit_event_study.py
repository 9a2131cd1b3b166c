"""Stage models: event study of one campaign."""

from takedown.engine.job import job
from takedown.estimation.flags import Calibration
from takedown.estimation.settings import Settings
from takedown.io.tables import write_table
from takedown.models.event_study import event_study
from takedown.series.modelled import control_posts, read_model_inputs

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    use, campaign = Settings.of(snakemake.params), snakemake.wildcards.campaign
    trust = Calibration.read(snakemake.input.calibration, campaign, series["all"], events, use)
    path, effects, bands, notes = event_study(
        series,
        events,
        lead_days=use.lead_days,
        lag_days=use.lag_days,
        trend_days=use.trend_days,
        hac_days=use.hac_days,
        control=control_posts(snakemake.input.daily, series["all"].index),
    )
    write_table(trust.of_study(path), snakemake.output.path)
    write_table(trust.of_study(effects), snakemake.output.effects)
    write_table(bands, snakemake.output.bands)
    write_table(notes, snakemake.output.notes)
