"""The describe tables add up, pool what rests on few accounts, and show no such name."""

from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from builders import USER_COLUMNS, clean, post, user, write_archive
from hypothesis import given
from hypothesis import strategies as st

from takedown.describe import accounts as of_accounts
from takedown.describe import aggregates
from takedown.describe import posts as of_posts
from takedown.errors import InputError
from takedown.io.tables import POOLED, write_table


def named(uses: list[tuple[str, str]]) -> pl.LazyFrame:
    """Posts as (name, account)."""
    return pl.DataFrame(uses, schema=["name", "userid"], orient="row").lazy()


def uses(**accounts: int) -> list[tuple[str, str]]:
    """One post by each of so many accounts, the same ones under every name."""
    return [(name, f"u{n}") for name, count in accounts.items() for n in range(count)]


def by_name(rows: list[tuple[str, str]], least: int = 5) -> list[tuple]:
    table = of_posts.by_name(named(rows), pl.col("name"), "name", least)
    return [tuple(row) for row in table.drop(columns="share").to_numpy().tolist()]


@pytest.mark.parametrize(
    ("rows", "table"),
    [
        (uses(a=6, b=5), [("a", 6, 6, 0), ("b", 5, 5, 0)]),
        (uses(b=5, a=5), [("a", 5, 5, 0), ("b", 5, 5, 0)]),
        # The pool of c and d rests on 4 accounts: it takes in the next smallest, b.
        (uses(a=9, b=5, c=4, d=3), [("a", 9, 9, 0), (POOLED, 12, 5, 3)]),
        (uses(a=9, b=5, c=1), [("a", 9, 9, 0), (POOLED, 6, 5, 2)]),
        (uses(a=4), [(POOLED, 4, 4, 1)]),
        (uses(a=4, b=2), [(POOLED, 6, 4, 2)]),
        ([*uses(a=6), ("b", "x"), ("b", "x"), ("c", "y")], [(POOLED, 9, 8, 3)]),
        (
            [*uses(a=6), *[(name, f"{name}{n}") for name in "bcd" for n in range(2)]],
            [("a", 6, 6, 0), (POOLED, 6, 6, 3)],
        ),
        ([("a", f"u{n % 5}") for n in range(20)], [("a", 20, 5, 0)]),
        ([("a", f"u{n % 4}") for n in range(20)], [(POOLED, 20, 4, 1)]),
    ],
)
def test_names_of_few_accounts_are_pooled(rows: list, table: list) -> None:
    assert by_name(rows) == table


def test_one_account_is_enough_where_the_study_says_so() -> None:
    assert by_name(uses(a=2, b=1), least=1) == [("a", 2, 2, 0), ("b", 1, 1, 0)]


def test_a_post_counts_once_for_each_name_and_once_in_the_pool() -> None:
    posts = pl.LazyFrame(
        {"names": [["a", "b", "a"], ["b", "c"], ["b"], []], "userid": ["u1", "u2", "u3", "u3"]}
    )
    table = of_posts.by_name(posts, pl.col("names"), "hashtag", 3)
    assert table.to_dict("list") == {
        "hashtag": [POOLED],
        "posts": [3],
        "accounts": [3],
        "share": [0.75],
        "pooled": [3],
    }
    table = of_posts.by_name(posts, pl.col("names"), "hashtag", 1)
    assert table["hashtag"].to_list() == ["b", "a", "c"]
    assert table["posts"].to_list() == [3, 1, 1]
    assert table["share"].to_list() == [0.75, 0.25, 0.25]


def test_a_campaign_without_hashtags_has_an_empty_table(tmp_path: Path) -> None:
    posts = pl.LazyFrame(
        {"names": [[]], "userid": ["u1"]}, schema_overrides={"names": pl.List(pl.String)}
    )
    table = of_posts.by_name(posts, pl.col("names"), "hashtag", 5)
    assert len(table) == 0
    (tmp_path / "describe").mkdir()
    write_table(table, tmp_path / "describe/hashtags.csv")


@given(
    rows=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9).map(str)), min_size=1),
    least=st.integers(1, 7),
)
def test_no_name_of_few_accounts_can_be_read_off(rows: list[tuple[str, str]], least: int) -> None:
    accounts = defaultdict(set)
    for name, account in rows:
        accounts[name].add(account)
    table = of_posts.by_name(named(rows), pl.col("name"), "name", least).set_index("name")
    shown = [name for name in table.index if name != POOLED]
    assert all(len(accounts[name]) >= least for name in shown)
    assert table["posts"].sum() == len(rows)
    assert table["share"].sum() == pytest.approx(1)
    assert len(shown) + table["pooled"].sum() == len(accounts)
    everyone = set.union(*accounts.values())
    if POOLED in table.index and len(everyone) >= least:
        # Else the pool would give away a small count, as what the shown rows leave over.
        assert table.loc[POOLED, "accounts"] >= least
    if all(len(found) >= least for found in accounts.values()):
        assert POOLED not in table.index


def month_table(created: dict[str, int], first: dict[str, int] | None = None) -> pl.LazyFrame:
    days = [date.fromisoformat(f"{month}-03") for month in spread(created)]
    columns = {"account_creation_date": pl.Series(days, dtype=pl.Date)}
    if first is not None:
        times = [datetime.fromisoformat(f"{month}-03") for month in spread(first)]
        columns["first_post"] = pl.Series(times, dtype=pl.Datetime("ms", "UTC"))
    size = max(map(len, columns.values()))
    return pl.LazyFrame(
        {name: cells.extend_constant(None, size - len(cells)) for name, cells in columns.items()}
    )


def spread(counts: dict[str, int]) -> list[str]:
    return [month for month, count in counts.items() for _ in range(count)]


def account_months(created: dict[str, int], first: dict[str, int] | None = None) -> list[tuple]:
    table = of_accounts.account_months(month_table(created, first), "UTC", 5)
    return list(table.astype(object).where(table.notna(), None).itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("created", "first", "table"),
    [
        (
            {"2019-01": 6, "2019-03": 5},
            {"2019-03": 5},
            [("2019-01", 6, 0, 0), ("2019-03", 5, 5, 0)],
        ),
        (
            {"2019-01": 9, "2019-02": 3, "2019-03": 2},
            {},
            [("2019-01", 9, 0, 0), (POOLED, 5, 0, 2)],
        ),
        (
            {"2019-01": 9, "2019-02": 7, "2019-03": 2},
            {},
            [("2019-01", 9, 0, 0), (POOLED, 9, 0, 2)],
        ),
        ({"2019-01": 3}, {}, [(POOLED, 3, 0, 1)]),
        (
            {"2019-01": 20},
            {"2019-01": 8, "2019-02": 4, "2019-03": 7},
            [("2019-01", 20, 8, 0), (POOLED, 0, 11, 2)],
        ),
        ({"2019-01": 6, "2019-02": 1}, None, [(POOLED, 7, None, 2)]),
        ({"2018-12": 6, "2019-02": 5}, None, [("2018-12", 6, None, 0), ("2019-02", 5, None, 0)]),
    ],
)
def test_months_of_few_accounts_are_pooled(
    created: dict[str, int], first: dict[str, int] | None, table: list[tuple]
) -> None:
    assert account_months(created, first) == table


MONTHS = st.dictionaries(
    st.integers(1, 12).map(lambda month: f"2019-{month:02d}"), st.integers(1, 9), min_size=1
)


@given(created=MONTHS, first=MONTHS)
def test_no_month_of_few_accounts_can_be_read_off(
    created: dict[str, int], first: dict[str, int]
) -> None:
    rows = account_months(created, first)
    totals = [sum(created.values()), sum(first.values())]
    shown = [row for row in rows if row[0] != POOLED]
    assert [row[0] for row in shown] == sorted(row[0] for row in shown)
    assert [sum(row[1] for row in rows), sum(row[2] for row in rows)] == totals
    assert len(shown) + sum(row[3] for row in rows) == len({*created, *first})
    for _, *counts, _ in shown:
        assert all(count == 0 or count >= 5 for count in counts)
    for _, *counts, _ in rows[len(shown) :]:
        # A smaller pool than that says no more than the campaign's total does.
        for count, total in zip(counts, totals, strict=True):
            assert count == 0 or count >= 5 or count == total


def test_the_month_of_first_activity_is_local() -> None:
    accounts = pl.LazyFrame(
        {
            "account_creation_date": [date(2019, 1, 31)] * 5,
            "first_post": pl.Series(
                [datetime(2019, 1, 31, 17)] * 5, dtype=pl.Datetime("ms", "UTC")
            ),
        }
    )
    table = of_accounts.account_months(accounts, "Asia/Bangkok", 5)
    assert table["month"].to_list() == ["2019-01", "2019-02"]
    assert table["accounts"].to_list() == [5, 0]
    assert table["first_posts"].to_list() == [0, 5]


ROWS = [
    post("2019-11-20 16:59", "u1", hashtags="['A', 'b']", like_count="5", quote_count="1"),
    post("2019-11-20 17:00", "u1", hashtags="['ａ']", is_retweet="true", tweet_language="th"),
    post("2019-11-25 17:30", "u2", in_reply_to_userid="7", like_count=""),
    post("2019-11-25 17:30", "u2", 1, quoted_tweet_tweetid="7", tweet_client_name=""),
]


def test_summary(tmp_path: Path) -> None:
    users = [user(name, follower_count="0") for name in ("u1", "u2", "silent")]
    found = clean(
        tmp_path,
        write_archive(tmp_path / "a.zip", ROWS),
        [write_archive(tmp_path / "users.zip", users, USER_COLUMNS)],
        timezone="Asia/Bangkok",
    )
    table = of_posts.summary(found.posts.lazy(), found.accounts.lazy())
    assert list(table.itertuples(index=False, name=None)) == [
        ("posts", "4", "posts"),
        ("accounts", "3", "accounts"),
        ("posting_accounts", "2", "accounts"),
        ("accounts_without_posts", "1", "accounts"),
        ("retweets", "1", "posts"),
        ("accounts_without_followers", "3", "accounts"),
        ("originals", "1", "posts"),
        ("replies", "1", "posts"),
        ("quotes", "1", "posts"),
        ("posts_with_hashtag", "2", "posts"),
        ("hashtags_distinct", "2", "hashtags"),
        ("languages_distinct", "2", "languages"),
        ("engagements", "6", "engagements"),
        ("first_post", "2019-11-20 16:59", "UTC"),
        ("last_post", "2019-11-25 17:30", "UTC"),
        ("days_with_posts", "3", "local days"),
    ]


def test_summary_without_any_hashtag(tmp_path: Path) -> None:
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", [post()]))
    table = of_posts.summary(found.posts.lazy(), found.accounts.lazy())
    assert table.set_index("quantity")["value"]["hashtags_distinct"] == "0"


def test_all_168_hours_of_the_week(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", ROWS)
    found = clean(tmp_path, path, timezone="Asia/Bangkok")
    table = of_posts.hour_weekday(pl.col("local_time"), pl.len(), found.posts.lazy())
    assert table[["weekday", "hour"]].to_numpy().tolist() == [
        [weekday, hour] for weekday in range(1, 8) for hour in range(24)
    ]
    busy = table[table["posts"] > 0].to_numpy().tolist()
    assert busy == [[2, 0, 2], [3, 23, 1], [4, 0, 1]]


def test_topics_broad_strict_and_shared() -> None:
    posts = pl.LazyFrame(
        {
            "topics": [["a"], ["a", "b"], ["b"], []],
            "topics_strict": [["a"], ["b"], [], []],
        },
        schema=dict.fromkeys(["topics", "topics_strict"], pl.List(pl.String)),
    )
    table = of_posts.topic_coverage(posts, ["a", "b", "c"])
    assert list(table.itertuples(index=False, name=None)) == [
        ("a", 2, 0.5, 1, 1),
        ("b", 2, 0.5, 1, 1),
        ("c", 0, 0.0, 0, 0),
        ("(any)", 3, 0.75, 2, 1),
    ]
    assert of_posts.topic_coverage(posts, [])["topic"].to_list() == ["(any)"]


# A campaign known by counts


def write(folder: Path, text: str) -> str:
    path = folder / "data.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


COUNTS = """time,language,posts
2019-05-01T15:59:00Z,en,2
2019-05-01T16:00:00Z,zh,30
2019-05-02T01:00:00Z,na,5
"""


def test_counts(tmp_path: Path) -> None:
    counts = aggregates.read_counts(write(tmp_path, COUNTS), "Asia/Hong_Kong")
    days = counts.collect()["local_day"].cast(pl.String).to_list()
    assert days == ["2019-05-01", "2019-05-02", "2019-05-02"]
    assert list(aggregates.summary_of_counts(counts).itertuples(index=False, name=None)) == [
        ("posts", "37", "posts"),
        ("languages_distinct", "3", "languages"),
        ("first_post", "2019-05-01 15:59", "UTC"),
        ("last_post", "2019-05-02 01:00", "UTC"),
        ("days_with_posts", "2", "local days"),
    ]
    languages = aggregates.languages_of_counts(counts)
    assert languages["language"].to_list() == ["zh", "na", "en"]
    assert languages["posts"].to_list() == [30, 5, 2]
    assert languages["share"].sum() == pytest.approx(1)
    assert languages["accounts"].isna().all()
    hours = of_posts.hour_weekday(pl.col("local_time"), pl.col("posts").sum(), counts)
    assert len(hours) == 168
    assert hours[hours["posts"] > 0].to_numpy().tolist() == [[3, 23, 2], [4, 0, 30], [4, 9, 5]]


def test_counts_without_a_language_are_of_undefined_language(tmp_path: Path) -> None:
    counts = aggregates.read_counts(write(tmp_path, COUNTS.replace("na", "")), "UTC")
    assert aggregates.languages_of_counts(counts)["language"].to_list() == ["zh", "und", "en"]


def test_the_embedded_counts() -> None:
    path = "resources/embedded/china_hk_2019_minute_counts.csv"
    counts = aggregates.read_counts(str(Path(__file__).parents[2] / path), "Asia/Hong_Kong")
    table = aggregates.languages_of_counts(counts).set_index("language")["posts"]
    assert table.to_dict() == {"zh": 34_957, "en": 2_954}


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (lambda path: aggregates.read_counts(path, "UTC"), COUNTS.replace("posts", "n"), "'posts'"),
        (lambda path: aggregates.read_counts(path, "UTC"), COUNTS.replace("time", "t"), "'time'"),
        (
            lambda path: aggregates.read_counts(path, "UTC"),
            COUNTS.replace("2019-05-02T", "2019-02-30T"),
            "line 4, column time: a text of 20 characters",
        ),
        (
            lambda path: aggregates.read_counts(path, "UTC"),
            COUNTS.replace("30", "many"),
            "line 3, column posts: a text of 4 characters",
        ),
        (aggregates.read_accounts, "created\n2019-01-01\n", "'account_creation_date'"),
        (
            aggregates.read_accounts,
            "account_creation_date\n2019-01-01\n2019-02-30\n",
            "line 3, column account_creation_date: a text of 10 characters",
        ),
        (lambda path: aggregates.hashtag_totals(path, 5), "tag,count\na,1\n", "'hashtag'"),
        (
            lambda path: aggregates.hashtag_totals(path, 5),
            "hashtag,count\na,many\n",
            "line 2, column count: a text of 4 characters",
        ),
    ],
)
def test_a_file_of_counts_that_cannot_be_read_is_named(
    tmp_path: Path, read, text: str, words: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=words) as problem:
        found = read(path)
        if isinstance(found, pl.LazyFrame):
            found.collect()
    assert path in str(problem.value)


def test_hashtag_totals_are_folded_and_rare_ones_pooled(tmp_path: Path) -> None:
    text = "hashtag,count\nArmy,6\narmy,4\nＡＲＭＹ,1\n香港,9\nrare,4\nrarer,1\nNA,7\nnull,5\n"
    table = aggregates.hashtag_totals(write(tmp_path, text), 5)
    assert table[["hashtag", "posts", "pooled"]].to_numpy().tolist() == [
        ["army", 11, 0],
        ["香港", 9, 0],
        ["na", 7, 0],
        ["null", 5, 0],
        [POOLED, 5, 2],
    ]
    assert table["share"].sum() == pytest.approx(1)
    assert table["accounts"].isna().all()
    (tmp_path / "describe").mkdir()
    write_table(table, tmp_path / "describe/hashtags.csv")


def test_account_table(tmp_path: Path) -> None:
    path = write(tmp_path, "dataset,account_creation_date\n" + "x,2019-01-31\n" * 5)
    table = of_accounts.account_months(aggregates.read_accounts(path), "Asia/Hong_Kong", 5)
    assert table[["month", "accounts"]].to_numpy().tolist() == [["2019-01", 5]]
    assert table["first_posts"].isna().all()


def test_the_words_na_and_null_survive_as_hashtags(tmp_path: Path) -> None:
    rows = [post(name=f"u{n}", sequence=n, hashtags="['NA', 'null']") for n in range(5)]
    found = clean(tmp_path, write_archive(tmp_path / "a.zip", rows))
    table = of_posts.by_name(found.posts.lazy(), pl.col("hashtags"), "hashtag", 5)
    (tmp_path / "describe").mkdir()
    write_table(table, tmp_path / "describe/hashtags.csv")
    written = pd.read_csv(tmp_path / "describe/hashtags.csv", keep_default_na=False)
    assert written["hashtag"].to_list() == ["NA", "null"]


def test_a_bad_count_is_named_by_its_line_also_after_a_quoted_newline(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        'time,language,posts\n2019-06-01T00:00:00Z,"a\nb",1\n\n2019-06-01T00:01:00Z,en,many\n'
    )
    with pytest.raises(
        InputError, match="line 5, column posts: a text of 4 characters cannot be read"
    ):
        aggregates.read_counts(str(path), "UTC")
