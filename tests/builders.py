"""Small simulated archives in the CSV dialect of the real ones: all fields quoted, LF, UTF-8.

Everything made here is simulated; ids encode their time, as real ones do.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from takedown.archives.columns import TWEET_COLUMNS, USER_COLUMNS
from takedown.archives.formats import formats
from takedown.clean.archive import clean_archive
from takedown.clean.checks import check_archive
from takedown.fetch.archive import Place, fetch_archive
from takedown.study.topics import Topic

SNOWFLAKE_EPOCH_MS = 1288834974657
COLUMNS_30 = TWEET_COLUMNS
COLUMNS_31 = [*COLUMNS_30, "poll_choices"]
LABELLED_COLUMNS = (
    "postid post_text application_name post_language in_reply_to_postid in_reply_to_accountid "
    "post_time accountid account_profile_description follower_count following_count "
    "account_creation_date is_repost reposted_accountid reposted_postid hashtags urls "
    "account_mentions is_control"
).split()


def tweet_id(time: datetime, sequence: int = 0) -> str:
    """A post id that encodes ``time`` (UTC)."""
    milliseconds = int(time.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS
    return str((milliseconds << 22) + sequence)


def user(name: str, **cells: str) -> dict[str, str]:
    """A row of a users file."""
    profile = dict.fromkeys(USER_COLUMNS, "") | {
        "userid": name,
        "user_display_name": name,
        "user_screen_name": name,
        "follower_count": "3",
        "following_count": "5",
        "account_creation_date": "2019-01-15",
        "account_language": "en",
    }
    return profile | cells


def day(number: int) -> str:
    """The time of a post on a day of November 2019."""
    return f"2019-11-{number:02d} 05:20"


def post(time: str = "2019-11-20 05:20", name: str = "u1", sequence: int = 0, **cells: str) -> dict:
    """A row of a tweets file, posted at ``time`` (UTC, to the minute) by account ``name``."""
    moment = datetime.strptime(time, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    row = user(name) | {
        "tweetid": tweet_id(moment, sequence),
        "tweet_language": "en",
        "tweet_text": "a simulated post",
        "tweet_time": time,
        "tweet_client_name": "Twitter Web App",
        "in_reply_to_userid": "",
        "in_reply_to_tweetid": "",
        "quoted_tweet_tweetid": "",
        "is_retweet": "false",
        "retweet_userid": "",
        "retweet_tweetid": "",
        "latitude": "absent",
        "longitude": "absent",
        "quote_count": "0",
        "reply_count": "0",
        "like_count": "0",
        "retweet_count": "0",
        "hashtags": "[]",
        "urls": "[]",
        "user_mentions": "[]",
        "poll_choices": "",
    }
    return row | cells


def labelled(row: Mapping[str, str], control: bool = False) -> dict[str, str]:
    """A row of a tweets file as the labelled releases write it, with its ids hashed again."""
    ours = {theirs: row.get(name, "") for name, theirs in formats()["labelled"].columns.items()}
    again = {name: sha256(ours[name].encode()).hexdigest() for name in ("postid", "accountid")}
    flags = {"is_control": str(control), "is_repost": row["is_retweet"].capitalize()}
    return ours | again | flags | {"account_profile_description": "simulated profile"}


def campaign(days: int = 120, per_day: int = 12, accounts: int = 20, seed: int = 1) -> list[dict]:
    """Simulated posts of a campaign: some every day, more on weekdays, a burst near the end."""
    draw = random.Random(seed)
    start = datetime(2019, 11, 1, tzinfo=UTC)
    rows = []
    for day in range(days):
        count = per_day if (start + timedelta(day)).weekday() < 5 else per_day // 3
        count = draw.randint(count // 2, 2 * count) * (4 if 90 <= day < 100 else 1)
        for _ in range(count):
            time = start + timedelta(days=day, minutes=draw.randrange(24 * 60))
            rows.append(
                post(
                    f"{time:%Y-%m-%d %H:%M}",
                    f"u{draw.randrange(accounts)}",
                    sequence=len(rows) % 4096,
                    tweet_text=draw.choice(
                        ["the army\nspoke", 'said "covid19"', "กองทัพบก", "plain"]
                    ),
                    hashtags=draw.choice(["[]", "['army']", "['a', 'b']"]),
                    is_retweet=draw.choice(["true", "false"]),
                    tweet_language=draw.choice(["en", "th"]),
                )
            )
    return rows


def to_csv(rows: Iterable[dict], columns: Sequence[str] = COLUMNS_30, newline: str = "\n") -> bytes:
    """Rows as CSV in the archives' dialect."""
    text = io.StringIO()
    writer = csv.DictWriter(
        text, columns, extrasaction="ignore", quoting=csv.QUOTE_ALL, lineterminator=newline
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def write_zip(
    path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED
) -> Path:
    """Write a zip with ``members`` to ``path``."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def write_archive(
    path: Path, rows: Iterable[dict], columns: Sequence[str] = COLUMNS_30, newline: str = "\n"
) -> Path:
    """Write a tweets (or users) zip with one member to ``path``."""
    return write_zip(path, {f"{path.stem}.csv": to_csv(rows, columns, newline)})


@dataclass(frozen=True)
class Cleaned:
    """The output of cleaning an archive: its two Parquet files, their rows, and its tables."""

    tweets: Path
    posts: pl.DataFrame
    accounts: pl.DataFrame
    accounting: pd.DataFrame
    checks: pd.DataFrame
    quarantine: pd.DataFrame

    @property
    def outcomes(self) -> dict[tuple[str, str], int]:
        """Number of rows by outcome and reason, over all files; zero counts are left out."""
        counts = self.accounting.groupby(["outcome", "reason"])["rows"].sum()
        return {key: int(count) for key, count in counts.items() if count}

    def check(self, name: str) -> tuple[str, Any]:
        """Value and verdict of one row of ``checks.csv``."""
        row = self.checks.set_index("check").loc[name]
        return row["value"], None if pd.isna(row["ok"]) else bool(row["ok"])


def read_quarantine(path: Path) -> pd.DataFrame:
    """The quarantined rows; bytes that are not UTF-8 are kept as surrogates."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as handle:
        names, *rows = csv.reader(handle)
    return pd.DataFrame(rows, columns=names, dtype=object).astype({"line": int})


def clean(
    folder: Path,
    tweets: Path | Sequence[Path],
    users: Sequence[Path] = (),
    *,
    topics: Sequence[Topic] = (),
    timezone: str = "UTC",
    window: tuple[str, str] | None = None,
    published: Mapping[str, int] | None = None,
) -> Cleaned:
    """Fetch, clean and check the files into ``folder``."""
    sources = {
        "tweets": [str(path) for path in ([tweets] if isinstance(tweets, Path) else tweets)],
        "users": [str(path) for path in users],
    }
    place = Place("sim", folder, folder / "trust.csv")
    fetch_archive(sources=sources, place=place, receipt=folder / "receipt.csv")
    paths = {
        "tweets": folder / "tweets.parquet",
        "accounts": folder / "accounts.parquet",
        "quarantine": folder / "quarantine.csv",
    }
    accounting = clean_archive(
        receipt=folder / "receipt.csv", topics=list(topics), timezone=timezone, **paths
    )
    posts, accounts = (pl.read_parquet(paths[name]) for name in ("tweets", "accounts"))
    return Cleaned(
        paths["tweets"],
        posts,
        accounts,
        accounting,
        check_archive(
            posts.lazy(), accounts, campaign="sim", window=window, published=published or {}
        ),
        read_quarantine(paths["quarantine"]),
    )
