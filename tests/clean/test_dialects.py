"""What tools make of an archive that they save again, and what some releases did to ids."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import builders
import polars.selectors as cs
import pytest
from builders import campaign, clean, day, post, tweet_id, user, write_archive

from takedown.clean.cells import NOTHING
from takedown.errors import InputError

# More than a hundred archives are cleaned here.
pytestmark = pytest.mark.usefixtures("may_take_long")


@pytest.mark.parametrize("blank", NOTHING)
def test_an_archive_that_a_tool_has_saved_again_is_the_same(tmp_path: Path, blank: str) -> None:
    """R, pandas, databases: what is blank in the release is a word in their files."""
    rows = campaign(days=20)
    for number, row in enumerate(rows):
        row |= {"in_reply_to_userid": "77"} if number % 3 else {}
        row |= {"quoted_tweet_tweetid": "5"} if number % 4 else {}
        row |= {"tweet_language": ""} if number % 5 else {}
    again = [{name: cell or blank for name, cell in row.items()} for row in rows]
    (tmp_path / "as released").mkdir()
    released = clean(tmp_path / "as released", write_archive(tmp_path / "a.zip", rows))
    found = clean(tmp_path, write_archive(tmp_path / "b.zip", again))
    assert found.posts.equals(released.posts)
    assert found.accounts.equals(released.accounts)
    assert found.outcomes == {("kept", ""): len(rows)}


def test_times_and_flags_as_pandas_and_the_platforms_interface_write_them(tmp_path: Path) -> None:
    rows = campaign(days=20)
    again = [
        row
        | {
            "tweet_time": row["tweet_time"].replace(" ", "T") + ":00Z",
            "is_retweet": {"true": "1", "false": "0"}[row["is_retweet"]],
            "account_creation_date": row["account_creation_date"] + " 00:00:00",
            "like_count": "0.0",
        }
        for row in rows
    ]
    (tmp_path / "as released").mkdir()
    released = clean(tmp_path / "as released", write_archive(tmp_path / "a.zip", rows))
    found = clean(tmp_path, write_archive(tmp_path / "b.zip", again))
    assert found.posts.equals(released.posts)
    other = [post(tweet_time="2019-11-20 05:20:00+07:00"), post("2019-11-20 05:21")]
    found = clean(tmp_path, write_archive(tmp_path / "c.zip", other))
    assert found.outcomes == {("kept", ""): 1, ("quarantined", "tweet_time unreadable"): 1}


@pytest.mark.parametrize("year", ["9999", "0001", "1999", "2036"])
def test_a_post_of_an_impossible_year_is_set_aside(tmp_path: Path, year: str) -> None:
    rows = [
        post("2019-11-20 05:20"),
        post("2019-11-20 05:21") | {"tweet_time": f"{year}-01-01 00:00"},
    ]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    assert found.outcomes == {("kept", ""): 1, ("quarantined", "tweet_time unreadable"): 1}


# Ids that were rounded


def as_rna(row: dict[str, str]) -> dict[str, str]:
    """A row as the releases of December 2021 have it: ids of other posts went through a float."""
    names = ("in_reply_to_tweetid", "quoted_tweet_tweetid", "retweet_tweetid")
    return row | {name: repr(float(row[name])) for name in names if row[name]}


def test_a_release_whose_references_are_rounded_is_read(tmp_path: Path) -> None:
    """What the posts are stays known; which post they are about is not, and is said to be so."""
    rows = campaign(days=30)
    for number, row in enumerate(rows):
        other = tweet_id(datetime(2014, 1, 1, tzinfo=UTC), number)
        if row["is_retweet"] == "true":
            row["retweet_tweetid"] = other
        elif number % 3 == 0:
            row |= {"in_reply_to_tweetid": other, "in_reply_to_userid": "1674084000"}
        elif number % 3 == 1:
            row["quoted_tweet_tweetid"] = other
    (tmp_path / "exact").mkdir()
    exact = clean(tmp_path / "exact", write_archive(tmp_path / "a.zip", rows))
    found = clean(tmp_path, write_archive(tmp_path / "b.zip", map(as_rna, rows)))
    assert found.outcomes == {("kept", ""): len(rows)}
    lost = ["in_reply_to_tweetid", "quoted_tweet_tweetid", "retweet_tweetid"]
    for name in lost:
        given = exact.posts[name].is_not_null()
        assert given.any()
        assert found.posts[name].null_count() == len(rows)
        assert found.posts[f"{name}_lost"].equals(given.alias(f"{name}_lost"))
        check = found.check(f"{name} not known, as it was rounded or left out")
        assert check == (str(given.sum()), False)
    same = [name for name in found.posts.columns if name.removesuffix("_lost") not in lost]
    assert found.posts.select(same).equals(exact.posts.select(same))
    assert not exact.posts.select(cs.ends_with("_lost")).to_numpy().any()


@pytest.mark.parametrize("name", ["in_reply_to_userid", "retweet_userid", "in_reply_to_tweetid"])
@pytest.mark.parametrize(
    ("written", "read"),
    [("1674084000.0", "1674084000"), ("1.67E+09", None), ("1196720899736371200.0", None)],
)
def test_a_reference_that_was_a_decimal_is_exact_or_lost(
    tmp_path: Path, name: str, written: str, read: str | None
) -> None:
    row = post(**{name: written})
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", [row, post("2019-11-21 01:01")]))
    assert found.posts[name].to_list() == [read, None]
    assert found.posts[f"{name}_lost"].to_list() == [read is None, False]


def test_accounts_whose_ids_were_decimals_stay_the_same_accounts(tmp_path: Path) -> None:
    rows = [post(day(n), f"{1674084000 + n % 3}.0") for n in range(1, 10)]
    users = write_archive(tmp_path / "u.zip", [user("1674084001")], builders.USER_COLUMNS)
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows), [users])
    assert found.accounts["userid"].to_list() == ["1674084000", "1674084001", "1674084002"]
    assert found.accounts["posts"].to_list() == [3, 3, 3]


@pytest.mark.parametrize("written", ["9.06E+17", "906211234567890176.0", "9.06e17"])
@pytest.mark.parametrize("role", ["tweets", "users"])
def test_accounts_whose_ids_were_rounded_are_refused(
    tmp_path: Path, written: str, role: str
) -> None:
    rows = [post(day(1)), post(day(2), written if role == "tweets" else "u1")]
    users = [user("u1"), user(written if role == "users" else "u2")]
    files = [
        write_archive(tmp_path / "a.zip", rows),
        write_archive(tmp_path / "u.zip", users, builders.USER_COLUMNS),
    ]
    with pytest.raises(InputError, match=r"line 3, column userid: the id is written as a rounded"):
        clean(tmp_path, files[0], files[1:])


def test_accounts_whose_ids_all_end_in_zeros_are_refused(tmp_path: Path) -> None:
    rows = [post(day(n), f"906211234567{n:03d}000") for n in range(1, 10)]
    with pytest.raises(
        InputError, match=r"9 of 9 ids of accounts end in zeros.*as it was released"
    ):
        clean(tmp_path, write_archive(tmp_path / "a.zip", rows))


@pytest.mark.parametrize("name", ["in_reply_to_tweetid", "quoted_tweet_tweetid", "retweet_tweetid"])
@pytest.mark.parametrize(("number", "through_a_float"), [(60, True), (60, False), (40, True)])
def test_references_that_went_through_a_float_unseen_are_said_to_be_wrong(
    tmp_path: Path, name: str, number: int, through_a_float: bool
) -> None:
    """As whole numbers: pandas writes them so when a column of floats is made integers again."""
    others = [int(tweet_id(datetime(2019, 1, 1, tzinfo=UTC), 17 * each)) for each in range(number)]
    others = [int(float(other)) for other in others] if through_a_float else others
    rows = [post(day(1 + each % 28), sequence=each, **{name: str(other)})
            for each, other in enumerate(others)]  # fmt: skip
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    said = f"{name} of ids that all went through a float"
    assert (said in set(found.checks["check"])) == (through_a_float and number > 50)
    if through_a_float and number > 50:
        assert found.check(said) == ("60", False)


NO_REFERENCES = ["0", "0.0", "-1", " ", "-", "none", "Null", "n/a", "(null)", "[NULL]", "undefined",
                 "False", "NA"]  # fmt: skip


@pytest.mark.parametrize("blank", NO_REFERENCES)
def test_what_stands_for_no_post_or_account_makes_no_reply(tmp_path: Path, blank: str) -> None:
    """A column of numbers has no blank: tools write a zero, or their word for nothing."""
    names = ("in_reply_to_userid", "in_reply_to_tweetid", "quoted_tweet_tweetid", "retweet_userid")
    rows = campaign(days=20)
    (tmp_path / "as released").mkdir()
    released = clean(tmp_path / "as released", write_archive(tmp_path / "a.zip", rows))
    again = [row | dict.fromkeys(names, blank) for row in rows]
    found = clean(tmp_path, write_archive(tmp_path / "b.zip", again))
    assert found.posts.equals(released.posts)


@pytest.mark.parametrize("name", ["userid", "in_reply_to_userid", "retweet_tweetid"])
@pytest.mark.parametrize("written", [" {}", "{} ", "'{}"])
def test_ids_are_the_same_within_spaces_and_behind_excels_apostrophe(
    tmp_path: Path, name: str, written: str
) -> None:
    exact = "1196720899736371233"
    rows = [post(day(n), **{name: written.format(exact) if n % 2 else exact}) for n in range(1, 9)]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    assert set(found.posts[name]) == {exact}
    assert len(found.posts) == 8


@pytest.mark.parametrize("written", ["", "0", "-", "none", "(null)", " "])
def test_a_post_of_no_account_is_set_aside(tmp_path: Path, written: str) -> None:
    rows = [post(day(1)), post(day(2)) | {"userid": written}]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    assert found.outcomes == {("kept", ""): 1, ("quarantined", "userid missing"): 1}


def test_accounts_that_a_spreadsheet_took_for_formulas_are_refused(tmp_path: Path) -> None:
    """Hashes that begin with a plus: all of them become one word."""
    rows = [post(day(1)), post(day(2), "#NAME?")]
    with pytest.raises(InputError, match=r"line 3, column userid: a spreadsheet took the id for a"):
        clean(tmp_path, write_archive(tmp_path / "a.zip", rows))


@pytest.mark.parametrize("written", ["12345e67", "9E5", "123456e7890"])
def test_a_hash_of_digits_and_one_letter_is_no_rounded_number(tmp_path: Path, written: str) -> None:
    rows = [post(day(1)), post(day(2), written)]
    assert set(clean(tmp_path, write_archive(tmp_path / "a.zip", rows)).posts["userid"]) == {
        "u1",
        written,
    }


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("[{'text': 'army', 'indices': [1, 5]}, {'text': 'b', 'indices': [7, 9]}]", ["army", "b"]),
        ('[{"start": 0, "end": 5, "tag": "army"}]', ["army"]),
        ("['#army', '#b']", ["army", "b"]),
        ("[u'army', u'b']", ["army", "b"]),
        ("['army' 'b']", ["army", "b"]),
        ("[#army, #b]", ["army", "b"]),
        ("[nan]", []),
        ("[None]", []),
        ("['']", []),
        ("[ ]", []),
    ],
)
def test_hashtags_as_other_tools_write_their_lists(
    tmp_path: Path, cell: str, tags: list[str]
) -> None:
    rows = [post(day(1), hashtags="['a', 'b']"), post(day(2), hashtags=cell)]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    assert found.posts["hashtags"].to_list() == [["a", "b"], tags]


def test_a_day_of_creation_with_an_offset_is_no_day_of_ours(tmp_path: Path) -> None:
    rows = [post(day(1), account_creation_date="2019-01-15T23:30:00-05:00"),
            post(day(2), account_creation_date="2019-01-15T23:30:00Z")]  # fmt: skip
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    assert found.outcomes[("quarantined", "account_creation_date unreadable")] == 1


def test_a_negative_count_is_set_aside_beside_cells_without_quotes(tmp_path: Path) -> None:
    """The sign is a byte, as a quote is: two that are missing must not make up for it."""
    text = builders.to_csv([post(day(1)), post(day(2))])
    text = text.replace(b'"0","0","0","0","[]"', b'"-5","0","0",0,"[]"')
    (tmp_path / "a.csv").write_bytes(text)
    with pytest.raises(InputError, match=r"not one usable post \(2 rows: quote_count unreadable\)"):
        clean(tmp_path, tmp_path / "a.csv")


@pytest.mark.parametrize("zone", ["+00", " GMT", "+0000", "Z"])
@pytest.mark.parametrize("flags", [("T", "F"), ("yes", "no"), ("Y", "N")])
def test_times_and_flags_as_data_bases_write_them(
    tmp_path: Path, zone: str, flags: tuple[str, str]
) -> None:
    rows = campaign(days=10)
    again = [
        row | {"tweet_time": f"{row['tweet_time']}:00{zone}", "like_count": "0.00",
               "is_retweet": flags[row["is_retweet"] == "false"]}
        for row in rows
    ]  # fmt: skip
    (tmp_path / "as released").mkdir()
    released = clean(tmp_path / "as released", write_archive(tmp_path / "a.zip", rows))
    assert clean(tmp_path, write_archive(tmp_path / "b.zip", again)).posts.equals(released.posts)


@pytest.mark.parametrize("number", [60, 40])
def test_posts_whose_ids_all_went_through_a_float_are_refused(tmp_path: Path, number: int) -> None:
    """pandas makes floats of a column with a blank; made whole again, they look like ids."""
    rows = [post(day(1 + each % 28), sequence=131 * each) for each in range(number)]
    rows = [row | {"tweetid": str(int(float(row["tweetid"])))} for row in rows]
    path = write_archive(tmp_path / "a.zip", rows)
    if number > 50:
        with pytest.raises(InputError, match="a float would change none"):
            clean(tmp_path, path)
    else:
        assert clean(tmp_path, path).posts.height > 0
