"""Stage atlas: the campaigns' responses to the news, and their meta-analysis."""

from takedown.atlas.meta import meta_analysis, responses
from takedown.engine.job import job
from takedown.io.tables import read_table, write_table

with job(snakemake):
    calendars = snakemake.params.calendars
    effects = map(read_table, snakemake.input.effects)
    found = responses(dict(zip(calendars, effects, strict=True)), calendars)
    weighed, combined = meta_analysis(found, snakemake.params.seed)
    write_table(weighed, snakemake.output.responses)
    write_table(combined, snakemake.output.combined)
