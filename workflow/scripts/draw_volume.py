"""Stage figures: the headline, daily volume against the news."""

from pathlib import Path

from takedown.engine.job import job
from takedown.figures import style, volume
from takedown.io.tables import read_table
from takedown.series.modelled import model_days, wide
from takedown.study.topics import read_topics

with job(snakemake), style.styled():
    daily = wide(read_table(snakemake.input.daily))
    labels = {topic.name: topic.label for topic in read_topics(Path(snakemake.input.topics))}
    drawing = volume.draw(
        daily,
        model_days(daily["all"], snakemake.params.model_window),
        read_table(snakemake.input.events),
        read_table(snakemake.input.attention),
        read_table(snakemake.input.change_points),
        campaign=snakemake.wildcards.campaign,
        timezone=snakemake.params.timezone,
        source=snakemake.params.source,
        labels=labels,
    )
    style.save(drawing, Path(snakemake.output.csv).with_suffix(""))
