"""What is known of the archives' CSV files: their columns, types and meaning, by name.

Column order differs between releases and a 31st column (``poll_choices``) comes and goes, so
columns are always read by name. A column of ``POST`` or ``ACCOUNT`` marked needed must be there;
the others are filled with null where a release does not have them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from takedown.errors import InputError


@dataclass(frozen=True)
class Column:
    """``kind``: id, text, time, date, count, flag or list. ``unit`` and ``about`` go to Parquet."""

    kind: str
    about: str
    needed: bool = False


POST: Mapping[str, Column] = {
    "tweetid": Column("id", "identifier of the post", needed=True),
    "userid": Column("id", "identifier of the account, hashed below 5,000 followers", needed=True),
    "account_creation_date": Column("date", "day the account was created", needed=True),
    "account_language": Column("text", "interface language of the account"),
    "follower_count": Column("count", "followers at suspension"),
    "following_count": Column("count", "accounts followed at suspension"),
    "tweet_language": Column("text", "language of the post as Twitter detected it", needed=True),
    "tweet_text": Column("text", "text of the post", needed=True),
    "tweet_time": Column("time", "time of the post, UTC, to the minute", needed=True),
    "tweet_client_name": Column("text", "programme it was posted with", needed=True),
    "in_reply_to_userid": Column("id", "account replied to"),
    "in_reply_to_tweetid": Column("id", "post replied to"),
    "quoted_tweet_tweetid": Column("id", "post quoted"),
    "is_retweet": Column("flag", "whether it repeats another post", needed=True),
    "retweet_userid": Column("id", "account of the repeated post, mostly blank"),
    "retweet_tweetid": Column("id", "the repeated post"),
    "latitude": Column("text", "absent, present, or degrees"),
    "longitude": Column("text", "absent, present, or degrees"),
    "quote_count": Column("count", "quotes by accounts still there at release"),
    "reply_count": Column("count", "replies by accounts still there at release"),
    "like_count": Column("count", "likes by accounts still there at release"),
    "retweet_count": Column("count", "retweets by accounts still there at release"),
    "hashtags": Column("list", "hashtags without sign", needed=True),
    "urls": Column("list", "addresses linked to"),
    "user_mentions": Column("list", "accounts mentioned"),
    "poll_choices": Column("text", "choices of a poll, joined by |"),
}

ACCOUNT: Mapping[str, Column] = {
    "userid": Column("id", "identifier of the account, hashed below 5,000 followers", needed=True),
    "account_creation_date": Column("date", "day the account was created", needed=True),
    "account_language": Column("text", "interface language of the account"),
    "follower_count": Column("count", "followers at suspension"),
    "following_count": Column("count", "accounts followed at suspension"),
}


def check_header(names: Sequence[str], columns: Mapping[str, Column], where: str) -> None:
    """Raise :class:`InputError` when a needed column is missing or a name stands twice."""
    missing = [name for name, column in columns.items() if column.needed and name not in names]
    if missing:
        raise InputError(
            f"{where}: no column '{missing[0]}'"
            + (f" (nor {', '.join(missing[1:])})" if missing[1:] else "")
            + f". The header reads: {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}. "
            "Needed are the columns of a released takedown archive, in any order."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{where}: the column '{twice[0]}' stands twice in the header.")
