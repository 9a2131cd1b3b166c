"""``python -m takedown.clean.reduce``: the reduced form of an archive, which may be shared.

Post text and profile text remain subject to Twitter's terms. The reduced archive keeps every row
and column in the original CSV dialect, and changes only these cells:

- ``tweet_text`` becomes the terms of ``resources/topics.yaml`` that the post contains;
- profile description, address and location become blank; names become the identifier, as they
  already are for hashed accounts;
- ``user_mentions`` keeps only hashed accounts, since numeric ids identify public accounts;
- ``urls`` keeps only the host, since paths identify accounts and pages.

The command checks that each row gets the same topic labels in both forms, and that cleaning both
gives the same tables and the same typed rows, apart from the cells above, which no later stage
reads. It writes the sha256 of both forms to a file beside the reduced ones.
"""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from takedown.archives.columns import BLANKED, CUT, NAMES
from takedown.archives.members import Member, list_members, read_header
from takedown.archives.receipt import Entry, write_receipt
from takedown.clean.archive import clean_archive
from takedown.clean.cells import list_cells
from takedown.clean.reader import read_blocks
from takedown.clean.records import text_rows
from takedown.clean.topics import LABELS, label, terms_in
from takedown.engine.endings import run
from takedown.io.files import file_sha256, whole
from takedown.study.config import TOPICS
from takedown.study.topics import Topic, read_topics

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # a fixed time, so that the same input gives the same bytes


def reduced(frame: pl.DataFrame, topics: list[Topic]) -> pl.DataFrame:
    """The reduced form of raw rows (text columns of a tweets or users file)."""
    changed: list[pl.Expr] = [pl.lit("").alias(name) for name in BLANKED if name in frame.columns]
    changed += [pl.col("userid").alias(name) for name in NAMES if name in frame.columns]
    if "tweet_text" in frame.columns:
        hashed = list_cells(pl.col("user_mentions")).list.eval(
            pl.element().filter(~pl.element().str.contains(r"^\d+$"))
        )
        hosts = list_cells(pl.col("urls")).list.eval(
            pl.element()
            .str.replace(r"^(\w+://)[^/?#]*@", "$1")
            .str.extract(r"^(\w+://[^/?#]+)")
            .fill_null("")
        )
        changed += [
            terms_in(topics, pl.col("tweet_text")).alias("tweet_text"),
            list_text(hashed).alias("user_mentions"),
            list_text(hosts).alias("urls"),
        ]
    return frame.with_columns(changed)


def list_text(lists: pl.Expr) -> pl.Expr:
    """Lists written as the archives write them: ``['a', 'b']``."""
    quoted = lists.list.eval("'" + pl.element() + "'")
    return "[" + quoted.list.join(", ") + "]"


def check_same_labels(original: pl.DataFrame, small: pl.DataFrame, topics: list[Topic]) -> None:
    """Raise :class:`AssertionError` unless labels and all columns that are kept agree."""
    kept = [name for name in original.columns if name not in CUT]
    if not original.select(kept).equals(small.select(kept)):
        raise AssertionError("a column that should be kept differs")
    if "tweet_text" in original.columns:
        parsed = [
            label(frame.with_columns(list_cells(pl.col("hashtags"))), topics).select(LABELS)
            for frame in (original, small)
        ]
        if not parsed[0].equals(parsed[1]):
            raise AssertionError("topic labels of the reduced and the original rows differ")


def check_same_tables(originals: list[Path], reduced: list[Path], topics: list[Topic]) -> None:
    """Raise :class:`AssertionError` unless cleaning both gives the same tables and typed rows."""
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        before, after = (
            clean(paths, Path(folder), topics)
            for paths, folder in ((originals, first), (reduced, second))
        )
    for name, frame in before.items():
        if not frame.equals(after[name]):
            raise AssertionError(f"{name} differs between the original and the reduced archive")


def clean(paths: list[Path], folder: Path, topics: list[Topic]) -> dict[str, Any]:
    """All outputs of stage clean: tables, accounts, and posts without the reduced columns."""
    roles = ["tweets" if is_tweets(path) else "users" for path in paths]
    write_receipt(folder / "receipt.csv", map(Entry.of, roles, paths))
    accounting = clean_archive(
        receipt=folder / "receipt.csv",
        topics=topics,
        timezone="UTC",
        tweets=folder / "tweets.parquet",
        accounts=folder / "accounts.parquet",
        quarantine=folder / "quarantine.csv",
    )
    return {
        "accounting.csv": accounting,
        "accounts.parquet": pl.read_parquet(folder / "accounts.parquet"),
        "tweets.parquet": pl.read_parquet(folder / "tweets.parquet").drop(CUT, strict=False),
    }


def is_tweets(path: Path) -> bool:
    """Whether an archive file contains posts, judging by its header."""
    return "tweetid" in read_header(list_members(path)[0])


def reduce_member(member: Member, topics: list[Topic]) -> Iterator[bytes]:
    """The reduced member as CSV in the original dialect: all fields quoted, UTF-8, LF."""
    header: list[str] | None = None
    for block in read_blocks(member, text_rows):
        if block.bad:
            raise AssertionError(f"line {block.bad[0].line}: {block.bad[0].reason}")
        small = reduced(block.frame, topics)
        check_same_labels(block.frame, small, topics)
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        if header is None:
            header = small.columns
            writer.writerow(header)
        writer.writerows(small.iter_rows())
        yield text.getvalue().encode("utf-8")


def reduce_archive(source: Path, target: Path, topics: list[Topic]) -> Mapping[str, str]:
    """Write the reduced form of the zip ``source``; return both file names and sha256 values."""
    with (
        whole(target) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
    ):
        for member in list_members(source):
            info = zipfile.ZipInfo(member.name, ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with archive.open(info, "w") as out:
                for piece in reduce_member(member, topics):
                    out.write(piece)
    return {
        "file": target.name,
        "original": source.name,
        "original_sha256": file_sha256(source),
        "reduced_sha256": file_sha256(target),
    }


def main(arguments: list[str] | None = None) -> None:
    """Reduce the given files and write ``reduced.csv`` beside them, with the sha256 of both."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("zips", nargs="+", type=Path, help="original zips, tweets or users")
    parser.add_argument("--to", type=Path, default=Path("resources/embedded"))
    options = parser.parse_args(arguments)
    topics = read_topics(TOPICS)
    rows = []
    for source in options.zips:
        target = options.to / source.name.replace("_csv_hashed", "_reduced")
        entry = reduce_archive(source, target, topics)
        rows.append({**entry, "topics_sha256": file_sha256(TOPICS)})
        print(f"{target}: labels and kept columns equal to the original's")
    targets = [options.to / row["file"] for row in rows]
    if any(map(is_tweets, targets)):
        check_same_tables(options.zips, targets, topics)
        print("cleaning both gives the same tables")
    with (options.to / "reduced.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    run(main)
