"""The page that explains every claim: source, formula, rows used, value, verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from takedown.claims.registry import REGISTRY
from takedown.claims.verdicts import VERDICTS, Finding, bars_table, contradictions, published
from takedown.io.templates import fill


def render_claims(title: str, findings: Sequence[Finding], template: Path) -> str:
    """The page as self-contained HTML; each claim can be linked to by its id."""
    counts = Counter(finding.verdict for finding in findings)
    return fill(
        template,
        {"published": published},
        title=title,
        findings=findings,
        counts=[(verdict, counts[verdict]) for verdict in VERDICTS],
        definitions={name: quantity.definition for name, quantity in REGISTRY.items()},
        kinds={name: quantity.rows for name, quantity in REGISTRY.items()},
        others=contradictions([finding.claim for finding in findings]),
        bars={name: rows.to_dict("records") for name, rows in bars_table(findings).groupby("id")},
    )
