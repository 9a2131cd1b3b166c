"""Stage models: lead and lag of one campaign against news attention."""

from takedown.engine.job import generator, job
from takedown.estimation.flags import Calibration
from takedown.estimation.settings import Settings
from takedown.io.tables import read_table, write_table
from takedown.models.lead_lag import lead_lag
from takedown.series.modelled import read_model_inputs

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.params.model_window
    )
    seed, campaign = snakemake.params.seed, snakemake.wildcards.campaign
    table, paths, notes = lead_lag(
        series,
        read_table(snakemake.input.attention),
        bootstrap=snakemake.params.bootstrap,
        generator=lambda name: generator(seed, campaign, f"lead_lag {name}"),
    )
    use = Settings.of(snakemake.params)
    trust = Calibration.read(snakemake.input.calibration, campaign, series["all"], events, use)
    write_table(trust.of_relation(table), snakemake.output.lead_lag)
    write_table(paths, snakemake.output.paths)
    write_table(notes, snakemake.output.notes)
