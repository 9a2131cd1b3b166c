"""The columns of the archives' CSV files: name, type and meaning of each.

Column order differs between releases, and only some have a 31st column (``poll_choices``), so
columns are always read by name. A column of ``POST`` or ``ACCOUNT`` that is marked as needed must
be present; any other is filled with nulls if a release lacks it.

The names are those of Twitter's own archives; :mod:`takedown.archives.formats` has the names that
other formats use for the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Valid years of posts: any other is an error, and the year 9999 would make an 8,000-year series.
YEARS = range(2006, 2036)
#: Values of the column ``group``: posts of the campaign, and of control accounts.
CAMPAIGN_GROUP, CONTROL_GROUP = "campaign", "control"
#: The columns of Twitter's post and account files, in the order that most releases use.
TWEET_COLUMNS = (
    "tweetid userid user_display_name user_screen_name user_reported_location "
    "user_profile_description user_profile_url follower_count following_count "
    "account_creation_date account_language tweet_language tweet_text tweet_time "
    "tweet_client_name in_reply_to_userid in_reply_to_tweetid quoted_tweet_tweetid is_retweet "
    "retweet_userid retweet_tweetid latitude longitude quote_count reply_count like_count "
    "retweet_count hashtags urls user_mentions"
).split()
USER_COLUMNS = (
    "userid user_display_name user_screen_name user_reported_location user_profile_description "
    "user_profile_url follower_count following_count account_creation_date account_language"
).split()


@dataclass(frozen=True)
class Column:
    """One column of a CSV file.

    ``kind`` is post id, id, text, category (text with few distinct values), time, date, count, flag
    or list; or post reference or account reference, the id of another post or account. ``about``
    and ``unit`` are stored in the Parquet file. A file must have every ``needed`` column, and a row
    must have a value in each needed column that is an id, a time, a date or a flag.
    """

    kind: str
    about: str
    needed: bool = False
    unit: str = ""


POST: Mapping[str, Column] = {
    "tweetid": Column("post id", "identifier of the post", needed=True),
    "userid": Column("id", "identifier of the account, hashed below 5,000 followers", needed=True),
    "account_creation_date": Column("date", "day the account was created", needed=True),
    "account_language": Column("category", "interface language of the account"),
    "follower_count": Column("count", "followers at suspension", unit="accounts"),
    "following_count": Column("count", "accounts followed at suspension", unit="accounts"),
    "tweet_language": Column(
        "category", "language of the post as Twitter detected it", needed=True
    ),
    "tweet_text": Column("text", "text of the post", needed=True),
    "tweet_time": Column("time", "time of the post, to the minute", needed=True, unit="UTC"),
    "tweet_client_name": Column("category", "programme it was posted with", needed=True),
    "in_reply_to_userid": Column("account reference", "account replied to"),
    "in_reply_to_tweetid": Column("post reference", "post replied to"),
    "quoted_tweet_tweetid": Column("post reference", "post quoted"),
    "is_retweet": Column("flag", "whether it repeats another post", needed=True),
    "retweet_userid": Column("account reference", "account of the repeated post, mostly blank"),
    "retweet_tweetid": Column("post reference", "the repeated post"),
    "latitude": Column("category", "absent, present, or degrees"),
    "longitude": Column("category", "absent, present, or degrees"),
    "quote_count": Column("count", "quotes by accounts still there at release", unit="posts"),
    "reply_count": Column("count", "replies by accounts still there at release", unit="posts"),
    "like_count": Column("count", "likes by accounts still there at release", unit="likes"),
    "retweet_count": Column("count", "retweets by accounts still there at release", unit="posts"),
    "hashtags": Column("list", "hashtags without sign", needed=True),
    "urls": Column("list", "addresses linked to"),
    "user_mentions": Column("list", "accounts mentioned"),
    "poll_choices": Column("text", "choices of a poll, joined by |"),
}

ACCOUNT: Mapping[str, Column] = {
    "userid": Column("id", "identifier of the account, hashed below 5,000 followers", needed=True),
    "account_creation_date": Column("date", "day the account was created", needed=True),
    "account_language": Column("category", "interface language of the account"),
    "follower_count": Column("count", "followers at suspension", unit="accounts"),
    "following_count": Column("count", "accounts followed at suspension", unit="accounts"),
}

#: The columns that name another post or account.
REFERENCES = tuple(name for name, column in POST.items() if column.kind.endswith("reference"))
#: Columns that differ from the release in the reduced form of an archive, which may be shared:
#: ``BLANKED`` are blank, ``NAMES`` hold an identifier, and of the rest of ``CUT`` a part is left.
BLANKED = ("user_profile_description", "user_profile_url", "user_reported_location")
NAMES = ("user_display_name", "user_screen_name")
CUT = (*BLANKED, *NAMES, "tweet_text", "user_mentions", "urls")
#: Optional columns, in some formats, that tell whose posts are whose.
WHOSE: Mapping[str, Column] = {
    "is_control": Column("flag", "whether a control account posted it", needed=True),
    "group": Column("category", "category of the account, as those who released it name it"),
}
