"""The labelled releases: campaign and control posts in one set, read into the same tables."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from builders import (
    LABELLED_COLUMNS,
    USER_COLUMNS,
    Cleaned,
    campaign,
    clean,
    labelled,
    post,
    to_csv,
    user,
)

from takedown.archives.groups import of_campaign
from takedown.describe.posts import by_name, summary
from takedown.series.daily import daily_from_posts
from takedown.series.modelled import model_series, wide
from takedown.study.topics import Topic

OWN = [
    post("2019-11-20 05:20", "u1", 1, tweet_text="the army", hashtags="['army']"),
    post("2019-11-21 05:20", "u2", 2, is_retweet="true", retweet_tweetid="9"),
    post("2019-11-21 06:20", "u2", 3, in_reply_to_tweetid="7"),
]
CONTROLS = [
    post("2019-01-01 00:00", "c1", 4),
    post("2019-11-21 07:00", "c1", 5, tweet_language="fr"),
]


def write(folder: Path, rows: list[dict[str, str]], name: str = "part_0.csv") -> Path:
    path = folder / name
    path.write_bytes(to_csv(rows, LABELLED_COLUMNS))
    return path


@pytest.fixture
def cleaned(tmp_path: Path) -> Cleaned:
    rows = [labelled(row) for row in OWN] + [labelled(row, control=True) for row in CONTROLS]
    topics = [Topic("army", "Army", (), ("army",))]
    # As released: several files of one campaign.
    files = [write(tmp_path, rows[:2]), write(tmp_path, rows[2:], "part_1.csv")]
    return clean(tmp_path, files, topics=topics)


def test_every_row_is_kept_with_its_group(cleaned: Cleaned) -> None:
    assert cleaned.outcomes == {("kept", ""): 5}
    assert cleaned.posts["group"].to_list() == ["campaign"] * 3 + ["control"] * 2
    groups = dict(cleaned.accounts.group_by("group").agg(pl.len()).iter_rows())
    assert groups == {"campaign": 2, "control": 1}


def test_cells_are_typed_as_in_twitters_archives(tmp_path: Path, cleaned: Cleaned) -> None:
    (tmp_path / "own").mkdir()
    official = clean(tmp_path / "own", write_official(tmp_path), topics=[])
    same = ["tweet_time", "tweet_text", "tweet_language", "is_retweet", "retweet_tweetid"]
    same += ["in_reply_to_tweetid", "hashtags", "kind", "language", "local_day", "follower_count"]
    assert cleaned.posts.head(3).select(same).equals(official.posts.select(same))
    assert cleaned.posts.schema == official.posts.schema
    assert cleaned.accounts.schema == official.accounts.schema
    assert cleaned.posts["like_count"].null_count() == 5
    assert set(official.posts["group"]) == {"campaign"}


def write_official(folder: Path) -> Path:
    path = folder / "official.csv"
    path.write_bytes(to_csv(OWN))
    return path


def test_controls_are_counted_apart(cleaned: Cleaned) -> None:
    posts, accounts = cleaned.posts.lazy(), cleaned.accounts.lazy()
    found = summary(posts, accounts).set_index("quantity")["value"]
    assert (found["posts"], found["accounts"], found["retweets"]) == ("3", "2", "1")
    assert (found["control_posts"], found["control_accounts"]) == ("2", "1")
    assert found["first_post"] == "2019-11-20 05:20"
    assert "engagements" not in found.index
    languages = by_name(of_campaign(posts), pl.col("language"), "language", 1)
    assert languages["language"].to_list() == ["en"]


def test_the_daily_series_leaves_controls_out_and_shows_them_beside(cleaned: Cleaned) -> None:
    daily = daily_from_posts(cleaned.posts.lazy(), ["army"], ["en"], None)
    table = wide(daily)
    assert [str(day.date()) for day in table.index] == ["2019-11-20", "2019-11-21"]
    assert table["all"].to_list() == [1, 2]
    assert table["group:control"].to_list() == [0, 1]
    assert table["topic:army"].to_list() == [1, 0]
    assert "group:control" not in model_series(table, table.index)


def test_checks_are_about_the_campaign(cleaned: Cleaned) -> None:
    assert cleaned.check("posts kept") == ("5", None)
    assert cleaned.check("of these, by control accounts") == ("2", None)
    assert cleaned.check("posts with an id of their own") == ("3", True)
    # A hash carries no time: nothing to agree with, which is neither right nor wrong.
    assert cleaned.check("ids whose time agrees with tweet_time to the minute") == ("0", None)
    assert cleaned.check("first post") == ("2019-11-20", None)


def test_the_same_post_twice_is_counted_once(tmp_path: Path) -> None:
    rows = [labelled(row) for row in OWN]
    changed = rows[1] | {"follower_count": "4"}
    found = clean(tmp_path, write(tmp_path, [*rows, rows[0], changed]))
    assert found.outcomes == {
        ("kept", ""): 3,
        ("duplicate", "same row again"): 1,
        ("duplicate", "same tweetid, other content"): 1,
    }


@pytest.mark.parametrize("cell", ["", "maybe"])
def test_a_post_of_unknown_group_is_set_aside(tmp_path: Path, cell: str) -> None:
    rows = [labelled(OWN[0]), labelled(OWN[1]) | {"is_control": cell}]
    found = clean(tmp_path, write(tmp_path, rows))
    assert found.outcomes == {("kept", ""): 1, ("quarantined", "is_control unreadable"): 1}


def test_many_rows_in_both_groups_add_up(tmp_path: Path) -> None:
    rows = campaign(days=20)
    mixed = [labelled(row, control=number % 3 == 0) for number, row in enumerate(rows)]
    found = clean(tmp_path, write(tmp_path, mixed))
    table = wide(daily_from_posts(found.posts.lazy(), [], ["en", "th"], None))
    assert table["all"].sum() == sum(row["is_control"] == "False" for row in mixed)
    kinds = table[[name for name in table if name.startswith("kind:")]]
    assert (kinds.sum(axis=1) == table["all"]).all()


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize(
    "cells",
    [
        {"post_time": "2019-11-20 05:20:33"},
        {"post_time": "2019-11-20T05:20:33"},
        {"post_time": "2019-11-20T05:20:33.000Z"},
        {"post_time": "2019-11-20T05:20Z"},
        {"post_time": "2019-11-20 05:20:33+00:00"},
        {"post_time": "2019-11-20 05:20:33 UTC"},
        {"is_control": "0", "is_repost": "0"},
        {"is_control": "0.0", "is_repost": "FALSE"},
        {"account_creation_date": "2019-01-15 00:00:00"},
        {"account_creation_date": "2019-01-15T00:00:00Z"},
        {"follower_count": "nan", "following_count": "3.0"},
        {"hashtags": "nan", "in_reply_to_postid": "None", "in_reply_to_accountid": "<NA>"},
    ],
    ids=str,
)
def test_cells_as_various_tools_write_them(tmp_path: Path, cells: dict[str, str]) -> None:
    found = clean(tmp_path, write(tmp_path, [labelled(OWN[0] | {"hashtags": "[]"}) | cells]))
    [row] = found.posts.to_dicts()
    assert f"{row['tweet_time']:%Y-%m-%d %H:%M}" == "2019-11-20 05:20"
    assert (row["group"], row["kind"], row["hashtags"]) == ("campaign", "original", [])
    assert f"{row['account_creation_date']}" == "2019-01-15"


@pytest.mark.parametrize("time", ["2019-11-20T05:20:33+08:00", "20 Nov 2019"])
def test_a_time_that_is_not_utc_is_set_aside_rather_than_misread(tmp_path: Path, time: str) -> None:
    rows = [labelled(OWN[0]), labelled(OWN[1]) | {"post_time": time}]
    found = clean(tmp_path, write(tmp_path, rows))
    assert found.outcomes == {("kept", ""): 1, ("quarantined", "tweet_time unreadable"): 1}


def test_accounts_listed_beside_labelled_posts_are_of_the_group_of_their_posts(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, [labelled(OWN[0]), labelled(CONTROLS[0], control=True)])
    names = [labelled(row)["accountid"] for row in (OWN[0], CONTROLS[0])]
    users = tmp_path / "users.csv"
    users.write_bytes(to_csv([user(name) for name in names], USER_COLUMNS))
    found = clean(tmp_path, path, [users])
    groups = dict(found.accounts.select("userid", "group").iter_rows())
    assert groups == {names[0]: "campaign", names[1]: "control"}


def test_a_header_in_the_middle_of_a_labelled_file_is_counted_as_such(tmp_path: Path) -> None:
    path = write(tmp_path, [labelled(OWN[0])])
    path.write_bytes(path.read_bytes() + to_csv([labelled(OWN[1])], LABELLED_COLUMNS))
    found = clean(tmp_path, path)
    assert found.outcomes == {("kept", ""): 2, ("quarantined", "header repeated"): 1}
