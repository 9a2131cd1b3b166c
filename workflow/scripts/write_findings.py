"""Stage models: what the estimates of one campaign say, in sentences."""

from takedown.engine.job import job
from takedown.estimation.settings import Settings, setting
from takedown.io.tables import read_table, write_table
from takedown.models.findings import Evidence, findings
from takedown.series.modelled import read_model_inputs

with job(snakemake):
    series, events = read_model_inputs(
        snakemake.input.daily, snakemake.input.events, snakemake.input.window
    )
    use, campaign = Settings.of(snakemake.params), snakemake.wildcards.campaign
    where = setting(campaign, series["all"].index, events, use)
    calibration = read_table(snakemake.input.calibration)
    models = dict(zip(snakemake.params.tables, snakemake.input.models, strict=True))
    evidence = Evidence(
        tables={"series/events.csv": read_table(snakemake.input.events)}
        | {name: read_table(path) for name, path in models.items()},
        calibration=calibration[calibration["setting"] == where],
    )
    write_table(findings(evidence), snakemake.output.findings)
