"""Stage calibrate: how often each estimator erred, over all campaigns."""

from pathlib import Path

import pandas as pd

from takedown.calibration.verdicts import verdicts
from takedown.job import job
from takedown.tables import read_table, write_table

with job(snakemake):
    tried: dict[str, dict[float, list[pd.DataFrame]]] = {}
    for path in map(Path, snakemake.input.trials):
        campaign = path.parent.parent.name
        ratio = float(path.stem.split("_")[0])
        tried.setdefault(campaign, {}).setdefault(ratio, []).append(read_table(path))
    rows = [
        verdicts(campaign, {ratio: pd.concat(parts) for ratio, parts in of_ratio.items()})
        for campaign, of_ratio in tried.items()
    ]
    write_table(pd.concat(rows), snakemake.output.estimators)
