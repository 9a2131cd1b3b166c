"""``python -m takedown.simulate.archive ARCHIVE``: a full-size simulated stand-in for an archive.

It has the published numbers of posts and accounts and the exact CSV dialect, but no other
resemblance to the real archive: times, texts, languages and topics are random. Use it to try out
the workflow, and a machine, before the real archive is available. With ``--effect 2`` posts per day
follow a made-up rhythm, noise and trend, and every event of the archive's calendar doubles them for
a week. The ground truth is written next to the archive, to check whether the workflow recovers it.
File names, member names and the study file written with them all say that the archive is simulated,
and therefore so does every result.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import yaml

from takedown.archives.catalogue import read_catalogue
from takedown.archives.columns import TWEET_COLUMNS, USER_COLUMNS
from takedown.clean.checks import SNOWFLAKE_EPOCH_MS
from takedown.engine.endings import run
from takedown.errors import InputError, did_you_mean
from takedown.io.files import whole
from takedown.series.news import read_events
from takedown.simulate.campaigns import CampaignSimulator, event_effect, planted_mean

BLOCK_ROWS = 50_000
EFFECT_DAYS = 7
LANGUAGES = ["zh", "en", "und", "ja"]
CLIENTS = ["Twitter Web App", "Twitter for Android", "Twitter for iPhone"]
TAGS = ["[]", "[]", "[]", "['HongKong']", "['香港', 'COVID19']"]
#: Letters of pseudo-words, by script, and the words that test a reader or the topics.
LETTERS = ["กขคงจชดตทนบปพมยรลวสหอาิีุู", "的一是不了人我在有他这为之大来以个中上们", "aeiounrstlhdmcy"]
MARKED = ["\n", '"quoted"', "it's", "&amp;", "香港", "疫情", "ทหาร", "covid19", "NA"]


@dataclass
class Truth:
    """What a correct reader must find in the tweets file. Sums of ids are modulo 2**64."""

    rows: int = 0
    ids: int = 0
    reply_ids: int = 0
    replies: int = 0
    texts: int = 0
    newlines: int = 0

    def counted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Count the text columns of ``frame`` and return it; null and empty cells are blank."""
        numbers = {
            name: pl.col(name).replace("", None).cast(pl.UInt64)
            for name in ("tweetid", "in_reply_to_tweetid")
        }
        text = pl.col("tweet_text").replace("", None)
        found = frame.select(
            rows=pl.len(),
            ids=numbers["tweetid"].sum(),
            reply_ids=numbers["in_reply_to_tweetid"].sum(),
            replies=numbers["in_reply_to_tweetid"].count(),
            texts=text.count(),
            newlines=text.str.count_matches("\n", literal=True).sum(),
        ).row(0, named=True)
        for name, value in found.items():
            setattr(self, name, (getattr(self, name) + int(value)) % 2**64)
        return frame


def pseudo_words(count: int, draw: np.random.Generator) -> pl.Series:
    """``count`` meaningless words in three scripts, with the ``MARKED`` words among them."""
    letters = [draw.choice(list(LETTERS[number % 3]), 2 + number % 5) for number in range(count)]
    words = ["".join(word) for word in letters]
    words[5 : 5 + 20 * len(MARKED) : 20] = MARKED
    return pl.Series(words)


def simulated_texts(count: int, words: pl.Series, draw: np.random.Generator) -> pl.Series:
    """``count`` texts of 4 to 29 ``words``; as in any language, a few words are very frequent."""
    lengths = draw.integers(4, 30, count)
    ranks = (len(words) ** draw.random(lengths.sum())).astype(np.int64) - 1
    ends = np.concatenate([[0], np.cumsum(lengths)])
    lists = pa.LargeListArray.from_arrays(ends, words.gather(ranks).to_arrow())
    return pl.Series(pl.from_arrow(lists)).list.join(" ")


def simulated_accounts(count: int, first_day: datetime, draw: np.random.Generator) -> pl.DataFrame:
    """``count`` rows of a users file: accounts created in the three years before ``first_day``."""
    marks = draw.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+"), (count, 26))
    names = [f"simulated{number:08d}{''.join(row)}=" for number, row in enumerate(marks)]
    created = np.datetime64(first_day, "D") - draw.integers(1, 1100, count)
    profiles = simulated_texts(count, pseudo_words(400, draw), draw)
    return pl.DataFrame(
        {
            "userid": names,
            "user_profile_description": np.where(draw.random(count) < 0.2, profiles, ""),
            "follower_count": draw.integers(0, 50, count),
            "following_count": draw.integers(0, 200, count),
            "account_creation_date": np.datetime_as_string(created),
            "account_language": draw.choice(["zh-cn", "en"], count),
        }
    ).with_columns(
        pl.col("userid").alias("user_display_name"),
        pl.col("userid").alias("user_screen_name"),
        *(pl.lit("").alias(name) for name in ("user_reported_location", "user_profile_url")),
    )


def simulated_posts(
    count: int,
    accounts: pl.DataFrame,
    start: datetime,
    end: datetime,
    draw: np.random.Generator,
    daily: np.ndarray | None = None,
) -> Iterator[pl.DataFrame]:
    """``count`` rows of a tweets file in blocks; few accounts post most, weekends are quieter.

    If ``daily`` is given (posts per day from ``start`` on, ``count`` in all), it alone determines
    on which days the posts fall. Shares of retweets, replies, quotes, hashtags and links, and the
    bytes per row, compressed and uncompressed, are close to those of thailand_092020.
    """
    span = int((end - start).total_seconds() // 60)
    share = draw.pareto(1.2, len(accounts)) + 0.01
    words = pseudo_words(8000, draw)
    repeated = simulated_texts(2000, words, draw)
    planted = None if daily is None else draw.permutation(np.repeat(np.arange(len(daily)), daily))
    for first in range(0, count, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, count - first)
        minutes = draw.integers(0, span, rows)
        weekday = (minutes // 1440 + start.weekday()) % 7
        minutes -= 1440 * 2 * ((weekday >= 5) & (draw.random(rows) < 0.5)) * (minutes >= 2880)
        if planted is not None:
            minutes = planted[first : first + rows] * 1440 + minutes % 1440
        times = np.datetime64(start, "m") + minutes
        moments = times.astype("datetime64[ms]").astype(np.int64) + draw.integers(0, 60_000, rows)
        stamps = (moments - SNOWFLAKE_EPOCH_MS) << 22
        kind = draw.random(rows)
        number = np.arange(first, first + rows)
        # Ids encode the time since November 2010; earlier posts have sequential ids.
        ids = np.where(stamps >= 0, stamps + (number & 0xFFFF) + 1, 10**9 + number)
        poster = accounts[draw.choice(len(accounts), rows, p=share / share.sum())]
        other = (10**9 + draw.integers(0, 5000, rows)).astype(str)
        counts = {name: draw.poisson(0.3, rows) for name in ("reply", "like", "retweet", "quote")}
        texts = pl.DataFrame(
            {
                "own": simulated_texts(rows, words, draw),
                "other": "RT @" + repeated.gather(draw.integers(0, len(repeated), rows)),
                "retweet": kind < 0.5,
            }
        ).select(pl.when("retweet").then("other").otherwise("own"))
        yield poster.with_columns(
            tweetid=pl.Series(ids),
            tweet_language=pl.Series(draw.choice(LANGUAGES, rows)),
            tweet_text=texts.to_series(),
            tweet_time=pl.Series(np.char.replace(np.datetime_as_string(times), "T", " ")),
            tweet_client_name=pl.Series(draw.choice(CLIENTS, rows)),
            in_reply_to_userid=pl.Series(np.where(kind > 0.7, other, "")),
            in_reply_to_tweetid=pl.Series(np.where(kind > 0.7, (ids - 977).astype(str), "")),
            quoted_tweet_tweetid=pl.Series(np.where(kind % 0.1 < 0.014, (ids - 5).astype(str), "")),
            is_retweet=pl.Series(np.where(kind < 0.5, "true", "false")),
            retweet_userid=pl.lit(""),
            retweet_tweetid=pl.Series(np.where(kind < 0.5, (ids - 2001).astype(str), "")),
            latitude=pl.lit("absent"),
            longitude=pl.lit("absent"),
            hashtags=pl.Series(draw.choice(TAGS, rows)),
            urls=pl.Series(
                np.where(
                    kind % 0.1 < 0.011,
                    np.char.add(np.char.add("['https://t.co/", other), "']"),
                    "[]",
                )
            ),
            user_mentions=pl.Series(
                np.where(kind < 0.6, np.char.add(np.char.add("['", other), "']"), "[]")
            ),
            **{f"{name}_count": pl.Series(values) for name, values in counts.items()},
        )


def in_dialect(frame: pl.DataFrame, include_header: bool = True) -> bytes:
    """A frame of text in the CSV dialect of the archives: all cells quoted, LF, UTF-8."""
    return frame.write_csv(
        include_header=include_header, quote_style="always", line_terminator="\n"
    ).encode("utf-8")


def write_zip(path: Path, columns: list[str], frames: Iterator[pl.DataFrame]) -> None:
    """Write a zip with one CSV of the same name, in the archives' dialect."""
    with (
        whole(path) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        archive.open(f"{path.stem}.csv", "w", force_zip64=True) as out,
    ):
        for number, frame in enumerate(frames):
            out.write(in_dialect(frame.select(columns), include_header=number == 0))


def simulate_archive(
    tweets: Path,
    users: Path,
    *,
    posts: int,
    accounts: int,
    start: datetime,
    end: datetime,
    seed: int,
    daily: np.ndarray | None = None,
) -> Truth:
    """Write a simulated archive: the zips ``tweets`` and ``users``, with names that say so.

    ``posts`` and ``accounts`` are numbers of rows; times are between ``start`` and ``end`` (UTC).
    ``daily`` sets the posts per day from ``start`` on; it must sum to ``posts``. Raises
    :class:`InputError` if a file name does not say that it is simulated.
    """
    for path in (tweets, users):
        if "simulated" not in path.name:
            raise InputError(f"{path}: its name must say that it is simulated.")
    draw = np.random.default_rng(seed)
    people = simulated_accounts(accounts, start, draw)
    truth = Truth()
    write_zip(users, USER_COLUMNS, iter([people]))
    blocks = simulated_posts(posts, people, start, end, draw, daily)
    frames = (frame.cast(pl.String) for frame in blocks)
    write_zip(tweets, TWEET_COLUMNS, map(truth.counted, frames))
    return truth


def planted_days(
    days: pd.DatetimeIndex,
    dates: Iterable[str],
    *,
    posts: int,
    effect: float,
    delay: int,
    seed: int,
) -> pd.DataFrame:
    """Posts per day with a planted effect: columns date, mean, effect, posts.

    There are about ``posts`` in all. Weekends are quieter, the level doubles from the first day to
    the last, and busy days tend to follow busy days. Each of the ``dates`` among the ``days``
    multiplies the rate by ``effect`` for seven days, starting ``delay`` days after it.
    """
    mean = planted_mean(days, 1.0, trend=2.0)
    campaign = CampaignSimulator(mean * posts / mean.sum(), alpha=0.1, spread=0.4, persistence=0.6)
    at = days.get_indexer(pd.DatetimeIndex(list(dates)))
    factor = event_effect(len(days), at[at >= 0], effect, range(delay, delay + EFFECT_DAYS))
    drawn = campaign.draw(np.random.default_rng(seed), factor)
    return pd.DataFrame(
        {
            "date": days.strftime("%Y-%m-%d"),
            "mean": campaign.mean.to_numpy(),
            "effect": factor.round(9),
            "posts": drawn.to_numpy(),
        }
    )


def main(arguments: list[str] | None = None) -> None:
    """Write the stand-in of one archive of the catalogue, and a study file that uses it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("archive", help="an id of resources/archives.csv")
    parser.add_argument("--to", type=Path, default=Path("data/simulated"), metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=20200612)
    parser.add_argument("--effect", type=float, default=1.0, help="rate ratio of every event")
    parser.add_argument("--delay", type=int, default=0, help="days until the effect begins")
    options = parser.parse_args(arguments)
    catalogue = read_catalogue()
    if options.archive not in catalogue:
        parser.error(
            f"{options.archive} is not in the catalogue.{did_you_mean(options.archive, catalogue)}"
        )
    row = catalogue[options.archive]
    if not row["n_tweets_published"]:
        parser.error(f"{options.archive}: the number of its posts is not known")
    name = f"simulated_{options.archive}"
    options.to.mkdir(parents=True, exist_ok=True)
    paths = [options.to / f"{name}_{role}_csv_hashed.zip" for role in ("tweets", "users")]
    end = datetime.fromisoformat(row["release_date"])
    start = end.replace(year=end.year - 1, day=1)
    posts, daily = int(row["n_tweets_published"]), None
    if options.effect != 1:
        events = read_events(row["events"].split(), row["event_topics"].split())
        truth = planted_days(
            pd.date_range(start, end),
            events["date"],
            posts=posts,
            effect=options.effect,
            delay=options.delay,
            seed=options.seed,
        )
        truth.to_csv(options.to / f"{name}_truth.csv", index=False)
        daily = truth["posts"].to_numpy()
        posts = int(daily.sum())
        # Days of the ground truth are days in the campaign's time zone.
        start = start.replace(tzinfo=ZoneInfo(row["timezone"])).astimezone(UTC).replace(tzinfo=None)
    simulate_archive(
        *paths,
        posts=posts,
        accounts=int(row["n_accounts_published"]),
        start=start,
        end=end,
        seed=options.seed,
        daily=daily,
    )
    campaign = {"tweets": paths[0].as_posix(), "users": paths[1].as_posix()}
    campaign["timezone"] = row["timezone"]
    news = {key: row[key].split() for key in ("events", "event_topics") if row[key]}
    study = {
        "study": name,
        "title": f"SIMULATED stand-in for {options.archive}",
        "campaigns": {name: {**campaign, **news}},
    }
    file = options.to / f"{name}.yaml"
    file.write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    print(f"{paths[0]}\n{paths[1]}\nRun it: make run CONFIG={file}")


if __name__ == "__main__":
    run(main)
