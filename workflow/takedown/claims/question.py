"""The input of a claim: the rows it is about, and the columns it may name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import polars as pl
from polars.exceptions import PolarsError

from takedown.archives.columns import ACCOUNT, POST, REFERENCES
from takedown.archives.groups import of_campaign
from takedown.archives.receipt import Entry
from takedown.errors import InputError, did_you_mean

#: The calendar in the claim's zone: days and months as ISO text, weekdays from Monday (1) on.
CALENDAR = {
    "day": pl.col("time").dt.strftime("%Y-%m-%d"),
    "month": pl.col("time").dt.strftime("%Y-%m"),
    "hour": pl.col("time").dt.hour(),
    "weekday": pl.col("time").dt.weekday(),
}
#: Columns that a claim's SQL expression may name, by the kind of row it is about.
COLUMNS = {
    "posts": [*POST, "topics", *CALENDAR],
    "accounts": [*ACCOUNT, "posts", "creation_month"],
}
DAYS = r"\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}"
#: Kinds of cell that list several columns of posts, and the separator of each.
LISTS = {"columns": ",", "column by column": " by "}
#: The other kinds of argument that a quantity can take: pattern and example.
WORDS = {
    "number": (r"\d+", "2"),
    "period": (DAYS, "2020-01-01..2020-01-31"),
    "two periods": (rf"{DAYS} / {DAYS}", "2020-01-15..2020-01-28 / 2020-01-01..2020-01-14"),
    "months": (r"\d{4}-\d{2}\.\.\d{4}-\d{2}", "2019-01..2019-08"),
    "month": (r"\d{4}-\d{2}", "2019-09"),
    "column": (r"\w+", "user_profile_description"),
    "text": (r".+", "covid19"),
}
DAY = pl.col("account_creation_date").dt.strftime("%Y-%m-%d")
#: An example value for each kind of column; all other columns are text.
EXAMPLES = {
    "time": pl.lit(datetime(2020, 1, 1)).dt.replace_time_zone("UTC"),
    "count": pl.lit(1),
    "flag": pl.lit(True),
    "list": pl.lit(["x"], pl.List(pl.String)),
}
OTHERS = {
    "topics": EXAMPLES["list"],
    "hour": EXAMPLES["count"],
    "weekday": EXAMPLES["count"],
    "posts": EXAMPLES["count"],
}
TOPIC = re.compile(r"ARRAY_CONTAINS\(\s*topics\s*,\s*'([^']*)'", re.IGNORECASE)


class NotComputableError(Exception):
    """The input lacks what the quantity is computed from; the message says what is missing."""


def expression(sql: str) -> pl.Expr:
    """The SQL expression ``sql`` over columns, such as ``tweet_language = 'zh'``."""
    return pl.sql_expr(sql)


def columns_in(sql: str) -> list[str]:
    """The columns that an SQL expression names."""
    return expression(sql).meta.root_names() if sql else []


def check_argument(cell: str, kind: str, where: str) -> None:
    """Raise :class:`InputError` unless ``cell`` is a valid argument of the given ``kind``.

    ``kind`` is ``posts`` or ``accounts`` for an SQL expression over the columns of these rows
    (``posts that``, ``accounts that``: for a condition), one of :data:`LISTS` or :data:`WORDS`, or
    empty if the quantity takes no argument. A leading question mark means that it may be blank.
    ``where`` says in messages where the cell is.
    """
    if not cell and kind.startswith("?"):
        return
    kind = kind.removeprefix("?")
    rows = kind.removesuffix(" that")
    if not kind:
        if cell:
            raise InputError(f"{where}: '{cell}', but this quantity takes nothing there.")
    elif rows in COLUMNS:
        check_sql(cell, rows, where, condition=rows != kind)
    elif kind in LISTS:
        for part in cell.split(LISTS[kind]):
            check_sql(part.strip(), "posts", where)
    elif not re.fullmatch(WORDS[kind][0], cell) or not all(map(runs_forward, cell.split(" / "))):
        raise InputError(f"{where}: '{cell}' is no {kind}; write it as {WORDS[kind][1]}.")


def runs_forward(cell: str) -> bool:
    """Whether a period of days has valid dates in order; true of anything that is not a period."""
    if not re.fullmatch(DAYS, cell):
        return True
    try:
        first, last = map(date.fromisoformat, cell.split(".."))
    except ValueError:
        return False
    return first <= last


def example(rows: str) -> pl.DataFrame:
    """A row with all columns that claims may name, each with an example value of its type."""
    kinds = {name: column.kind for name, column in (POST if rows == "posts" else ACCOUNT).items()}
    values = {
        name: OTHERS.get(name, EXAMPLES.get(kinds.get(name, ""), pl.lit("x")))
        for name in COLUMNS[rows]
    }
    return pl.select(**values)


def check_sql(cell: str, rows: str, where: str, *, condition: bool = False) -> None:
    """Raise :class:`InputError` unless ``cell`` is an SQL expression over ``rows``' columns."""
    known = COLUMNS[rows]
    try:
        names = columns_in(cell)
    except PolarsError as problem:
        raise InputError(f"{where}: '{cell}' is no SQL expression: {problem}.") from problem
    if not names:
        raise InputError(f"{where}: '{cell}' names no column. Known are {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise InputError(
                f"{where}: no column '{name}'.{did_you_mean(name, known)} Known are "
                f"{', '.join(known)}."
            )
    try:
        kind = example(rows).select(expression(cell)).dtypes[0]
    except PolarsError as problem:
        raise InputError(f"{where}: '{cell}' does not fit its columns: {problem}.") from problem
    if condition and kind != pl.Boolean:
        raise InputError(f"{where}: '{cell}' is no condition, which is true or false of a row.")


@dataclass(frozen=True)
class Data:
    """The rows of a campaign: posts, or counts of them, its accounts, and its files.

    ``posts`` has the columns of the clean rows, or those of counts (tweet_time in UTC,
    tweet_language); in both cases it has ``weight``, the number of posts that a row stands for.
    ``blanked`` are the columns that a reduced archive does not contain as released, ``topics`` the
    topics that posts were labelled with.
    """

    posts: pl.LazyFrame
    accounts: pl.LazyFrame | None = None
    files: Sequence[Entry] = ()
    blanked: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()

    @classmethod
    def of_archive(
        cls,
        tweets: str,
        accounts: str,
        files: Sequence[Entry],
        cut: Iterable[str] = (),
        topics: Iterable[str] = (),
    ) -> Data:
        """From the clean rows; ``cut`` names columns that the files hold only in reduced form."""
        rows = (of_campaign(pl.scan_parquet(path)) for path in (tweets, accounts))
        posts, people = (
            frame.with_columns(pl.col(pl.Categorical).cast(pl.String), account_creation_date=DAY)
            for frame in rows
        )
        people = people.filter("in_users").with_columns(
            creation_month=pl.col("account_creation_date").str.head(7)
        )
        with_users = any(entry.role == "users" for entry in files)
        posts = posts.with_columns(weight=pl.lit(1, pl.Int64))
        known = people if with_users else None
        return cls(posts, known, files, frozenset(cut), frozenset(topics))

    @classmethod
    def of_counts(cls, counts: pl.LazyFrame) -> Data:
        """From posts already counted: columns time (UTC), language, posts."""
        return cls(counts.select(tweet_time="time", tweet_language="language", weight="posts"))

    @classmethod
    def pooled(cls, parts: Sequence[Data]) -> Data:
        """Several campaigns pooled; what one of them lacks is dropped for all."""
        if len(parts) == 1:
            return parts[0]
        accounts = [part.accounts for part in parts if part.accounts is not None]
        columns = [part.posts.collect_schema().names() for part in parts]
        shared = [name for name in columns[0] if all(name in names for names in columns)]
        posts = [part.posts.select(shared) for part in parts]
        return cls(
            pl.concat(posts, how="vertical_relaxed"),
            pl.concat(accounts, how="vertical_relaxed") if len(accounts) == len(parts) else None,
            [entry for part in parts for entry in part.files],
            frozenset().union(*(part.blanked for part in parts)),
            frozenset.intersection(*(part.topics for part in parts)),
        )


@dataclass(frozen=True)
class Question:
    """A quantity asked of data: its argument ``of``, the condition ``where``, and the time zone.

    A blank time zone means UTC. Its properties raise :class:`NotComputableError` if the data lack
    the rows, or the columns that are named.
    """

    data: Data
    of: str = ""
    where: str = ""
    timezone: str = ""

    @cached_property
    def empty(self) -> set[str]:
        """Columns of the posts without any value, such as those that a release does not have."""
        names = [name for name in POST if name in self.data.posts.collect_schema().names()]
        names = [name for name in names if name in columns_in(self.where) + self.named]
        if not names:
            return set()
        filled = self.data.posts.select(pl.col(names).is_not_null().any()).collect()
        return {name for name in names if not filled[name].item()} if len(filled) else set()

    def is_lost(self, name: str) -> bool:
        """Whether the release rounded the ids in the column ``name``, so that some are lost."""
        flag = f"{name}_lost"
        if name not in REFERENCES or flag not in self.data.posts.collect_schema().names():
            return False
        return bool(self.data.posts.select(pl.col(flag).any()).collect().item())

    @property
    def named(self) -> list[str]:
        """All words in ``of``, among them every column that it names."""
        return re.findall(r"\w+", self.of)

    @cached_property
    def every_post(self) -> pl.LazyFrame:
        """All posts, with calendar columns in the claim's time zone."""
        time = pl.col("tweet_time").dt.convert_time_zone(self.timezone or "UTC")
        return self.data.posts.with_columns(time=time).with_columns(**CALENDAR)

    @cached_property
    def posts(self) -> pl.LazyFrame:
        """The posts that the claim is about."""
        return self.restricted(self.every_post)

    @cached_property
    def every_account(self) -> pl.LazyFrame:
        """All accounts of the users file."""
        if self.data.accounts is None:
            raise NotComputableError("there is no users file with the accounts")
        return self.data.accounts

    @cached_property
    def accounts(self) -> pl.LazyFrame:
        """The accounts that the claim is about."""
        return self.restricted(self.every_account)

    @property
    def values(self) -> pl.Expr:
        """The argument ``of`` as an expression."""
        return expression(self.of)

    def restricted(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of ``frame`` that the claim is about."""
        self.need(frame, *columns_in(self.where))
        for topic in TOPIC.findall(f"{self.where} {self.of}"):
            if topic not in self.data.topics:
                raise NotComputableError(f"posts were not labelled with the topic {topic}")
        return frame.filter(expression(self.where)) if self.where else frame

    def need(self, frame: pl.LazyFrame, *names: str) -> None:
        """Raise :class:`NotComputableError` unless ``frame`` has ``names`` as they were released.

        A column that is entirely empty counts as missing.
        """
        known = frame.collect_schema().names()
        for name in names:
            if name in self.data.blanked:
                raise NotComputableError(
                    f"the embedded archive is reduced: {name} is not in it as released. Point the "
                    "study at the original"
                )
            if name not in known:
                raise NotComputableError(f"the input has no column {name}")
            if self.is_lost(name):
                raise NotComputableError(
                    f"this release rounded the ids in {name}, so they are lost"
                )
            if name in self.empty:
                raise NotComputableError(f"the column {name} is empty throughout")
