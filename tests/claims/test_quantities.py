"""Every claim on the June 2020 archive, computed on a planted one and by plain Python beside it."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import ROOT
from planted import accounts, planted, posts

from takedown.archives.receipt import Entry
from takedown.claims.question import Data, NotComputableError, Question
from takedown.claims.registry import REGISTRY
from takedown.claims.table import Claim, read_claims
from takedown.claims.verdicts import judge_one

CLAIMS = {claim.id: claim for claim in read_claims(str(ROOT / "resources/claims.csv"))}
JUNE = {
    name: claim
    for name, claim in CLAIMS.items()
    if claim.campaign == "china_052020" and claim.quantity != "outside_the_archive"
}
COUNTS = ("quote_count", "reply_count", "like_count", "retweet_count")
POSTS, USERS = posts(), accounts()
COVID = ("covid19", "肺炎")
HONG_KONG = ("香港", "hong kong", "hongkong", "守護香港")


def utc(row: dict[str, str]) -> datetime:
    return datetime.strptime(row["tweet_time"], "%Y-%m-%d %H:%M")


def beijing(row: dict[str, str]) -> datetime:
    return utc(row) + timedelta(hours=8)


def tags(row: dict[str, str]) -> list[str]:
    return [unicodedata.normalize("NFKC", tag).lower() for tag in ast.literal_eval(row["hashtags"])]


def about(row: dict[str, str], terms: tuple[str, ...]) -> bool:
    text = row["tweet_text"].lower()
    return any(term in text or term in tag for term in terms for tag in ["", *tags(row)])


def number(rows: list[dict[str, str]], true: Callable[[dict[str, str]], bool]) -> int:
    return sum(map(true, rows))


def percent(rows: list[dict[str, str]], true: Callable[[dict[str, str]], bool]) -> float:
    return 100 * number(rows, true) / len(rows)


def engagement(row: dict[str, str]) -> int:
    return sum(int(row[name]) for name in COUNTS)


def days(rows: list[dict[str, str]]) -> Counter[str]:
    return Counter(f"{beijing(row):%Y-%m-%d}" for row in rows)


def in_days(rows: list[dict[str, str]], first: str, last: str) -> int:
    return sum(count for day, count in days(rows).items() if first <= day <= last)


def peak(first: str, last: str) -> str:
    """The first busiest day of a period, if no day within three days has as many."""
    counts = days(POSTS)
    day = max(sorted(day for day in counts if first <= day <= last), key=lambda day: counts[day])
    moment = datetime.fromisoformat(day)
    near = [f"{moment + timedelta(step):%Y-%m-%d}" for step in (-3, -2, -1, 1, 2, 3)]
    return day if counts[day] > max(counts[other] for other in near) else "none"


def commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))


def dip() -> int:
    hours = Counter(beijing(row).hour for row in POSTS)
    inside = [hours[hour] for hour in range(11, 15)]
    edge = min(hours[10], hours[15])
    low = [count < (edge + min(inside)) / 2 and min(inside) < edge for count in inside]
    return max(len(run) for run in "".join("x" if each else " " for each in low).split(" "))


def weekend() -> float:
    counts = days(POSTS)
    day, last = (min(map(beijing, POSTS)), max(map(beijing, POSTS)))
    found: dict[bool, list[int]] = {True: [], False: []}
    while day.date() <= last.date():
        found[day.weekday() >= 5].append(counts[f"{day:%Y-%m-%d}"])
        day += timedelta(1)
    free, working = (sum(each) / len(each) for each in (found[True], found[False]))
    return free / working


def dormant() -> int:
    """Accounts of September 2019 whose first post is on the coronavirus."""
    first: dict[str, dict[str, str]] = {}
    for row in POSTS:
        known = first.get(row["userid"])
        if known is None or utc(row) < utc(known):
            first[row["userid"]] = row
    begun = [row for row in first.values() if about(row, COVID)]
    return number(begun, lambda row: row["account_creation_date"].startswith("2019-09"))


LIKES = sorted((int(row["like_count"]) for row in POSTS), reverse=True)
TAGGED = [tag for row in POSTS for tag in tags(row)]
COVID_POSTS = [row for row in POSTS if about(row, COVID)]
SPRING = [row for row in COVID_POSTS if f"{beijing(row):%Y-%m-%d}" >= "2020-03-01"]
POSTING = {row["userid"] for row in POSTS}
TOP_FOUR = ("zh", "en", "ja", "ru")
IN_FOUR = [row for row in POSTS if row["tweet_language"] in TOP_FOUR]
LATE_USERS = {row["userid"]: row["account_creation_date"] for row in SPRING}
CSV_LINES = sum(1 + row["tweet_text"].count("\n") for row in POSTS) + 1
MINUTES = {row["tweet_time"] for row in POSTS}
ENGLISH = [
    re.sub(r"https?://\S+", " ", row["tweet_text"].lower())
    for row in POSTS
    if row["tweet_language"] == "en"
]

EXPECTED: dict[str, Any] = {
    **dict.fromkeys(["accounts-core", "accounts-readme", "accounts-seed"], len(USERS)),
    **dict.fromkeys(["tweets-sio", "tweets-readme", "rows-after-dedup"], len(POSTS)),
    "columns": 30,
    "csv-lines": CSV_LINES,
    **dict.fromkeys(["first-tweet", "span-start-aspi"], "2018-01-11 09:29"),
    **dict.fromkeys(["last-tweet", "span-end-aspi"], "2020-04-17 07:13"),
    "span-docx": "2018-01 to 2020-04",
    "distinct-minutes": len(MINUTES),
    "distinct-minutes-2019": len({minute for minute in MINUTES if minute.startswith("2019")}),
    "distinct-minute-language": len({(row["tweet_time"], row["tweet_language"]) for row in POSTS}),
    "bulk-after-oct2019": percent(POSTS, lambda row: f"{beijing(row):%Y-%m-%d}" >= "2019-10-01"),
    "peak-mid-jan2020": peak("2020-01-08", "2020-01-25"),
    "peak-mid-apr2020": peak("2020-04-05", "2020-04-17"),
    "surge-nov2019": number(POSTS, lambda row: "2019-11-18" <= row["tweet_time"] < "2019-12-02")
    / number(POSTS, lambda row: "2019-11-03" <= row["tweet_time"] < "2019-11-17"),
    "working-hours-aspi": percent(
        [row for row in POSTS if beijing(row).weekday() < 5],
        lambda row: 8 <= beijing(row).hour < 17,
    ),
    "working-hours-wang": percent(POSTS, lambda row: 9 <= beijing(row).hour < 17),
    "working-hours-wang-to-18": percent(POSTS, lambda row: 9 <= beijing(row).hour < 18),
    "lunch-dip": dip(),
    "weekend-drop": weekend(),
    "weekend-none-epoch": percent(POSTS, lambda row: beijing(row).weekday() >= 5),
    **dict.fromkeys(
        ["zero-followers-guardian", "zero-followers-etv"],
        percent(USERS, lambda row: row["follower_count"] == "0"),
    ),
    "under-eight-guardian": percent(USERS, lambda row: int(row["follower_count"]) < 8),
    "under-eight-etv": percent(
        [row for row in USERS if row["follower_count"] != "0"],
        lambda row: int(row["follower_count"]) <= 8,
    ),
    "under-ten-heavy": percent(USERS, lambda row: int(row["follower_count"]) < 10),
    "no-bio-majority": percent(USERS, lambda row: row["user_profile_description"] == ""),
    "zerofollower-likes50": number(
        POSTS, lambda row: row["follower_count"] == "0" and int(row["like_count"]) > 50
    ),
    "zerofollower-rts10": number(
        POSTS, lambda row: row["follower_count"] == "0" and int(row["retweet_count"]) > 10
    ),
    "engagement-per-tweet": sum(map(engagement, POSTS)) / len(POSTS),
    "engagement-per-account": sum(map(engagement, POSTS)) / len(POSTING),
    "engagement-per-account-all": sum(map(engagement, POSTS)) / len(USERS),
    **{
        f"lang-{code}": number(POSTS, lambda row, code=code: row["tweet_language"] == code)
        for code in (*TOP_FOUR, "und")
    },
    "lang-codes": len({row["tweet_language"] for row in POSTS}),
    "lang-zh-docx": percent(POSTS, lambda row: row["tweet_language"] == "zh"),
    "lang-zh-docx-of-four": percent(IN_FOUR, lambda row: row["tweet_language"] == "zh"),
    **{
        f"acclang-{code}": number(USERS, lambda row, code=code: row["account_language"] == code)
        for code in ("en", "zh-cn", "zh-tw", "ru")
    },
    "tweets-by-en-accounts": number(IN_FOUR, lambda row: row["account_language"] == "en"),
    **{
        f"nonnull-{name}": number(POSTS, lambda row, column=column: row[column] != "")
        for name, column in {
            "retweets": "retweet_tweetid",
            "retweet-userid": "retweet_userid",
            "reply-userid": "in_reply_to_userid",
            "reply-tweetid": "in_reply_to_tweetid",
            "quotes": "quoted_tweet_tweetid",
            "bio": "user_profile_description",
        }.items()
    },
    **{
        f"{name}-{code}": sum(int(row[column]) for row in POSTS if row["tweet_language"] == code)
        for name, column in {
            "replies": "reply_count",
            "likes": "like_count",
            "rts": "retweet_count",
        }.items()
        for code in ("zh", "en")
    },
    **{
        f"likes-per-tweet-{code}": sum(
            int(row["like_count"]) for row in POSTS if row["tweet_language"] == code
        )
        / number(POSTS, lambda row, code=code: row["tweet_language"] == code)
        for code in ("zh", "en")
    },
    "max-likes": LIKES[0],
    "second-likes": LIKES[1],
    "prolific-zh": 0,
    "hk-third": percent(POSTS, lambda row: about(row, HONG_KONG)),
    "sio-topic-share": percent(POSTS, lambda row: about(row, HONG_KONG + COVID)),
    "created-after-oct2019": percent(USERS, lambda row: row["account_creation_date"] >= "2019-10"),
    "created-after-oct2019-from-november": percent(
        USERS, lambda row: row["account_creation_date"] >= "2019-11"
    ),
    "covid-rampup": in_days(COVID_POSTS, "2020-01-18", "2020-01-31")
    / in_days(COVID_POSTS, "2020-01-04", "2020-01-17"),
    "covid-peak-nikkei": commonest(
        Counter(
            f"{beijing(row) - timedelta(beijing(row).weekday()):%Y-%m-%d}" for row in COVID_POSTS
        )
    ),
    "covid-peak-cyberscoop": commonest(Counter(f"{beijing(row):%Y-%m}" for row in COVID_POSTS)),
    "covid-accounts-created": 100
    * sum("2020-01-20" <= day <= "2020-01-31" for day in LATE_USERS.values())
    / len(LATE_USERS),
    "dormant-sep2019": dormant(),
    "hashtags-distinct": len(set(TAGGED)),
    "hashtags-uses": len(TAGGED),
    "hashtags-uses-once-a-post": sum(len(set(tags(row))) for row in POSTS),
    **{
        f"hashtag-{name}": TAGGED.count(tag)
        for name, tag in {
            "xianggang": "香港",
            "guo-wengui": "郭文贵",
            "bannon": "班农",
            "baotu": "暴徒",
            "shouhu-xianggang-trad": "守護香港",
            "feiyan": "肺炎",
            "milesguo": "milesguo",
            "covid19": "covid19",
            "wang-liqiang": "王立强",
        }.items()
    },
    "hashtag-rank1": commonest(Counter(TAGGED)),
    "en-word-milesguo": sum(len(re.findall(r"\bmilesguo\b", text)) for text in ENGLISH),
    "en-word-hongkong": sum(len(re.findall(r"\bhong\s*kong\b", text)) for text in ENGLISH),
    "chart-languages": Counter(row["tweet_language"] for row in POSTS),
    "chart-hashtags": Counter(TAGGED),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return planted(tmp_path_factory.mktemp("planted") / "wörk")


def ask(claim: Claim, data: Data) -> Any:
    question = Question(data, claim.of, claim.where, claim.timezone)
    return REGISTRY[claim.quantity](question)


def test_every_claim_on_the_june_2020_archive_is_computed_here() -> None:
    done = {f"cn0520-{name}" for name in EXPECTED}
    done |= {"cn0520-zip-size", "cn0520-zip-size-binary", "oth-chinatalk-likes"}
    assert set(JUNE) == done


@pytest.mark.parametrize("name", EXPECTED)
def test_a_claim_is_computed_as_by_plain_python(archive: Data, name: str) -> None:
    found = ask(CLAIMS[f"cn0520-{name}"], archive)
    assert found == (EXPECTED[name] if isinstance(found, str) else pytest.approx(EXPECTED[name]))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_claim_of_what_was_planted_is_reproduced_and_of_more_differs(
    archive: Data, name: str
) -> None:
    claim, value = CLAIMS[f"cn0520-{name}"], EXPECTED[name]
    data = {"china_052020": archive}
    exact = replace(claim, relation="equals", tolerance=0.0, value=str(value))
    if claim.bars:
        assert judge_one(replace(claim, bars=value), data).verdict == "reproduced"
        more = {label: count + 1 for label, count in value.items()}
        assert judge_one(replace(claim, bars=more), data).verdict == "differs"
        return
    assert judge_one(exact, data).verdict == "reproduced"
    other = "2031-01" if isinstance(value, str) else str(value + 1)
    found = judge_one(replace(exact, value=other), data)
    assert found.verdict == "differs"
    assert other in found.why
    if not isinstance(value, str):
        assert found.difference == pytest.approx(-1)


def test_the_size_of_the_files_is_in_decimal_megabytes(archive: Data) -> None:
    size = sum(entry.bytes for entry in archive.files if entry.role == "tweets")
    assert ask(CLAIMS["cn0520-zip-size"], archive) == size / 1_000_000


def test_posts_on_hong_kong_with_over_a_hundred_likes(archive: Data) -> None:
    found = number(POSTS, lambda row: int(row["like_count"]) > 100 and about(row, HONG_KONG))
    assert ask(CLAIMS["oth-chinatalk-likes"], archive) == found
    assert found > 0


def counted(*rows: tuple[str, str, int]) -> Data:
    """Counts of posts: time, language, posts."""
    frame = pl.DataFrame(rows, schema=["time", "language", "posts"], orient="row")
    time = pl.col("time").str.to_datetime(time_zone="UTC")
    return Data.of_counts(frame.lazy().with_columns(time))


def compute(quantity: str, data: Data, of: str = "", where: str = "", timezone: str = "") -> Any:
    return REGISTRY[quantity](Question(data, of, where, timezone))


def test_a_row_that_stands_for_several_posts_counts_so_often() -> None:
    data = counted(("2020-01-01T20:00", "zh", 5), ("2020-01-02T01:00", "en", 2))
    assert compute("posts", data) == 7
    assert compute("posts", data, where="tweet_language = 'zh'") == 5
    assert compute("posts_by", data, of="day") == {"2020-01-01": 5, "2020-01-02": 2}
    assert compute("posts_by", data, of="day", timezone="Asia/Shanghai") == {"2020-01-02": 7}
    assert compute("busiest_hours", data, of="1", timezone="Asia/Shanghai") == "04"


def test_what_counts_do_not_hold_is_not_computable() -> None:
    data = counted(("2020-01-01T20:00", "zh", 5))
    for quantity, of, said in (
        ("posting_accounts", "", "no column userid"),
        ("sum_over_posts", "like_count", "no column like_count"),
        ("accounts", "", "no users file"),
        ("hashtag_uses", "", "no column hashtags"),
        ("accounts_with_more_posts_than", "5", "no column userid"),
        ("share_of_posting_accounts", "follower_count = 0", "no column"),
        ("accounts_created_for_it", "2019-09", "no column"),
        ("columns_in_posts_files", "", "no tweets file"),
    ):
        with pytest.raises(NotComputableError, match=said):
            compute(quantity, data, of=of)


def test_nothing_left_is_no_zero_where_a_value_was_asked() -> None:
    data = counted(("2020-01-01T20:00", "zh", 5))
    nobody = "tweet_language = 'xx'"
    assert compute("posts", data, where=nobody) == 0
    for quantity, of in (
        ("first_post", ""),
        ("busiest_month", ""),
        ("share_of_posts", "hour > 1"),
        ("busiest_day", ""),
    ):
        with pytest.raises(NotComputableError):
            compute(quantity, data, of=of, where=nobody)


def test_a_peak_is_higher_than_its_neighbours() -> None:
    heights = [1, 1, 9, 1, 1, 8, 8, 1, 1, 1, 1]
    data = counted(*((f"2020-01-{1 + at:02d}T05:00", "zh", n) for at, n in enumerate(heights)))
    assert compute("local_peak", data, of="2020-01-01..2020-01-04") == "2020-01-03"
    assert compute("local_peak", data, of="2020-01-05..2020-01-08") == "none"
    months = [1, 5, 1, 1, 6, 2]
    data = counted(*((f"2020-{1 + at:02d}-01T05:00", "zh", n) for at, n in enumerate(months)))
    assert compute("peak_months", data, of="2020-01..2020-06") == "2020-02 and 2020-05"
    assert compute("peak_months", data, of="2020-03..2020-04") == "none"


def test_the_first_burst_is_ten_times_what_came_before() -> None:
    heights = [20] * 30 + [19] * 5 + [250, 20]
    rows = [(f"{datetime(2020, 1, 1) + timedelta(at):%Y-%m-%dT05:00}", "zh", count)
            for at, count in enumerate(heights)]  # fmt: skip
    assert compute("first_burst", counted(*rows)) == "2020-01-01"
    quiet = [(time, language, 1 if at < 28 else count)
             for at, (time, language, count) in enumerate(rows)]  # fmt: skip
    assert compute("first_burst", counted(*quiet)) == "2020-01-29"
    assert compute("first_burst", counted(*quiet[:28])) == "none"


def test_accounts_by_and_sums_by(archive: Data) -> None:
    months = Counter(row["account_creation_date"][:7] for row in USERS)
    assert compute("accounts_by", archive, of="creation_month") == months
    likes = Counter()
    for row in POSTS:
        likes[row["tweet_language"]] += int(row["like_count"])
    assert compute("sum_by", archive, of="like_count by tweet_language") == likes


def test_accounts_are_those_of_the_users_file(archive: Data) -> None:
    assert compute("accounts", archive, where="posts = 0") == len(USERS) - len(POSTING)
    assert compute("posting_accounts", archive) == len(POSTING)
    means = [int(row["follower_count"]) for row in USERS]
    assert compute("mean_over_accounts", archive, of="follower_count") == pytest.approx(
        sum(means) / len(means)
    )
    oldest = min(row["account_creation_date"] for row in USERS)
    youngest = max(row["account_creation_date"] for row in USERS)
    assert compute("first_account_creation", archive) == oldest
    assert compute("months_of_creation", archive) == f"{oldest[:7]} to {youngest[:7]}"
    months = Counter(row["account_creation_date"][:7] for row in USERS)
    best = sorted(months, key=lambda month: (-months[month], month))[:2]
    assert compute("most_common_creation_months", archive, of="2") == " and ".join(sorted(best))


def test_a_column_that_is_empty_throughout_is_not_taken_for_zeros(archive: Data) -> None:
    """As clean fills columns that a release does not have."""
    blank = archive.posts.with_columns(like_count=pl.lit(None, pl.Int64))
    for quantity, of, where in (
        ("sum_over_posts", "like_count", ""),
        ("share_of_posts", "like_count + reply_count = 0", ""),
        ("posts", "", "like_count > 50"),
        ("distinct_in_posts", "like_count, userid", ""),
        ("sum_by", "like_count by tweet_language", ""),
    ):
        with pytest.raises(NotComputableError, match="like_count is empty throughout"):
            compute(quantity, replace(archive, posts=blank), of=of, where=where)


def test_topics_that_posts_were_not_labelled_with_are_not_none(archive: Data) -> None:
    few = replace(archive, topics=frozenset({"taiwan"}))
    with pytest.raises(NotComputableError, match="not labelled with the topic hong_kong"):
        ask(CLAIMS["cn0520-hk-third"], few)


def test_a_dip_is_where_the_hours_are_low(archive: Data) -> None:
    for heights, length in (
        ([100, 90, 40, 40, 95, 98], 2),
        ([100, 40, 90, 90, 95, 98], 1),
        ([100, 100, 100, 100, 100, 100], 0),
        ([10, 20, 20, 20, 20, 10], 0),
    ):
        rows = [(f"2020-01-01T{10 + at}:00", "zh", count) for at, count in enumerate(heights)]
        assert compute("midday_dip", counted(*rows)) == length


def test_blank_is_no_value_to_be_counted() -> None:
    data = counted(("2020-01-01T20:00", "zh", 5), ("2020-01-01T20:00", None, 5))
    assert compute("distinct_in_posts", data, of="tweet_language") == 1


def test_what_one_campaign_lacks_all_lack(archive: Data) -> None:
    both = Data.pooled([archive, counted(("2020-01-01T20:00", "zh", 5))])
    assert compute("posts", both) == len(POSTS) + 5
    with pytest.raises(NotComputableError, match="no column userid"):
        compute("posting_accounts", both)


def test_an_unpacked_file_has_not_the_size_of_the_download(tmp_path: Path, archive: Data) -> None:
    (tmp_path / "t.csv").write_text("a\n")
    unpacked = replace(archive, files=[Entry.of("tweets", tmp_path / "t.csv")])
    with pytest.raises(NotComputableError, match="unpacked"):
        ask(CLAIMS["cn0520-zip-size"], unpacked)


def test_a_blank_count_is_none_and_spoils_no_sum() -> None:
    rows = pl.DataFrame(
        {
            "tweet_time": [datetime(2020, 1, 1), datetime(2020, 1, 2)],
            "like_count": [3, None],
            "reply_count": [None, 4],
            "weight": [1, 1],
        }
    )
    data = Data(rows.lazy().with_columns(pl.col("tweet_time").dt.replace_time_zone("UTC")))
    assert compute("sum_over_posts", data, of="like_count + reply_count") == 7
    assert compute("mean_over_posts", data, of="like_count") == 1.5
    assert compute("sum_by", data, of="reply_count by day") == {"2020-01-01": 0, "2020-01-02": 4}


def test_every_quantity_has_a_definition_and_is_claimed_or_tried_here() -> None:
    for name, quantity in REGISTRY.items():
        assert quantity.definition.endswith("."), name
    claimed = {claim.quantity for claim in CLAIMS.values()}
    assert set(REGISTRY) - claimed == {"accounts_by", "sum_by"}
