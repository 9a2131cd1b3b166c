"""200 archives in the dialects that people hold: every count equals one by the csv module.

What is counted here knows nothing of the package: it reads the file that was written, row by row.
"""

from __future__ import annotations

import ast
import bz2
import csv
import gzip
import io
import lzma
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from builders import COLUMNS_30, COLUMNS_31, LABELLED_COLUMNS, campaign, clean, labelled, tweet_id
from test_formats import CLEMSON, troll

from takedown.archives.groups import of_campaign
from takedown.describe.posts import by_name, summary
from takedown.series.daily import daily_from_posts
from takedown.series.modelled import wide

ARCHIVES, AT_ONCE = 200, 25
BLANKS = ["", "NA", "nan", "None", "NULL", r"\N", "NaN", "null", "<NA>"]
Row = dict[str, str]


def seconds(time: str) -> str:
    return f"{time}:37"


TIMES: dict[str, Callable[[str], str]] = {
    "released": str,
    "with seconds": seconds,
    "T and Z": lambda time: time.replace(" ", "T") + ":00Z",
    "with an offset": lambda time: f"{time}:00+00:00",
    "with fractions": lambda time: time.replace(" ", "T") + ":00.000Z",
}
FLAGS = [("true", "false"), ("True", "False"), ("TRUE", "FALSE"), ("1", "0"), ("t", "f"),
         ("1.0", "0.0")]  # fmt: skip
LISTS: dict[str, Callable[[list[str]], str]] = {
    "released": str,
    "double quotes": lambda tags: "[" + ", ".join(f'"{tag}"' for tag in tags) + "]",
    "without quotes": lambda tags: f"[{', '.join(tags)}]",
    "without commas": lambda tags: "[" + " ".join(f"'{tag}'" for tag in tags) + "]",
    "without spaces": lambda tags: "[" + ",".join(f"'{tag}'" for tag in tags) + "]",
}
PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".csv": bytes,
    ".csv.gz": gzip.compress,
    ".csv.bz2": bz2.compress,
    ".csv.xz": lzma.compress,
}
TAGS = ["army", "กองทัพบก", "السعودية", "covid19", "a", "香港"]


def posts(draw: random.Random) -> list[Row]:
    """Posts of ten days, of every kind, before anybody writes them down."""
    rows = campaign(days=10, per_day=6, accounts=7, seed=draw.randrange(10**6))
    for number, row in enumerate(rows):
        other = tweet_id(datetime(2018, 5, 1, tzinfo=UTC), number)
        tags = draw.sample(TAGS, draw.randrange(4))
        row |= {"tweet_language": draw.choice(["en", "th", "ar", "und", ""]), "tags": tags}
        row["userid"] = str(1674084000 + int(row["userid"][1:]))
        kind = draw.choice(["retweet", "reply", "quote", "original"])
        row["is_retweet"] = str(kind == "retweet").lower()
        row |= {"retweet_tweetid": other} if kind == "retweet" else {}
        row |= {"in_reply_to_tweetid": other} if kind == "reply" else {}
        row |= {"quoted_tweet_tweetid": other} if kind == "quote" else {}
        row["like_count"] = draw.choice(["0", "5", "1200", ""])
        row["tweet_text"] += draw.choice([', "quoted"', "\nnext line", " ,,", "", " 🔥"])
    return rows


def twitters(draw: random.Random) -> tuple[list[str], list[Row]]:
    """The columns and rows of an archive in Twitter's format, as some tool has saved it."""
    columns = list(draw.choice([COLUMNS_30, COLUMNS_31]))
    if draw.random() < 0.5:
        draw.shuffle(columns)
    time, flags, lists = draw.choice([*TIMES]), draw.choice(FLAGS), draw.choice([*LISTS])
    blank, numbers = draw.choice(BLANKS), draw.choice(["exact", "rounded", "decimal"])
    rows = []
    for row in posts(draw):
        row["tweet_time"] = TIMES[time](row["tweet_time"])
        row["is_retweet"] = flags[row["is_retweet"] == "false"]
        row["hashtags"] = LISTS[lists](row.pop("tags")) if draw.random() < 0.97 else ""
        if numbers == "rounded":
            row |= {name: repr(float(row[name])) for name in REFERENCES if row[name]}
        if numbers == "decimal":
            row["userid"] += ".0"
            row |= {"like_count": row["like_count"] + ".0"} if row["like_count"] else {}
        keep = ("tweet_text", "hashtags", "urls", "user_mentions", "poll_choices")
        rows.append({name: cell if cell or name in keep else blank for name, cell in row.items()})
    rows += draw.sample(rows, 3)  # saved twice
    for row in draw.sample(range(len(rows)), 2):  # what nobody can use
        rows[row] = rows[row] | draw.choice(
            [{"tweet_time": "yesterday"}, {"tweetid": "x"}, {"is_retweet": "maybe"}]
        )
    return columns, rows


def seckins(draw: random.Random) -> tuple[list[str], list[Row]]:
    rows = []
    for row in posts(draw):
        row["hashtags"] = str(row.pop("tags"))
        row["tweet_time"] = TIMES[draw.choice(["released", "T and Z"])](row["tweet_time"])
        rows.append(labelled(row, control=int(row["userid"]) % 3 == 0))
    return list(LABELLED_COLUMNS), rows


def clemsons(draw: random.Random) -> tuple[list[str], list[Row]]:
    start, rows = datetime(2016, 3, 1, tzinfo=UTC), []
    for number in range(80):
        day = start + timedelta(minutes=draw.randrange(9 * 24 * 60))
        words = " ".join(f"#{tag}" for tag in draw.sample(TAGS, draw.randrange(3)))
        rows.append(
            troll(
                f"{day.month}/{day.day}/{day.year} {day.hour}:{day.minute:02d}",
                sequence=str(number),
                author=f"HANDLE{draw.randrange(5)}",
                content=f'said "so", {words}',
                retweet=draw.choice("01"),
                post_type=draw.choice(["", "QUOTE_TWEET"]),
                language=draw.choice(["English", "Russian", "LANGUAGE UNDEFINED"]),
                account_category=draw.choice(["RightTroll", "LeftTroll", "NewsFeed"]),
            )
        )
    return list(CLEMSON), rows


REFERENCES = ("in_reply_to_tweetid", "quoted_tweet_tweetid", "retweet_tweetid")
#: Of each format: what makes it, how often, and its names for what is counted.
MAKERS = [twitters] * 6 + [seckins, clemsons]
WHAT = "id who time lang again tags reply quote".split()
NAMES = {
    maker: dict(zip(WHAT, words.split(), strict=True))
    for maker, words in {
        twitters: "tweetid userid tweet_time tweet_language is_retweet hashtags "
        "in_reply_to_tweetid quoted_tweet_tweetid",
        seckins: "postid accountid post_time post_language is_repost hashtags in_reply_to_postid -",
        clemsons: "tweet_id author publish_date language retweet content - post_type",
    }.items()
}


def write(draw: random.Random, path: Path, columns: list[str], rows: list[Row]) -> tuple[Path, str]:
    """The archive at ``path``, in a container of some kind, and its text."""
    held = io.StringIO()
    writer = csv.DictWriter(
        held,
        columns,
        extrasaction="ignore",
        quoting=draw.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
        lineterminator=draw.choice(["\n", "\r\n"]),
    )
    writer.writeheader()
    writer.writerows(rows)
    text = held.getvalue()
    data = draw.choice(["", "\ufeff"]).encode() + text.encode("utf-8")
    kind = draw.choice([*PACKED, ".zip"])
    target = path.with_name(path.name + kind)
    if kind == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{path.name}.csv", data)
    else:
        target.write_bytes(PACKED[kind](data))
    return target, text


# Counted here, by hand


def said(cell: str) -> str:
    return "" if cell in BLANKS else cell


def when(cell: str) -> datetime | None:
    for form in ("%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M"):
        plain = re.sub(r":\d\d(\.\d+)?(Z|\+00:00)?$", "", cell.replace("T", " "))
        for each in (cell, plain):
            try:
                return datetime.strptime(each, form)
            except ValueError:
                continue
    return None


def tags_of(cell: str, names: dict[str, str]) -> list[str]:
    if names["tags"] == "content":
        return [tag.lower() for tag in re.findall(r"#(\S+)", cell)]
    if not said(cell):
        return []
    try:
        found = ast.literal_eval(cell.replace("' '", "', '"))
    except (ValueError, SyntaxError):
        found = cell.strip("[]").split(", ")
    return [tag.lower() for tag in found if tag]


def counted(text: str, names: dict[str, str]) -> dict[str, object]:
    """What the file says, by the csv module; rows that cannot be used and repeated ones apart."""
    found: dict[str, Counter] = {key: Counter() for key in ("days", "tags", "langs", "kinds")}
    ids, whose, rows, unusable, repeated = set(), set(), 0, 0, 0
    truth = {word: flag for true, false in FLAGS for word, flag in ((true, True), (false, False))}
    for row in csv.DictReader(io.StringIO(text)):
        rows += 1
        time, flag = when(row[names["time"]]), truth.get(row[names["again"]])
        number = row[names["id"]]
        if time is None or flag is None or not (number.isdecimal() or names["id"] == "postid"):
            unusable += 1
            continue
        if number in ids:
            repeated += 1
            continue
        ids.add(number)
        if row.get("is_control") == "True":
            continue
        whose.add(row[names["who"]].removesuffix(".0"))
        found["days"][f"{time:%Y-%m-%d}"] += 1
        found["tags"].update(set(tags_of(row[names["tags"]], names)))
        language = said(row[names["lang"]]) or "und"
        codes = {"English": "en", "Russian": "ru", "LANGUAGE UNDEFINED": "und"}
        found["langs"][codes.get(language, language)] += 1
        other = {key: said(row.get(names[key], "")) for key in ("reply", "quote")}
        kind = "retweet" if flag else next((key for key, cell in other.items() if cell), "original")
        found["kinds"][kind] += 1
    return found | {
        "accounts": len(whose),
        "rows": rows,
        "unusable": unusable,
        "repeated": repeated,
    }


def in_tables(folder: Path, path: Path) -> dict[str, object]:
    """The same from the tables of the package."""
    cleaned = clean(folder, path)
    posts, accounts = cleaned.posts.lazy(), cleaned.accounts.lazy()
    own = of_campaign(posts)
    languages = by_name(own, pl.col("language"), "language", 1)
    daily = wide(daily_from_posts(posts, [], list(languages["language"]), None))
    days = daily["all"]
    tags = own.select(pl.col("hashtags").list.eval(pl.element().str.to_lowercase()).list.unique())
    tags = tags.explode("hashtags").drop_nulls().collect()["hashtags"]
    quantities = summary(posts, accounts).set_index("quantity")["value"]
    assert int(quantities["posts"]) == days.sum()
    outcome = Counter()
    for (what, _), number in cleaned.outcomes.items():
        outcome[what] += number
    assert len(cleaned.quarantine) == outcome["quarantined"]
    return {
        "days": Counter({f"{day:%Y-%m-%d}": int(posts) for day, posts in days.items() if posts}),
        "tags": Counter(tags.to_list()),
        "langs": Counter(dict(languages[["language", "posts"]].itertuples(index=False))),
        "kinds": Counter(own.collect()["kind"].to_list()),
        "accounts": int(quantities["accounts"]),
        "rows": outcome.total(),
        "unusable": outcome["quarantined"],
        "repeated": outcome["duplicate"],
    }


@pytest.mark.parametrize("first", range(0, ARCHIVES, AT_ONCE))
def test_every_count_equals_that_of_the_csv_module(
    tmp_path: Path, first: int, may_take_long: None
) -> None:
    for seed in range(first, first + AT_ONCE):
        draw = random.Random(seed)
        maker = draw.choice(MAKERS)
        columns, rows = maker(draw)
        folder = tmp_path / str(seed)
        folder.mkdir()
        path, text = write(draw, folder / "archive", columns, rows)
        assert in_tables(folder, path) == counted(text, NAMES[maker]), (seed, maker, path)
