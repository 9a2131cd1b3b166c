"""The topics that a study labels posts with: term lists such as ``resources/topics.yaml``."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from takedown.errors import InputError
from takedown.io.files import read_yaml

#: The most topics at once: each is one bit of a 64-bit integer.
MOST = 64


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


def topic_labels(path: Path) -> dict[str, str]:
    """The label of every topic of ``path``, by its name."""
    given: Mapping[str, Any] = read_yaml(path)["topics"]
    return {name: " ".join(rule["label"].split()) for name, rule in given.items()}


def read_topics(path: Path, wanted: Iterable[str] | None = None) -> list[Topic]:
    """The topics in ``path``, all of them or only those ``wanted``, in the file's order.

    Raises :class:`InputError` if there are more than 64, the bits of an integer.
    """
    given: Mapping[str, Any] = read_yaml(path)["topics"]
    names = set(given if wanted is None else wanted)
    if len(names) > MOST:
        raise InputError(
            f"{path}: {len(names)} topics; at most {MOST} can be used at once. Name those you want "
            "under `topics:` in the study file."
        )
    labels = topic_labels(path)
    return [
        Topic(
            name,
            labels[name],
            spelled(rule.get("substring", ())),
            spelled(rule.get("word", ())),
        )
        for name, rule in given.items()
        if name in names
    ]


def spelled(terms: Iterable[str]) -> tuple[str, ...]:
    """Terms folded, and also HTML-escaped as in the archives, where ``&`` is ``&amp;``."""
    folded_terms = [fold(term) for term in terms]
    as_released = [escape(term, quote=False) for term in folded_terms]
    return tuple(dict.fromkeys([*folded_terms, *as_released]))
