"""Stage calibrate: how often each estimator errs, in a figure."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import calibration, style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    drawing = calibration.draw(
        read_table(snakemake.input.estimators),
        read_table(snakemake.input.power),
        read_table(snakemake.input.recovery),
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
