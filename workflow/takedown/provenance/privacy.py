"""The last step before the manifest: check that no personal data has got into the results.

It searches all tables, the words and values of figures, pages, articles, logs, the future content
of the manifest, and the records of the run for

- the texts of posts and of profiles: any fragment of some 60 bytes is found, because every text is
  cut into windows of 32 bytes, which are looked up among all windows of the results; shorter texts
  are found if they are a whole cell;
- identifiers of posts and accounts, also with thousands separators, and names, as whole words;
- any cell of a campaign that was left out because its file could not be read;
- cells based on fewer accounts than may be shown.

Case is ignored, except in identifiers. What is public anyway is not a leak: hashtags, even several
in a row, clients and languages, and the words of the workflow's own files. Post texts of a reduced
archive are not searched for, because they consist of terms from the topics file. A text made only
of digits cannot be distinguished from a count.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import unicodedata
from base64 import b64encode
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
from takedown.archives.members import UTF16 as WIDE
from takedown.archives.members import inflate, list_members, read_header
from takedown.archives.receipt import RECEIPT, Entry
from takedown.clean.parquet import row_groups
from takedown.clean.reader import read_blocks
from takedown.clean.records import text_rows
from takedown.engine.ledger import LEDGER
from takedown.errors import InputError
from takedown.io.sorted_numbers import among, sorted_once
from takedown.io.tables import POOLED, contracts, table_name
from takedown.study.topics import fold

WINDOW, HASHES_AT_ONCE = 32, 2**24
#: Odd multipliers for hashing the words of a window.
MIX = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64
)
#: Shortest names and cells that are searched for; shorter ones occur in any text.
SHORTEST_NAME, SHORTEST_TOGETHER, SHORTEST_CELL = 4, 2, 7
#: Numbers of seven digits or more, and the hashes of all releases; a full stop may follow.
IDENTIFIER = re.compile(
    r"(?<![\w+-])(?<!\d\.)(?:\d{7,20}|[\w+-]{40,44}=?|[0-9a-f]{64})(?![\w+=-]|\.\d)"
)
#: Counts that may look like an identifier, column types that hold them, and further columns.
COUNT, COUNTED = re.compile(r"\d{7,12}"), ("count", "integer", "number")
VALUES = {"describe/summary.csv": ["value"], "clean/checks.csv": ["value"]}
ACCOUNT_IDS = ["userid", "in_reply_to_userid", "retweet_userid"]
POST_IDS = ["tweetid", "in_reply_to_tweetid", "quoted_tweet_tweetid", "retweet_tweetid"]
#: Scripts without spaces between words, in which a name can be short.
TOGETHER = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
TEXTS = {".csv", ".json", ".html", ".txt", ".svg", ".log", ".ipynb", ".rst", ".md"}
COMMENT = re.compile(r"(?<=<!--).*?(?=-->)|(?<=<title>).*?(?=</title>)", re.DOTALL)
#: Pictures in a page, and its scripts, which are the workflow's own.
EMBEDDED = re.compile(r"data:[\w/]+;base64,[\w+/=]+|<script>.*?</script>", re.DOTALL)
#: Separators of hashtags, and how many hashtags may make up a fragment of a post.
BETWEEN, TAGS_TOGETHER = re.compile(r"[\s#…,]+"), 3
KINDS = ("post text", "profile text", "name", "post id", "account id")
#: Snakemake's own folder. No stage writes its text, so it is not searched for names.
SNAKEMAKE = Path(".snakemake")
#: For a file that could not be read: the kind, the bytes searched for, and the separators.
REFUSED, BEGINNING, DIVIDERS = "any cell", 2**24, r'[,\t;|"\r\n]+'
ARCHIVES = {".csv", ".zip"}
#: A number with thousands separators, as reports write it.
THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:([,.'’_ \u00a0\u202f])\d{3})(?:\1\d{3})+(?![\w])")


@dataclass(frozen=True)
class Secrets:
    """What must not be shown about one campaign."""

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
        """The columns about people, from the users files or, if there are none, the posts files."""
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


@dataclass(frozen=True)
class Refused:
    """What must not be shown about a campaign that was left out: any cell of its files.

    They could not be read as posts, so a cell at their beginning may be anything. Only cells longer
    than a word are searched for.
    """

    files: Sequence[Path]

    @classmethod
    def of(cls, places: Iterable[Path]) -> Refused:
        """The files among ``places``, and the archives in the folders among them."""
        found: list[Path] = []
        for place in places:
            inside = (path for path in sorted(place.rglob("*")) if path.suffix.lower() in ARCHIVES)
            found += [place] if place.is_file() else inside
        return cls([path for path in found if path.is_file() and path.name != RECEIPT])

    def batches(self) -> Iterator[tuple[str, pl.Series]]:
        for path in self.files:
            for text in beginnings(path):
                cells = {*text.splitlines(), *re.split(DIVIDERS, text)}
                yield REFUSED, pl.Series(sorted(filter(is_telling, cells)), dtype=pl.String)


def beginnings(path: Path) -> Iterator[str]:
    """The first megabytes of each table in a file, or of the file itself where it holds none."""
    try:
        for member in list_members(path):
            read, parts = 0, []
            for part in inflate(member):
                parts.append(part)
                read += len(part)
                if read >= BEGINNING:
                    break
            yield decoded(b"".join(parts))
    except InputError:
        with path.open("rb") as file:
            yield decoded(file.read(BEGINNING))


def decoded(data: bytes) -> str:
    """Decode a file of unknown encoding as far as possible."""
    return data.decode("utf-16" if data.startswith(WIDE) else "utf-8", "replace")


def is_telling(cell: str) -> bool:
    """Whether a cell of unknown meaning is an identifier, or longer than a word of a table."""
    if IDENTIFIER.fullmatch(cell):
        return True
    return len(cell) > SHORTEST_CELL and is_name(cell) and (" " in cell or not cell.isascii())


def windows(data: bytes, starts: np.ndarray | None = None) -> np.ndarray:
    """Hashes of the windows of ``data`` that begin at ``starts``, or at every byte."""
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
    """The distinct hashes of all ``parts``, sorted; empties the list to save memory."""
    hashes = np.concatenate(parts)
    parts.clear()
    return sorted_once(hashes)


def starts_of(lengths: np.ndarray) -> np.ndarray:
    """Starts of windows in concatenated texts: back to back, and one at the end of each text."""
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
    def cells(self) -> Mapping[str, set[str]]:
        """The cells of tables and the lines of other files, in lower case, by file."""
        return {
            name: {cell.lower() for cell in cells_of(name, text)}
            for name, text in self.texts.items()
        }

    @cached_property
    def all_cells(self) -> set[str]:
        return set().union(*self.cells.values())

    @cached_property
    def data(self) -> list[bytes]:
        """The content of each file, both as written and as parsed cells, in lower case."""
        return [
            encoded("\n".join([text.lower(), *self.cells[name]]))
            for name, text in self.texts.items()
        ]

    @cached_property
    def hashes(self) -> np.ndarray:
        """Hashes of all windows of the results, sorted; merged in batches to limit memory."""
        parts = [np.empty(0, np.uint64)]
        for data in self.data:
            parts.append(sorted_once(windows(data)))
            if sum(map(len, parts[1:])) > HASHES_AT_ONCE:
                parts.append(joined(parts))
        return joined(parts)

    @cached_property
    def identifiers(self) -> dict[str, str]:
        """Possible identifier, however it is written -> the first file that shows it."""
        found: dict[str, str] = {}
        for name, text in self.texts.items():
            divided = (re.sub(r"\D", "", each[0]) for each in THOUSANDS.finditer(text))
            for word in (*IDENTIFIER.findall(text), *divided):
                found.setdefault(word, name)
        return found

    @cached_property
    def lines(self) -> pl.Series:
        """The text that is searched for names."""
        ours = (self.cells[name] for name in self.texts if not name.startswith(f"{SNAKEMAKE}/"))
        return pl.Series(sorted(set().union(*ours)), dtype=pl.String)

    @cached_property
    def own(self) -> str:
        return self.public.lower()

    @cached_property
    def named(self) -> str:
        return self.tags.lower()

    def where(self, word: str) -> list[str]:
        """The files that show ``word``."""
        sought = encoded(word.lower())
        found = [name for name, data in zip(self.texts, self.data, strict=True) if sought in data]
        return found or [self.identifiers[word]]

    def leaks(self, kind: str, secrets: pl.Series) -> set[str]:
        """Those of ``secrets``, or pieces of them, that are shown and not public."""
        secrets = secrets.drop_nulls()
        if kind.endswith(" id"):
            return self.ids(secrets)
        lower = secrets.str.to_lowercase()
        found = set() if kind == "name" else self.pieces(lower) | self.short(lower)
        if kind in ("name", REFUSED):
            found |= self.names(lower)
        found = {each for each in found if not self.is_public(kind, each)}
        return found | (self.ids(secrets) if kind == REFUSED else set())

    def ids(self, secrets: pl.Series) -> set[str]:
        """Identifiers that are shown and are not a count in a table."""
        found = set(secrets.filter(secrets.is_in(list(self.identifiers))))
        return {each for each in found if not stands_in(each, self.public)}

    def is_public(self, kind: str, piece: str) -> bool:
        """Whether a fragment is in the workflow's own files, or made of what tables may show."""
        if stands_in(piece, self.own) or stands_in(piece, self.named):
            return True
        if kind == "name":
            return False
        parts = [part for part in BETWEEN.split(piece) if part]
        return len(parts) <= TAGS_TOGETHER and all(part in self.named for part in parts)

    def pieces(self, secrets: pl.Series) -> set[str]:
        """Fragments of texts whose windows also occur in the results."""
        long = secrets.filter(secrets.str.len_bytes() >= WINDOW)
        data = encoded("".join(long))
        starts = starts_of(long.str.len_bytes().to_numpy().astype(np.int64))
        hashes = windows(data, starts)
        order = np.argsort(hashes)  # sorted look-ups are many times faster
        known = among(hashes[order], self.hashes)
        found = {data[start : start + WINDOW] for start in starts[order[known]]}
        there = {each for each in found if any(each in data for data in self.data)}
        return {each.decode("utf-8", "ignore") for each in there}

    def short(self, secrets: pl.Series) -> set[str]:
        """Texts shorter than a window that are a whole cell."""
        brief = secrets.filter(secrets.str.len_bytes() < WINDOW)
        return {text for text in set(brief) & self.all_cells if is_name(text) or is_emoji(text)}

    def names(self, secrets: pl.Series) -> set[str]:
        """Names that occur as whole words or, in scripts without spaces, anywhere."""
        wanted = [name for name in secrets.str.strip_chars().unique() if is_name(name)]
        if not wanted:
            return set()
        hits = set(self.lines.str.extract_many(wanted, overlapping=True).explode().drop_nulls())
        text = "\n".join(self.lines)
        return {name for name in hits if stands_in(name, text)}


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def is_name(text: str) -> bool:
    """Whether a text is distinctive: long enough, and not a number."""
    shortest = SHORTEST_TOGETHER if TOGETHER.search(text) else SHORTEST_NAME
    return len(text.strip()) >= shortest and any(sign.isalpha() for sign in text)


def is_emoji(text: str) -> bool:
    """Whether a text contains emoji, so that it cannot be a number or a word of a table."""
    return sum(unicodedata.category(sign) == "So" for sign in text) >= SHORTEST_TOGETHER


def stands_in(piece: str, text: str) -> bool:
    """Whether ``piece`` occurs in ``text``; if short, as a whole word, in scripts with spaces."""
    if piece not in text:
        return False
    if TOGETHER.search(piece) or len(piece.encode("utf-8", "replace")) >= WINDOW - 3:
        return True
    return bool(re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", text))


def cells_of(name: str, text: str) -> Iterable[str]:
    """The cells of a table, the strings in a JSON file, the lines of any other file."""
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
    """The text of a file that a reader can see."""
    if path.suffix == ".pdf":
        with PdfDocument(path) as document:
            pages = [page.get_textpage().get_text_range() for page in document]
        return "\n".join(pages).replace("\r\n", "\n")
    if path.suffix not in TEXTS:
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".svg":  # letters are outlines; their text is in comments
        return "\n".join(COMMENT.findall(text))
    if path.suffix == ".html":
        text = EMBEDDED.sub("", text)
        return f"{text}\n{html.unescape(text)}"
    return text


def texts_of_run(logs: Path, manifest: Mapping[str, object]) -> dict[str, str]:
    """What a run writes besides its results: manifest, logs, ledger and Snakemake's records.

    ``logs`` is the study's log folder. Of Snakemake's files, it includes the log of this run so far
    and the records of the study's results. The crate is derived from the manifest.
    """
    texts = {"manifest.json": json.dumps(manifest, ensure_ascii=False)}
    files = [*logs.rglob("*.log"), *(LEDGER / logs.name).rglob("*.json")]
    files += sorted((SNAKEMAKE / "log").glob("*.log"))[-1:]
    for path in sorted(files):
        texts[path.as_posix()] = text_of(path)
    for path in sorted((SNAKEMAKE / "metadata").rglob("*")):
        if path.is_file() and is_record_of(path.name, f"results/{logs.name}/"):
            texts[path.as_posix()] = path.read_text(encoding="utf-8", errors="replace")
    return texts


def is_record_of(name: str, start: str) -> bool:
    """Whether a record of Snakemake, named by its file's path in base64, is of one in ``start``."""
    return name.startswith(b64encode(start.encode()).decode()[: len(start) * 4 // 3])


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
    """The numbers in count columns: one that equals an account's id is not an identifier.

    Only those shorter than post ids, so that a post id would still be found there.
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
    """Table -> number of rows based on fewer accounts than may be shown, and not pooled."""
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


def search(
    campaigns: Mapping[str, Secrets | Refused], shown: Shown
) -> tuple[pd.DataFrame, list[str]]:
    """``privacy.csv`` (campaign, kind, searched, found), and a description of what was found where.

    The description names files and kinds, never what was found.
    """
    rows, problems = [], []
    for campaign, secrets in campaigns.items():
        kinds = KINDS if isinstance(secrets, Secrets) else (REFUSED,)
        searched = dict.fromkeys(kinds, 0)
        leaks: dict[str, set[str]] = {kind: set() for kind in kinds}
        for kind, texts in secrets.batches():
            searched[kind] += len(texts)
            leaks[kind] |= shown.leaks(kind, texts)
        for kind, found in leaks.items():
            rows.append((campaign, kind, searched[kind], len(found)))
            files = sorted({file for word in found for file in shown.where(word)})
            if found:
                problems.append(f"{kind} of {campaign} in {', '.join(files)} ({len(found)} found)")
    return pd.DataFrame(rows, columns=["campaign", "kind", "searched", "found"]), problems
