"""Stage describe: what a campaign consists of, in small tables that name no one.

Tables about names (languages, clients, hashtags) pool the names that rest on fewer than
``min_accounts`` accounts, and say how many they pooled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
import polars as pl

from takedown.archives.columns import CONTROL_GROUP, YEARS
from takedown.clean.cells import NOTHING, days, in_years, number, with_year
from takedown.errors import InputError
from takedown.groups import of_campaign
from takedown.redaction import described
from takedown.tables import POOLED
from takedown.topics import folded
from takedown.user_csv import read_rows

ENGAGEMENTS = ["quote_count", "reply_count", "like_count", "retweet_count"]
TIME = "%Y-%m-%d %H:%M"
ISO_TIME = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$"
#: What a cell of a user's table must be, by its column.
WANTED = {
    "time": f"Write times of {YEARS[0]} to {YEARS[-1]}, in UTC, as 2019-06-01 02:09.",
    "posts": "It must be a whole number, 0 or more.",
    "count": "It must be a whole number, 0 or more.",
    "account_creation_date": "Write days as 2019-06-01.",
}
#: The rows of ``describe/summary.csv``.
ORDER = """
    posts accounts posting_accounts accounts_without_posts retweets accounts_without_followers
    originals replies quotes posts_with_hashtag hashtags_distinct languages_distinct engagements
    first_post last_post days_with_posts control_posts control_accounts
""".split()


def summary(posts: pl.LazyFrame, accounts: pl.LazyFrame) -> pd.DataFrame:
    """``describe/summary.csv`` of a campaign whose posts are there; control accounts apart."""
    control = pl.col("group") == CONTROL_GROUP
    of_controls = {
        f"control_{name}": frame.select(control.sum()).collect().item()
        for name, frame in (("posts", posts), ("accounts", accounts))
    }
    posts, accounts = of_campaign(posts), of_campaign(accounts)
    of_posts = posts.select(
        posts=pl.len(),
        originals=(pl.col("kind") == "original").sum(),
        retweets=(pl.col("kind") == "retweet").sum(),
        replies=(pl.col("kind") == "reply").sum(),
        quotes=(pl.col("kind") == "quote").sum(),
        posts_with_hashtag=(pl.col("hashtags").list.len() > 0).sum(),
        engagements=pl.sum_horizontal(ENGAGEMENTS).sum(),
        engagements_known=pl.any_horizontal(pl.col(ENGAGEMENTS).is_not_null()).any(),
        first_post=pl.col("tweet_time").min(),
        last_post=pl.col("tweet_time").max(),
    ).collect()
    of_posts = of_posts.with_columns(pl.col("first_post", "last_post").dt.strftime(TIME))
    # Each on its own: counted with the others, polars would hold all their columns in memory.
    different = {
        "posting_accounts": pl.col("userid"),
        "hashtags_distinct": folded(pl.col("hashtags").explode().drop_nulls()),
        "languages_distinct": pl.col("language"),
        "days_with_posts": pl.col("local_day"),
    }
    distinct = {
        name: posts.select(values).unique().select(pl.len()).collect().item()
        for name, values in different.items()
    }
    of_accounts = accounts.select(
        accounts=pl.len(),
        accounts_without_posts=(pl.col("posts") == 0).sum(),
        accounts_without_followers=(pl.col("follower_count") == 0).sum(),
    ).collect()
    found = of_accounts.row(0, named=True) | of_posts.row(0, named=True) | distinct
    if not found.pop("engagements_known"):  # the labelled format does not have them
        del found["engagements"]
    if of_controls["control_posts"]:
        found |= of_controls
    return quantities({name: found[name] for name in ORDER if name in found})


def quantities(found: Mapping[str, object]) -> pd.DataFrame:
    """``describe/summary.csv`` from quantity -> value, in that order."""
    units = {"first_post": "UTC", "last_post": "UTC", "days_with_posts": "local days"}
    return pd.DataFrame(
        [(name, str(value), units.get(name, unit_of(name))) for name, value in found.items()],
        columns=["quantity", "value", "unit"],
    )


def unit_of(quantity: str) -> str:
    """The unit a quantity's own name tells: accounts, hashtags, languages, engagements, posts."""
    known = ("accounts", "hashtags_distinct", "languages_distinct", "engagements")
    kind = next((name for name in known if name in quantity), "posts")
    return kind.removesuffix("_distinct")


def by_name(posts: pl.LazyFrame, names: pl.Expr, column: str, min_accounts: int) -> pd.DataFrame:
    """Posts and accounts per name: ``describe/languages.csv`` and its like.

    ``names`` may be a list column; a post then counts once for each distinct name in it.
    """
    rows = posts.select(names.alias(column), "userid").with_row_index("post")
    if isinstance(rows.collect_schema()[column], pl.List):
        rows = rows.with_columns(pl.col(column).list.unique()).explode(column).drop_nulls(column)
    total = posts.select(pl.len()).collect().item()
    counts = (
        rows.group_by(column)
        .agg(pl.len().cast(pl.Int64).alias("posts"), pl.col("userid").n_unique().alias("accounts"))
        .sort(["posts", column], descending=[True, False])
        .collect()
    )
    few = names_to_pool(rows, counts, column, min_accounts)
    kept = counts.filter(~pl.col(column).is_in(few)).with_columns(pooled=pl.lit(0))
    table = kept.to_pandas()
    if few:
        pool = (
            rows.filter(pl.col(column).is_in(few))
            .select(posts=pl.col("post").n_unique(), accounts=pl.col("userid").n_unique())
            .collect()
            .row(0)
        )
        table.loc[len(table)] = [POOLED, *pool, len(few)]
    table["share"] = table["posts"] / total
    return table[[column, "posts", "accounts", "share", "pooled"]]


def names_to_pool(
    rows: pl.LazyFrame, counts: pl.DataFrame, column: str, min_accounts: int
) -> list[str]:
    """The names to pool: those of too few accounts, and more until the pool is large enough.

    Without the second part a pool of one name would give that name's count away, since the rows of
    a table add up.
    """
    few = counts.filter(pl.col("accounts") < min_accounts)[column].to_list()
    others = counts.filter(pl.col("accounts") >= min_accounts).sort(["accounts", column])[column]
    for name in [None, *others] if few else []:
        few += [name] if name is not None else []
        pool = rows.filter(pl.col(column).is_in(few)).select(pl.col("userid").n_unique())
        if pool.collect().item() >= min_accounts:
            break
    return few


def topic_coverage(posts: pl.LazyFrame, names: Iterable[str]) -> pd.DataFrame:
    """``describe/topics.csv``: how much each topic covers, broadly, strictly, and shared."""
    broad, strict = pl.col("topics"), pl.col("topics_strict")
    total = posts.select(pl.len()).collect().item()
    tests = {
        name: (broad.list.contains(name), strict.list.contains(name), broad.list.len() > 1)
        for name in names
    }
    tests["(any)"] = (broad.list.len() > 0, strict.list.len() > 0, broad.list.len() > 1)
    rows = []
    for name, (wide, narrow, shared) in tests.items():
        found = posts.select(
            posts=wide.sum(), posts_strict=narrow.sum(), posts_shared=(wide & shared).sum()
        )
        counts = found.collect().row(0, named=True)
        rows.append({"topic": name, "share": counts["posts"] / total, **counts})
    return pd.DataFrame(rows)[["topic", "posts", "share", "posts_strict", "posts_shared"]]


def account_months(accounts: pl.LazyFrame, timezone: str, min_accounts: int) -> pd.DataFrame:
    """``describe/account_creation_monthly.csv`` from an account table.

    ``first_post`` (UTC) gives the month of first activity in ``timezone``; without that column the
    table says nothing of first posts.
    """
    created = months(accounts, pl.col("account_creation_date"), "accounts")
    schema = accounts.collect_schema()
    if "first_post" in schema:
        local = pl.col("first_post").dt.convert_time_zone(timezone)
        created = created.join(
            months(accounts, local, "first_posts"), on="month", how="full", coalesce=True
        ).fill_null(0)
    else:
        created = created.with_columns(first_posts=pl.lit(None, dtype=pl.Int64))
    table = created.sort("month").to_pandas().astype({"first_posts": "Int64"})
    return pool_months(table, min_accounts)


def months(accounts: pl.LazyFrame, day: pl.Expr, name: str) -> pl.DataFrame:
    """Accounts per month of ``day``, as columns month and ``name``."""
    month = day.dt.strftime("%Y-%m").alias("month")
    return (
        accounts.select(month)
        .drop_nulls()
        .group_by("month")
        .agg(pl.len().cast(pl.Int64).alias(name))
        .collect()
    )


def pool_months(table: pd.DataFrame, min_accounts: int) -> pd.DataFrame:
    """Pool the months in which either count is small but not zero.

    As with names, the pool itself must be large enough, or it takes in the next smallest month.
    """
    counts = table[["accounts", "first_posts"]].fillna(0).astype(int)
    small = ((counts > 0) & (counts < min_accounts)).any(axis=1)
    for index in counts.sum(axis=1)[~small].sort_values(kind="stable").index:
        pool = counts[small].sum()
        short = (pool > 0) & (pool < min_accounts)
        if short.any() and counts.loc[index][short].any():
            small[index] = True
    kept = table[~small].assign(pooled=0)
    if not small.any():
        return kept
    pool = table[small][["accounts", "first_posts"]].sum(min_count=1)
    row = pd.DataFrame([{"month": POOLED, **pool, "pooled": int(small.sum())}])
    return pd.concat([kept, row.astype(kept.dtypes.to_dict())], ignore_index=True)


def hour_weekday(local_time: pl.Expr, posts: pl.Expr, rows: pl.LazyFrame) -> pd.DataFrame:
    """``describe/hour_weekday.csv``: all 168 hours of the week, also those without posts."""
    grid = pl.DataFrame({"weekday": range(1, 8)}).join(
        pl.DataFrame({"hour": range(24)}), how="cross"
    )
    counts = (
        rows.group_by(
            local_time.dt.weekday().cast(pl.Int64).alias("weekday"),
            local_time.dt.hour().cast(pl.Int64).alias("hour"),
        )
        .agg(posts.cast(pl.Int64).alias("posts"))
        .collect()
    )
    full = grid.join(counts, on=["weekday", "hour"], how="left").fill_null(0)
    return full.sort("weekday", "hour").to_pandas()


def read_counts(path: str, timezone: str) -> pl.LazyFrame:
    """Posts already counted, as time (UTC), language, posts, and local_time, local_day.

    The CSV has the columns time (ISO 8601, UTC), language, posts. Raises :class:`InputError` on a
    missing column or a cell that cannot be read.
    """
    written = pl.when(pl.col("time").str.contains(ISO_TIME)).then("time")
    time = in_years(written.str.to_datetime(time_zone="UTC", strict=False))
    posts = whole_number("posts")
    language = pl.col("language").fill_null("").replace(["", *NOTHING], "und")
    table = read_cells(path, time=time, language=language, posts=posts)
    local = pl.col("time").dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    return table.lazy().with_columns(local_time=local, local_day=local.dt.date())


def whole_number(column: str) -> pl.Expr:
    """The numbers in a column; null where a cell is none, or below zero."""
    return number(pl.col(column).str.extract(r"^([0-9]+)(?:\.0+)?$"))


def read_cells(path: str, **columns: pl.Expr) -> pl.DataFrame:
    """The CSV at ``path``, read as text, with ``columns`` typed.

    Raises :class:`InputError` when one is missing, or null in a row, which it names.
    """
    given = read_rows(path)
    table = pl.DataFrame(given.rows, schema=dict.fromkeys(given.columns, pl.String))
    table = table.with_columns(pl.all().replace("", None))
    for name in columns:
        if name not in table.columns:
            raise InputError(f"{path}: no column '{name}'. Needed are {', '.join(columns)}.")
    typed = table.with_columns(**columns)
    for name in columns:
        for row in typed[name].is_null().arg_true().to_list():
            raise InputError(
                f"{path}, line {given.lines[row]}, column {name}: "
                f"{described(table[name][row] or '')} cannot be read. "
                f"{WANTED.get(name, '')}".rstrip()
            )
    return typed


def read_accounts(path: str) -> pl.LazyFrame:
    """An account table (CSV) with the column account_creation_date, a day."""
    day = in_years(days(with_year(pl.col("account_creation_date"))))
    return read_cells(path, account_creation_date=day).lazy()


def summary_of_counts(counts: pl.LazyFrame) -> pd.DataFrame:
    """``describe/summary.csv`` of a campaign of which only counts are known."""
    found = counts.select(
        posts=pl.col("posts").sum(),
        languages_distinct=pl.col("language").n_unique(),
        first_post=pl.col("time").min().dt.strftime(TIME),
        last_post=pl.col("time").max().dt.strftime(TIME),
        days_with_posts=pl.col("local_day").n_unique(),
    ).collect()
    return quantities(found.row(0, named=True))


def languages_of_counts(counts: pl.LazyFrame) -> pd.DataFrame:
    """``describe/languages.csv`` where accounts are not known, so nothing can be pooled."""
    table = (
        counts.group_by("language")
        .agg(pl.col("posts").sum())
        .sort(["posts", "language"], descending=[True, False])
        .collect()
        .to_pandas()
    )
    return table.assign(
        accounts=pd.array([None] * len(table), dtype="Int64"),
        share=table.posts / table.posts.sum(),
        pooled=0,
    )[["language", "posts", "accounts", "share", "pooled"]]


def hashtag_totals(path: str, min_uses: int) -> pd.DataFrame:
    """``describe/hashtags.csv`` from totals (columns hashtag, count); rare tags are pooled by uses.

    Without accounts, a tag used fewer than ``min_uses`` times may rest on as few accounts.
    """
    totals = (
        read_cells(
            path,
            hashtag=folded(pl.col("hashtag")).str.strip_prefix("#"),
            count=whole_number("count"),
        )
        .group_by("hashtag")
        .agg(pl.col("count").sum().alias("posts"))
        .sort(["posts", "hashtag"], descending=[True, False])
    )
    few = totals.filter(pl.col("posts") < min_uses)
    table = totals.filter(pl.col("posts") >= min_uses).to_pandas().assign(pooled=0)
    if len(few):
        table.loc[len(table)] = [POOLED, few["posts"].sum(), len(few)]
    return table.assign(
        accounts=pd.array([None] * len(table), dtype="Int64"),
        share=table.posts / totals["posts"].sum(),
    )[["hashtag", "posts", "accounts", "share", "pooled"]]
