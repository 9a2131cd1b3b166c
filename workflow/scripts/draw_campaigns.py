"""Stage figures: all campaigns of the study side by side."""

from pathlib import Path

from takedown.figures import campaigns, style
from takedown.job import job
from takedown.series.modelled import model_days, wide
from takedown.tables import read_table

with job(snakemake), style.styled():
    tables = zip(snakemake.params.windows.items(), snakemake.input.daily, strict=True)
    posts = {name: wide(read_table(path))["all"] for (name, _), path in tables}
    modelled = {
        name: model_days(posts[name], window) for name, window in snakemake.params.windows.items()
    }
    drawing = campaigns.draw(posts, modelled, sources=snakemake.params.campaigns)
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
