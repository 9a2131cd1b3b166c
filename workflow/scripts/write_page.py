"""Stage report: the page of the study, and its summary for the terminal."""

from pathlib import Path

from takedown.files import whole
from takedown.job import job
from takedown.report import read_campaign, render_page, render_summary

with job(snakemake):
    page, summary = Path(snakemake.output.page), Path(snakemake.output.summary)
    campaigns = [
        read_campaign(page.parent / name, source, map(Path, snakemake.input))
        for name, source in snakemake.params.campaigns.items()
    ]
    html = render_page(snakemake.params.title, campaigns, Path(snakemake.input.template))
    with whole(page) as part:
        part.write_text(html, encoding="utf-8")
    with whole(summary) as part:
        part.write_text(render_summary(snakemake.params.title, campaigns), encoding="utf-8")
