"""``python -m takedown.simulate.atlas``: small simulated stand-ins for all archives.

Each has the layout of its archive (one CSV, numbered or yearly members, zips or plain CSVs, the
columns of its release), its time span if known, and the fraction ``--scale`` of its posts. Nothing
else resembles the real archives. Use them to rehearse the atlas before downloading tens of
gigabytes.
"""

from __future__ import annotations

import argparse
import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from takedown.archives.catalogue import read_catalogue
from takedown.archives.columns import TWEET_COLUMNS, USER_COLUMNS
from takedown.engine.endings import run
from takedown.io.files import whole
from takedown.simulate.archive import (
    in_dialect,
    simulated_accounts,
    simulated_posts,
)

SCALE, LARGEST = 0.001, 0.01
UNKNOWN_POSTS = 100_000  # of the archives whose number of posts is not known
UNKNOWN_PARTS, UNKNOWN_YEARS = 3, 2
#: Up to and including this release, tweets files have a 31st column.
LAST_WITH_POLLS, POLLS = "2019_11", "poll_choices"


def simulate_atlas(
    catalogue: Mapping[str, Mapping[str, str]], folder: Path, *, scale: float, seed: int
) -> dict[str, dict[str, Any]]:
    """Write a stand-in for each archive to ``folder``; returns the campaigns of a study of them.

    The number of accounts is a tenth of the number of posts, but at most the published number.
    There is always at least one post and one account.
    """
    campaigns = {}
    for archive, row in catalogue.items():
        name = f"simulated_{archive}"
        draw = np.random.default_rng([seed, *archive.encode()])
        posts = number_of_posts(row, scale)
        accounts = max(1, min(int(row["n_accounts_published"]), posts // 10))
        start, end = span(row)
        people = simulated_accounts(accounts, start, draw)
        frames = simulated_posts(posts, people, start, end, draw)
        tweets = pl.concat([frame.cast(pl.String) for frame in frames])
        columns = list(TWEET_COLUMNS)
        if row["release"] <= LAST_WITH_POLLS:
            tweets = tweets.with_columns(pl.lit("").alias(POLLS))
            columns.append(POLLS)
        stem = f"{name}_{{}}_csv_hashed"
        files = {
            "tweets": write_files(
                folder / stem.format("tweets"), row["tweets_format"], members(tweets[columns], row)
            ),
            "users": write_files(
                folder / stem.format("users"),
                row["users_format"],
                iter([("", people[USER_COLUMNS])]),
            ),
        }
        campaigns[name] = files | known(row)
    return campaigns


def number_of_posts(row: Mapping[str, str], scale: float) -> int:
    """Number of posts of a stand-in, at ``scale``."""
    return math.ceil(int(row["n_tweets_published"] or UNKNOWN_POSTS) * scale)


def span(row: Mapping[str, str]) -> tuple[datetime, datetime]:
    """Time of the first and last post of an archive, made up if they are not known."""
    if row["first_tweet_utc"]:
        return (
            datetime.fromisoformat(row["first_tweet_utc"]),
            datetime.fromisoformat(row["last_tweet_utc"]),
        )
    end = datetime.fromisoformat(row["release_date"])
    years = parts(row) if row["tweets_layout"] == "yearly" else UNKNOWN_YEARS
    return datetime(end.year - years + 1, 1, 1), end


def parts(row: Mapping[str, str]) -> int:
    """Number of members of an archive; a default if it is not known."""
    number = re.match(r"\d+", row["tweets_parts"])
    return int(number[0]) if number else UNKNOWN_PARTS


def members(tweets: pl.DataFrame, row: Mapping[str, str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Split the posts into CSVs according to the archive's layout; yields name endings and rows."""
    if row["tweets_layout"] == "numbered":
        size = math.ceil(len(tweets) / parts(row))
        for number in range(parts(row)):
            yield f"_{number + 1}", tweets.slice(number * size, size)
    elif row["tweets_layout"] == "yearly":
        year = tweets["tweet_time"].str.slice(0, 4)
        for one in sorted(year.unique()):
            yield f"_{one}", tweets.filter(year == one)
    else:
        yield "", tweets


def write_files(stem: Path, form: str, tables: Iterator[tuple[str, pl.DataFrame]]) -> str:
    """Write CSVs into one zip, or a single CSV without compression; returns the path."""
    path = stem.with_name(f"{stem.name}.{form}")
    if form == "csv":
        ((_, table),) = tables
        data = in_dialect(table)
    else:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for ending, table in tables:
                member = zipfile.ZipInfo(f"{stem.name}{ending}.csv")  # no time: reproducible bytes
                archive.writestr(member, in_dialect(table), zipfile.ZIP_DEFLATED)
        data = packed.getvalue()
    if not path.is_file() or path.read_bytes() != data:  # rewriting it would cause reruns
        with whole(path) as part:
            part.write_bytes(data)
    return path.as_posix()


def known(row: Mapping[str, str]) -> dict[str, Any]:
    """The settings of a stand-in in a study file, from the archive's row in the catalogue."""
    news = {key: row[key].split() for key in ("events", "event_topics", "topics") if row[key]}
    return {"timezone": row["timezone"], "disclosed": row["release_date"], **news}


def main(arguments: list[str] | None = None) -> None:
    """Write all stand-ins, and a study file for the atlas of them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=float, default=SCALE, help="share of the posts")
    parser.add_argument("--to", type=Path, default=Path("data/simulated/atlas"), metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=20200612)
    parser.add_argument("--archives", nargs="+", metavar="ARCHIVE", help="only these")
    options = parser.parse_args(arguments)
    if not 0 < options.scale <= LARGEST:
        parser.error(
            f"--scale must be above 0 and at most {LARGEST:g}; larger stand-ins, one by one, are "
            "what python -m takedown.simulate.archive writes."
        )
    catalogue = read_catalogue()
    chosen = options.archives or list(catalogue)
    if unknown := [name for name in chosen if name not in catalogue]:
        parser.error(f"not in the catalogue: {', '.join(unknown)}")
    options.to.mkdir(parents=True, exist_ok=True)
    campaigns = simulate_atlas(
        {name: catalogue[name] for name in chosen},
        options.to,
        scale=options.scale,
        seed=options.seed,
    )
    size = f"{options.scale:g} of their size"
    study = {
        "study": "simulated_atlas",
        "title": f"SIMULATED stand-ins for {len(campaigns)} archives, {size}",
        "unavailable": "leave_out",
        "campaigns": campaigns,
    }
    file = options.to / "simulated_atlas.yaml"
    file.write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    print(f"{len(campaigns)} archives in {options.to}\nRun it: make run CONFIG={file}")


if __name__ == "__main__":
    run(main)
