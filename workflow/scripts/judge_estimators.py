"""Stage calibration: how often each estimator erred, and whether it can be trusted."""

import pandas as pd

from takedown.calibration.verdicts import power, recovery, verdicts
from takedown.engine.job import job
from takedown.io.tables import read_table, write_table

with job(snakemake):
    trials = pd.concat([read_table(path) for path in snakemake.input.trials], ignore_index=True)
    write_table(verdicts(trials), snakemake.output.estimators)
    write_table(power(trials), snakemake.output.power)
    write_table(recovery(trials), snakemake.output.recovery)
