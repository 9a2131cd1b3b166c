"""Judges claims: computes the value, compares it with the published one, and gives a verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
import polars as pl

from takedown.claims.charts import diagnosis, differing, every_bar
from takedown.claims.quantities import outside_the_archive
from takedown.claims.question import Data, NotComputableError, Question
from takedown.claims.registry import NONE, POSTS, REGISTRY, one
from takedown.claims.table import RANGE, TEXTS, Claim
from takedown.io.tables import contracts

REPRODUCED, DIFFERS = "reproduced", "differs"
NOT_COMPUTABLE, NEEDS_ARCHIVE = "not computable from this input", "needs the archive"
VERDICTS = (REPRODUCED, DIFFERS, NOT_COMPUTABLE, NEEDS_ARCHIVE)
#: Relative rounding error allowed between a computed number and the published one.
ROUNDING = 1e-9
SHOWN_BARS = 5
#: A single date of any precision; not a period or a pair of dates.
ONE_DATE = re.compile(r"[\d: -]+").fullmatch


@dataclass(frozen=True)
class Finding:
    """A claim with its verdict.

    ``computed`` is text as shown in ``claims.csv``; ``difference`` is computed minus published, in
    the claim's unit (days for dates); ``rows`` is the number of posts or accounts it was computed
    from; ``bars`` are the computed bars of a chart.
    """

    claim: Claim
    verdict: str
    why: str
    computed: str = ""
    difference: float | None = None
    rows: int | None = None
    bars: Mapping[str, float] = field(default_factory=dict)


def judge(claims: Sequence[Claim], data: Mapping[str, Data | str]) -> list[Finding]:
    """A verdict on each claim. ``data`` gives a campaign's rows, or says why there are none."""
    return [judge_one(claim, data) for claim in claims]


def judge_one(claim: Claim, data: Mapping[str, Data | str]) -> Finding:
    """The verdict on one claim."""
    found = {name: data.get(name, "not in this study") for name in claim.campaigns}
    rows = [part for part in found.values() if isinstance(part, Data)]
    if REGISTRY[claim.quantity].compute is outside_the_archive:
        return Finding(claim, NOT_COMPUTABLE, claim.of)
    if len(rows) < len(found):
        why = [f"{name}: {part}" for name, part in found.items() if isinstance(part, str)]
        return Finding(claim, NEEDS_ARCHIVE, "; ".join(why))
    ask = Question(Data.pooled(rows), claim.of, claim.where, claim.timezone)
    try:
        value = REGISTRY[claim.quantity](ask)
        used = rows_used(claim, ask)
    except NotComputableError as problem:
        return Finding(claim, NOT_COMPUTABLE, str(problem))
    if claim.bars:
        return judge_chart(claim, ask, value, used)
    return judge_value(claim, value, used)


def rows_used(claim: Claim, ask: Question) -> int | None:
    """Number of posts or accounts that the claim is about; None for a claim about files."""
    kind = REGISTRY[claim.quantity].rows
    if kind == "posts":
        return one(ask.posts.select(POSTS))
    return one(ask.accounts.select(pl.len())) if kind == "accounts" else None


def judge_value(claim: Claim, value: Any, rows: int | None) -> Finding:
    """The verdict on a claim with a single published value."""
    computed = value if isinstance(value, str) else f"{value:.10g}"
    holds, difference = compare(claim, value)
    verdict = REPRODUCED if holds else DIFFERS
    return Finding(
        claim, verdict, in_words(claim, computed, difference), computed, difference, rows
    )


def verdict_on(claim: Claim, computed: str) -> str:
    """The verdict that follows from a value as ``claims.csv`` shows it."""
    words = claim.unit in ("date", *TEXTS)
    return REPRODUCED if compare(claim, computed if words else float(computed))[0] else DIFFERS


def compare(claim: Claim, value: Any) -> tuple[bool, float | None]:
    """Whether ``value`` relates to the published one as claimed, and computed minus published."""
    ranged = claim.relation == "within"
    low, _, high = claim.value.partition(RANGE) if ranged else (claim.value, "", claim.value)
    if isinstance(value, str):
        days = days_between(low, value) if claim.tolerance else None
        holds = {
            # Compared at the published precision: 2020-04-17 matches 2020-04-17 07:13.
            "equals": value == low or (bool(ONE_DATE(value)) and value[: len(low)] == low),
            "above": value[: len(low)] > low,
            "below": value[: len(low)] < low,
            "within": low <= value[: len(low)] and value[: len(high)] <= high,
        }
        if value == NONE or claim.unit in TEXTS:
            return value == low, None
        return bool(holds[claim.relation] if days is None else abs(days) <= claim.tolerance), days
    near = claim.tolerance + ROUNDING * abs(value)
    holds = {
        "equals": abs(value - float(low)) <= near,
        "above": value > float(low),
        "below": value < float(low),
        "within": float(low) <= value <= float(high),
    }
    return holds[claim.relation], None if ranged else value - float(low)


def days_between(published: str, computed: str) -> float | None:
    """Days from the published day to the computed one; None if either is not a day."""
    try:
        return (date.fromisoformat(computed[:10]) - date.fromisoformat(published)).days
    except ValueError:
        return None


def in_words(claim: Claim, computed: str, difference: float | None) -> str:
    """The comparison in a sentence."""
    tolerance = f" within {claim.tolerance:g}" if claim.tolerance else ""
    off = ""
    if difference and claim.relation == "equals":
        unit = "days" if claim.unit == "date" else claim.unit
        off = f", a difference of {difference:+.4g} {unit}"
    return f"published {published(claim)}{tolerance}, computed {computed}{off}"


def judge_chart(
    claim: Claim, ask: Question, bars: Mapping[str, float], rows: int | None
) -> Finding:
    """The verdict on a chart: which bars differ, and what would explain it."""
    given = every_bar(claim.bars, bars)
    wrong = differing(given, bars, claim.tolerance)
    agree = f"{len(given) - len(wrong)} of {len(given)} bars agree"
    if not wrong:
        return Finding(claim, REPRODUCED, agree, agree, 0.0, rows, bars)
    shown = [
        f"{label} (published {given[label]:g}, computed {bars.get(label, 0):g})"
        for label in wrong[:SHOWN_BARS]
    ]
    more = f" and {len(wrong) - SHOWN_BARS} more" if len(wrong) > SHOWN_BARS else ""
    reason = diagnosis(claim.quantity, ask, given, bars, claim.tolerance)
    why = f"{agree}; differing: {', '.join(shown)}{more}" + (f"; {reason}" if reason else "")
    largest = max((bars.get(label, 0) - given[label] for label in wrong), key=abs)
    return Finding(claim, DIFFERS, why, agree, largest, rows, bars)


def exclude(one: Claim, other: Claim) -> bool:
    """Whether two claims contradict each other; different readings of one statement do not."""
    readings = one.statement and one.statement == other.statement
    nothing = REGISTRY[one.quantity].compute is outside_the_archive
    if one.asks != other.asks or readings or nothing:
        return False
    if one.unit == "date":
        return not (one.value.startswith(other.value) or other.value.startswith(one.value))
    if one.unit in TEXTS or one.relation != "equals" or one.bars:
        return one.value != other.value
    return abs(float(one.value) - float(other.value)) > one.tolerance + other.tolerance


def contradictions(claims: Sequence[Claim]) -> dict[str, list[str]]:
    """Claim -> the claims on the same quantity whose published values contradict it."""
    return {claim.id: [other.id for other in claims if exclude(claim, other)] for claim in claims}


def claims_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """``claims.csv``: one row per claim, with the claims that contradict it."""
    others = contradictions([finding.claim for finding in findings])
    rows = [
        {
            "id": finding.claim.id,
            "campaign": finding.claim.campaign,
            "published": published(finding.claim),
            "computed": finding.computed,
            "tolerance": finding.claim.tolerance,
            "verdict": finding.verdict,
            "why": finding.why,
            "unit": finding.claim.unit,
            "difference": finding.difference,
            "rows": finding.rows,
            "quantity": finding.claim.quantity,
            "of": finding.claim.of,
            "where": finding.claim.where,
            "timezone": finding.claim.timezone or "UTC",
            "contradicts": " ".join(others[finding.claim.id]),
            "statement": finding.claim.statement,
            "source": ", ".join(filter(None, (finding.claim.publisher, finding.claim.source_date))),
        }
        for finding in findings
    ]
    return pd.DataFrame(rows, columns=list(contracts()["claims.csv"]["columns"]))


def published(claim: Claim) -> str:
    """The published value with its relation, as tables show it."""
    if claim.bars:
        return f"{len(claim.bars)} bars"
    return claim.value if claim.relation == "equals" else f"{claim.relation} {claim.value}"


def bars_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """``claims_charts.csv``: the published and the computed bars of every chart computed."""
    rows = []
    for finding in findings:
        if finding.bars:
            given = every_bar(finding.claim.bars, finding.bars)
            wrong = differing(given, finding.bars, finding.claim.tolerance)
            rows += [
                {
                    "id": finding.claim.id,
                    "label": label,
                    "published": value,
                    "computed": float(finding.bars.get(label, 0)),
                    "agrees": label not in wrong,
                }
                for label, value in given.items()
            ]
    return pd.DataFrame(rows, columns=list(contracts()["claims_charts.csv"]["columns"]))
