"""Typed cells and derived columns of posts and accounts, as polars expressions."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from takedown.archive import Column

TIME_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
LANGUAGE_ALIASES = {"": "und", "in": "id", "iw": "he", "ji": "yi"}
DERIVED = {
    "group": "campaign, or control where the release has control accounts",
    "local_time": "time of the post in the campaign's zone, without offset",
    "local_day": "local day of the post",
    "language": "tweet_language in lower case, old codes replaced, und where blank",
    "kind": "retweet, reply, quote or original, the first that holds",
    "topics": "topics under the broad rule",
    "topics_strict": "topics under the strict rule (hashtags alone)",
}


#: How tools write that there is nothing; only labelled files have been through one.
NOTHING = ["nan", "NaN", "None", "null", "<NA>", "NaT"]


def plain_cells(texts: pl.DataFrame) -> pl.DataFrame:
    """Cells of a labelled file as Twitter's archives write them, whatever tool wrote the file.

    Times lose a ``T``, fractions of a second and the mark of UTC; a time of another zone is left
    as it is, and so set aside later. Days lose their time, 1 and 0 become true and false.
    """
    flags = {"1": "true", "0": "false", "1.0": "true", "0.0": "false"}
    return texts.with_columns(pl.exclude("tweet_text").replace(NOTHING, "")).with_columns(
        pl.col("tweet_time")
        .str.replace(r"^(\d{4}-\d\d-\d\d)T", "$1 ")
        .str.replace(r"(:\d\d)(\.\d+)?(Z| ?UTC|[+-]00:?00)?$", "$1"),
        pl.col("account_creation_date").str.replace(r"^(\d{4}-\d\d-\d\d)[ T].*$", "$1"),
        pl.col("is_retweet", "is_control").replace(flags),
    )


def typed_cell(column: Column, name: str) -> pl.Expr:
    """The typed column ``name``; null where the cell is blank or cannot be typed."""
    cell = pl.col(name)
    if column.kind == "time":
        cell = cell.pipe(with_year)
        times = [cell.str.to_datetime(form, time_unit="ms", strict=False) for form in TIME_FORMATS]
        return pl.coalesce(times).dt.replace_time_zone("UTC")
    if column.kind == "date":
        return cell.pipe(with_year).str.to_date("%Y-%m-%d", strict=False)
    if column.kind == "count":
        return cell.str.extract(r"^([0-9]+)(?:\.0)?$").cast(pl.Int64, strict=False)
    if column.kind == "flag":
        return cell.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
        )
    if column.kind == "list":
        return list_cells(cell)
    return pl.when(cell != "").then(cell)


def with_year(cell: pl.Expr) -> pl.Expr:
    """The cells that start with a year of four digits; polars would read 19-11-30 as of year 19."""
    return pl.when(cell.str.contains(r"^[0-9]{4}-")).then(cell)


def list_cells(cell: pl.Expr) -> pl.Expr:
    """Lists written as ``['a', 'b']`` or ``[a, b]``; blank and ``[]`` both become empty lists."""
    quoted = cell.str.extract_all(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
    unquoted = quoted.list.eval(pl.element().str.slice(1, pl.element().str.len_chars() - 2))
    bare = cell.str.strip_chars("[] ").str.split(",").list.eval(pl.element().str.strip_chars())
    return (
        pl.when(cell.str.contains(r"""^\[ *['"]"""))
        .then(unquoted)
        .otherwise(bare.list.eval(pl.element().filter(pl.element() != "")))
    )


def first_reason(columns: Mapping[str, Column], numeric_ids: bool = True) -> pl.Expr:
    """Why a row cannot be used, null where it can: the first needed cell that is not readable.

    The frame holds each column as text, and as typed under ``typed <name>``. Twitter's own ids are
    numbers; those of the labelled format are hashes (``numeric_ids`` is false).
    """
    tests = []
    for name, column in columns.items():
        cell, typed = pl.col(name), pl.col(f"typed {name}")
        if name == "tweetid" and numeric_ids:
            damaged = cell.str.contains(r"^[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+$")
            tests.append((damaged, "tweetid damaged by a spreadsheet"))
            too_long = cell.cast(pl.Int64, strict=False).is_null()
            no_number = ~cell.str.contains(r"^[0-9]+$") | too_long
            tests.append((no_number, "tweetid is no number"))
        elif column.kind in ("time", "date", "count", "flag"):
            unreadable = typed.is_null() & ((cell != "") | column.needed)
            tests.append((unreadable, f"{name} unreadable"))
        elif column.kind == "id" and column.needed:
            tests.append((cell == "", f"{name} missing"))
    found = [pl.when(test).then(pl.lit(reason)) for test, reason in tests]
    return pl.coalesce(found).alias("reason")


def derived(timezone: str) -> list[pl.Expr]:
    """The derived columns of a post but for its topics."""
    local = pl.col("tweet_time").dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    language = pl.col("tweet_language").fill_null("").str.to_lowercase()
    kind = (
        pl.when(pl.col("is_retweet"))
        .then(pl.lit("retweet"))
        .when(pl.any_horizontal(pl.col("in_reply_to_tweetid", "in_reply_to_userid").is_not_null()))
        .then(pl.lit("reply"))
        .when(pl.col("quoted_tweet_tweetid").is_not_null())
        .then(pl.lit("quote"))
        .otherwise(pl.lit("original"))
    )
    return [
        local.alias("local_time"),
        local.dt.date().alias("local_day"),
        language.replace(LANGUAGE_ALIASES).alias("language"),
        kind.alias("kind"),
    ]
