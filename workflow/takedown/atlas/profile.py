"""The same few quantities for every campaign of a study, side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from takedown.models.findings import POOLED_ORDER, first_of, first_usable, pooled_on_all_posts

COLUMNS = ["campaign", "quantity", "estimate", "lower", "upper", "unit", "calibrated", "note"]
#: Quantity -> its unit, and the tables that may contain it, in order of preference.
QUANTITIES = {
    "posts": ("posts", "describe/summary.csv"),
    "accounts": ("accounts", "describe/summary.csv", "models/accounts.csv"),
    "days_with_posts": ("local days", "describe/summary.csv"),
    "working_hours_share": ("share", "models/rhythm.csv"),
    "weekday_weekend_ratio": ("ratio", "models/rhythm.csv"),
    "operators_clock": ("hours from UTC", "models/rhythm.csv"),
    "share_created_on_burst_days": ("share", "models/accounts.csv"),
    "gini_of_posts": ("0 to 1", "models/accounts.csv"),
}
RESPONSE = "event_response"
UNKNOWN = "not known of this campaign"
TOO_LITTLE = "too little for an estimate: {notes} says why"


def profile(campaign: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows of one campaign in ``atlas/campaigns.csv``, from its ``tables`` by interface name.

    ``event_response`` is the rate ratio of all events pooled, by the method that the findings
    report or, if none passed calibration, by the first one available.
    """
    rows = []
    for quantity, (unit, *places) in QUANTITIES.items():
        known = {place: tables[place] for place in places if place in tables}
        found = pick(known.values(), quantity)
        note = None if found[0] is not None else why_none(known)
        rows.append((campaign, quantity, *found, unit, None, note))
    pooled = pooled_on_all_posts(tables["models/event_effects.csv"])
    usable = first_usable(pooled, POOLED_ORDER)
    chosen = usable if len(usable) else first_of(pooled, POOLED_ORDER)
    for row in chosen.itertuples():
        numbers = (row.rate_ratio, row.lower, row.upper)
        how = f"{row.method}, {row.effect}"
        rows.append((campaign, RESPONSE, *numbers, "rate ratio", row.calibrated, how))
    if chosen.empty:
        why = TOO_LITTLE.format(notes="models/event_study_notes.csv")
        rows.append((campaign, RESPONSE, None, None, None, "rate ratio", None, why))
    return pd.DataFrame(rows, columns=COLUMNS)


def why_none(known: Collection[str]) -> str:
    """Why a quantity is missing; if a model had too little data for it, its notes say so."""
    notes = [place.replace(".csv", "_notes.csv") for place in known if place.startswith("models/")]
    return f"{UNKNOWN}, or {TOO_LITTLE.format(notes=notes[0])}" if notes else UNKNOWN


def pick(tables: Iterable[pd.DataFrame], quantity: str) -> tuple:
    """Estimate and interval of ``quantity`` in the first table that has it; else blanks."""
    for table in tables:
        for _, row in table[table["quantity"] == quantity].iterrows():
            estimate = row.get("estimate", row.get("value"))
            return float(estimate), row.get("lower"), row.get("upper")
    return None, None, None
