"""Stage report: content of the page and article for a campaign, and the terminal summary."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from markupsafe import Markup

from takedown.estimation.estimand import EFFECT_WORDS
from takedown.figures.registry import BY_NAME, FIGURES
from takedown.io.printable import printable
from takedown.io.tables import contracts, read_table, table_name
from takedown.series.modelled import OVER_CONTROLS, days_of

STATISTIC_WORDS = {
    **{effect: f"volume, {words}" for effect, words in EFFECT_WORDS.items()},
    "lead_7_1": "trend before the events, days -7 to -1",
}
GROUP_WORDS = {
    "pooled": "All events together",
    "pooled_anticipated": "Anticipated events together",
    "pooled_unexpected": "Unexpected events together",
}
RELATION_WORDS = {
    "granger_news_to_posts": "news helps to predict posts, F test",
    "granger_news_to_posts_shift": "news helps to predict posts, over shifts of the news",
    "granger_posts_to_news": "posts help to predict news, F test",
    "granger_posts_to_news_shift": "posts help to predict news, over shifts of the news",
    "peak_lag": "largest prewhitened correlation (positive lag: posts follow)",
}
NULL_WORDS = {"free_redraw": "free redraw", "circular_shift": "circular shift"}


@dataclass(frozen=True)
class CampaignResults:
    """What the page shows of one campaign: figures in order, and tables by interface name."""

    name: str
    source: str
    figures: list[dict[str, Any]]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    timezone: str = "UTC"

    @property
    def quantities(self) -> dict[str, str]:
        """``describe/summary.csv`` as quantity -> value; empty where posts are not known."""
        table = self.tables.get("describe/summary.csv")
        return {} if table is None else dict(zip(table["quantity"], table["value"], strict=True))


def read_campaign(
    folder: Path, source: str, inputs: Iterable[Path], **settings: Any
) -> CampaignResults:
    """Collect the results of a campaign: those of the page's ``inputs`` that are in its ``folder``.

    ``settings`` is the campaign's timezone.
    """
    own = [path for path in inputs if path.is_relative_to(folder)]
    words = {path.stem: path for path in own if path.suffix == ".json"}
    figures = [figure_words(words[one.name]) for one in FIGURES if one.name in words]
    tables = {
        path.relative_to(folder).as_posix(): read_table(path)
        for path in own
        if path.suffix == ".csv" and table_name(path) in contracts()
    }
    return CampaignResults(folder.name, source, figures, tables, **settings)


def figure_words(path: Path) -> dict[str, Any]:
    """A figure's name, title, caption and alternative text (its json at ``path``), and width."""
    words = json.loads(path.read_text(encoding="utf-8"))
    return {"name": path.stem, "wide": BY_NAME[path.stem].wide, **words}


def read_overview(files: Sequence[Path]) -> tuple[list[dict[str, Any]], pd.DataFrame | None]:
    """From the files across campaigns: texts of the figures, and ``atlas/meta_analysis.csv``."""
    figures = [figure_words(path) for path in files if path.suffix == ".json"]
    tables = (read_table(path) for path in files if path.name == "meta_analysis.csv")
    return figures, next(tables, None)


def modelled_of(campaign: CampaignResults) -> tuple[pd.DatetimeIndex, pd.DataFrame]:
    """The estimation window of a campaign with a daily series, and the events within it."""
    events = campaign.tables["series/events.csv"]
    days = days_of(campaign.tables["series/estimation_window.csv"])
    return days, events[events["place"] == "modelled"]


def number(value: Any) -> str:
    """Format a value: thousands separators, three significant digits, a dash for None."""
    if value is None:
        return "–"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)


def readable(cell: str | None) -> str:
    """Format a value of ``claims.csv``: four significant digits, thousands separators."""
    if cell is None:
        return "–"
    relation, _, value = cell.rpartition(" ")
    try:
        shown = float(value)
    except ValueError:
        return cell
    words = f"{shown:,.0f}" if shown.is_integer() else f"{shown:,.4g}"
    return f"{relation} {words}".strip()


def grey(row: Mapping[str, Any]) -> Markup:
    """The HTML class of a table row: grey if its estimate did not pass calibration."""
    return Markup("" if row["calibrated"] in ("yes", None) else ' class="grey"')


def rows_of(campaign: CampaignResults, table: str, **where: str) -> list[dict[str, Any]]:
    """The rows of a table that match the given column values, as dictionaries."""
    frame = campaign.tables.get(table)
    if frame is None:
        return []
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return records(frame)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, as dictionaries, with None for missing values."""
    rows = frame.to_dict("records")
    return [
        {str(key): None if pd.isna(cell) else cell for key, cell in row.items()} for row in rows
    ]


def effects_rows(campaign: CampaignResults) -> list[dict[str, Any]]:
    """Effects on all posts, pooled and per event; also those relative to control accounts."""
    titles = {row["event"]: row for row in rows_of(campaign, "series/events.csv")}
    rows = [
        *rows_of(campaign, "models/event_effects.csv", series="all"),
        *rows_of(campaign, "models/event_effects.csv", series=OVER_CONTROLS),
    ]
    return [
        row
        | {
            "effect": EFFECT_WORDS[row["effect"]],
            "event": titles.get(row["event"])
            or {"title": GROUP_WORDS[row["event"]] + relative(row["series"]), "date": ""},
            "method": row["method"].replace("_", " "),
        }
        for row in rows
    ]


def relative(series: str) -> str:
    """Suffix for an event's title if the effect is relative to control accounts."""
    return ", relative to control accounts" if series == OVER_CONTROLS else ""


def relation_rows(campaign: CampaignResults) -> list[dict[str, Any]]:
    """Lead and lag of all posts in words: tests of the relation, but not of the assumptions."""
    return [
        row | {"test": RELATION_WORDS[row["test"]]}
        for row in rows_of(campaign, "models/lead_lag.csv", series="all")
        if row["test"] in RELATION_WORDS
    ]


def placebo_rows(campaign: CampaignResults) -> list[dict[str, Any]]:
    """The placebo table in words: all events together, then single events on all posts."""
    titles = {row["event"]: row for row in rows_of(campaign, "series/events.csv")}
    rows = rows_of(campaign, "models/placebo.csv")
    return [
        row
        | {
            "statistic": STATISTIC_WORDS[row["statistic"]],
            "null": NULL_WORDS[row["null"]],
            "event": GROUP_WORDS.get(row["event"]) or titles[row["event"]]["title"],
        }
        for row in rows
        if row["event"] == "pooled" or row["series"] == "all"
    ]


def tables_of(campaign: CampaignResults) -> list[tuple[str, str]]:
    """All tables of a campaign: path within the campaign's folder, and what it contains."""
    return [
        (name, contracts()[table_name(Path(name))]["about"]) for name in sorted(campaign.tables)
    ]


def notes_rows(campaign: CampaignResults) -> list[dict[str, Any]]:
    """What the models could not estimate; a note shared by several events becomes one row."""
    frames = [table for name, table in campaign.tables.items() if name.endswith("_notes.csv")]
    if not frames:
        return []
    notes = pd.concat(frames)
    notes["event"] = notes["event"].fillna("")
    grouped = notes.groupby(["method", "series", "note"], sort=False)["event"]
    joined = grouped.agg(lambda names: ", ".join(name for name in names if name)).reset_index()
    return [{str(key): value for key, value in row.items()} for row in joined.to_dict("records")]


def claims_by_verdict(claims: pd.DataFrame | None) -> dict[str, list[dict[str, Any]]]:
    """The rows of ``claims.csv`` by verdict; verdicts without rows are left out."""
    if claims is None:
        return {}
    order = contracts()["claims.csv"]["columns"]["verdict"]["one_of"]
    rows = {verdict: claims[claims["verdict"] == verdict] for verdict in order}
    return {verdict: records(table) for verdict, table in rows.items() if len(table)}


#: If a larger share of the rows was set aside, a notice ahead of all results says so.
FEW_ROWS = 0.01


def notices(campaign: CampaignResults) -> list[str]:
    """Notices to read before any number of a campaign: failed checks, rows left out."""
    rows = rows_of(campaign, "clean/accounting.csv")
    total = sum(row["rows"] for row in rows)
    said = []
    for outcome, words in (("quarantined", "could not be used"), ("duplicate", "are duplicates")):
        found = [row for row in rows if row["outcome"] == outcome and row["rows"]]
        count = sum(row["rows"] for row in found)
        if count > FEW_ROWS * total:
            reasons = ", ".join(f"{row['reason']} ({row['rows']:,})" for row in found)
            said.append(
                f"{count:,} of {total:,} rows ({count / total:.0%}) {words} and are "
                f"excluded from all results: {reasons}."
            )
    said += [
        f"A check failed: {row['check']}: {row['value']} {row['unit']}."
        for row in rows_of(campaign, "clean/checks.csv", ok="False")
    ]
    return said


def render_summary(
    title: str,
    campaigns: list[CampaignResults],
    claims: pd.DataFrame | None = None,
    left_out: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The main numbers for the terminal, a few lines per campaign."""
    lines = [title, ""]
    for campaign in campaigns:
        found = campaign.quantities
        if not found:
            lines += [f"  {campaign.name}: hashtag totals only; the rest needs the archive.", ""]
            continue
        head = f"  {campaign.name}: {int(found['posts']):,} posts"
        if "accounts" in found:
            head += (
                f", {int(found['accounts']):,} accounts, of which "
                f"{int(found['posting_accounts']):,} posted"
            )
        lines.append(head)
        lines.append(f"    from {found['first_post']} to {found['last_post']} UTC")
        if "control_posts" in found:
            lines.append(f"    plus {int(found['control_posts']):,} posts by control accounts")
        accounting = rows_of(campaign, "clean/accounting.csv", outcome="quarantined")
        if set_aside := sum(row["rows"] for row in accounting):
            reasons = ", ".join(sorted({row["reason"] for row in accounting}))
            lines.append(f"    {set_aside:,} rows could not be used and were set aside: {reasons}")
        events = rows_of(campaign, "series/events.csv")
        if events:
            used = sum(row["place"] == "modelled" for row in events)
            lines.append(f"    {used} of {len(events)} news events lie in the estimation window")
        for row in rows_of(campaign, "models/findings.csv"):
            lines += item(row["sentence"])
        lines.append("")
    if left_out:
        lines.append(f"  {len(left_out)} left out because their posts were not available:")
        lines += [f"    {name}: {reason}" for name, reason in left_out.items()]
        lines.append("")
    if verdicts := claims_by_verdict(claims):
        counts = ", ".join(f"{verdict} {len(rows)}" for verdict, rows in verdicts.items())
        lines += [f"  Published claims, recomputed: {counts}.", ""]
    if known := [f"{one.name}: {words}" for one in campaigns for words in notices(one)]:
        lines.append("  Read this first:")
        for words in known:
            lines += item(words)
        lines.append("")
    return printable("\n".join(lines))


def item(words: str) -> list[str]:
    """A list item of the summary, wrapped for the terminal."""
    return textwrap.wrap(words, 96, initial_indent="    - ", subsequent_indent="      ")
