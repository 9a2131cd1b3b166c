"""``python -m takedown.bench``: the cost of cleaning, side by side with what it is measured by.

Writes a simulated archive in the exact dialect (cached in .cache/bench), then times, each in a
process of its own: inflating it only (the limit), this package's reader with typing and Parquet,
the whole clean stage, and pandas with every column as text (the correct baseline). Ratios are what
carries over to other machines.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from takedown.archive import POST
from takedown.checks import SNOWFLAKE_EPOCH_MS
from takedown.files import whole

CACHE = Path(".cache/bench")
WORDS = "the army said that news from บางกอก 香港 was 'not' \"true\" again and, \nsince then".split(
    " "
)
WAYS = {
    "inflate only": "inflate",
    "read, type, write": "read",
    "whole clean stage": "clean",
    "pandas, all columns as text": "pandas",
}


def simulate_archive(path: Path, rows: int) -> None:
    """A simulated one-member archive of ``rows`` posts; quoted, with newlines inside texts."""
    draw = random.Random(rows)
    start = datetime(2019, 6, 1, tzinfo=UTC)
    with (
        whole(path) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        archive.open("simulated_tweets_csv_hashed.csv", "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        columns = [name for name in POST if name != "poll_choices"]
        writer.writerow(columns)
        for row in range(rows):
            moment = start + timedelta(seconds=row * 20_000_000 // rows)
            stamp = (int(moment.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS) << 22
            cells = {
                "tweetid": stamp + row % 4096,
                "userid": f"{draw.randrange(20000):043d}=",
                "account_creation_date": "2019-01-15",
                "account_language": "en",
                "tweet_language": draw.choice(["en", "th", "zh", "und"]),
                "tweet_text": " ".join(draw.choices(WORDS, k=18)),
                "tweet_time": f"{moment:%Y-%m-%d %H:%M}",
                "tweet_client_name": "Twitter Web App",
                "in_reply_to_tweetid": stamp - 977 if row % 3 == 0 else "",
                "is_retweet": "true" if row % 2 else "false",
                "latitude": "absent",
                "longitude": "absent",
                "hashtags": "['army', 'news']" if row % 5 == 0 else "[]",
                "urls": "['https://example.org/a']" if row % 4 == 0 else "[]",
                "user_mentions": "[]",
            }
            writer.writerow([cells.get(name, "0" if "count" in name else "") for name in columns])


def run(way: str, path: Path) -> None:
    """One way of reading the archive, in this process."""
    from takedown import clean, reader, topics

    member = reader.list_members(path)[0]
    out = CACHE / f"{way}.parquet"
    if way == "inflate":
        for _ in reader.inflate(member):
            pass
    elif way == "read":
        about = {name: column.about for name, column in POST.items()}
        aside = clean.Quarantine(io.StringIO())
        with clean.parquet_file(out, about) as write:
            for frame in clean.typed_blocks(member, POST, clean.Tally(), aside):
                write(frame)
    elif way == "clean":
        receipt = CACHE / "receipt.csv"
        receipt.write_text(f"role,path\ntweets,{path}\n", encoding="utf-8")
        clean.clean_archive(
            receipt=receipt,
            topics=topics.read_topics(Path("resources/topics.yaml")),
            timezone="Asia/Bangkok",
            tweets=out,
            accounts=CACHE / "accounts.parquet",
            quarantine=CACHE / "quarantine.csv",
        )
    else:
        import pandas as pd

        pd.read_csv(path, dtype=str, keep_default_na=False)


def measure(way: str, path: Path) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of one way, as a process of its own."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "takedown.bench", "--run", way, str(path)])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{way}: failed with status {status}")
    scale = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - start, usage.ru_maxrss * scale / 2**20


def main() -> None:
    """Measure every way and print the table, as ratios to inflating."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=350_000)
    parser.add_argument("--run", nargs=2, metavar=("WAY", "ZIP"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options.run[0], Path(options.run[1]))
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"simulated_{options.rows}.zip"
    if not path.exists():
        print(f"Writing a simulated archive of {options.rows:,} posts ...")
        simulate_archive(path, options.rows)
    found = {label: measure(way, path) for label, way in WAYS.items()}
    limit = found["inflate only"][0]
    print(f"{options.rows:,} simulated posts, {os.cpu_count()} cores; start-up included")
    print(f"{'':<30}{'seconds':>9}{'of inflate':>12}{'peak MB':>9}")
    for label, (seconds, memory) in found.items():
        print(f"{label:<30}{seconds:>9.2f}{seconds / limit:>12.2f}{memory:>9.0f}")


if __name__ == "__main__":
    main()
