"""Every row of an archive is kept, quarantined with a reason, or a counted duplicate."""

import datetime as dt
import random
import re
from collections import Counter
from pathlib import Path

import builders
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from builders import clean, day, post, user, write_archive, write_zip
from hypothesis import given
from hypothesis import strategies as st

from takedown.archives.columns import ACCOUNT, POST
from takedown.clean.accounts import ABOUT_ACCOUNTS
from takedown.clean.archive import ABOUT_POSTS
from takedown.clean.reader import read_blocks
from takedown.clean.rows import DERIVED
from takedown.errors import InputError
from takedown.study.topics import Topic


def posts(count: int, **cells: str) -> list[dict]:
    return [post(day(1 + number), f"u{number}", **cells) for number in range(count)]


# Columns


@pytest.mark.parametrize(
    "columns",
    [
        builders.COLUMNS_30,
        builders.COLUMNS_31,
        random.Random(4).sample(builders.COLUMNS_31, 31),
        [*builders.COLUMNS_30, "a_column_of_the_future"],
        [name for name in builders.COLUMNS_30 if name not in POST or POST[name].needed],
    ],
    ids=["30", "31", "shuffled", "one more", "only those needed"],
)
def test_columns_are_read_by_name(tmp_path: Path, columns: list[str]) -> None:
    rows = posts(3, poll_choices="yes|no", like_count="7", a_column_of_the_future="x")
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows, columns))
    assert found.outcomes == {("kept", ""): 3}
    assert found.posts.columns == [*POST, *DERIVED]
    assert found.posts["tweetid"].to_list() == [row["tweetid"] for row in rows]
    expected = {"poll_choices": "yes|no", "like_count": 7}
    for name, value in expected.items():
        assert found.posts[name].to_list() == [value if name in columns else None] * 3


@pytest.mark.parametrize("name", [name for name, column in POST.items() if column.needed])
def test_a_missing_needed_column_is_named(tmp_path: Path, name: str) -> None:
    columns = [column for column in builders.COLUMNS_30 if column != name]
    path = write_archive(tmp_path / "a.zip", posts(1), columns)
    with pytest.raises(InputError, match=rf"a\.zip, member a\.csv: no column '{name}'\. Known"):
        clean(tmp_path, path)


def test_every_missing_column_is_named_and_so_is_one_that_stands_twice(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "users.zip", [user("u1")], builders.USER_COLUMNS)
    with pytest.raises(InputError, match=r"no column 'tweetid' \(nor tweet_language, tweet_text"):
        clean(tmp_path, path)
    path = write_archive(tmp_path / "twice.zip", posts(1), [*builders.COLUMNS_30, "hashtags"])
    with pytest.raises(InputError, match="the column 'hashtags' stands twice in the header"):
        clean(tmp_path, path)


def test_a_users_file_needs_its_columns_too(tmp_path: Path) -> None:
    tweets = write_archive(tmp_path / "a.zip", posts(1))
    users = write_archive(tmp_path / "users.zip", [user("u1")], ["userid"])
    with pytest.raises(InputError, match=r"users\.csv: no column 'account_creation_date'"):
        clean(tmp_path, tweets, [users])


# Quarantine

BAD_CELLS = [
    ({"tweet_time": "2020-02-30 10:00"}, "tweet_time unreadable"),
    ({"tweet_time": ""}, "tweet_time unreadable"),
    ({"tweet_time": "30.11.2019 10:00"}, "tweet_time unreadable"),
    ({"tweet_time": "19-11-30 10:00"}, "tweet_time unreadable"),
    ({"tweet_time": "20-11-30 10:00"}, "tweet_time unreadable"),
    ({"account_creation_date": "20-11-30"}, "account_creation_date unreadable"),
    ({"account_creation_date": "2019-02-29"}, "account_creation_date unreadable"),
    ({"account_creation_date": ""}, "account_creation_date unreadable"),
    ({"hashtags": "army"}, "hashtags unreadable"),
    ({"urls": "['https://t.co/x"}, "urls unreadable"),
    (dict.fromkeys(["tweetid"], "tweetid"), "header repeated"),
    ({"tweet_text": "a\0b"}, "NUL byte"),
    ({"tweetid": "abc"}, "tweetid is no number"),
    ({"tweetid": ""}, "tweetid is no number"),
    ({"tweetid": "-5"}, "tweetid is no number"),
    ({"tweetid": "9" * 19}, "tweetid is no number"),
    ({"tweetid": "9" * 20}, "tweetid is no number"),
    ({"tweetid": "๑๒๓"}, "tweetid is no number"),
    ({"userid": ""}, "userid missing"),
    ({"like_count": "many"}, "like_count unreadable"),
    ({"like_count": "1.5"}, "like_count unreadable"),
    ({"like_count": "-3"}, "like_count unreadable"),
    ({"follower_count": "1e3"}, "follower_count unreadable"),
    ({"is_retweet": "perhaps"}, "is_retweet unreadable"),
    ({"is_retweet": ""}, "is_retweet unreadable"),
]


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize(("cells", "reason"), BAD_CELLS)
def test_a_row_with_an_unreadable_cell_is_set_aside(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    rows = [post(day(1), tweet_text="two\nlines"), post(day(2), **cells), post(day(3))]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    assert found.outcomes == {("kept", ""): 2, ("quarantined", reason): 1}
    assert found.posts["tweetid"].to_list() == [rows[0]["tweetid"], rows[2]["tweetid"]]
    [aside] = found.quarantine.to_dict("records")
    assert (aside["file"], aside["line"], aside["reason"]) == ("a.csv", 4, reason)
    assert aside["raw"] == builders.to_csv([rows[1]]).decode().split("\n", 1)[1].rstrip("\n")


@pytest.mark.parametrize(
    "cells",
    [
        {"tweet_time": "2019-11-02 05:20:59"},
        {"like_count": ""},
        {"like_count": "3.0"},
        {"is_retweet": "True"},
        {"tweet_language": ""},
        {"tweet_client_name": ""},
        {"tweetid": str(2**63 - 1)},
    ],
)
def test_unusual_but_readable_cells_are_kept(tmp_path: Path, cells: dict[str, str]) -> None:
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", [post(day(2), **cells)]))
    assert found.outcomes == {("kept", ""): 1}


def test_short_rows_and_bad_cells_are_listed_in_the_order_of_their_lines(tmp_path: Path) -> None:
    good, bad = posts(2), post(day(9), tweet_time="never")
    lines = builders.to_csv([*good, bad]).split(b"\n")
    data = b"\n".join([*lines[:2], b'"short"', lines[3], b'"short too"', lines[2], b""])
    found = clean(tmp_path, write_zip(tmp_path / "a.zip", {"a.csv": data}))
    assert found.quarantine["line"].to_list() == [3, 4, 5]
    assert found.quarantine["raw"].to_list()[::2] == ['"short"', '"short too"']


ROW = st.tuples(
    st.sampled_from(["good", "time", "id", "short", "again", "changed"]), st.integers(0, 5)
)


@pytest.mark.usefixtures("may_take_long")
@given(files=st.lists(st.lists(ROW, max_size=12), min_size=1, max_size=3))
def test_rows_in_are_rows_kept_quarantined_and_duplicate(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[tuple[str, int]]]
) -> None:
    folder = tmp_path_factory.mktemp("mix")
    members, expected = {}, {}
    first_seen: dict[str, str] = {}
    for number, mix in enumerate(files):
        name = f"{number}.csv"
        data = builders.to_csv([])
        outcomes = expected[name] = Counter()
        for kind, which in mix:
            text = {"changed": "another text"}.get(kind, "a text,\nin two lines")
            row = post(day(1 + which), sequence=7, tweet_text=text)
            if kind == "time":
                row["tweet_time"] = "?"
            if kind == "id":
                row["tweetid"] = "?"
            line = builders.to_csv([row]).split(b"\n", 1)[1]
            data += b'"short"\n' if kind == "short" else line
            if kind in ("time", "id", "short"):
                outcomes["quarantined"] += 1
            elif row["tweetid"] not in first_seen:
                first_seen[row["tweetid"]] = text
                outcomes["kept"] += 1
            elif first_seen[row["tweetid"]] == text:
                outcomes["same row again"] += 1
            else:
                outcomes["same tweetid, other content"] += 1
        members[name] = data
    path = write_zip(folder / "mix.zip", members)
    if not first_seen:
        with pytest.raises(InputError, match="not one usable post"):
            clean(folder, path)
        return
    found = clean(folder, path)
    for name, outcomes in expected.items():
        table = found.accounting[found.accounting["file"] == name]
        assert table["rows"].sum() == len(files[int(name[0])])
        counted = Counter()
        for row in table.itertuples():
            counted[row.reason if row.outcome == "duplicate" else row.outcome] += row.rows
        assert counted == outcomes
    assert found.posts["tweetid"].to_list() == list(first_seen)
    assert found.posts["tweet_text"].to_list() == list(first_seen.values())
    assert len(found.quarantine) == sum(count["quarantined"] for count in expected.values())


def test_files_of_one_name_in_two_zips_are_accounted_for_separately(tmp_path: Path) -> None:
    paths = []
    for number, rows in enumerate([posts(3), posts(5)[3:]]):
        data = {"tweets.csv": builders.to_csv([*rows, post(tweet_time="?")])}
        paths.append(write_zip(tmp_path / f"part{number}.zip", data))
    found = clean(tmp_path, paths)
    kept = found.accounting[found.accounting["outcome"] == "kept"]
    assert kept["rows"].to_list() == [3, 2]
    assert kept["file"].is_unique
    assert kept["file"].to_list() == ["part0.zip/tweets.csv", "part1.zip/tweets.csv"]
    assert found.quarantine["file"].to_list() == kept["file"].to_list()


def test_files_of_one_name_are_told_apart_by_no_more_of_their_path_than_differs(
    tmp_path: Path,
) -> None:
    """The rest of the path is the user's own, and results are passed on."""
    paths = []
    for number, name in enumerate(["home/alice/a/x", "home/alice/b/x", "home/alice/other"]):
        path = tmp_path / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(builders.to_csv([post(day(1 + number))]))
        paths.append(path)
    found = clean(tmp_path, paths)
    assert found.accounting["file"].unique().tolist() == ["a/x.csv", "b/x.csv", "other.csv"]


# Duplicates


def test_of_duplicates_the_first_is_kept_and_the_order_stays(tmp_path: Path) -> None:
    rows = [post(day(9), "u9"), *posts(3)]
    changed = rows[1] | {"like_count": "99"}
    first = write_archive(tmp_path / "first.zip", [rows[0], rows[1], rows[0], rows[2]])
    second = write_archive(tmp_path / "second.zip", [changed, rows[1], rows[3], changed])
    found = clean(tmp_path, [first, second])
    assert found.posts["tweetid"].to_list() == [row["tweetid"] for row in rows]
    assert found.posts["like_count"].to_list() == [0, 0, 0, 0]
    table = found.accounting.query("rows > 0").set_index(["file", "outcome", "reason"])["rows"]
    assert table.to_dict() == {
        ("first.csv", "kept", ""): 3,
        ("first.csv", "duplicate", "same row again"): 1,
        ("second.csv", "kept", ""): 1,
        ("second.csv", "duplicate", "same row again"): 1,
        ("second.csv", "duplicate", "same tweetid, other content"): 2,
    }


def test_duplicates_are_dropped_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "takedown.clean.archive.read_blocks",
        lambda *given, **more: read_blocks(*given, **more, block_bytes=2000),
    )
    rows = builders.campaign(days=8)
    path = tmp_path / "a.csv"
    path.write_bytes(builders.to_csv([*rows, *rows[5:9], *rows]))
    found = clean(tmp_path, path)
    assert found.posts["tweetid"].to_list() == [row["tweetid"] for row in rows]
    assert found.outcomes[("duplicate", "same row again")] == len(rows) + 4


# Archives without posts


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "not one usable post. Is it the right file, and complete?"),
        (
            [post(tweet_time="?"), post(tweetid="x"), post(tweet_time="")],
            "(2 rows: tweet_time unreadable, 1 rows: tweetid is no number)",
        ),
    ],
    ids=["empty", "none usable"],
)
def test_an_archive_without_a_usable_post(tmp_path: Path, rows: list[dict], words: str) -> None:
    with pytest.raises(InputError, match="not one usable post") as problem:
        clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    assert "a.zip" in str(problem.value)
    assert words in str(problem.value)
    assert not list(tmp_path.glob("*.parquet*"))


def test_one_file_of_several_may_be_empty(tmp_path: Path) -> None:
    full = write_archive(tmp_path / "full.zip", posts(2))
    empty = write_archive(tmp_path / "empty.zip", [])
    found = clean(tmp_path, [empty, full])
    assert found.outcomes == {("kept", ""): 2}
    assert found.accounting["file"].to_list() == ["empty.csv", "full.csv"]


def test_a_window_without_posts_says_what_the_archive_covers(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", [post("2019-11-20 20:00")])
    window = ("2019-01-01", "2019-11-20")
    words = "2019-01-01 to 2019-11-20; the archive runs from 2019-11-21 to 2019-11-21. Change"
    with pytest.raises(InputError, match=re.escape(words)):
        clean(tmp_path, path, timezone="Asia/Bangkok", window=window)
    found = clean(tmp_path, path, timezone="UTC", window=window)
    assert found.outcomes == {("kept", ""): 1}


@pytest.mark.parametrize("failure", ["no usable post", "damaged", "damaged users"])
def test_a_failing_run_leaves_earlier_results_and_no_part_file(
    tmp_path: Path, failure: str
) -> None:
    good = write_archive(tmp_path / "good.zip", posts(3))
    before = clean(tmp_path, good)
    earlier = {path.name: path.read_bytes() for path in tmp_path.glob("*.parquet")}
    data = bytearray(write_archive(tmp_path / "big.zip", builders.campaign(days=30)).read_bytes())
    data[len(data) // 2] ^= 0xFF
    broken = tmp_path / "broken.zip"
    broken.write_bytes(data)
    others = write_archive(tmp_path / "others.zip", posts(9)[4:])
    arguments = {
        "no usable post": (write_archive(tmp_path / "bad.zip", [post(tweetid="x")]), ()),
        "damaged": (broken, ()),
        "damaged users": (others, (broken,)),
    }[failure]
    with pytest.raises(InputError):
        clean(tmp_path, *arguments)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.parquet*")} == earlier
    assert before.tweets.is_file()


# Accounts

RECORD = ("posts", "first_post", "last_post")


def test_accounts_come_from_the_posts_where_there_is_no_users_file(tmp_path: Path) -> None:
    rows = [post(day(2), "u1"), post(day(1), "u1", sequence=1), post(day(3), "u0")]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    assert found.accounts.columns == [*ACCOUNT, "group", "in_users", *RECORD]
    assert found.accounts["userid"].to_list() == ["u0", "u1"]
    assert found.accounts["posts"].to_list() == [1, 2]
    assert found.accounts["follower_count"].to_list() == [3, 3]
    assert found.accounts["first_post"][1] == dt.datetime(2019, 11, 1, 5, 20, tzinfo=dt.UTC)
    assert found.accounts["last_post"][1] == dt.datetime(2019, 11, 2, 5, 20, tzinfo=dt.UTC)
    assert not found.accounts["in_users"].any()
    assert found.check("posting accounts missing from the users file") == ("no users file", None)


def test_posting_accounts_missing_from_the_users_file_are_added_and_counted(
    tmp_path: Path,
) -> None:
    tweets = write_archive(tmp_path / "a.zip", [post(day(1), "u1"), post(day(2), "u2")])
    listed = [user("u2", follower_count="8"), user("silent"), user("u2", follower_count="9")]
    users = write_archive(tmp_path / "users.zip", listed, builders.USER_COLUMNS)
    found = clean(tmp_path, tweets, [users])
    accounts = found.accounts.select("userid", "in_users", "posts", "follower_count").rows()
    assert accounts == [("silent", True, 0, 3), ("u1", False, 1, 3), ("u2", True, 1, 8)]
    assert found.accounts["first_post"][0] is None
    assert found.outcomes == {("kept", ""): 4, ("duplicate", "same userid"): 1}
    assert found.check("posting accounts missing from the users file") == ("1", False)
    assert found.check("accounts without a post") == ("1", None)


def test_accounts_listed_twice_are_counted_in_the_file_that_repeats_them(tmp_path: Path) -> None:
    tweets = write_archive(tmp_path / "a.zip", posts(1))
    users = [
        write_archive(tmp_path / f"{name}.zip", rows, builders.USER_COLUMNS)
        for name, rows in {
            "one": [user("u0"), user("u1"), user("u1")],
            "two": [user("u0"), user("u2")],
            "none": [],
        }.items()
    ]
    found = clean(tmp_path, tweets, users)
    table = found.accounting.query("rows != 0").set_index(["file", "outcome"])["rows"].to_dict()
    assert table == {
        ("a.csv", "kept"): 1,
        ("one.csv", "kept"): 2,
        ("one.csv", "duplicate"): 1,
        ("two.csv", "kept"): 1,
        ("two.csv", "duplicate"): 1,
    }


def test_a_users_file_may_be_a_plain_csv_and_lose_rows_to_the_quarantine(tmp_path: Path) -> None:
    tweets = write_archive(tmp_path / "a.zip", posts(1))
    path = tmp_path / "users.csv"
    rows = [user("u0"), user(""), user("u1", account_creation_date="2019-13-01")]
    path.write_bytes(builders.to_csv(rows, builders.USER_COLUMNS))
    found = clean(tmp_path, tweets, [path])
    assert found.accounts["userid"].to_list() == ["u0"]
    assert found.quarantine[["file", "line", "reason"]].to_numpy().tolist() == [
        ["users.csv", 3, "userid missing"],
        ["users.csv", 4, "account_creation_date unreadable"],
    ]


# Typed cells and derived columns


@pytest.mark.parametrize(
    ("zone", "time", "local"),
    [
        ("Asia/Bangkok", "2019-11-20 16:59", "2019-11-20 23:59"),
        ("Asia/Bangkok", "2019-11-20 17:00", "2019-11-21 00:00"),
        ("America/New_York", "2019-11-03 03:59", "2019-11-02 23:59"),
        ("America/New_York", "2019-11-03 04:00", "2019-11-03 00:00"),
        ("America/New_York", "2019-11-04 04:59", "2019-11-03 23:59"),
        ("America/New_York", "2019-11-04 05:00", "2019-11-04 00:00"),
        ("Asia/Kathmandu", "2019-11-20 18:15", "2019-11-21 00:00"),
        ("UTC", "2019-11-20 23:59", "2019-11-20 23:59"),
    ],
)
def test_the_local_day_starts_at_the_midnight_of_the_zone(
    tmp_path: Path, zone: str, time: str, local: str
) -> None:
    path = write_archive(tmp_path / "a.zip", [post(time)])
    [row] = clean(tmp_path, path, timezone=zone).posts.to_dicts()
    assert f"{row['local_time']:%Y-%m-%d %H:%M}" == local
    assert str(row["local_day"]) == local[:10]
    assert f"{row['tweet_time']:%Y-%m-%d %H:%M %Z}" == f"{time} UTC"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({}, "original"),
        ({"quoted_tweet_tweetid": "5"}, "quote"),
        ({"in_reply_to_tweetid": "5"}, "reply"),
        ({"in_reply_to_userid": "5"}, "reply"),
        ({"in_reply_to_userid": "5", "quoted_tweet_tweetid": "6"}, "reply"),
        ({"is_retweet": "true", "in_reply_to_userid": "5"}, "retweet"),
        ({"is_retweet": "TRUE", "retweet_tweetid": ""}, "retweet"),
    ],
)
def test_kind(tmp_path: Path, cells: dict[str, str], kind: str) -> None:
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", [post(**cells)]))
    assert found.posts["kind"].to_list() == [kind]


@pytest.mark.parametrize(
    ("written", "language"),
    [("", "und"), ("und", "und"), ("in", "id"), ("iw", "he"), ("ji", "yi"), ("TH", "th"),
     ("na", "na"), ("NA", "und"), ("zh-cn", "zh-cn")],
)  # fmt: skip
def test_language(tmp_path: Path, written: str, language: str) -> None:
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", [post(tweet_language=written)]))
    assert found.posts["language"].to_list() == [language]
    blank = written in ("", "NA")
    assert found.posts["tweet_language"].to_list() == [None if blank else written]


@pytest.mark.parametrize(
    ("written", "elements"),
    [
        ("", []),
        ("[]", []),
        ("['a', 'b']", ["a", "b"]),
        ("[a, b]", ["a", "b"]),
        ("[a]", ["a"]),
        ("""["it's", 'b']""", ["it's", "b"]),
        ("""['say "hi"', 'b']""", ['say "hi"', "b"]),
        ("['a,b', 'c']", ["a,b", "c"]),
        ("['NA', 'null', 'None']", ["NA", "null", "None"]),
        ("[NA, null]", ["NA", "null"]),
        ("['กองทัพบก', '香港']", ["กองทัพบก", "香港"]),
        ("[https://x.org/it's, https://y.org]", ["https://x.org/it's", "https://y.org"]),
    ],
)
def test_lists_in_both_notations(tmp_path: Path, written: str, elements: list[str]) -> None:
    row = post(hashtags=written, urls=written, user_mentions=written)
    [found] = clean(tmp_path, write_archive(tmp_path / "a.zip", [row])).posts.to_dicts()
    assert [found[name] for name in ("hashtags", "urls", "user_mentions")] == [elements] * 3


def test_identifiers_stay_text_to_the_last_digit(tmp_path: Path) -> None:
    ids = ["1196951234567890123", "0012", "9007199254740993"]
    rows = [
        post(day(1 + number), value, in_reply_to_tweetid=value, in_reply_to_userid=value)
        for number, value in enumerate(ids)
    ]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    for name in ("userid", "in_reply_to_tweetid", "in_reply_to_userid"):
        assert found.posts[name].to_list() == ids
    assert found.posts["retweet_tweetid"].to_list() == [None] * 3


def test_na_and_null_are_values_in_texts_and_hashtags_and_blanks_elsewhere(tmp_path: Path) -> None:
    row = post(tweet_client_name="NA", tweet_text="null", hashtags="['NA']", like_count="None")
    [found] = clean(tmp_path, write_archive(tmp_path / "a.zip", [row])).posts.to_dicts()
    assert (found["tweet_text"], found["hashtags"]) == ("null", ["NA"])
    assert (found["tweet_client_name"], found["like_count"]) == (None, None)


@pytest.mark.parametrize("topics", [[], [Topic("army", "Army", ("กองทัพ",), ("army",))]])
def test_topics_of_text_and_of_hashtags(tmp_path: Path, topics: list[Topic]) -> None:
    rows = [
        post(day(1), tweet_text="the ARMY spoke"),
        post(day(2), hashtags="['กองทัพบก']"),
        post(day(3)),
    ]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows), topics=topics)
    names = [topic.name for topic in topics]
    assert found.posts["topics"].to_list() == [names, names, []]
    assert found.posts["topics_strict"].to_list() == [[], names, []]


# Parquet


def test_parquet_types_and_descriptions(tmp_path: Path) -> None:
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", posts(2)))
    kinds = {
        "id": pl.String,
        "post id": pl.String,
        "post reference": pl.String,
        "account reference": pl.String,
        "text": pl.String,
        "category": pl.Categorical,
        "time": pl.Datetime("ms", "UTC"),
        "date": pl.Date,
        "count": pl.Int64,
        "flag": pl.Boolean,
        "list": pl.List(pl.String),
    }
    kinds["local time"] = pl.Datetime("ms")
    for path, about in (
        (found.tweets, ABOUT_POSTS),
        (tmp_path / "accounts.parquet", ABOUT_ACCOUNTS),
    ):
        expected = {name: kinds[column.kind] for name, column in about.items()}
        assert dict(pl.read_parquet_schema(path)) == expected
        for part in pq.read_schema(path):
            assert part.metadata[b"description"].decode() == about[part.name].about
            assert part.metadata.get(b"unit", b"").decode() == about[part.name].unit
            if about[part.name].kind == "category":
                assert pa.types.is_dictionary(part.type)
    assert found.accounts.schema["first_post"] == pl.Datetime("ms", "UTC")
    assert found.accounts.schema["account_creation_date"] == pl.Date


def test_descriptions_and_bytes_survive_the_removal_of_duplicates(tmp_path: Path) -> None:
    once = clean(tmp_path, write_archive(tmp_path / "a.zip", posts(4)))
    described = pq.read_schema(once.tweets)
    twice = clean(tmp_path, write_archive(tmp_path / "b.zip", [*posts(4), *posts(4)]))
    assert twice.posts.equals(once.posts)
    assert pq.read_schema(twice.tweets).equals(described, check_metadata=True)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", builders.campaign(days=10))
    first = clean(tmp_path, path).tweets.read_bytes()
    assert clean(tmp_path, path).tweets.read_bytes() == first
