"""Reference pages on the inputs of a study: its study file, the archives, the claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pages.table import MADE, rows
from takedown.archives.catalogue import SCHEMA as CATALOGUE_SCHEMA
from takedown.archives.catalogue import published_posts, read_catalogue, size_words
from takedown.claims.question import COLUMNS, WORDS
from takedown.claims.registry import REGISTRY
from takedown.claims.table import read_claims
from takedown.io.files import read_yaml
from takedown.study.config import CLAIMS, SCHEMA


def config_page() -> str:
    """Every key of a study file, with its type, default and meaning."""
    schema = read_yaml(SCHEMA)
    lines = [
        MADE,
        "# The study file",
        "",
        "Source: `workflow/schemas/config.schema.yaml`. A key that is not listed here is an error.",
        "",
    ]
    cells = []
    for key, rule in config_keys(schema, schema):
        default = "" if "default" not in rule else f"`{rule['default']}`"
        about = " ".join(rule.get("description", "").split())
        cells.append((f"`{key}`", kind(rule, schema), default, about))
    return "\n".join([*lines, *rows("key | type | default | meaning", cells)]) + "\n"


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
    """``rule``, or the definition in the schema that it refers to."""
    return schema["$defs"][rule["$ref"].rsplit("/", 1)[-1]] if "$ref" in rule else rule


def kind(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The kind of value that a key takes, in one or two words."""
    target = resolve(rule, schema)
    if "oneOf" in target:
        return "text or list"
    words = {"string": "text", "array": "list", "object": "section", "integer": "whole number"}
    if rule.get("$ref", "").endswith("date"):
        return "day"
    return words.get(target["type"], target["type"])


def archives_page() -> str:
    """The released archives, and what the columns of their catalogue mean."""
    archives = read_catalogue()
    known = published_posts(archives)
    lines = [
        MADE,
        "# The released archives",
        "",
        "Source: `resources/archives.csv` and `workflow/schemas/catalogue.schema.yaml`.",
        "",
        f"{len(archives)} archives with {sum(known):,} posts as published; for {known.count(0)} of "
        "them the number was not found. An id is all that a study file needs, as in `campaigns: "
        "{china_052020: {}}`. Addresses, expected size and where to put a file that you have: "
        "`make fetch-help CAMPAIGN=china_052020`.",
        "",
        "All are under Twitter's Developer Agreement and Policy. Whether the addresses still "
        "answer could not be tried where this page was made; "
        "[getting an archive](../how-to/get_an_archive.md) says who last saw what.",
        "",
    ]
    cells = []
    for name, row in archives.items():
        counts = [row["n_accounts_published"], row["n_tweets_published"]]
        shown = [f"{int(count):,}" if count else "not found" for count in counts]
        layout = f"{row['tweets_layout'] or 'not seen'}, {row['tweets_format']}"
        about = [name, row["release_date"], row["country"], row["attributed_to"]]
        cells.append([*about, *shown, size_words(row), layout])
    header = "id | disclosed | country | attributed to | accounts | posts | size | layout"
    lines += rows(header, cells)
    odd = {name: row["disagreements"] for name, row in archives.items() if row["disagreements"]}
    lines += ["", "## Disagreements and oddities", "", *rows("id | what", odd.items())]
    schema = read_yaml(CATALOGUE_SCHEMA)
    columns = ((f"`{name}`", rule["description"]) for name, rule in schema["properties"].items())
    lines += ["", "## Columns of the catalogue", "", *rows("column | meaning", columns)]
    return "\n".join(lines) + "\n"


def claims_page() -> str:
    """The quantities that a published claim can be about, and what to write in a claims file."""
    claims = read_claims(CLAIMS.as_posix())
    lines = [
        MADE,
        "# Quantities of published claims",
        "",
        "Source: `quantities.py`, `times.py` and `charts.py` in `workflow/takedown/claims/`. How "
        "to check a claim: [check a claim](../how-to/check_a_claim.md).",
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
