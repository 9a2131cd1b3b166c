"""Quantities of posts, accounts and files; the docstring of each function is its definition."""

from __future__ import annotations

import re

import polars as pl

from takedown.claims import files
from takedown.claims.question import NotComputableError, Question
from takedown.claims.registry import POSTS, counted, most, one, percent, quantity, ratio

ADDRESS = r"https?://\S+"


# Numbers of posts


@quantity("posts")
def posts(ask: Question) -> int:
    """Posts. Rows, not lines, of the posts files; duplicate rows count once."""
    return one(ask.posts.select(POSTS))


@quantity("percent", of="posts that")
def share_of_posts(ask: Question) -> float:
    """Share of the selected posts for which the condition holds."""
    found = (
        counted(ask.posts, ask.of)
        .select(held=pl.col("weight").filter(ask.values.fill_null(False)).sum(), all=POSTS)
        .collect()
    )
    return percent(*found.row(0))


@quantity("", of="posts")
def sum_over_posts(ask: Question) -> float:
    """Sum of a column, or of an expression over columns, over the posts."""
    return one(counted(ask.posts, ask.of).select(ask.values * pl.col("weight")).sum())


@quantity("", of="posts")
def mean_over_posts(ask: Question) -> float:
    """Sum over the posts, divided by the number of posts."""
    return ratio(sum_over_posts(ask), posts(ask))


@quantity("", of="posts", needs="userid")
def mean_per_posting_account(ask: Question) -> float:
    """Sum over the posts, divided by the number of accounts with at least one of them."""
    return ratio(sum_over_posts(ask), posting_accounts(ask))


@quantity("", of="posts")
def mean_per_account(ask: Question) -> float:
    """Sum over the posts, divided by the number of accounts in the users file, silent or not."""
    return ratio(sum_over_posts(ask), one(ask.every_account.select(pl.len())))


@quantity("", of="posts")
def largest_over_posts(ask: Question) -> float:
    """The largest value among the posts."""
    return ranked(ask, 1)


@quantity("", of="posts")
def second_largest_over_posts(ask: Question) -> float:
    """The second largest value among the posts; equal to the largest if two posts have it."""
    return ranked(ask, 2)


@quantity("", of="columns")
def distinct_in_posts(ask: Question) -> int:
    """Number of distinct values of a column, or of comma-separated columns; blanks do not count."""
    names = [name.strip() for name in ask.of.split(",")]
    ask.need(ask.posts, *names)
    return one(ask.posts.select(names).drop_nulls().unique().select(pl.len()))


@quantity("uses", of="?text", needs="hashtags")
def hashtag_uses(ask: Question) -> int:
    """Uses of a hashtag, or of all hashtags: entries of the hashtag lists, in lower case."""
    tags = hashtags(ask)
    wanted = pl.col("hashtag") == ask.of.lower() if ask.of else pl.lit(True)
    return one(tags.filter(wanted).select(pl.len()))


@quantity("uses", needs="hashtags")
def hashtag_uses_once_a_post(ask: Question) -> int:
    """Uses of all hashtags, in lower case; repeated uses within one post count once."""
    tags = pl.col("hashtags").list.eval(pl.element().str.to_lowercase()).list.unique()
    return one(ask.posts.select(tags.list.len().sum()))


@quantity("hashtags", needs="hashtags")
def distinct_hashtags(ask: Question) -> int:
    """Number of distinct hashtags, in lower case; simplified and traditional forms are distinct."""
    return one(hashtags(ask).select(pl.col("hashtag").n_unique()))


@quantity("hashtag", needs="hashtags")
def most_used_hashtag(ask: Question) -> str:
    """The most used hashtag, in lower case; if several tie, the first in alphabetical order."""
    return most(hashtags(ask).select("hashtag", weight=1), "hashtag")


@quantity("occurrences", of="text", needs="tweet_text")
def term_uses(ask: Question) -> int:
    """Occurrences of a term in the posts' text: in lower case, without URLs, as whole words.

    The words of a multi-word term may be written together or apart.
    """
    text = pl.col("tweet_text").str.to_lowercase().str.replace_all(ADDRESS, " ")
    pattern = r"\b" + r"\s*".join(map(re.escape, ask.of.lower().split())) + r"\b"
    return one(ask.posts.select(text.str.count_matches(pattern).sum()))


# Accounts


@quantity("accounts", rows="accounts")
def accounts(ask: Question) -> int:
    """Accounts in the users file, whether they posted or not."""
    return one(ask.accounts.select(pl.col("userid").n_unique()))


@quantity("accounts", needs="userid")
def posting_accounts(ask: Question) -> int:
    """Accounts with at least one of the posts."""
    return one(ask.posts.select(pl.col("userid").n_unique()))


@quantity("percent", of="accounts that", rows="accounts")
def share_of_accounts(ask: Question) -> float:
    """Share of the selected accounts in the users file for which the condition holds."""
    found = ask.accounts.select(held=ask.values.fill_null(False).sum(), all=pl.len()).collect()
    return percent(*found.row(0))


@quantity("", of="accounts", rows="accounts")
def mean_over_accounts(ask: Question) -> float:
    """Mean of a column over the accounts of the users file."""
    found = counted(ask.accounts, ask.of).select(ask.values.sum(), all=pl.len()).collect()
    return ratio(*found.row(0))


@quantity("percent", of="posts that", needs="userid")
def share_of_posting_accounts(ask: Question) -> float:
    """Share of the accounts with such a post for which the condition on the account holds."""
    people = ask.posts.unique("userid")
    found = people.select(held=ask.values.fill_null(False).sum(), all=pl.len()).collect()
    return percent(*found.row(0))


@quantity("accounts", of="number", needs="userid")
def accounts_with_more_posts_than(ask: Question) -> int:
    """Number of accounts with more than the given number of posts."""
    per_account = ask.posts.group_by("userid").agg(POSTS)
    return one(per_account.select((pl.col("weight") > int(ask.of)).sum()))


@quantity("date", rows="accounts")
def first_account_creation(ask: Question) -> str:
    """Day on which the oldest account was created."""
    return one(ask.accounts.select(pl.col("account_creation_date").min()))


@quantity("date", rows="accounts")
def months_of_creation(ask: Question) -> str:
    """Months in which the oldest and the youngest account were created."""
    month = pl.col("creation_month")
    first, last = ask.accounts.select(month.min(), month.max().alias("last")).collect().row(0)
    return f"{first} to {last}"


@quantity("date", of="number", rows="accounts")
def most_common_creation_months(ask: Question) -> str:
    """The given number of months with the most accounts created, in chronological order."""
    counts = ask.accounts.group_by("creation_month").len()
    order = counts.sort(["len", "creation_month"], descending=[True, False])
    return " and ".join(order.head(int(ask.of)).collect()["creation_month"].sort())


@quantity("accounts", of="month", needs="userid account_creation_date")
def accounts_created_for_it(ask: Question) -> int:
    """Number of accounts created in the given month whose very first post is among the posts."""
    first = ask.every_post.group_by("userid").agg(pl.col("time").min())
    begun = ask.posts.join(first, on=["userid", "time"], how="semi")
    in_month = pl.col("account_creation_date").str.starts_with(ask.of)
    return one(begun.filter(in_month).select(pl.col("userid").n_unique()))


# Files


@quantity("columns", rows="files")
def columns_in_posts_files(ask: Question) -> int:
    """Columns in the header of the posts files."""
    return files.columns(ask.data, "tweets")


@quantity("lines", rows="files")
def lines_in_posts_files(ask: Question) -> int:
    """Line ends in the unpacked posts files; not the number of posts, as texts have line breaks."""
    return files.lines(ask.data, "tweets")


@quantity("MB", rows="files")
def megabytes_of_posts_files(ask: Question) -> float:
    """Size of the posts files as downloaded, in decimal megabytes."""
    return files.megabytes(ask.data, "tweets")


@quantity("posts", of="column", rows="files")
def rows_filled_in_posts_files(ask: Question) -> int:
    """Rows of the posts files in which a column is not blank."""
    filled, _ = files.filled(ask.data, "tweets", ask.of)
    return filled


@quantity("percent", of="column", rows="files")
def share_of_users_file_blank(ask: Question) -> float:
    """Share of the rows of the users file in which a column is blank."""
    filled, rows = files.filled(ask.data, "users", ask.of)
    return percent(rows - filled, rows)


@quantity("", of="text", rows="files")
def outside_the_archive(ask: Question) -> None:
    """A value that cannot be computed from any archive, for the reason given."""
    raise NotComputableError(ask.of)


# Shared helpers


def ranked(ask: Question, rank: int) -> float:
    """The value of the given rank among the posts, counted from the largest."""
    values = ask.posts.select(value=ask.values).drop_nulls().top_k(rank, by="value").collect()
    if len(values) < rank:
        raise NotComputableError(f"fewer than {rank} posts have a value")
    return values["value"].sort(descending=True)[rank - 1]


def hashtags(ask: Question) -> pl.LazyFrame:
    """One row per use of a hashtag, in lower case."""
    return ask.posts.select(hashtag=pl.col("hashtags").explode().str.to_lowercase()).drop_nulls()
