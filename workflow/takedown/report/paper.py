"""Stage report: the study as an article, typeset by Typst from the tables of the results."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import typst
from PIL import Image

from takedown.calibration.verdicts import BAND
from takedown.estimation.estimand import EFFECT_WORDS, LEVEL
from takedown.figures.fonts import font_files, settable
from takedown.figures.registry import BY_NAME
from takedown.io.files import whole
from takedown.io.printable import isolated
from takedown.report.results import (
    CampaignResults,
    claims_by_verdict,
    modelled_of,
    number,
    readable,
    records,
    rows_of,
)

#: Prefixes of the estimators in the calibration table that the article shows.
SHOWN = ("pooled", "single")
TALL = 1.25  # height / width beyond which a figure and its caption exceed a page
AUTHOR = "The takedown workflow"
#: Prefix of the temporary folder that Typst reads from.
BESIDE = ".paper-"
#: A long word of Latin letters and signs; other scripts have their own rules for breaking words.
LONG_WORD = re.compile("[!-\u024f]{30,}")
KEYWORDS = ["information operations", "event study", "randomisation inference"]


def paper(
    title: str,
    campaigns: list[CampaignResults],
    calibration: pd.DataFrame,
    settings: Mapping[str, Any],
    folder: Path,
    claims: pd.DataFrame,
    together: Sequence[Mapping[str, Any]],
    combined: pd.DataFrame | None,
) -> dict[str, Any]:
    """The complete content of the article, ready for JSON; numbers are text, as printed.

    ``calibration`` are the rows of ``calibration/estimators.csv`` that apply to the campaigns as
    modelled, with a column ``campaign``; ``folder`` is the study's results folder and ``claims``
    its table of claims; ``together`` and ``combined`` are as returned by
    :func:`takedown.report.results.read_overview`.
    """
    parts = [part(campaign, folder) for campaign in campaigns]
    total = sum(int(each.quantities.get("posts", 0)) for each in campaigns)
    constants = {"level": f"{100 * LEVEL:g}", "band": f"{100 * BAND:g}"}
    return {
        "title": title,
        "author": AUTHOR,
        "keywords": KEYWORDS,
        "interval": f"{100 * (1 - LEVEL):g} % interval",
        "posts": f"{total:,}",
        "campaigns": parts,
        "together": [drawn(figure, folder, "figures") for figure in together],
        "combined": [] if combined is None else combined_rows(combined),
        "calibration": calibration_rows(calibration),
        "claims": claim_rows(claims),
        "verdicts": [
            f"{verdict} {len(rows)}" for verdict, rows in claims_by_verdict(claims).items()
        ],
        "settings": {name: number(value) for name, value in settings.items()} | constants,
    }


def part(campaign: CampaignResults, folder: Path) -> dict[str, Any]:
    """The content of the article on one campaign."""
    known = campaign.quantities
    found: dict[str, Any] = {
        "name": campaign.name,
        "source": campaign.source,
        "countable": bool(known),
        "lead": "",
        "figures": [
            drawn(figure, folder, f"{campaign.name}/figures") for figure in campaign.figures
        ],
    }
    if not known:
        return found
    days, modelled = modelled_of(campaign)
    sentences = [row["sentence"] for row in rows_of(campaign, "models/findings.csv")]
    return found | {
        "posts": f"{int(known['posts']):,}",
        "first": known["first_post"][:10],
        "last": known["last_post"][:10],
        "zone": campaign.timezone,
        "model_days": number(len(days)),
        "model_from": f"{days[0]:%Y-%m-%d}",
        "model_to": f"{days[-1]:%Y-%m-%d}",
        "events": number(len(campaign.tables["series/events.csv"])),
        "modelled": number(len(modelled)),
        "lead": next(iter(sentences), ""),
        "findings": sentences,
        "effects": effect_rows(campaign),
        "singles": single_rows(campaign),
    }


def drawn(figure: Mapping[str, Any], folder: Path, place: str) -> dict[str, Any]:
    """A figure with its words, whose files are at ``place`` in the study's ``folder``."""
    name = figure["name"]
    return {
        **{word: figure[word] for word in ("title", "caption", "alt")},
        "path": f"/{place}/{name}.svg",
        "main": BY_NAME[name].main,
        "wide": BY_NAME[name].wide,
        "tall": is_tall(folder / place / f"{name}.png"),
    }


def is_tall(picture: Path) -> bool:
    """Whether a figure with its caption fills more than a page."""
    with Image.open(picture) as image:
        return image.height > TALL * image.width


def effect_rows(campaign: CampaignResults) -> list[dict[str, Any]]:
    """The effects of all events together, as printed."""
    return [
        {
            "believed": row["calibrated"] == "yes",
            "cells": [
                row["method"].replace("_", " "),
                EFFECT_WORDS[row["effect"]],
                *interval(row),
                p_value(row["p_value"]),
            ],
        }
        for row in rows_of(campaign, "models/event_effects.csv", series="all", event="pooled")
    ]


def single_rows(campaign: CampaignResults) -> list[dict[str, Any]]:
    """Effects of single events against all other dates, with their placebo tests' q-values."""
    titles = {row["event"]: row for row in rows_of(campaign, "series/events.csv")}
    placebo = rows_of(campaign, "models/placebo.csv", series="all", null="circular_shift")
    q_values = {(row["event"], row["statistic"]): row["q_value"] for row in placebo}
    rows = rows_of(campaign, "models/event_effects.csv", series="all", method="log1p_dates")
    return [
        {
            "believed": row["calibrated"] == "yes",
            "cells": [
                f"{titles[row['event']]['date']}  {isolated(titles[row['event']]['title'])}",
                EFFECT_WORDS[row["effect"]],
                *interval(row),
                p_value(row["p_value"]),
                p_value(q_values[row["event"], row["effect"]]),
            ],
        }
        for row in rows
    ]


def combined_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The meta-analyses of the campaigns' responses, as printed."""
    return [
        {
            "believed": row["calibrated"] == "yes",
            "cells": [
                row["method"].replace("_", " "),
                EFFECT_WORDS[row["effect"]],
                number(int(row["campaigns"])),
                *interval(row),
                between(row["prediction_lower"], row["prediction_upper"]),
                number(row["tau"]),
                number(row["coverage"]),
            ],
        }
        for row in records(table)
    ]


def calibration_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The estimators of effects, as printed."""
    shown = table[table["estimator"].str.startswith(SHOWN) & table["fpr"].notna()]
    return [
        {
            "believed": row.usable == "yes",
            "cells": [
                row.campaign,
                row.estimator.replace("_", " "),
                number(int(row.simulations)),
                percent(row.fpr),
                percent(row.coverage),
                percent(row.power_rr2),
                row.usable,
            ],
        }
        for row in shown.itertuples()
    ]


def claim_rows(claims: pd.DataFrame) -> list[dict[str, Any]]:
    """The claims that could be computed, as printed; grey where they differ."""
    return [
        {
            "believed": verdict == "reproduced",
            "cells": [
                row["statement"],
                row["source"],
                readable(row["published"]),
                readable(row["computed"]),
                verdict,
            ],
        }
        for verdict, rows in claims_by_verdict(claims).items()
        if verdict in ("reproduced", "differs")
        for row in rows
    ]


def interval(row: Mapping[str, Any]) -> tuple[str, str]:
    """A ratio and its interval, as printed."""
    return number(row["rate_ratio"]), between(row["lower"], row["upper"])


def between(lower: float | None, upper: float | None) -> str:
    """The two ends of an interval, as printed; a dash where there is none."""
    return "–" if lower is None else f"{number(lower)} to {number(upper)}"


def p_value(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def percent(share: float) -> str:
    return "–" if pd.isna(share) else f"{100 * share:.1f} %"


def in_fonts(value: Any) -> Any:
    """``value`` (nested lists, dicts and text), with all text reduced to what the fonts can show.

    A word longer than a column may be broken anywhere. Paths stay as they are.
    """
    if isinstance(value, str):
        return LONG_WORD.sub(lambda word: "\u200b".join(word[0]), settable(value))
    if isinstance(value, Mapping):
        return {key: each if key == "path" else in_fonts(each) for key, each in value.items()}
    return [in_fonts(each) for each in value] if isinstance(value, list) else value


def typeset(data: Mapping[str, Any], template: Path, references: Path, target: Path) -> None:
    """Write the article as an accessible PDF (PDF/UA-1), completely or not at all.

    Typst can read only below its root, here the folder of ``target`` with the figures, so its input
    is placed there temporarily. Raises :class:`typst.TypstError` if the template does not match the
    data.
    """
    for left in target.parent.glob(f"{BESIDE}*"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=BESIDE, dir=target.parent) as beside:
        source = Path(beside, "paper.typ")
        shutil.copyfile(template, source)
        shutil.copyfile(references, source.with_name("references.bib"))
        words = json.dumps(in_fonts(data), ensure_ascii=False)
        source.with_suffix(".json").write_text(words, encoding="utf-8")
        pdf = typst.compile(
            source,
            root=target.parent,
            font_paths=[path.parent for path in font_files()],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="ua-1",
        )
    with whole(target) as temporary:
        temporary.write_bytes(pdf)
