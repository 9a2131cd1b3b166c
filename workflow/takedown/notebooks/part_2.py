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
    """The daily series of the Thai campaign, a column each."""
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
    yield wrong(int(posts.sum()), "These are all posts; one day is asked for.")
    yield wrong(len(posts[posts > 0]), "That is the number of days with posts.")


@PART.exercise(
    "2.2",
    "A post changes its day if it is written at 17:00 UTC or later. Compare the two "
    "dates of each post.",
    "`(utc.dt.date != local.dt.date).sum()`",
)
def posts_that_change_their_day() -> Iterator[Answer]:
    utc, local = posts_in("UTC"), posts_in("Asia/Bangkok")
    moved = int((utc.dt.date != local.dt.date).sum())
    yield right(moved, "All of them on the day after. Few people post at night in Bangkok.")
    yield wrong(len(utc) - moved, "These are the posts that stay on their day.")
    yield wrong(
        int((utc.dt.hour != local.dt.hour).sum()), "All have another hour; how many another day?"
    )
    by_day = [times.dt.date.value_counts() for times in (utc, local)]
    yield wrong(
        int(by_day[0].sub(by_day[1], fill_value=0).abs().sum() / 2),
        "That compares the counts of the days. Posts that left a day and posts that came to it "
        "cancel out there: compare post by post.",
    )


@PART.exercise(
    "2.3",
    "All days, less those with posts.",
    "`(everything == 0).sum()`",
)
def silent_days() -> Iterator[Answer]:
    posts = series()["all"]
    yield right(int((posts == 0).sum()), "Most days. Counting rows would have found none of them.")
    yield wrong(0, "In a count of posts there is no row with 0. Look at the series `everything`.")
    yield wrong(int((posts > 0).sum()), "These are the days with posts.")
    yield wrong(len(posts), "These are all days.")


@PART.exercise("2.4", "Posts of the active period by its days.", "`active.mean()`")
def posts_a_day() -> Iterator[Answer]:
    posts = series()["all"]
    days = estimation_window(posts, None)
    yield right(float(posts[days].mean()), "The models explain why some days have more, some less.")
    yield wrong(
        float(posts.mean()), "That is the average over all days since 2015, silence included."
    )
    yield wrong(
        float(posts[posts > 0].mean()),
        "That leaves the days without posts out, and takes the posts of all years.",
    )
    yield wrong(float(posts[days].median()), "That is the median: half of the days have more.")


@PART.exercise(
    "2.5", "Retweets by all posts.", '`series["kind:retweet"].sum() / series["all"].sum()`'
)
def share_of_retweets() -> Iterator[Answer]:
    sums = series().sum()
    retweets = float(sums["kind:retweet"])
    yield right(
        retweets / float(sums["all"]),
        "Nearly all repeat posts of accounts outside the archive: a study of words would take "
        "other people's words for the campaign's.",
    )
    yield wrong(
        retweets / float(sums["all"] - retweets),
        "That is retweets for every other post; the share is of all posts.",
    )
    yield wrong(retweets, "That is their number; divide it by the number of all posts.")


@PART.exercise(
    "2.6",
    "It is in the row `(any)`: strict by broad.",
    "`posts_strict / posts` of the row whose topic is `(any)`.",
)
def share_that_stays_under_the_strict_rule() -> Iterator[Answer]:
    topics = table("thailand_092020/describe/topics.csv").set_index("topic")
    both = topics.loc["(any)", ["posts", "posts_strict"]].astype(float)
    own = topics.drop("(any)")
    yield right(
        float(both["posts_strict"] / both["posts"]),
        "Two thirds of the topic posts have the term in their text only. Report your rule.",
    )
    yield wrong(
        float(both["posts_strict"] / series()["all"].sum()),
        "That is the share of all posts; the posts on any topic are asked for.",
    )
    yield wrong(
        float(own["posts_strict"].sum() / own["posts"].sum()),
        "That adds up the rows of the topics, and so counts posts on several topics twice.",
    )


@PART.exercise("2.7", "What does a post on the army and on the opposition add to?")
def why_topics_add_up_to_more() -> Iterator[Answer]:
    yield right("b", "Labels that do not exclude each other never add up to a whole.")
    yield wrong("a", "No rule knows how sure it is: a term is in the post, or it is not.")
    yield wrong("c", "Retweets are posts like others, in every row.")
