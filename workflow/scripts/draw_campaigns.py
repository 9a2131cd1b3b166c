"""Stage figures: all campaigns of the study side by side."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import campaigns, style
from takedown.io.tables import read_table
from takedown.series.modelled import model_days, wide

with job(snakemake), style.styled():
    tables = zip(snakemake.params.windows.items(), snakemake.input.daily, strict=True)
    posts = {name: wide(read_table(path))["all"] for (name, _), path in tables}
    modelled = {
        name: model_days(posts[name], window) for name, window in snakemake.params.windows.items()
    }
    drawing = campaigns.draw(posts, modelled, sources=snakemake.params.campaigns)
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
