"""The last step before the manifest: nothing of the archives' people has got into the results.

Searched are all tables, figures' words and values, pages, articles and logs, for

- the texts of posts and of profiles: any piece of some 60 bytes is noticed, as every text is cut
  into windows of 32 bytes and looked up among all windows of the results; shorter texts are noticed
  as a whole cell;
- identifiers of posts and accounts, and names, as whole words;
- cells that rest on fewer accounts than are shown.

What is public anyway is no leak: hashtags, clients and languages, and the words of the workflow's
own files. Post texts of a reduced archive are not searched for: they are terms of the topics file.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view
from pypdfium2 import PdfDocument

from takedown.archives.columns import BLANKED, NAMES
from takedown.archives.formats import our_names
from takedown.archives.members import list_members, read_header
from takedown.clean.parquet import row_groups
from takedown.clean.reader import read_blocks
from takedown.clean.records import text_rows
from takedown.fetch.receipt import Entry
from takedown.ordered import among, sorted_once
from takedown.tables import POOLED, contracts, table_name
from takedown.topics import fold

WINDOW, HASHES_AT_ONCE = 32, 2**24
#: Odd numbers by which the words of a window are mixed.
MIX = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64
)
#: Names are searched for from so many letters on; shorter ones stand in any text.
SHORTEST_NAME, SHORTEST_TOGETHER = 4, 2
#: Numbers of seven digits and more, and the hashes of all releases; a sentence may end behind one.
IDENTIFIER = re.compile(
    r"(?<![\w+-])(?<!\d\.)(?:\d{7,20}|[\w+-]{40,44}=?|[0-9a-f]{64})(?![\w+=-]|\.\d)"
)
#: Counts that may look like an identifier, the types of columns that hold them, and other columns.
COUNT, COUNTED = re.compile(r"\d{7,12}"), ("count", "integer", "number")
VALUES = {"describe/summary.csv": ["value"], "clean/checks.csv": ["value"]}
ACCOUNT_IDS = ["userid", "in_reply_to_userid", "retweet_userid"]
POST_IDS = ["tweetid", "in_reply_to_tweetid", "quoted_tweet_tweetid", "retweet_tweetid"]
#: Scripts in which words stand together, and a name is short.
TOGETHER = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
TEXTS = {".csv", ".json", ".html", ".txt", ".svg", ".log", ".ipynb", ".rst", ".md"}
COMMENT = re.compile(r"(?<=<!--).*?(?=-->)|(?<=<title>).*?(?=</title>)", re.DOTALL)
#: Pictures in a page, and its scripts, which are the workflow's own.
EMBEDDED = re.compile(r"data:[\w/]+;base64,[\w+/=]+|<script>.*?</script>", re.DOTALL)
#: What stands between hashtags, and how many of them may make up a piece of a post.
BETWEEN, TAGS_TOGETHER = re.compile(r"[\s#…,]+"), 3
KINDS = ("post text", "profile text", "name", "post id", "account id")


@dataclass(frozen=True)
class Secrets:
    """What must not be shown of one campaign."""

    posts: Path
    files: Sequence[Entry]
    reduced: bool

    def batches(self) -> Iterator[tuple[str, pl.Series]]:
        """(kind, distinct texts) in parts, so that memory does not grow with the archive."""
        texts = [] if self.reduced else ["tweet_text"]
        columns = [*POST_IDS, *ACCOUNT_IDS, "user_mentions", *texts]
        for _, group in row_groups(self.posts, columns):
            for column in POST_IDS:
                yield "post id", group[column].unique()
            for column in ACCOUNT_IDS:
                yield "account id", group[column].unique()
            yield "account id", group["user_mentions"].explode().unique()
            if not self.reduced:
                yield "post text", group["tweet_text"].unique()
        for frame in self.profiles():
            yield "account id", frame["userid"].unique()
            for column in BLANKED:
                yield "profile text", frame[column].unique()
            for column in NAMES:
                yield "name", frame.filter(pl.col(column) != pl.col("userid"))[column].unique()

    def profiles(self) -> Iterator[pl.DataFrame]:
        """The columns about people, of the users files, or where there is none of the posts'."""
        users = [entry for entry in self.files if entry.role == "users"]
        wanted = ["userid", *BLANKED, *NAMES]
        for entry in users or self.files:
            for member in list_members(Path(entry.path)):
                known = read_header(member)
                ours = dict(zip(known, our_names(known), strict=True))
                missing = [pl.lit("").alias(name) for name in {*wanted} - {*ours.values()}]
                for block in read_blocks(member, text_rows) if known else ():
                    frame = block.frame.rename(ours, strict=False).with_columns(missing)
                    yield frame.select(wanted).unique()


def windows(data: bytes, starts: np.ndarray | None = None) -> np.ndarray:
    """Hashes of the windows of ``data`` that begin at ``starts``, or anywhere."""
    if len(data) < WINDOW:
        return np.empty(0, np.uint64)
    rows = sliding_window_view(np.frombuffer(data, np.uint8), WINDOW)
    words = np.ascontiguousarray(rows if starts is None else rows[starts]).view("<u8")
    hashes = np.zeros(len(words), np.uint64)
    for word, factor in zip(words.T, MIX, strict=True):
        hashes ^= word
        hashes *= factor
        hashes ^= hashes >> np.uint64(29)
    return hashes


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """The different hashes of all ``parts``, sorted; the list is emptied, to save memory."""
    hashes = np.concatenate(parts)
    parts.clear()
    return sorted_once(hashes)


def starts_of(lengths: np.ndarray) -> np.ndarray:
    """Where windows begin in texts that stand behind one another: side by side, and at each end."""
    ends = np.cumsum(lengths)
    begins = ends - lengths
    counts = lengths // WINDOW
    which = np.repeat(np.arange(len(lengths)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    steps = (np.arange(counts.sum()) - first) * WINDOW
    last = (ends - WINDOW)[counts > 0]
    return sorted_once(np.concatenate([begins[which] + steps, last]))


@dataclass(frozen=True)
class Shown:
    """All that the results show, by file.

    ``public`` are the words of the workflow's own files, ``tags`` the names that tables may show:
    hashtags, clients, languages.
    """

    texts: Mapping[str, str]
    public: str
    tags: str

    @cached_property
    def data(self) -> list[bytes]:
        """What each file shows, as it is written and as its cells read."""
        pairs = ((text, "\n".join(cells_of(name, text))) for name, text in self.texts.items())
        return [text.encode("utf-8", "surrogateescape") for pair in pairs for text in pair]

    @cached_property
    def hashes(self) -> np.ndarray:
        """Of every window of the results, sorted; joined now and then, as each takes memory."""
        parts = [np.empty(0, np.uint64)]
        for data in self.data:
            parts.append(sorted_once(windows(data)))
            if sum(map(len, parts[1:])) > HASHES_AT_ONCE:
                parts.append(joined(parts))
        return joined(parts)

    @cached_property
    def identifiers(self) -> set[str]:
        return {word for text in self.texts.values() for word in IDENTIFIER.findall(text)}

    @cached_property
    def cells(self) -> set[str]:
        """Whole cells of tables and lines of other files."""
        return {cell for name, text in self.texts.items() for cell in cells_of(name, text)}

    @cached_property
    def lines(self) -> pl.Series:
        return pl.Series(sorted(self.cells), dtype=pl.String)

    def where(self, word: str) -> list[str]:
        """The files that show ``word``."""
        return [name for name, text in self.texts.items() if word in text]

    def leaks(self, kind: str, secrets: pl.Series) -> set[str]:
        """Those of ``secrets``, or pieces of them, that are shown and not public."""
        secrets = secrets.drop_nulls()
        if kind.endswith(" id"):
            found = set(secrets.filter(secrets.is_in(list(self.identifiers))))
        elif kind == "name":
            found = self.names(secrets)
        else:
            found = self.pieces(secrets) | self.short(secrets)
        return {each for each in found if not self.is_public(kind, each)}

    def is_public(self, kind: str, piece: str) -> bool:
        """Whether a piece stands in the workflow's own files, or is made of what tables show."""
        if stands_in(piece, self.public) or stands_in(piece, self.tags):
            return True
        if kind == "name":
            return False
        parts = [part for part in BETWEEN.split(piece) if part]
        return len(parts) <= TAGS_TOGETHER and all(part in self.tags for part in parts)

    def pieces(self, secrets: pl.Series) -> set[str]:
        """Windows of texts that are among those of the results."""
        long = secrets.filter(secrets.str.len_bytes() >= WINDOW)
        data = "".join(long).encode("utf-8", "surrogateescape")
        starts = starts_of(long.str.len_bytes().to_numpy().astype(np.int64))
        hashes = windows(data, starts)
        order = np.argsort(hashes)  # looked up in order, they are found many times as fast
        known = among(hashes[order], self.hashes)
        found = {data[start : start + WINDOW] for start in starts[order[known]]}
        there = {each for each in found if any(each in data for data in self.data)}
        return {each.decode("utf-8", "ignore") for each in there}

    def short(self, secrets: pl.Series) -> set[str]:
        """Texts shorter than a window that are a whole cell."""
        brief = secrets.filter(secrets.str.len_bytes() < WINDOW)
        return {text for text in set(brief) & self.cells if is_name(text)}

    def names(self, secrets: pl.Series) -> set[str]:
        """Names that stand somewhere as whole words, in scripts without spaces anywhere."""
        wanted = [name for name in secrets.str.strip_chars().unique() if is_name(name)]
        if not wanted:
            return set()
        hits = set(self.lines.str.extract_many(wanted, overlapping=True).explode().drop_nulls())
        text = "\n".join(self.lines)
        return {name for name in hits if stands_in(name, text)}


def is_name(text: str) -> bool:
    """Whether a text is long enough, and not a number, to be told from others."""
    shortest = SHORTEST_TOGETHER if TOGETHER.search(text) else SHORTEST_NAME
    return len(text.strip()) >= shortest and any(sign.isalpha() for sign in text)


def stands_in(piece: str, text: str) -> bool:
    """Whether a piece stands in a text, a short one as a whole word where words are divided."""
    if piece not in text:
        return False
    if TOGETHER.search(piece) or len(piece.encode("utf-8", "replace")) >= WINDOW - 3:
        return True
    return bool(re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", text))


def cells_of(name: str, text: str) -> Iterable[str]:
    """The cells of a table, the words of a JSON file, the lines of any other."""
    if name.endswith(".csv"):
        return (cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row)
    if name.endswith(".json"):
        return words_of(json.loads(text))
    return text.splitlines()


def words_of(value: object) -> Iterator[str]:
    """All strings in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from (str(key), *words_of(part))
    elif isinstance(value, list):
        for part in value:
            yield from words_of(part)


def text_of(path: Path) -> str:
    """What a reader of the file can read."""
    if path.suffix == ".pdf":
        with PdfDocument(path) as document:
            pages = [page.get_textpage().get_text_range() for page in document]
        return "\n".join(pages).replace("\r\n", "\n")
    if path.suffix not in TEXTS:
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".svg":  # letters are outlines; what they spell is said in comments
        return "\n".join(COMMENT.findall(text))
    if path.suffix == ".html":
        text = EMBEDDED.sub("", text)
        return f"{text}\n{html.unescape(text)}"
    return text


def names_shown(posts: Iterable[Path]) -> str:
    """Hashtags, clients and languages of the campaigns, a line each."""
    words: set[str] = set()
    for path in posts:
        frame = pl.scan_parquet(path)
        for column in ("hashtags", "tweet_client_name", "tweet_language", "account_language"):
            values = pl.col(column).explode() if column == "hashtags" else pl.col(column)
            found = frame.select(values.cast(pl.String).unique()).collect().to_series()
            words |= {
                *found.drop_nulls(),
                *map(fold, found.drop_nulls()),
            }  # tables show them folded
    return "\n".join(sorted(words))


def own_words(files: Iterable[Path], words: Iterable[str]) -> str:
    """The words of the workflow's own files, and ``words`` of the study."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    return "\n".join([*texts, *words])


def counts_in(tables: Iterable[Path]) -> set[str]:
    """The numbers in the columns of counts: one that equals an account's number is no identifier.

    Only those shorter than ids of posts, so that such an id would be noticed there, too.
    """
    found: set[str] = set()
    for path in tables:
        columns = contracts().get(table_name(path), {}).get("columns", {})
        names = [name for name, rule in columns.items() if rule["type"] in COUNTED]
        names += VALUES.get(table_name(path), [])
        if names:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
            found |= {cell for name in names if name in frame for cell in frame[name]}
    return {cell for cell in found if COUNT.fullmatch(cell)}


def small_cells(tables: Iterable[Path], min_accounts: int) -> dict[str, int]:
    """Table -> its rows that rest on fewer accounts than are shown, and are not pooled."""
    found = {}
    for path in tables:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        if not {"accounts", "pooled"} <= set(frame.columns):
            continue
        accounts = pd.to_numeric(frame["accounts"], errors="coerce")
        pooled = (pd.to_numeric(frame["pooled"]) > 0) | (frame.iloc[:, 0] == POOLED)
        if few := int(((accounts > 0) & (accounts < min_accounts) & ~pooled).sum()):
            found[path.as_posix()] = few
    return found


def search(campaigns: Mapping[str, Secrets], shown: Shown) -> tuple[pd.DataFrame, list[str]]:
    """``privacy.csv`` (campaign, kind, searched, found), and what was found where, in words.

    The words name files and kinds, never what was found.
    """
    rows, problems = [], []
    for campaign, secrets in campaigns.items():
        searched = dict.fromkeys(KINDS, 0)
        leaks: dict[str, set[str]] = {kind: set() for kind in KINDS}
        for kind, texts in secrets.batches():
            searched[kind] += len(texts)
            leaks[kind] |= shown.leaks(kind, texts)
        for kind, found in leaks.items():
            rows.append((campaign, kind, searched[kind], len(found)))
            files = sorted({file for word in found for file in shown.where(word)})
            if found:
                problems.append(f"{kind} of {campaign} in {', '.join(files)} ({len(found)} found)")
    return pd.DataFrame(rows, columns=["campaign", "kind", "searched", "found"]), problems
