"""Typed rows of posts and accounts, and the reason for every row that is not usable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from takedown.archives.columns import REFERENCES, Column
from takedown.archives.formats import Format, format_of
from takedown.archives.groups import with_group
from takedown.clean.blocks import Block
from takedown.clean.cells import (
    EXACT,
    NOTHING,
    REFERENCE_KINDS,
    SPREADSHEET_ERROR,
    TIME_FORMATS,
    at_once,
    bare_id,
    exactly,
    is_list,
    rounded_form,
)
from takedown.clean.records import BadRecord, Rows, Type, parse, walk
from takedown.errors import InputError
from takedown.fetch.structure import check_columns

LANGUAGE_ALIASES = {"": "und", "in": "id", "iw": "he", "ji": "yi"}
DERIVED: Mapping[str, Column] = {
    "group": Column("category", "campaign, control, or the category that the release names"),
    **{
        f"{name}_lost": Column("flag", f"whether {name} was given, rounded, and so is null here")
        for name in REFERENCES
    },
    "local_time": Column("local time", "time of the post in the campaign's zone, without offset"),
    "local_day": Column("date", "local day of the post"),
    "language": Column("category", "tweet_language in lower case, old codes replaced, or und"),
    "kind": Column("category", "retweet, reply, quote or original, the first that holds"),
    "topics": Column("list", "topics under the broad rule"),
    "topics_strict": Column("list", "topics under the strict rule (hashtags alone)"),
}
#: Kinds of columns that polars can type while parsing, with the same result as :func:`at_once`.
TYPES: Mapping[str, Type] = {
    "count": pl.Int64,
    "post id": pl.Int64,
    "post reference": pl.Int64,
    "category": pl.Categorical,
}
#: A hashtag in a text, by Twitter's rules: not within a word, and not only digits.
HASHTAG = r"(?:^|[^\w&/#])[#\uff03]([\d_]*[\p{L}\p{M}]\w*)"
#: Placeholder for a reference that exists but is not named; it is treated as a rounded id.
UNNAMED = "1e+18"
UNREADABLE = "?"
#: Suffixes that mark a time as UTC.
OF_UTC = r"(Z| ?UTC| ?GMT|[+-]00(:?00)?)"
YES, NO = (
    ["1", "1.0", "t", "T", "yes", "Yes", "Y", "y"],
    ["0", "0.0", "f", "F", "no", "No", "N", "n"],
)
FLAGS = dict.fromkeys(YES, "true") | dict.fromkeys(NO, "false")


@dataclass(frozen=True)
class Layout:
    """How the rows of a file with the columns ``names`` are read."""

    names: list[str]
    columns: Mapping[str, Column]
    format: Format

    @classmethod
    def of(cls, names: list[str], role: str, where: str) -> Layout:
        """Raises :class:`InputError` when a needed column is missing."""
        check_columns(names, role, where)
        found = format_of(names)
        return cls(found.our_names(names), found.columns_of(role), found)

    @property
    def types(self) -> Mapping[str, Type]:
        """The types of columns that can be typed during parsing, as their cells need no change."""
        rewritten = {"tweet_language"} if self.format.languages else set()
        wanted = {} if self.format.hashed_post_ids else self.columns
        return {
            name: TYPES[wanted[name].kind]
            for name in self.names
            if name in wanted and wanted[name].kind in TYPES and name not in rewritten
        }

    def cells(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns to read, under our names; blank or derived if the file lacks one."""
        renamed = frame.rename(dict(zip(frame.columns, self.names, strict=True)))
        return renamed.select(self.cell(name).alias(name) for name in self.columns)

    def cell(self, name: str) -> pl.Expr:
        """The column ``name`` as Twitter's archives write it, or a substitute for it."""
        if name in self.names:
            return as_twitter(self.format, name)
        return instead(self.format, name, self.names)


def as_twitter(one: Format, name: str) -> pl.Expr:
    """A column as Twitter's archives write it: times in UTC, languages as codes."""
    cell = pl.col(name)
    if name == "tweet_time" and (one.time_format or one.timezone != "UTC"):
        declared = [one.time_format, f"{one.time_format}:%S"] if one.time_format else []
        plain = cell.str.replace(r"^(\d{4}-\d\d-\d\d)T", "$1 ")
        time = pl.coalesce(
            plain.str.to_datetime(form, strict=False, cache=False)
            for form in (*declared, *TIME_FORMATS)
        )
        time = time.dt.replace_time_zone(one.timezone, ambiguous="earliest", non_existent="null")
        return again(cell, time.dt.convert_time_zone("UTC").dt.to_string(TIME_FORMATS[0]))
    if name == "account_creation_date" and one.date_format:
        day = cell.str.to_date(one.date_format, strict=False, cache=False)
        return again(cell, day.dt.to_string("%Y-%m-%d"))
    return cell.replace(dict(one.languages)) if name == "tweet_language" and one.languages else cell


def again(cell: pl.Expr, written: pl.Expr) -> pl.Expr:
    """``written``, but blank if ``cell`` is blank, and ``UNREADABLE`` if ``written`` is null."""
    return pl.when(cell == "").then(cell).otherwise(written.fill_null(UNREADABLE))


def instead(one: Format, name: str, names: list[str]) -> pl.Expr:
    """The substitute for a column that a file lacks: derived from other columns, or blank."""
    if name == "hashtags" and one.hashtags_from_text:
        tags = pl.col("tweet_text").str.extract_all(HASHTAG)
        tags = tags.list.eval(pl.element().str.extract(HASHTAG).drop_nulls())
        return pl.concat_str(pl.lit("['"), tags.list.join("', '"), pl.lit("']")).replace("['']", "")
    if name == "quoted_tweet_tweetid" and one.quotes.get("column") in names:
        is_quote = pl.col(one.quotes["column"]) == one.quotes["value"]
        return pl.when(is_quote).then(pl.lit(UNNAMED)).otherwise(pl.lit(""))
    return pl.lit("")


def plain_cells(texts: pl.DataFrame, columns: Mapping[str, Column]) -> pl.DataFrame:
    """Cells as Twitter's archives write them, whatever tool wrote the file.

    Markers of missing values become blank, except in texts. Times lose a ``T``, fractions of a
    second and the UTC suffix; a time in another zone is left unchanged, and so is rejected later.
    Dates lose their time of day; 1 and 0 become true and false.
    """

    def plain(name: str, kind: str) -> pl.Expr:
        cell = pl.col(name)
        if kind == "text":
            return cell
        cell = cell.replace(NOTHING, "")
        if kind == "id" or kind in REFERENCE_KINDS:
            return bare_id(cell)
        if kind == "time":
            cell = cell.str.replace(r"^(\d{4}-\d\d-\d\d)T", "$1 ")
            return cell.str.replace(rf"(:\d\d)(\.\d+)?{OF_UTC}?$", "$1")
        if kind == "date":
            return cell.str.replace(rf"^(\d{{4}}-\d\d-\d\d)[ T][\d:.]*{OF_UTC}?$", "$1")
        return cell.replace(FLAGS) if kind == "flag" else cell

    return texts.select(plain(name, column.kind) for name, column in columns.items())


def typed_rows(block: Block, role: str) -> Rows:
    """The usable rows of a block, typed, and the rejected records.

    A block is typed all at once if every cell is certain to be usable, otherwise row by row. Raises
    :class:`InputError` when a needed column is missing or ids have been rounded.
    """
    layout = Layout.of(block.names, role, block.where)
    for types in [layout.types, {}] if layout.types else [{}]:
        cells = parse(block, types)
        if cells is None:
            continue
        texts = layout.cells(cells)
        texts = texts if types else plain_cells(texts, layout.columns)
        typed = at_once(texts, layout.columns)
        if typed is not None:
            return Rows(with_group(with_lost(typed, texts)))
    found = walk(block)
    texts = plain_cells(layout.cells(found.frame), layout.columns)
    typed = texts.select(exactly(column, name) for name, column in layout.columns.items())
    refuse_rounded_ids(texts, layout, block.where, found.lines)
    reason = reasons(texts, typed, layout, block.names)
    bad = [
        BadRecord(found.lines[row], reason[row], found.raws[row])
        for row in reason.is_not_null().arg_true().to_list()
    ]
    found.bad = sorted([*found.bad, *bad], key=lambda record: record.line)
    kept = reason.is_null()
    place = kept.cum_sum() - 1
    found.mended = [int(place[row]) for row in found.mended if kept[row]]
    found.frame = with_group(with_lost(typed, texts).filter(kept))
    return found


def with_lost(typed: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """``typed`` with a flag for every reference: whether it was given but had been rounded.

    References that are already numbers in ``texts`` had not been rounded.
    """
    names = [name for name in REFERENCES if name in typed.columns]
    written = texts.select(
        (pl.col(name) != "" if texts.schema[name] == pl.String else pl.col(name).is_not_null())
        for name in names
    )
    return typed.with_columns(
        (typed[name].is_null() & written[name]).alias(f"{name}_lost") for name in names
    )


def reasons(
    texts: pl.DataFrame, typed: pl.DataFrame, layout: Layout, header: list[str]
) -> pl.Series:
    """Why each row cannot be used, from its first unreadable cell; null if it can be used."""
    first = next(name for name, column in layout.columns.items() if column.needed)
    written = header[layout.names.index(first)]
    found = [pl.when(pl.col(first) == written).then(pl.lit("header repeated"))]
    for name, column in layout.columns.items():
        cell = pl.col(name)
        if column.kind == "post id" and column.needed:
            number = (
                cell.str.contains(r"^[0-9]+$") & cell.cast(pl.Int64, strict=False).is_not_null()
            )
            found.append(pl.when(~number).then(pl.lit("tweetid is no number")))
        elif column.kind in ("time", "date", "count", "flag"):
            unreadable = typed[name].is_null() & ((texts[name] != "") | column.needed)
            found.append(pl.when(unreadable).then(pl.lit(f"{name} unreadable")))
        elif column.kind == "list" and layout.format.lists == "brackets":
            found.append(pl.when(~is_list(cell)).then(pl.lit(f"{name} unreadable")))
        elif column.kind == "id" and column.needed:
            found.append(pl.when(cell == "").then(pl.lit(f"{name} missing")))
    return texts.select(reason=pl.coalesce(found))["reason"]


def refuse_rounded_ids(texts: pl.DataFrame, layout: Layout, where: str, lines: list[int]) -> None:
    """Raise :class:`InputError` if the id of a post or its account has lost digits.

    Other ids will have lost digits too, so two accounts or posts may share one id.
    """
    for name, column in layout.columns.items():
        if column.kind not in ("post id", "id"):
            continue
        written = layout.format.columns.get(name, name)
        rounded = texts[name].str.contains(rounded_form(column))
        if column.kind == "id":  # some account ids are short enough to be exact
            rounded &= ~texts[name].str.contains(EXACT)
        for row in rounded.arg_true().to_list():
            raise InputError(
                f"{where}, line {lines[row]}, column {written}: the id is written as a rounded "
                "number (as 1.23E+18), so its last digits are lost. A spreadsheet does that when "
                "it saves a CSV, and so do tools that read ids as floating-point numbers. Take the "
                "file as it was released, and open it in neither."
            )
        for row in texts[name].str.contains(SPREADSHEET_ERROR).arg_true().to_list():
            raise InputError(
                f"{where}, line {lines[row]}, column {written}: a spreadsheet took the id for a "
                "formula, as it does where one begins with a plus, so that accounts cannot be told "
                "apart. Take the file as it was released, and do not open it in a spreadsheet."
            )


def given(reference: str) -> pl.Expr:
    """Whether a post refers to another post or account, even by an id that was rounded."""
    return pl.col(reference).is_not_null() | pl.col(f"{reference}_lost")


def derived(timezone: str) -> list[pl.Expr]:
    """The derived columns of a post, except for its group, topics and lost references."""
    local = pl.col("tweet_time").dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    language = pl.col("tweet_language").cast(pl.String).fill_null("").str.to_lowercase()
    kind = (
        pl.when(pl.col("is_retweet"))
        .then(pl.lit("retweet"))
        .when(given("in_reply_to_tweetid") | given("in_reply_to_userid"))
        .then(pl.lit("reply"))
        .when(given("quoted_tweet_tweetid"))
        .then(pl.lit("quote"))
        .otherwise(pl.lit("original"))
    )
    return [
        local.alias("local_time"),
        local.dt.date().alias("local_day"),
        language.replace(LANGUAGE_ALIASES).alias("language"),
        kind.alias("kind"),
    ]
