"""``python -m takedown.docs``: the reference pages that are rendered from their source of truth.

docs/reference/config.md from the schema of study files, tables.md from the tables' contracts,
archives.md from the catalogue of archives and its schema, claims.md from the registry of
quantities, calibration.md from the calibration that is committed, benchmark.md from the figures
measured by `make bench ARGS=--docs`. A test fails when a page is older than its source.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from takedown.accounts import ABOUT_ACCOUNTS
from takedown.catalogue import SCHEMA as CATALOGUE_SCHEMA
from takedown.catalogue import read_catalogue, size_words
from takedown.claims.question import COLUMNS, WORDS
from takedown.claims.registry import REGISTRY
from takedown.claims.table import read_claims
from takedown.clean import ABOUT_POSTS
from takedown.config import CLAIMS, SCHEMA
from takedown.rows import DERIVED
from takedown.tables import contracts, read_table

FOLDER = Path("docs/reference")
BENCHMARK = Path("docs/benchmark")
CALIBRATION = Path("results/reference/calibration/estimators.csv")
#: Kind of a column -> its type in Parquet, and what a blank cell of it becomes.
TYPES = {
    "post id": ("text", "null"),
    "id": ("text", "null"),
    "text": ("text", "null"),
    "category": ("text, dictionary-encoded", "null"),
    "time": ("timestamp, ms", "null"),
    "local time": ("timestamp, ms, no zone", "null"),
    "date": ("date", "null"),
    "count": ("int64", "null"),
    "flag": ("boolean", "null"),
    "list": ("list of text", "empty list"),
}
TYPED_ROWS = (
    (
        "tweets.parquet",
        "The typed posts, under `data/clean/<campaign>/`: not a result, and not to be shared. In "
        "the archive's order, zstd, with the statistics of every row group; description and unit "
        "of each column are in the schema. Every archive has the same columns; one that it does "
        "not have is null throughout. Columns marked *none* are null nowhere: a row without them "
        "is set aside. `NA`, `null` and the like are texts, and HTML entities stay as they are.",
        ABOUT_POSTS,
    ),
    (
        "accounts.parquet",
        "One row per account, beside the posts, by userid: the rows of the users file, and the "
        "posting accounts that it lacks.",
        ABOUT_ACCOUNTS,
    ),
)
MADE = "<!-- Rendered by `python -m takedown.docs`; edit the source named below, not this page. -->"


def config_page() -> str:
    """Every key of a study file, with its type, default and meaning."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    lines = [
        MADE,
        "# The study file",
        "",
        "Source: `workflow/schemas/config.schema.yaml`. A key that is not listed here is an error.",
        "",
        "| key | type | default | meaning |",
        "|---|---|---|---|",
    ]
    for key, rule in config_keys(schema, schema):
        default = "" if "default" not in rule else f"`{rule['default']}`"
        about = " ".join(rule.get("description", "").split())
        lines.append(f"| `{key}` | {kind(rule, schema)} | {default} | {about} |")
    return "\n".join(lines) + "\n"


def config_keys(
    rule: Mapping[str, Any], schema: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(dotted key, rule) for every key under ``rule``; NAME stands for a campaign's name."""
    for name, part in rule.get("properties", {}).items():
        target = resolve(part, schema)
        shown = {**target, **part}
        yield prefix + name, {k: v for k, v in shown.items() if k != "default" or v != {}}
        yield from config_keys(target, schema, f"{prefix}{name}.")
        if isinstance(target.get("additionalProperties"), dict):
            entry = resolve(target["additionalProperties"], schema)
            yield from config_keys(entry, schema, f"{prefix}{name}.NAME.")


def resolve(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """``rule`` with its reference into the schema followed."""
    return schema["$defs"][rule["$ref"].rsplit("/", 1)[-1]] if "$ref" in rule else rule


def kind(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What kind of value a key takes, in a word or two."""
    target = resolve(rule, schema)
    if "oneOf" in target:
        return "text or list"
    words = {"string": "text", "array": "list", "object": "section", "integer": "whole number"}
    if rule.get("$ref", "").endswith("date"):
        return "day"
    return words.get(target["type"], target["type"])


def tables_page() -> str:
    """Every table with its columns, types, units and meaning."""
    lines = [
        MADE,
        "# The tables",
        "",
        "Source: `workflow/schemas/tables.yaml`. All are CSV, UTF-8, under "
        "`results/<study>/<campaign>/`. Cells are empty only in columns marked *may be empty*.",
    ]
    for table, rule in contracts().items():
        name = table.replace("models/notes", "models/*_notes")
        lines += ["", f"## {name}", "", rule["about"], ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        for column, cell in rule["columns"].items():
            about = cell["about"] + (" (may be empty)" if cell.get("optional") else "")
            lines.append(f"| `{column}` | {cell['type']} | {cell.get('unit', '')} | {about} |")
    for name, what, columns in TYPED_ROWS:
        lines += [
            "",
            f"## {name}",
            "",
            what,
            "",
            "| column | type | blank cells | unit | meaning |",
        ]
        lines.append("|---|---|---|---|---|")
        for column, about in columns.items():
            typed, blank = TYPES[about.kind]
            needed = about.needed and about.kind not in ("text", "category", "list")
            blank = "none" if needed or (column in DERIVED and blank == "null") else blank
            words = about.about.replace("|", r"\|")
            lines.append(f"| `{column}` | {typed} | {blank} | {about.unit} | {words} |")
    return "\n".join(lines) + "\n"


def archives_page() -> str:
    """The released archives, and what the columns of their catalogue mean."""
    rows = read_catalogue()
    known = [int(row["n_tweets_published"] or 0) for row in rows.values()]
    lines = [
        MADE,
        "# The released archives",
        "",
        "Source: `resources/archives.csv` and `workflow/schemas/catalogue.schema.yaml`.",
        "",
        f"{len(rows)} archives with {sum(known):,} posts as published; for {known.count(0)} of "
        "them the number was not found. An id is all that a study file needs, as in `campaigns: "
        "{china_052020: {}}`. Addresses, expected size and where to put a file that you have: "
        "`make fetch-help CAMPAIGN=china_052020`.",
        "",
        "All are under Twitter's Developer Agreement and Policy. Whether the addresses still "
        "answer could not be tried where this page was made; "
        "[getting an archive](../get_an_archive.md) says who last saw what.",
        "",
        "| id | disclosed | country | attributed to | accounts | posts | size | layout |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        counts = [row["n_accounts_published"], row["n_tweets_published"]]
        shown = [f"{int(count):,}" if count else "not found" for count in counts]
        layout = f"{row['tweets_layout'] or 'not seen'}, {row['tweets_format']}"
        cells = [name, row["release_date"], row["country"], row["attributed_to"], *shown]
        lines.append("| " + " | ".join([*cells, size_words(row), layout]) + " |")
    lines += ["", "## Disagreements and oddities", "", "| id | what |", "|---|---|"]
    odd = {name: row["disagreements"] for name, row in rows.items() if row["disagreements"]}
    lines += [f"| {name} | {what} |" for name, what in odd.items()]
    lines += ["", "## Columns of the catalogue", "", "| column | meaning |", "|---|---|"]
    schema = yaml.safe_load(CATALOGUE_SCHEMA.read_text(encoding="utf-8"))
    columns = schema["properties"].items()
    lines += [f"| `{name}` | {rule['description']} |" for name, rule in columns]
    return "\n".join(lines) + "\n"


def benchmark_page() -> str:
    """What it costs to read an archive, as measured, and what follows for all archives."""
    table = read_table(BENCHMARK / "clean.csv")
    words = json.loads((BENCHMARK / "cost.json").read_text(encoding="utf-8"))
    lines = [
        MADE,
        "# The cost of reading an archive",
        "",
        "Source: `docs/benchmark/clean.csv`, measured by `make bench` (`ARGS=--docs` renews it). "
        "Ratios within a size carry over to other machines, seconds do not.",
        "",
        all_archives(table),
        "",
        f"![{words['alt']}](../benchmark/cost.png)",
        "",
        words["caption"],
    ]
    for rows, part in table.groupby("rows"):
        lines += [
            "",
            f"## {rows:,} simulated posts",
            "",
            "| way | seconds | of inflating | CPU seconds | peak MB | posts per second | wrong |",
            "|---|---|---|---|---|---|---|",
        ]
        for row in part.itertuples():
            lines.append(
                f"| {row.way} | {row.seconds:.1f} | {row.of_inflate:.2f} | {row.cpu_seconds:.1f} | "
                f"{row.peak_mb:,.0f} | {row.rows_per_second:,} | {row.wrong or ''} |"
            )
    return "\n".join(lines) + "\n"


def all_archives(table: pd.DataFrame) -> str:
    """In one sentence, what the stage clean takes for all archives on the machine measured."""
    stage = table[table["way"].str.contains("whole stage")].sort_values("rows")
    least, most = stage.iloc[-2], stage.iloc[-1]
    counts = [int(row["n_tweets_published"] or 0) for row in read_catalogue().values()]
    seconds = sum(counts) * most["seconds"] / most["rows"]
    growth = max(0.0, (most["peak_mb"] - least["peak_mb"]) / (most["rows"] - least["rows"]))
    memory = most["peak_mb"] + growth * max(0, max(counts) - most["rows"])
    return (
        f"Cleaning the {sum(counts):,} posts of all {len(counts)} archives would take about "
        f"{seconds / 60:.0f} minutes, and {memory / 1000:.1f} GB of memory for the largest "
        f"({max(counts):,} posts), at the rate measured for {most['rows']:,} posts on the machine "
        f"of this table (two cores); memory grows by {growth * 2**20:.0f} bytes a post."
    )


def calibration_page() -> str:
    """What `make calibrate` found of every estimator, at each campaign's design."""
    table = read_table(CALIBRATION)
    power = read_table(CALIBRATION.with_name("power.csv"))
    recovery = read_table(CALIBRATION.with_name("recovery.csv"))
    lines = [
        MADE,
        "# Calibration of the estimators",
        "",
        f"Source: `{CALIBRATION}` and the tables beside it, made by `make calibrate`. What the "
        "columns mean is in [tables.md](tables.md), how the series are simulated in "
        "[methods](../methods.md#calibration).",
    ]
    for setting, rows in table.groupby("setting", sort=False):
        lines += ["", f"## {setting.split(',')[0]}", "", f"Setting: {setting}.", ""]
        lines += ["| estimator | series | false positives | 99 % band | coverage | power at 1.5 "]
        lines[-1] += "| at 2 | usable | why not |"
        lines.append("|---|---:|---:|---|---:|---:|---:|---|---|")
        for row in rows.itertuples():
            cells = [
                row.estimator.replace("_", " "),
                f"{row.simulations:,}",
                percent(row.fpr),
                f"{percent(row.fpr_lower)} to {percent(row.fpr_upper)}",
                *map(percent, (row.coverage, row.power_rr1_5, row.power_rr2)),
                row.usable,
                "" if pd.isna(row.why) else row.why,
            ]
            lines.append(f"| {' | '.join(cells)} |")
        own = recovery[recovery["setting"] == setting]
        lines += ["", "Dates and lags found:", ""]
        lines.append("| estimator | planted ratio | anything found | right to a day | right way |")
        lines.append("|---|---:|---:|---:|---:|")
        for row in own.itertuples():
            shares = map(percent, (row.found, row.within_1_day, row.right_way))
            name = row.estimator.replace("_", " ")
            lines.append(f"| {name} | {row.ratio:g} | {' | '.join(shares)} |")
        own = power[power["setting"] == setting]
        wide = own.pivot(index="estimator", columns="ratio", values="claimed")
        lines += ["", "Share of series with a claim, by planted ratio:", ""]
        lines.append(f"| estimator | {' | '.join(f'{ratio:g}' for ratio in wide.columns)} |")
        lines.append("|---|" + "---:|" * len(wide.columns))
        for name, shares in zip(wide.index, wide.to_numpy(), strict=True):
            lines.append(f"| {name.replace('_', ' ')} | {' | '.join(map(percent, shares))} |")
    return "\n".join(lines) + "\n"


def claims_page() -> str:
    """The quantities that a published claim can be about, and what stands in a claims file."""
    claims = read_claims(CLAIMS.as_posix())
    lines = [
        MADE,
        "# Quantities of published claims",
        "",
        "Source: `quantities.py`, `times.py` and `charts.py` in `workflow/takedown/claims/`. How "
        "to check a claim: [check a claim](../check_a_claim.md).",
        "",
        "*of* is what the quantity is of, *where* which rows it is about: an SQL expression over "
        "the columns of posts or accounts, or one of the forms below; a question mark, may be "
        f"left blank. `{CLAIMS}` has {len(claims)} claims; *claims* says how many use a quantity.",
        "",
        "| quantity | unit | of | where | definition | claims |",
        "|---|---|---|---|---|---:|",
    ]
    used = Counter(claim.quantity for claim in claims)
    for name, each in REGISTRY.items():
        cells = [f"`{name}`", each.unit or "as named", each.of, each.where, each.definition]
        lines.append(f"| {' | '.join(cells)} | {used[name]} |")
    lines += ["", "| form | example |", "|---|---|"]
    lines += [f"| {kind} | `{example}` |" for kind, (_, example) in WORDS.items()]
    lines += ["| columns | `tweet_time, tweet_language` |"]
    lines += ["| column by column | `like_count by tweet_language` |"]
    for kind, columns in COLUMNS.items():
        lines += ["", f"Columns of {kind}: {', '.join(f'`{name}`' for name in columns)}."]
    lines += [
        "",
        "`day` and `month` are ISO text in the claim's time zone, `hour` runs from 0 to 23, "
        "`weekday` from 1 (Monday) to 7. `topics` are those of the study's topics file, as in "
        "`ARRAY_CONTAINS(topics, 'hong_kong')`.",
    ]
    return "\n".join(lines) + "\n"


def percent(share: float) -> str:
    """A share in percent, with a digit behind the point; nothing where it is not known."""
    return "" if pd.isna(share) else f"{100 * share:.1f} %"


PAGES = {
    "config.md": config_page,
    "tables.md": tables_page,
    "archives.md": archives_page,
    "benchmark.md": benchmark_page,
    "calibration.md": calibration_page,
    "claims.md": claims_page,
}


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
