"""Posts in other formats than Twitter's own become the same tables, by the mapping declared."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import yaml
from builders import (
    COLUMNS_31,
    LABELLED_COLUMNS,
    clean,
    post,
    tweet_id,
    write_archive,
)

from takedown.archives.formats import (
    MAY_BE_ABSENT,
    SCHEMA,
    TWITTER,
    Format,
    check_format,
    check_formats,
    fixed,
    format_of,
    formats,
)
from takedown.errors import InputError

#: The header of the 13 files of Linvill and Warren, in its order.
CLEMSON = (
    "external_author_id author content region language publish_date harvested_date following "
    "followers updates post_type account_type retweet account_category new_june_2018 "
    "alt_external_id tweet_id article_id tco1_step1 tco2_step1 tco3_step1"
).split()


SAID = 'He said "so", #MAGA and #привет_мир &#39; a#b #2017'


def troll(time: str = "10/1/2017 19:58", **cells: str) -> dict[str, str]:
    """A row as Linvill and Warren write it, at ``time`` (UTC)."""
    moment = datetime.strptime(time, "%m/%d/%Y %H:%M").replace(tzinfo=UTC)
    row = dict.fromkeys(CLEMSON, "") | {
        "external_author_id": "9.06E+17",
        "author": "A_HANDLE",
        "content": "a simulated post",
        "region": "Unknown",
        "language": "English",
        "publish_date": time,
        "harvested_date": time,
        "following": "1052",
        "followers": "9636",
        "updates": "253",
        "account_type": "Right",
        "retweet": "0",
        "account_category": "RightTroll",
        "new_june_2018": "0",
        "alt_external_id": "905874659358453760",
        "tweet_id": tweet_id(moment, int(cells.pop("sequence", 0))),
    }
    return row | cells


def write_trolls(path: Path, rows: list[dict[str, str]], quoting: int = csv.QUOTE_MINIMAL) -> Path:
    held = io.StringIO()
    writer = csv.DictWriter(held, CLEMSON, quoting=quoting, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(held.getvalue(), encoding="utf-8", newline="")
    return path


def test_the_tables_of_linvill_and_warren_are_read(tmp_path: Path) -> None:
    rows = [
        troll(
            "9/5/2017 7:03",
            content=SAID,
            sequence="1",
        ),
        troll(
            "10/1/2017 19:58", retweet="1", post_type="RETWEET", language="Russian", sequence="2"
        ),
        troll(
            "12/31/2017 23:59",
            post_type="QUOTE_TWEET",
            account_category="LeftTroll",
            author="B",
            sequence="3",
        ),
        troll("1/2/2016 0:00", language="LANGUAGE UNDEFINED", account_category="", sequence="4"),
    ]
    found = clean(tmp_path, write_trolls(tmp_path / "IRAhandle_tweets_1.csv", rows))
    posts = found.posts
    assert found.outcomes == {("kept", ""): 4}
    assert posts["tweet_time"].dt.strftime("%Y-%m-%d %H:%M").to_list() == [
        "2017-09-05 07:03", "2017-10-01 19:58", "2017-12-31 23:59", "2016-01-02 00:00",
    ]  # fmt: skip
    assert posts["kind"].to_list() == ["original", "retweet", "quote", "original"]
    assert posts["hashtags"].to_list() == [["MAGA", "привет_мир"], [], [], []]
    assert posts["language"].to_list() == ["en", "ru", "en", "und"]
    assert posts["userid"].to_list() == ["A_HANDLE", "A_HANDLE", "B", "A_HANDLE"]
    assert posts["group"].to_list() == ["RightTroll", "RightTroll", "LeftTroll", "campaign"]
    assert posts["follower_count"].to_list() == [9636] * 4
    assert posts["quoted_tweet_tweetid_lost"].to_list() == [False, False, True, False]
    for absent in ("account_creation_date", "tweet_client_name"):
        assert posts[absent].null_count() == 4
    assert found.accounts["posts"].to_list() == [3, 1]
    assert found.check("ids whose time agrees with tweet_time to the minute") == ("4", True)


@pytest.mark.parametrize("time", ["28.11.2019 19:58", "13/1/2017 19:58", "10/1/2017", "yesterday"])
def test_a_time_that_is_written_otherwise_is_set_aside(tmp_path: Path, time: str) -> None:
    other = troll() | {"publish_date": time, "tweet_id": "914580356430536707"}
    found = clean(tmp_path, write_trolls(tmp_path / "a.csv", [troll(), other], csv.QUOTE_ALL))
    assert found.outcomes == {("kept", ""): 1, ("quarantined", "tweet_time unreadable"): 1}


@pytest.mark.parametrize("time", ["2017-10-01 19:58:43", "2017-10-01T19:58", "10/1/2017 19:58:43"])
def test_the_tables_saved_again_by_a_tool_are_the_same(tmp_path: Path, time: str) -> None:
    rows = [troll(), troll(sequence="1") | {"publish_date": time}]
    found = clean(tmp_path, write_trolls(tmp_path / "a.csv", rows))
    assert found.posts["tweet_time"].dt.strftime("%Y-%m-%d %H:%M").n_unique() == 1


def test_a_category_called_control_is_no_control_account(tmp_path: Path) -> None:
    rows = [troll(account_category="control"), troll(sequence="1")]
    found = clean(tmp_path, write_trolls(tmp_path / "a.csv", rows))
    assert found.posts["group"].to_list() == ["control (category)", "RightTroll"]
    assert found.check("posts kept") == ("2", None)


def test_a_twitter_file_with_a_column_of_another_format_stays_twitters(tmp_path: Path) -> None:
    columns = [*COLUMNS_31, "postid"]
    assert format_of(columns) == TWITTER


def test_the_tables_without_ids_of_posts_are_refused(tmp_path: Path) -> None:
    """As first released: nothing tells there whether two rows are one post."""
    path = write_trolls(tmp_path / "a.csv", [troll()])
    path.write_text(path.read_text(encoding="utf-8").replace(",tweet_id,", ",other,"), "utf-8")
    with pytest.raises(InputError, match="no column 'tweet_id'"):
        clean(tmp_path, path)


def test_counts_by_category_equal_those_of_the_csv_module(tmp_path: Path) -> None:
    rows = [
        troll(f"{1 + number % 12}/{1 + number % 28}/2016 {number % 24}:{number % 60:02d}",
              account_category=("RightTroll", "LeftTroll", "NewsFeed")[number % 3],
              sequence=str(number))
        for number in range(600)
    ]  # fmt: skip
    path = write_trolls(tmp_path / "a.csv", rows)
    with path.open(encoding="utf-8", newline="") as handle:
        counted = Counter(row["account_category"] for row in csv.DictReader(handle))
    found = clean(tmp_path, path)
    assert dict(found.posts["group"].cast(pl.String).value_counts().iter_rows()) == counted


def test_the_first_issue_of_october_2018_is_twitters_own_format(tmp_path: Path) -> None:
    """Another order, 31 columns, blank lists and places, ids of 64 hexadecimal digits."""
    columns = list(COLUMNS_31)
    first, second = columns.index("in_reply_to_userid"), columns.index("in_reply_to_tweetid")
    columns[first], columns[second] = columns[second], columns[first]
    account = "3f" * 32
    blank = dict.fromkeys(("hashtags", "urls", "user_mentions", "latitude", "longitude"), "")
    rows = [
        post(name=account, **blank),
        post(name=account, sequence=1, hashtags="[MAGA]", in_reply_to_tweetid="1"),
    ]
    assert format_of(columns) == TWITTER
    found = clean(tmp_path, write_archive(tmp_path / "ira_tweets_csv_hashed.zip", rows, columns))
    assert found.outcomes == {("kept", ""): 2}
    assert found.posts["hashtags"].to_list() == [[], ["MAGA"]]
    assert found.posts["kind"].to_list() == ["original", "reply"]
    assert found.posts["latitude"].to_list() == [None, "absent"]


OWN = {
    "about": "my own collection",
    "recognised_by": ["status"],
    "columns": {
        "tweetid": "status", "userid": "who", "tweet_text": "words", "tweet_time": "when",
        "is_retweet": "again", "tweet_language": "tongue", "hashtags": "tags",
    },
    "absent": ["account_creation_date", "tweet_client_name"],
    "time_format": "%d.%m.%Y %H:%M:%S",
    "timezone": "Europe/Moscow",
    "lists": "bare",
}  # fmt: skip


@pytest.fixture
def own_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The registry with an entry of a user's own."""
    entry = {"formats": {"mine": OWN}}
    path = tmp_path / "formats.yaml"
    path.write_text(yaml.safe_dump(entry), encoding="utf-8")
    monkeypatch.setattr("takedown.archives.formats.FORMATS", path)
    formats.cache_clear()
    yield OWN
    formats.cache_clear()


def test_an_entry_of_ones_own_is_read_with_its_zone(tmp_path: Path, own_format: dict) -> None:
    header = list(own_format["columns"].values())
    made = datetime(2019, 6, 1, 21, 30, tzinfo=UTC)
    cells = [tweet_id(made), "u1", "words", "02.06.2019 00:30:59", "true", "ru", "a, b"]
    path = tmp_path / "mine.csv"
    path.write_text(",".join(header) + "\n" + ",".join(f'"{cell}"' for cell in cells) + "\n")
    check_formats(tmp_path / "formats.yaml")
    found = clean(tmp_path, path, timezone="Europe/Moscow")
    row = found.posts.row(0, named=True)
    assert f"{row['tweet_time']:%Y-%m-%d %H:%M}" == "2019-06-01 21:30"
    assert str(row["local_day"]) == "2019-06-02"
    assert row["hashtags"] == ["a", "b"] and row["kind"] == "retweet"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colums": {}}, "formats.mine: Additional properties"),
        ({"columns": OWN["columns"] | {"tweet_tim": "x"}}, "Did you mean 'tweet_time'?"),
        ({"columns": {"tweetid": "status"}}, "no column for 'userid' (identifier of the account"),
        ({"absent": ["userid"]}, "absent: 'userid' cannot be"),
        ({"absent": ["hashtags"]}, "absent: 'hashtags' cannot be"),
        ({"timezone": "Moscow"}, "timezone: 'Moscow' is no IANA time zone"),
        ({"time_format": "%H:%M"}, "time_format: '%H:%M' does not say day, month and year"),
        ({"date_format": "dd.mm.yyyy"}, "date_format: 'dd.mm.yyyy' does not say day"),
        ({"recognised_by": []}, "formats.mine.recognised_by: [] should be non-empty"),
        ({"time_format": "%m/%d/%Y"}, "does not say day, month and year, or of a time hour and"),
        ({"time_format": "%m/%d/%Y %I:%M"}, "time_format: '%m/%d/%Y %I:%M' does not say"),
        ({"time_format": "%m/%d/%Y %H"}, "time_format: '%m/%d/%Y %H' does not say"),
        ({"time_format": "%Y-%m-%d %H:%M %z"}, "time_format: %z cannot be read. Known are %Y,"),
        ({"quotes": {"column": "tags", "value": "q"}}, "the column 'tags' is named twice"),
        ({"groups": "who"}, "the column 'who' is named twice"),
        ({"hashtags_from_text": True}, "hashtags_from_text: there is a column of hashtags"),
        ({"languages": {"Norwegian": False}}, "Put it in quotation marks: YAML takes no, yes"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_entry_is_said(tmp_path: Path, change: dict, said: str) -> None:
    path = tmp_path / "formats.yaml"
    path.write_text(yaml.safe_dump({"formats": {"mine": OWN | change}}), encoding="utf-8")
    with pytest.raises(InputError) as problem:
        check_formats(path)
    assert said in str(problem.value) and str(path) in str(problem.value)


def test_the_registry_is_right_and_tells_its_formats_apart() -> None:
    check_formats()
    assert format_of(CLEMSON) == formats()["linvill_warren"]
    assert format_of(LABELLED_COLUMNS) == formats()["labelled"]
    assert format_of(COLUMNS_31) == TWITTER
    for one in formats().values():
        header = [*one.recognised_by, *one.columns.values()]
        assert [
            other for other in formats().values() if set(header) >= set(other.recognised_by)
        ] == [one]


def test_every_format_and_key_is_explained() -> None:
    page = Path("docs/how-to/bring_another_format.md").read_text(encoding="utf-8")
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    keys = schema["properties"]["formats"]["additionalProperties"]["properties"].keys()
    for word in (*formats(), *keys - {"about"}, *MAY_BE_ABSENT):
        assert f"`{word}`" in page
    own = yaml.safe_load(page.split("```yaml")[2].split("```")[0])["formats"]
    for one in own.values():
        check_format(Format(**{key: fixed(value) for key, value in one.items()}), "the page")
