"""Stage report: one page per study, with every figure, an explorer, tables, sources and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from markupsafe import Markup

from takedown.estimation.estimand import EFFECT_WORDS
from takedown.figures.colours import SERIES
from takedown.io.templates import fill
from takedown.report.explorer import as_json, bundle, chart, event_estimates, explorer, pictures
from takedown.report.page_fonts import with_fonts
from takedown.report.results import (
    CampaignResults,
    claims_by_verdict,
    effects_rows,
    grey,
    modelled_of,
    notes_rows,
    notices,
    number,
    placebo_rows,
    readable,
    records,
    relation_rows,
    rows_of,
    tables_of,
)
from takedown.series.modelled import wide


def render_page(
    title: str,
    campaigns: list[CampaignResults],
    template: Path,
    labels: Mapping[str, str] | None = None,
    together: Sequence[Mapping[str, str]] = (),
    combined: pd.DataFrame | None = None,
    claims: pd.DataFrame | None = None,
    course: str = "",
    left_out: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The page as self-contained HTML, with links to the figure and table files next to it.

    ``labels`` are display names of topics; ``together`` are the figures across campaigns, in
    ``figures/``, with their pictures; ``combined`` is ``atlas/meta_analysis.csv``; ``claims`` is
    the table of ``claims.csv``; ``course`` is the address of the course's first page; ``left_out``
    gives, for each campaign that was left out, the reason. ``template`` has page.css and page.js
    next to it.
    """
    explorers = {campaign.name: explorer_of(campaign, labels or {}) for campaign in campaigns}
    explorable = any(explorers.values())
    words = EFFECT_WORDS.__getitem__
    page = fill(
        template,
        {"number": number, "grey": grey, "days": words, "json": as_json, "readable": readable},
        title=title,
        claims=claims_by_verdict(claims),
        course=course,
        left_out=left_out,
        script=Markup(template.with_name("page.js").read_text(encoding="utf-8")),
        explorable=explorable,
        together=together,
        combined=[] if combined is None else records(combined),
        chart=as_json(chart()) if explorable else "",
        palette=as_json([{"color": color, "dash": dash_of(dash)} for color, dash in SERIES]),
        bundle=bundle() if explorable else "",
        campaigns=[
            {
                "results": campaign,
                "explorer": explorers[campaign.name],
                "findings": rows_of(campaign, "models/findings.csv"),
                "effects": effects_rows(campaign),
                "relations": relation_rows(campaign),
                "controls": rows_of(campaign, "models/negative_controls.csv"),
                "rhythm": rows_of(campaign, "models/rhythm.csv"),
                "accounts": rows_of(campaign, "models/accounts.csv"),
                "placebo": placebo_rows(campaign),
                "changes": rows_of(campaign, "models/change_points.csv", series="all"),
                "events": rows_of(campaign, "series/events.csv"),
                "summary": rows_of(campaign, "describe/summary.csv"),
                "topics": rows_of(campaign, "describe/topics.csv"),
                "checks": rows_of(campaign, "clean/checks.csv"),
                "accounting": rows_of(campaign, "clean/accounting.csv"),
                "notes": notes_rows(campaign),
                "notices": notices(campaign),
                "tables": tables_of(campaign),
            }
            for campaign in campaigns
        ],
    )
    return with_fonts(page)


def with_pictures(campaigns: list[CampaignResults], folder: Path) -> list[CampaignResults]:
    """The campaigns with the pictures of their figures embedded as data URLs.

    The first figure of every campaign takes precedence, in case the page reaches its size limit.
    """
    order = [
        (number, at, campaign.name, figure["name"])
        for at, campaign in enumerate(campaigns)
        for number, figure in enumerate(campaign.figures)
    ]
    order.sort(key=lambda place: (place[0] > 0, place[1], place[0]))
    found = pictures([folder / name / f"figures/{figure}.png" for _, _, name, figure in order])
    known = {place[2:]: picture for place, picture in zip(order, found, strict=True)}
    return [
        replace(
            campaign,
            figures=[
                figure | {"picture": known[campaign.name, figure["name"]]}
                for figure in campaign.figures
            ],
        )
        for campaign in campaigns
    ]


def explorer_of(campaign: CampaignResults, labels: Mapping[str, str]) -> dict[str, Any] | None:
    """The explorer's data for one campaign; None if there is no daily series."""
    table = campaign.tables.get("series/daily.csv")
    if table is None:
        return None
    days, _ = modelled_of(campaign)
    estimates = event_estimates(
        rows_of(campaign, "models/event_effects.csv", series="all"),
        rows_of(campaign, "models/placebo.csv", series="all"),
        rows_of(campaign, "models/interrupted.csv", series="all", term="level"),
        EFFECT_WORDS,
    )
    return explorer(
        wide(table),
        days,
        campaign.tables["series/events.csv"],
        estimates,
        labels,
        campaign.timezone,
    )


def dash_of(dash: Any) -> list[float]:
    """Convert a Matplotlib dash pattern to SVG, for lines of 1.6 pixels."""
    return [] if dash == "-" else [1.6 * length for length in dash[1]]
