"""A small simulated archive with values for everything that claims ask about, and its raw rows."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from builders import COLUMNS_30, USER_COLUMNS, clean, post, to_csv, user, write_zip

from takedown.archives.receipt import read_receipt
from takedown.claims.question import Data
from takedown.study.topics import read_topics

ROOT = Path(__file__).parents[1]
SHARES = {"zh": 12, "en": 5, "und": 2, "ja": 2, "ru": 1, "th": 1}
TAGS = ["香港", "郭文贵", "班农", "守護香港", "肺炎", "MilesGuo", "milesguo", "COVID19", "王立强"]
TEXTS = [
    "香港, again",
    "MilesGuo and milesguo",
    "read https://example.org/milesguo",
    "hong kong or HongKong",
    "covid19\nspreads",
    'said "NA"',
    "nothing",
]
FIRST, LAST = datetime(2018, 1, 11, 9, 29, tzinfo=UTC), datetime(2020, 4, 17, 7, 13, tzinfo=UTC)


@cache
def accounts() -> list[dict[str, str]]:
    """Rows of the users file; the last ten never post."""
    draw = random.Random(5)
    rows = []
    for number in range(60):
        created = datetime(2018, 1, 1) + timedelta(days=draw.randrange(800))
        rows.append(
            user(
                f"u{number}",
                follower_count=str(draw.choice([0, 0, 0, 1, 8, 9, 50])),
                account_creation_date=f"{created:%Y-%m-%d}",
                account_language=draw.choice(["en", "en", "zh-cn", "zh-CN", "zh-tw", "ru"]),
                user_profile_description=draw.choice(["", "", "simulated profile"]),
            )
        )
    return rows


@cache
def posts() -> list[dict[str, str]]:
    """Rows of the posts file, more of them by day than by night and late in the campaign."""
    draw = random.Random(6)
    days = (LAST - FIRST).days
    moments = [FIRST, LAST]
    while len(moments) < 3000:
        day = max(draw.randrange(days), draw.randrange(days))
        hour = draw.choice([0, 1, 2, 3, 5, 7, 8, 8, 9, 13, 20])
        moment = FIRST.replace(hour=0, minute=0) + timedelta(days=day, hours=hour)
        moments.append(moment + timedelta(minutes=draw.randrange(60)))
    rows = []
    for at, moment in enumerate(moments):
        profile = accounts()[min(draw.randrange(50), draw.randrange(50))]
        reply, retweet = draw.random() < 0.3, draw.random() < 0.4
        tags = draw.sample(TAGS, draw.choice([0, 0, 1, 2]))
        cells = {name: profile[name] for name in USER_COLUMNS if name != "userid"}
        cells |= {name: str(draw.randrange(0, 4)) for name in ("quote_count", "reply_count")}
        cells |= {"like_count": str(int(draw.expovariate(0.05)))}
        cells |= {"retweet_count": str(int(draw.expovariate(0.2)))}
        rows.append(
            post(
                f"{moment:%Y-%m-%d %H:%M}",
                profile["userid"],
                sequence=at % 4096,
                **cells,
                tweet_language=draw.choices([*SHARES], [*SHARES.values()])[0],
                tweet_text=draw.choice(TEXTS),
                hashtags=str(tags),
                in_reply_to_userid="u1" if reply else "",
                in_reply_to_tweetid="77" if reply and draw.random() < 0.9 else "",
                quoted_tweet_tweetid="78" if draw.random() < 0.1 else "",
                is_retweet=str(retweet).lower(),
                retweet_tweetid="79" if retweet else "",
                retweet_userid="u2" if retweet and draw.random() < 0.4 else "",
            )
        )
    return rows


def planted(folder: Path) -> Data:
    """The archive, fetched and cleaned like any other."""
    folder.mkdir(parents=True, exist_ok=True)
    tweets = write_zip(folder / "tweets.zip", {"tweets.csv": to_csv(posts(), COLUMNS_30)})
    users = write_zip(folder / "users.zip", {"users.csv": to_csv(accounts(), USER_COLUMNS)})
    topics = read_topics(ROOT / "resources/topics.yaml")
    clean(folder, tweets, [users], topics=topics, timezone="Asia/Shanghai")
    return Data.of_archive(
        str(folder / "tweets.parquet"),
        str(folder / "accounts.parquet"),
        read_receipt(folder / "receipt.csv"),
        topics=[topic.name for topic in topics],
    )
