"""Stage figures: draw one figure of the registry with its module's function."""

from importlib import import_module
from pathlib import Path

from takedown.engine.job import job
from takedown.figures import style
from takedown.io.tables import read_table

with job(snakemake), style.styled():
    params = snakemake.params
    tables = {}
    for name, files in snakemake.input.items():
        if name == "code":
            continue
        if isinstance(files, str):
            tables[name] = read_table(files)
        else:  # one table per campaign
            tables[name] = dict(zip(params.campaigns, map(read_table, files), strict=True))
    draw = import_module(f"takedown.figures.{params.module}").draw
    drawing = draw(**tables, **params.settings)
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""), params.title, params.caption)
