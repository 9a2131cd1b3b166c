"""Exercises of notebook 1: what a takedown archive is, and what it is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from takedown.notebooks.data import given, table
from takedown.notebooks.exercise import Answer, Part, right, wrong

PART = Part()


def of_summary(quantity: str) -> int:
    """One quantity of the Thai campaign's ``describe/summary.csv``."""
    summary = table("thailand_092020/describe/summary.csv").set_index("quantity")["value"]
    return int(summary[quantity])


@PART.exercise(
    "1.1",
    'Choose the rows with `catalogue["country"] == "..."`, and count them with `len`.',
    'The country is written "People\'s Republic of China".',
)
def archives_of_china() -> Iterator[Answer]:
    table = pd.read_csv(given("resources/archives.csv"), dtype=str, keep_default_na=False)
    china = table["country"] == "People's Republic of China"
    named = table["archive_id"].str.contains("china")
    yield right(int(china.sum()), "The name is only a label; the column states the country.")
    yield wrong(
        int(named.sum()),
        "These have china in their identifier. Two more have names that do not give it away.",
    )
    company = int(table["attributed_to"].str.contains("PRC").sum())
    if company != named.sum():
        yield wrong(company, "That is the column attributed_to, where one archive names a company.")
    yield wrong(len(table), "These are all archives. Choose those of one country first.")
    yield wrong(
        int(table.loc[china, "release_date"].nunique()),
        "That counts the release dates; on some of them, several archives were released.",
    )


@PART.exercise("1.2", "A row is a post: count the rows of `posts`.", "`len(posts)`")
def posts_of_the_file() -> Iterator[Answer]:
    posts = of_summary("posts")
    yield right(posts, "The same number as Twitter published: the file is complete.")
    yield wrong(posts + 1, "One too many: the first line of the file is the header, not a post.")
    yield wrong(of_summary("accounts"), "That is the number of accounts.")
    yield wrong(of_summary("retweets"), "These are only the retweets; other posts count as well.")


@PART.exercise(
    "1.3",
    "Make a second column with the three conversions, and compare it with the first using `!=`.",
    '`(posts["tweetid"] != posts["tweetid"].astype(float).astype("int64").astype(str)).sum()`',
)
def ids_that_a_float_changes() -> Iterator[Answer]:
    path = given("resources/embedded/thailand_092020_tweets_reduced.zip")
    ids = pd.read_csv(path, dtype=str, usecols=["tweetid"])["tweetid"]
    back = ids.astype(float).astype("int64").astype(str)
    changed = int((ids != back).sum())
    yield right(
        changed,
        "More than four in ten, without any warning. Joining such a table with another one by the "
        "identifier loses or mixes up posts.",
    )
    yield wrong(len(ids) - changed, "These are the identifiers that stay the same.")
    yield wrong(
        len(ids) - back.nunique(),
        "That many become *equal* to another one, but many more are changed. (Did you compare "
        "text with text?)",
    )
    yield wrong(round(changed / len(ids), 4), "That is the share; give the number instead.")


@PART.exercise(
    "1.4", "Bangkok is seven hours ahead of UTC.", "18:30 plus seven hours is 01:30: on which day?"
)
def day_in_bangkok() -> Iterator[Answer]:
    yield right(
        date(2020, 2, 9),
        "Half past one in the morning. A count by UTC days would put it on the day before.",
    )
    yield wrong(
        date(2020, 2, 8),
        "That is the day in UTC (or you subtracted seven hours). Bangkok is ahead of UTC.",
    )
    yield wrong(date(2020, 2, 7), "Bangkok is ahead of UTC: add the hours.")


@PART.exercise(
    "1.5",
    'Which of the `accounts["userid"]` are among the `posts["userid"]`? Pandas has `isin`.',
    '`1 - accounts["userid"].isin(posts["userid"]).mean()`',
)
def share_that_never_posted() -> Iterator[Answer]:
    accounts, silent = of_summary("accounts"), of_summary("accounts_without_posts")
    yield right(
        silent / accounts,
        "Half of them. Published charts of posts per account should say whether these count.",
    )
    yield wrong(1 - silent / accounts, "That is the share of accounts that did post.")
    yield wrong(silent, "That is their number; divide it by the number of accounts.")
    yield wrong(
        silent / (accounts - silent),
        "That is silent accounts per posting account; divide by all accounts instead.",
    )


@PART.exercise("1.6", "Which sentence says nothing beyond what is in the files?")
def sentence_that_can_be_defended() -> Iterator[Answer]:
    yield right("b", "It says which accounts it means and where one looked. Nothing more is known.")
    yield wrong(
        "a", "926 accounts were removed and attributed to the army; others may have gone unseen."
    )
    yield wrong(
        "c",
        "Followers are those of the last day, and posts travel by retweets and searches too. "
        "Who saw a post is not in the archive.",
    )
    yield wrong("d", "Nothing is known about undiscovered accounts, not even their number.")
