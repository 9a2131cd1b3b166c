"""Stage models: what the estimates of one campaign say, in sentences."""

from takedown.engine.job import job
from takedown.estimation.data import read_data
from takedown.estimation.settings import Settings, setting
from takedown.io.tables import read_table, write_table
from takedown.models.findings import Evidence, findings

with job(snakemake):
    data = read_data(dict(snakemake.input.items()))
    use, campaign = Settings.of(snakemake.params), snakemake.wildcards.campaign
    where = setting(campaign, data.days, data.events, use)
    calibration = read_table(snakemake.input.calibration)
    models = dict(zip(snakemake.params.tables, snakemake.input.models, strict=True))
    evidence = Evidence(
        tables={"series/events.csv": data.calendar}
        | {name: read_table(path) for name, path in models.items()},
        calibration=calibration[calibration["setting"] == where],
    )
    write_table(findings(evidence), snakemake.output.findings)
