"""Stage series: the news events and the attention of one campaign."""

from takedown.engine.job import job
from takedown.io.tables import read_table, write_table
from takedown.series.modelled import estimation_window, wide, window_table
from takedown.series.news import attention_within, place_events, read_attention, read_events

with job(snakemake):
    daily = wide(read_table(snakemake.input.daily))
    declared = snakemake.params.model_window
    modelled = estimation_window(daily["all"], declared)
    write_table(window_table(modelled, declared is not None), snakemake.output.window)
    events = read_events(snakemake.input.events, snakemake.params.event_topics)
    write_table(place_events(events, daily.index, modelled), snakemake.output.events)
    attention = attention_within(read_attention(snakemake.input.attention), daily.index)
    write_table(attention, snakemake.output.attention)
