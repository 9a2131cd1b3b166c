"""Label posts with topics by the term lists of ``resources/topics.yaml``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

LABELS = ["topics", "topics_strict"]


@dataclass(frozen=True)
class Topic:
    """One topic: its label in figures, and its folded terms by match rule."""

    name: str
    label: str
    substrings: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        return self.substrings + self.words


def fold(text: str) -> str:
    """``text`` as it is matched: NFKC (full width becomes half width), then lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def folded(column: pl.Expr) -> pl.Expr:
    """:func:`fold` for a polars text column."""
    return column.str.normalize("NFKC").str.to_lowercase()


def read_topics(path: Path, wanted: Iterable[str] | None = None) -> list[Topic]:
    """The topics of ``path``, all of them or those ``wanted``, in the file's order."""
    given: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["topics"]
    names = set(given if wanted is None else wanted)
    return [
        Topic(
            name,
            rule["label"],
            tuple(fold(term) for term in rule.get("substring", ())),
            tuple(fold(term) for term in rule.get("word", ())),
        )
        for name, rule in given.items()
        if name in names
    ]


def matches(topic: Topic, column: pl.Expr) -> pl.Expr:
    """Whether a folded text column contains a term of ``topic``, by its match rule."""
    found = pl.lit(False)
    if topic.substrings:
        found = found | column.str.contains_any(list(topic.substrings))
    if topic.words:
        found = found | column.str.contains(word_pattern(topic.words))
    return found


def word_pattern(words: Iterable[str]) -> str:
    """A pattern that finds any of ``words`` as a whole word (``_`` and digits belong to a word)."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return r"\b(?:" + "|".join(re.escape(word) for word in longest_first) + r")\b"


def label(posts: pl.DataFrame, topics: Iterable[Topic]) -> pl.DataFrame:
    """``posts`` with two label columns: ``topics`` (broad), ``topics_strict`` (hashtags alone).

    Reads the columns ``tweet_text`` and ``hashtags``, a list; both labels are lists of topic names.
    """
    topics = list(topics)
    # Folded once, as columns: an expression would be folded anew for every topic.
    text = posts.select(
        body=folded(pl.col("tweet_text").fill_null("")),
        tags=folded(pl.col("hashtags").list.join("\n")),
    )
    found = text.select(
        *(matches(topic, pl.col("tags")).alias(f"strict {topic.name}") for topic in topics),
        *(matches(topic, pl.col("body")).alias(f"body {topic.name}") for topic in topics),
    )
    strict = {topic.name: pl.col(f"strict {topic.name}") for topic in topics}
    broad = {name: pl.col(f"body {name}") | test for name, test in strict.items()}
    labels = {"topics": named_where(broad), "topics_strict": named_where(strict)}
    return posts.hstack(found.select(**labels)) if topics else posts.with_columns(**labels)


def named_where(found: Mapping[str, pl.Expr]) -> pl.Expr:
    """A list column with the name of every expression that is true in the row."""
    if not found:
        return pl.lit([], dtype=pl.List(pl.String))
    names = [pl.when(test).then(pl.lit(name)) for name, test in found.items()]
    return pl.concat_list(names).list.drop_nulls()


def terms_in(topics: Iterable[Topic], text: pl.Expr) -> pl.Expr:
    """The terms that stand in ``text``, joined by spaces: all that the reduced archive keeps.

    A term counts as standing in the text by its own match rule, so labelling the terms gives the
    labels of the text.
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
