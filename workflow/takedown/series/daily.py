"""Stage series: posts per local day, zero-filled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import pandas as pd
import polars as pl

from takedown.archives.columns import CAMPAIGN_GROUP
from takedown.archives.groups import of_campaign
from takedown.errors import InputError
from takedown.series.modelled import OTHER, VARIANT

TOPIC_SHARE = 0.01


def daily_from_posts(
    posts: pl.LazyFrame,
    topics: Sequence[str],
    languages: Sequence[str],
    window: tuple[str, str] | None,
    keep_rare_topics: bool = True,
) -> pd.DataFrame:
    """``series/daily.csv`` from cleaned posts.

    All series except ``group:control`` exclude posts by control accounts. If the release sorts
    accounts into categories, each category also has a series ``group:NAME``.
    Each of ``languages`` has its own series, and the rest share ``lang:other``. Days of the window
    (by default, from first to last post) without posts are rows with 0; a topic without any posts
    has 0 on every day. Unless ``keep_rare_topics`` is set, topics with a share of posts below
    ``TOPIC_SHARE`` are left out.
    """
    language = pl.when(pl.col("language").is_in(list(languages))).then("language")
    group = pl.col("group").cast(pl.String)
    grouped = posts.filter(group != CAMPAIGN_GROUP)
    posts = of_campaign(posts)
    parts = [
        grouped.select("local_day", series=pl.lit("group:") + group),
        posts.select("local_day", series=pl.lit("all")),
        posts.select("local_day", series=pl.lit("lang:") + language.otherwise(pl.lit(OTHER))),
        posts.select("local_day", series=pl.lit("kind:") + pl.col("kind")),
        posts.select("local_day", series=pl.col("topics"))
        .explode("series")
        .filter(pl.col("series").is_in(list(topics)))
        .with_columns(series=pl.lit("topic:") + pl.col("series")),
    ]
    counts = counted(parts, ["local_day", "series"])
    always = [f"topic:{topic}" for topic in topics]
    if not keep_rare_topics:
        sums = dict(counts.group_by("series").agg(pl.col("posts").sum()).iter_rows())
        always = [name for name in always if sums.get(name, 0) >= TOPIC_SHARE * sums["all"]]
        is_topic = pl.col("series").str.starts_with("topic:")
        counts = counts.filter(~is_topic | pl.col("series").is_in(always))
    return on_calendar(counts, window, always)


def counted(parts: Iterable[pl.LazyFrame], keys: list[str]) -> pl.DataFrame:
    """Count the rows of each part by ``keys``, as posts; one part at a time, to save memory."""
    posts = pl.len().cast(pl.Int64).alias("posts")
    return pl.concat([part.group_by(keys).agg(posts).collect() for part in parts])


def daily_from_counts(counts: pl.LazyFrame, window: tuple[str, str] | None) -> pd.DataFrame:
    """``series/daily.csv`` from counts of posts (columns local_day, language, posts)."""
    parts = [
        counts.select("local_day", "posts", series=pl.lit("all")),
        counts.select("local_day", "posts", series=pl.lit("lang:") + pl.col("language")),
    ]
    summed = [part.group_by("local_day", "series").agg(pl.col("posts").sum()) for part in parts]
    return on_calendar(pl.concat(summed).collect(), window, always=[])


def variants_of_posts(posts: pl.LazyFrame, days: Iterable[str]) -> pd.DataFrame:
    """``series/variants.csv``: the daily series under each defensible way to count posts.

    The day ends at local midnight or at midnight UTC; retweets are included or not; and either all
    posts count, or only those on a topic, by the broad or the strict rule. ``days`` are the days of
    ``series/daily.csv``.
    """
    posts = of_campaign(posts)
    local, utc = pl.col("local_day"), pl.col("tweet_time").dt.date()
    rules = {
        "all": pl.lit(True),
        "on a topic": pl.col("topics").list.len() > 0,
        "on a topic, strictly": pl.col("topics_strict").list.len() > 0,
    }
    parts = [
        posts.filter(chosen & kind).select(
            date=day.cast(pl.String),
            day=pl.lit(boundary),
            retweets=pl.lit(retweets),
            counted=pl.lit(name),
        )
        for boundary, day in (("local", local), ("UTC", utc))
        for retweets, kind in (("in", pl.lit(True)), ("out", pl.col("kind") != "retweet"))
        for name, chosen in rules.items()
    ]
    return filled(counted(parts, [*VARIANT, "date"]), days)


def variants_of_counts(counts: pl.LazyFrame, days: Iterable[str]) -> pd.DataFrame:
    """``series/variants.csv`` from counts by time, where only the end of the day can vary."""
    parts = [
        counts.select(
            "posts",
            date=day.cast(pl.String),
            day=pl.lit(boundary),
            retweets=pl.lit("in"),
            counted=pl.lit("all"),
        )
        for boundary, day in (("local", pl.col("local_day")), ("UTC", pl.col("time").dt.date()))
    ]
    rows = pl.concat(parts).group_by([*VARIANT, "date"]).agg(pl.col("posts").sum())
    return filled(rows.collect(), days)


def filled(rows: pl.DataFrame, days: Iterable[str]) -> pd.DataFrame:
    """``series/variants.csv`` with a row for each of the ``days``, even those without posts."""
    calendar = pl.DataFrame({"date": list(days)})
    ways = rows.select(VARIANT).unique().sort(VARIANT)
    full = ways.join(calendar, how="cross").join(rows, on=[*VARIANT, "date"], how="left")
    return (
        full.fill_null(0).sort([*VARIANT, "date"]).select([*VARIANT, "date", "posts"]).to_pandas()
    )


def on_calendar(
    counts: pl.DataFrame, window: tuple[str, str] | None, always: Iterable[str]
) -> pd.DataFrame:
    """Zero-fill (local_day, series, posts) over every day of the window and every series.

    Raises :class:`InputError` when there are no posts in the window.
    """
    own_days = counts.filter(pl.col("series") == "all")["local_day"]
    start, end = (
        (date.fromisoformat(window[0]), date.fromisoformat(window[1]))
        if window
        else (own_days.min(), own_days.max())
    )
    inside = counts.filter(pl.col("local_day").is_between(start, end))
    if inside["posts"].sum() == 0:
        raise InputError(f"No posts from {start} to {end}: change `window` in the study file.")
    days = pl.DataFrame({"local_day": pl.date_range(start, end, eager=True)})
    names = sorted({*inside["series"], *always}, key=series_order)
    grid = days.join(pl.DataFrame({"series": names}), how="cross")
    full = grid.join(inside, on=["local_day", "series"], how="left").fill_null(0)
    order = pl.Enum(names)
    return (
        full.sort(pl.col("series").cast(order), "local_day")
        .select(pl.col("local_day").cast(pl.String).alias("date"), "series", "posts")
        .to_pandas()
    )


def series_order(name: str) -> tuple[int, str]:
    """Sort key: ``all`` first, then topics, languages, kinds and groups."""
    kinds = ("all", "topic", "lang", "kind", "group")
    return kinds.index(name.split(":")[0]), name
