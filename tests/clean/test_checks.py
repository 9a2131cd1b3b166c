"""checks.csv: what is right, what is wrong, and what is only told, of an archive."""

from pathlib import Path

import polars as pl
import pytest
from builders import (
    LABELLED_COLUMNS,
    USER_COLUMNS,
    Cleaned,
    clean,
    labelled,
    post,
    to_csv,
    user,
    write_archive,
)

from takedown.clean.checks import check_archive
from takedown.errors import InputError


def cleaned(folder: Path, rows: list[dict], users: list[dict] | None = None, **more) -> Cleaned:
    paths = [] if users is None else [write_archive(folder / "users.zip", users, USER_COLUMNS)]
    return clean(folder, write_archive(folder / "a.zip", rows), paths, **more)


def test_every_check_of_a_sound_archive(tmp_path: Path) -> None:
    rows = [post("2019-11-20 20:00"), post("2019-11-22 05:00", "u2", tweet_language="")]
    published = {"posts": 2, "accounts": 3}
    found = cleaned(tmp_path, rows, timezone="Asia/Bangkok", published=published)
    assert {name: found.check(name) for name in found.checks["check"]} == {
        "posts kept": ("2", None),
        "posts with an id of their own": ("2", True),
        "ids that carry a time": ("2", None),
        "ids whose time agrees with tweet_time to the minute": ("2", True),
        "ids that end in 0000, as rounded ones do": ("0", True),
        "replies that name a post": ("0", None),
        "of these, by an id that is a whole number": ("0", True),
        "of these, by an id that a float would change": ("0", None),
        "retweets that name a post": ("0", None),
        "of these, one of the archive": ("0", None),
        "posts inside the study window": ("2", True),
        "posts before their account was created": ("0", True),
        "posts of undefined language": ("1", None),
        "share of undefined language": ("0.5000", None),
        "first post": ("2019-11-21", None),
        "last post": ("2019-11-22", None),
        "time span": ("2", None),
        "period of the middle 98 % of posts": ("2019-11-21 to 2019-11-22", None),
        "days without a post in that period": ("0", None),
        "longest gap in that period": ("0", None),
        "posting accounts missing from the users file": ("no users file", None),
        "accounts without a post": ("0", None),
        "accounts of two creation days in their posts": ("0", True),
        "accounts created on another day in the users file": ("no users file", None),
        "accounts with a hashed id": ("2", None),
        "posts as published": ("2", True),
        "accounts as published": ("3", False),
    }
    assert len(found.checks) == found.checks["check"].nunique()


def test_what_does_not_agree_is_found(tmp_path: Path) -> None:
    rows = [
        post("2019-11-20 20:00", tweet_time="2019-11-20 20:01"),
        post("2019-11-21 20:00", account_creation_date="2019-11-22"),
        post("2019-11-23 20:00", tweetid="29700859246"),
    ]
    found = cleaned(tmp_path, rows, window=("2019-11-21", "2019-11-23"))
    assert found.check("ids that carry a time")[0] == "2"
    assert found.check("ids whose time agrees with tweet_time to the minute") == ("1", False)
    assert found.check("posts inside the study window") == ("2", False)
    assert found.check("posts before their account was created") == ("1", False)
    assert found.check("accounts of two creation days in their posts") == ("1", False)
    assert "posts as published" not in set(found.checks["check"])


def test_ids_of_other_posts_survive_as_text(tmp_path: Path) -> None:
    exact, inexact = "1196951234567890176", "1196951234567890123"
    rows = [
        post("2019-11-20 20:00", in_reply_to_tweetid=exact),
        post("2019-11-20 20:01", in_reply_to_tweetid=inexact),
        post("2019-11-20 20:02", in_reply_to_tweetid="a hash"),
    ]
    found = cleaned(tmp_path, rows)
    assert found.posts["in_reply_to_tweetid"].to_list() == [exact, inexact, "a hash"]
    assert found.check("replies that name a post") == ("3", None)
    assert found.check("of these, by an id that is a whole number") == ("2", False)
    assert found.check("of these, by an id that a float would change") == ("1", None)


def test_ids_that_were_rounded_but_look_whole(tmp_path: Path) -> None:
    rows = [post(f"2019-11-20 20:{n:02d}") for n in range(20)]
    rows = [row | {"tweetid": row["tweetid"][:-4] + "0000"} for row in rows]
    with pytest.raises(InputError, match="20 of 20 ids of posts end in zeros"):
        cleaned(tmp_path, rows)


def test_retweets_of_the_campaigns_own_posts(tmp_path: Path) -> None:
    rows = [post("2019-11-20 20:00"), post("2019-11-20 20:01")]
    own, other = rows[0]["tweetid"], "77"
    rows += [
        post(f"2019-11-21 20:0{n}", is_retweet="true", retweet_tweetid=name)
        for n, name in enumerate([own, own, other, ""])
    ]
    found = cleaned(tmp_path, rows)
    assert found.check("retweets that name a post") == ("3", None)
    assert found.check("of these, one of the archive") == ("2", None)


def test_gaps_are_those_of_the_active_period(tmp_path: Path) -> None:
    """A lone post years before does not make years of silence."""
    day = [f"2019-11-{number:02d}" for number in (1, 2, 3, 7, 8, 10)]
    rows = [post("2015-01-01 00:00", sequence=9)]
    rows += [post(f"{name} 20:00", sequence=n) for name in day for n in range(40)]
    found = cleaned(tmp_path, rows)
    assert found.check("first post") == ("2015-01-01", None)
    assert found.check("period of the middle 98 % of posts") == (
        "2019-11-01 to 2019-11-10",
        None,
    )
    assert found.check("days without a post in that period") == ("4", None)
    assert found.check("longest gap in that period") == ("3", None)


def test_the_account_table_is_held_against_the_posts(tmp_path: Path) -> None:
    rows = [post("2019-11-20 20:00", "u1"), post("2019-11-21 20:00", "12345"), post(name="gone")]
    users = [user("u1", account_creation_date="2019-01-16"), user("12345"), user("silent")]
    found = cleaned(tmp_path, rows, users)
    assert found.check("posting accounts missing from the users file") == ("1", False)
    assert found.check("accounts without a post") == ("1", None)
    assert found.check("accounts created on another day in the users file") == ("1", False)
    assert found.check("accounts with a hashed id") == ("3", None)


def test_one_id_twice_is_seen_even_if_duplicates_were_not_dropped(tmp_path: Path) -> None:
    found = cleaned(tmp_path, [post("2019-11-20 20:00"), post("2019-11-21 20:00")])
    posts = pl.concat([found.posts, found.posts.head(1)]).lazy()
    table = check_archive(posts, found.accounts, campaign="x", window=None, published={})
    row = table.set_index("check").loc["posts with an id of their own"]
    assert (row["value"], row["ok"]) == ("2", False)


def test_an_id_that_no_float_can_hold_is_counted(tmp_path: Path) -> None:
    rows = [post("2019-11-20 20:00", in_reply_to_tweetid="9223372036854775807")]
    found = cleaned(tmp_path, rows)
    assert found.check("of these, by an id that a float would change") == ("1", None)


def test_an_archive_of_control_posts_alone(tmp_path: Path) -> None:
    path = tmp_path / "part_0.csv"
    path.write_bytes(to_csv([labelled(post(), control=True)], LABELLED_COLUMNS))
    with pytest.raises(InputError, match="sim: all 1 posts are of control accounts"):
        clean(tmp_path, path)


def test_a_window_without_a_post_is_refused(tmp_path: Path) -> None:
    said = r"no posts in the study window 2012-01-01 to 2012-02-01.*Change `window`"
    with pytest.raises(InputError, match=said):
        cleaned(tmp_path, [post("2019-11-20 20:00")], window=("2012-01-01", "2012-02-01"))
