"""The campaigns of a study in the same few quantities, side by side."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from takedown.findings import POOLED_ORDER, first_of, first_usable, pooled_on_all_posts

COLUMNS = ["campaign", "quantity", "estimate", "lower", "upper", "unit", "calibrated", "note"]
#: Quantity -> its unit, and the table and row that it is taken from.
QUANTITIES = {
    "posts": ("posts", "describe/summary.csv", "posts"),
    "accounts": ("accounts", "models/accounts.csv", "accounts"),
    "days_with_posts": ("local days", "describe/summary.csv", "days_with_posts"),
    "working_hours_share": ("share", "models/rhythm.csv", "working_hours_share"),
    "weekday_weekend_ratio": ("ratio", "models/rhythm.csv", "weekday_weekend_ratio"),
    "operators_clock": ("hours from UTC", "models/rhythm.csv", "operators_clock"),
    "share_created_on_burst_days": ("share", "models/accounts.csv", "share_created_on_burst_days"),
    "gini_of_posts": ("0 to 1", "models/accounts.csv", "gini_of_posts"),
}
RESPONSE = "event_response"
UNKNOWN = "not known of this campaign"


def profile(campaign: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows of one campaign in ``atlas/campaigns.csv``, from its ``tables`` by interface name.

    ``event_response`` is the rate ratio of all events together by the method that findings report,
    or, where calibration allows none, by the first there is.
    """
    rows = []
    for quantity, (unit, table, name) in QUANTITIES.items():
        found = pick(tables.get(table), name)
        rows.append((campaign, quantity, *found, unit, None, UNKNOWN if found[0] is None else None))
    pooled = pooled_on_all_posts(tables["models/event_effects.csv"])
    usable = first_usable(pooled, POOLED_ORDER)
    chosen = usable if len(usable) else first_of(pooled, POOLED_ORDER)
    for row in chosen.itertuples():
        numbers = (row.rate_ratio, row.lower, row.upper)
        how = f"{row.method}, {row.effect}"
        rows.append((campaign, RESPONSE, *numbers, "rate ratio", row.calibrated, how))
    if chosen.empty:
        rows.append((campaign, RESPONSE, None, None, None, "rate ratio", None, "no modelled event"))
    return pd.DataFrame(rows, columns=COLUMNS)


def pick(table: pd.DataFrame | None, quantity: str) -> tuple:
    """Estimate and interval of ``quantity`` in a table of quantities; blanks where it is not."""
    rows = None if table is None else table[table["quantity"] == quantity]
    if rows is None or rows.empty:
        return None, None, None
    row = rows.iloc[0]
    estimate = row.get("estimate", row.get("value"))
    return float(estimate), row.get("lower"), row.get("upper")
