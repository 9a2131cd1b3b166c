"""Label posts with the topics whose terms they contain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import polars as pl

from takedown.study.topics import Topic

LABELS = ["topics", "topics_strict"]
#: These include all combining marks and all characters that folding changes.
CHARACTERS = range(0x30000)
SURROGATES = range(0xD800, 0xE000)


def folded(column: pl.Expr) -> pl.Expr:
    """:func:`fold` for a polars text column."""
    return column.str.normalize("NFKC").str.to_lowercase()


def matches(topic: Topic, column: pl.Expr) -> pl.Expr:
    """Whether a folded text column contains a term of ``topic``, by the topic's match rules."""
    found = pl.lit(False)
    if topic.substrings:
        found = found | column.str.contains_any(list(topic.substrings))
    if topic.words:
        found = found | column.str.contains(word_pattern(topic.words))
    return found


def word_pattern(words: Iterable[str]) -> str:
    """A pattern that finds any of ``words`` as a whole word (``_`` and digits are word characters).

    Half boundaries test only the character outside the word, since a word may begin or end with
    punctuation, as in C++.
    """
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    found = "|".join(re.escape(word) for word in longest_first)
    return rf"\b{{start-half}}(?:{found})\b{{end-half}}"


def label(posts: pl.DataFrame, topics: Iterable[Topic]) -> pl.DataFrame:
    """``posts`` with two label columns: ``topics`` (broad) and ``topics_strict`` (hashtags only).

    Reads the columns ``tweet_text`` and ``hashtags`` (a list). Both label columns are lists of
    topic names. Folding is expensive, so only posts that may have a topic are folded.
    """
    topics = tuple(topics)
    text = posts.select(
        body=pl.col("tweet_text").fill_null(""),
        tags=pl.when(pl.col("hashtags").list.len() > 0)
        .then("#" + pl.col("hashtags").list.join("\n#"))
        .otherwise(pl.lit("")),
    )
    may = text.select(pl.any_horizontal(pl.all().str.contains(hint_of(topics)))).to_series()
    folded_text = text.filter(may).select(folded(pl.all()))
    strict = sets_of(topics, folded_text["tags"])
    broad = strict | sets_of(topics, folded_text["body"])
    names = [topic.name for topic in topics]
    return posts.with_columns(
        names_in(spread(found, may), names).alias(column)
        for column, found in zip(LABELS, (broad, strict), strict=True)
    )


def sets_of(topics: Iterable[Topic], text: pl.Series) -> np.ndarray:
    """The topics of each folded text, as a bit set: bit 0 is the first topic."""
    column = pl.col(text.name)
    bits = [matches(topic, column).cast(pl.UInt64) * 2**place for place, topic in enumerate(topics)]
    sets = text.to_frame().with_columns(sets=pl.sum_horizontal(pl.lit(0, pl.UInt64), *bits))
    return sets["sets"].to_numpy()


def spread(found: np.ndarray, rows: pl.Series) -> np.ndarray:
    """The sets ``found``, placed where ``rows`` is true; the empty set everywhere else."""
    sets = np.zeros(len(rows), np.uint64)
    sets[rows.to_numpy()] = found
    return sets


def names_in(sets: np.ndarray, names: list[str]) -> pl.Series:
    """The names of the members of each set, in the order of ``names``."""
    distinct, places = np.unique(sets, return_inverse=True)
    lists = [
        [name for place, name in enumerate(names) if number >> place & 1]
        for number in distinct.tolist()
    ]
    return pl.Series(lists, dtype=pl.List(pl.String))[places]


@lru_cache
def hint_of(topics: tuple[Topic, ...]) -> str:
    """A pattern that matches every text that contains a term once folded, and few others.

    For each term, it looks for the longest run of letters, marks and digits, ignoring case. As
    folding changes more than case, it also matches characters that fold to part of a run, and
    marks in an order that folding changes.
    """
    terms = {term for topic in topics for term in topic.terms}
    runs = sorted(
        {max("".join(map(letter_or_space, term)).split(), key=len, default=term) for term in terms}
    )
    odd = "".join(map(re.escape, odd_characters(runs)))
    patterns = ["(?i)" + "|".join(map(re.escape, runs)), f"[{odd}]" if odd else ""]
    for mark in sorted({mark for run in runs for mark in run if unicodedata.combining(mark)}):
        order = unicodedata.combining(mark)
        later = "".join(m for m in map(chr, CHARACTERS) if unicodedata.combining(m) > order)
        patterns.append(f"[{later}]{mark}" if later else "")
    return "|".join(f"(?:{pattern})" for pattern in patterns if pattern)


def letter_or_space(character: str) -> str:
    return character if unicodedata.category(character)[0] in "LMN" else " "


def odd_characters(runs: Iterable[str]) -> list[str]:
    """Characters that fold to part of a run, or combine into its letters, other than by case."""
    letters = set("".join(runs))
    marks = {mark for letter in letters for mark in unicodedata.normalize("NFKD", letter)[1:]}
    odd = set(marks)
    # Fold with polars, as the texts are: another library may use another version of Unicode.
    written = pl.DataFrame(
        {"written": [chr(code) for code in CHARACTERS if code not in SURROGATES]}
    )
    table = written.with_columns(folded=folded(pl.col("written")))
    for character, other in table.filter(pl.col("written") != pl.col("folded")).iter_rows():
        if not marks.isdisjoint(other):
            odd.add(character)
        elif other.upper() != character and not letters.isdisjoint(other):
            odd.update({character} if any(overlap(other, run) for run in runs) else ())
    return sorted(odd)


def overlap(text: str, run: str) -> bool:
    """Whether ``run`` can overlap an occurrence of ``text`` by at least one character."""
    ends = range(1, min(len(text), len(run)) + 1)
    joins = any(text.endswith(run[:end]) or text.startswith(run[-end:]) for end in ends)
    return joins or text in run or run in text


def terms_in(topics: Iterable[Topic], text: pl.Expr) -> pl.Expr:
    """The terms found in ``text``, joined by spaces: all that the reduced archive keeps of it.

    Each term is searched for by its own match rule, so labelling the terms gives the same labels as
    the text.
    """
    body = folded(text)
    found = []
    for topic in topics:
        for term in topic.substrings:
            found.append((term, body.str.contains(term, literal=True)))
        for term in topic.words:
            found.append((term, body.str.contains(word_pattern([term]))))
    kept = [pl.when(test).then(pl.lit(term)) for term, test in dict(found).items()]
    return pl.concat_list(kept).list.drop_nulls().list.join(" ")
