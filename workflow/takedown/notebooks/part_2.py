"""Exercises of notebook 2: from posts to a daily series."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from takedown.notebooks.data import given, table
from takedown.notebooks.exercise import Answer, Part, right, wrong
from takedown.series.modelled import estimation_window, wide

PART = Part()


def posts_in(zone: str) -> pd.Series:
    """The time of every post of the Thai campaign, in ``zone``."""
    path = given("resources/embedded/thailand_092020_tweets_reduced.zip")
    times = pd.read_csv(path, dtype=str, usecols=["tweet_time"])["tweet_time"]
    return pd.to_datetime(times, utc=True).dt.tz_convert(zone)


def series() -> pd.DataFrame:
    """The daily series of the Thai campaign, one column per series."""
    return wide(table("thailand_092020/series/daily.csv"))


@PART.exercise(
    "2.1",
    "The series `counted` has a number for every day with posts.",
    "`counted.max()`",
)
def busiest_day() -> Iterator[Answer]:
    posts = series()["all"]
    in_utc = posts_in("UTC").dt.date.value_counts()
    yield right(
        int(posts.max()),
        "It is the day before the party was dissolved: see 2.7.",
    )
    yield wrong(
        int(in_utc.max()), "That is the busiest day in UTC. Its midnight is 7:00 in Bangkok."
    )
    yield wrong(int(posts.sum()), "These are all posts; give those of one day.")
    yield wrong(len(posts[posts > 0]), "That is the number of days with posts.")


@PART.exercise(
    "2.2",
    "A post falls on a different day if it was written at 17:00 UTC or later. Compare the two "
    "dates of each post.",
    "`(utc.dt.date != local.dt.date).sum()`",
)
def posts_that_change_their_day() -> Iterator[Answer]:
    utc, local = posts_in("UTC"), posts_in("Asia/Bangkok")
    moved = int((utc.dt.date != local.dt.date).sum())
    yield right(moved, "All of them move to the next day. Few people post at night in Bangkok.")
    yield wrong(len(utc) - moved, "These are the posts that stay on the same day.")
    yield wrong(
        int((utc.dt.hour != local.dt.hour).sum()),
        "All have a different hour; how many have a different day?",
    )
    by_day = [times.dt.date.value_counts() for times in (utc, local)]
    yield wrong(
        int(by_day[0].sub(by_day[1], fill_value=0).abs().sum() / 2),
        "That compares daily counts. Posts that left a day and posts that joined it "
        "cancel out there: compare post by post.",
    )


@PART.exercise(
    "2.3",
    "All days minus those with posts.",
    "`(everything == 0).sum()`",
)
def silent_days() -> Iterator[Answer]:
    posts = series()["all"]
    yield right(int((posts == 0).sum()), "Most days. Counting rows would have found none of them.")
    yield wrong(0, "A count of posts has no row for 0. Look at the series `everything`.")
    yield wrong(int((posts > 0).sum()), "These are the days with posts.")
    yield wrong(len(posts), "These are all days.")


@PART.exercise("2.4", "Divide the posts of the active period by its days.", "`active.mean()`")
def posts_a_day() -> Iterator[Answer]:
    posts = series()["all"]
    days = estimation_window(posts, None)
    yield right(
        float(posts[days].mean()), "The models explain why some days have more and others fewer."
    )
    yield wrong(
        float(posts.mean()), "That is the average over all days since 2015, silence included."
    )
    yield wrong(
        float(posts[posts > 0].mean()),
        "That leaves out the days without posts, and includes the posts of all years.",
    )
    yield wrong(float(posts[days].median()), "That is the median: half of the days have more.")


@PART.exercise(
    "2.5", "Divide retweets by all posts.", '`series["kind:retweet"].sum() / series["all"].sum()`'
)
def share_of_retweets() -> Iterator[Answer]:
    sums = series().sum()
    retweets = float(sums["kind:retweet"])
    yield right(
        retweets / float(sums["all"]),
        "Nearly all repeat posts by accounts outside the archive: a study of words would mistake "
        "other people's words for the campaign's.",
    )
    yield wrong(
        retweets / float(sums["all"] - retweets),
        "That is retweets per post of any other kind; divide by all posts instead.",
    )
    yield wrong(retweets, "That is their number; divide it by the number of all posts.")


@PART.exercise(
    "2.6",
    "Take the row `(any)`, and divide strict by broad.",
    "`posts_strict / posts` of the row whose topic is `(any)`.",
)
def share_that_stays_under_the_strict_rule() -> Iterator[Answer]:
    topics = table("thailand_092020/describe/topics.csv").set_index("topic")
    both = topics.loc["(any)", ["posts", "posts_strict"]].astype(float)
    own = topics.drop("(any)")
    yield right(
        float(both["posts_strict"] / both["posts"]),
        "Two thirds of the topic posts have the term only in their text. Report your rule.",
    )
    yield wrong(
        float(both["posts_strict"] / series()["all"].sum()),
        "That is the share of all posts; divide by the posts on any topic instead.",
    )
    yield wrong(
        float(own["posts_strict"].sum() / own["posts"].sum()),
        "That adds up the topics' rows, and so counts posts on several topics more than once.",
    )


@PART.exercise("2.7", "Which rows count a post on both the army and the opposition?")
def why_topics_add_up_to_more() -> Iterator[Answer]:
    yield right("b", "Labels that are not mutually exclusive do not add up to a whole.")
    yield wrong("a", "The rule has no degrees of certainty: a term is in a post or not.")
    yield wrong("c", "Retweets count like any other post, in every row.")
