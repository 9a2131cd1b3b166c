"""Stage report: the page of the study, and its summary for the terminal."""

from pathlib import Path

from takedown.engine.job import job
from takedown.io.files import whole
from takedown.io.tables import read_table
from takedown.report.explorer import picture
from takedown.report.page import render_page, with_pictures
from takedown.report.results import read_campaign, read_overview, render_summary
from takedown.study.topics import topic_labels

with job(snakemake):
    page, summary = Path(snakemake.output.page), Path(snakemake.output.summary)
    campaigns = [
        read_campaign(page.parent / name, inputs=map(Path, snakemake.input), **settings)
        for name, settings in snakemake.params.campaigns.items()
    ]
    labels = topic_labels(Path(snakemake.input.topics))
    figures, combined = read_overview([Path(path) for path in snakemake.input.get("overview", [])])
    together = [
        figure | {"picture": picture(page.parent / f"figures/{figure['name']}.png")}
        for figure in figures
    ]
    claims, left_out = read_table(snakemake.input.claims), dict(snakemake.params.left_out)
    html = render_page(
        snakemake.params.title,
        with_pictures(campaigns, page.parent),
        Path(snakemake.input.template[0]),
        labels,
        together,
        combined,
        claims,
        snakemake.params.course,
        left_out,
    )
    with whole(page) as part:
        part.write_text(html, encoding="utf-8")
    with whole(summary) as part:
        words = render_summary(snakemake.params.title, campaigns, claims, left_out)
        part.write_text(words, encoding="utf-8")
