"""CSV files that users write: read as spreadsheets save them, or refused with file and line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takedown.describe.aggregates import hashtag_totals, read_accounts, read_counts
from takedown.errors import InputError
from takedown.io.user_csv import read_rows, records_in
from takedown.series.calendars import attention_in, events_in

CELL = st.text(st.sampled_from("a,\"\n;'é 香=-"), max_size=5).map(str.strip)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=5)


def written(rows: list[list[str]], quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows([["a", "b", "c"], *rows])
    return text.getvalue()


def table(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return str(path)


@given(ROWS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_every_cell_is_read_with_the_line_its_record_starts_on(
    rows: list[list[str]], quoting: int
) -> None:
    text = written(rows, quoting)
    [_, *found] = records_in(text, "mine.csv")
    assert [row for _, row in found] == rows
    lines = text.split("\n")
    for (line, _), row in zip(found, rows, strict=True):
        start = written([row], quoting).split("\n")[1]
        assert lines[line - 1] == start


@given(ROWS.filter(len), st.data())
def test_a_quote_that_does_not_close_is_refused_wherever_it_stands(
    rows: list[list[str]], data: st.DataObject
) -> None:
    """Or all that follows would become one cell."""
    place = data.draw(st.integers(0, len(rows) - 1))
    text = written(rows[:place], csv.QUOTE_ALL) + '"x"' + ',"y'
    with pytest.raises(InputError, match=r"mine\.csv, line \d+: a quotation mark") as problem:
        list(records_in(text, "mine.csv"))
    line = 1 + written(rows[:place], csv.QUOTE_ALL).count("\n")
    assert f"line {line}:" in str(problem.value)


def test_what_spreadsheets_leave_behind_is_passed_over(tmp_path: Path) -> None:
    text = "date,title,,\n2019-06-01, a ,,\n,,,\n\n2019-06-02,b,,,,\n"
    found = read_rows(table(tmp_path, text))
    assert found.columns == ["date", "title"]
    assert found.rows == [
        {"date": "2019-06-01", "title": "a"},
        {"date": "2019-06-02", "title": "b"},
    ]
    assert found.lines == [2, 5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,title,date\n", "the column 'date' stands twice"),
        ("date,,,title\n", "two columns of the header have no name"),
        ("date,title\n2019-06-01,a,,x\n", "line 2: 4 fields instead of 2"),
        ('date,title\n2019-06-01,a\n2019-06-02,"b"c\n', "line 3: a quotation mark"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_rows(table(tmp_path, text))


EVENTS = "date,title,anticipated,event_id\n2019-06-10,First,,\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "9999-12-31,Second,,",
            "line 3, column date: a text of 10 characters is not between 1900 and 2099",
        ),
        (
            "0019-06-11,Second,,",
            "line 3, column date: a text of 10 characters is not between 1900 and 2099",
        ),
        (
            "2019-06-11,Second,maybe,",
            "line 3, column anticipated: a text of 5 characters is neither yes nor no",
        ),
        (
            "2019-06-11,Second,,pooled",
            "line 3, column event_id: a text of 6 characters stands for several",
        ),
        ('2019-06-11,"Second,,', "line 3: a quotation mark in the record that starts here"),
    ],
)
def test_a_calendar_that_would_mislead_is_refused(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        events_in([table(tmp_path, f"{EVENTS}{row}\n2019-07-01,Third,,\n")], [])


@pytest.mark.parametrize(
    ("word", "read"),
    [("Yes", "yes"), ("YES", "yes"), ("TRUE", "yes"), ("1", "yes"), ("No", "no"), ("0", "no"),
     ("false", "no"), ("", "")],
)  # fmt: skip
def test_whether_an_event_was_anticipated_is_read_in_any_spelling(
    tmp_path: Path, word: str, read: str
) -> None:
    path = table(tmp_path, f"date,title,anticipated\n2019-06-10,First,{word}\n")
    assert [event["anticipated"] for event in events_in([path], [])] == [read]


def test_a_day_that_a_news_series_has_twice_is_refused(tmp_path: Path) -> None:
    text = "date,value,series\n2019-06-01,1,a\n2019-06-01,2,b\n2019-06-01,3,a\n"
    with pytest.raises(InputError, match="line 4: 2019-06-01 stands twice in one series"):
        attention_in([table(tmp_path, text)])


@pytest.mark.parametrize(
    ("time", "posts", "said"),
    [
        (
            "06/01/2019 12:00",
            "1",
            "line 2, column time: a text of 16 characters cannot be read. Write",
        ),
        ("01.06.2019", "1", "line 2, column time"),
        ("9999-12-31 00:00", "1", "line 2, column time"),
        (
            "2019-06-01 12:00",
            "-3",
            "line 2, column posts: a number of 2 characters cannot be read. It must be a whole",
        ),
        ("2019-06-01 12:00", "1.5", "line 2, column posts"),
        ("2019-06-01 12:00", "", "line 2, column posts"),
    ],
)
def test_counts_that_would_mislead_are_refused(
    tmp_path: Path, time: str, posts: str, said: str
) -> None:
    path = table(tmp_path, f"time,language,posts\n{time},en,{posts}\n")
    with pytest.raises(InputError, match=said):
        read_counts(path, "UTC")


@pytest.mark.parametrize(
    "time", ["2019-06-01 12:00", "2019-06-01T12:00:00Z", "2019-06-01 12:00:00+00:00", "2019-06-01"]
)
def test_counts_are_read_in_every_notation_of_iso(tmp_path: Path, time: str) -> None:
    path = table(tmp_path, f"time,language,posts\n{time},en,4.0\n")
    assert read_counts(path, "UTC").collect()["posts"].to_list() == [4]


def test_a_hashtag_is_the_same_with_and_without_its_sign(tmp_path: Path) -> None:
    path = table(tmp_path, "hashtag,count\n#alpha,10\nAlpha,20\n\uff03alpha,1\nbeta,7\n")
    found = hashtag_totals(path, 1).set_index("hashtag")["posts"]
    assert found.to_dict() == {"alpha": 31, "beta": 7}


@pytest.mark.parametrize("count", ["-15", "1e3", "many", ""])
def test_a_total_that_is_none_is_refused(tmp_path: Path, count: str) -> None:
    with pytest.raises(InputError, match=r"line 3, column count: .* It must be a whole number"):
        hashtag_totals(table(tmp_path, f"hashtag,count\nalpha,2\nbeta,{count}\n"), 1)


def test_a_creation_day_with_the_month_first_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, "account_creation_date\n2019-06-01\n06/01/2019\n")
    with pytest.raises(
        InputError, match="line 3, column account_creation_date: a text of 10 characters"
    ):
        read_accounts(path)


@pytest.mark.parametrize("above", ["\n\n", ",,\n", " , \n\n", "\ufeff\ufeff"])
def test_blanks_above_the_header_do_not_count(tmp_path: Path, above: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(above + "date,title\n2019-06-01,x\n", encoding="utf-8")
    table = read_rows(str(path))
    assert table.columns == ["date", "title"]
    assert table.rows == [{"date": "2019-06-01", "title": "x"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date;title;topic\n2019-06-01;a, b;c\n", "its cells are divided by ';', not by commas"),
        ("date\ttitle\ttopic\n2019-06-01\ta\tb\n", "divided by '\\t', not by commas"),
        ("sep=,\ndate,title\n", "remove the first line, sep=; only Excel reads it"),
        ("date,title,topic\n2019-06-01,“a, b”\n", "line 2: a cell begins with “, a quotation mark"),
    ],
)
def test_what_spreadsheets_and_text_editors_write_is_named(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as problem:
        read_rows(str(path))
    assert said in str(problem.value)


def test_a_long_cell_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"date,title\n2019-06-01,{'x' * 200_000}\n")
    assert len(read_rows(str(path)).rows[0]["title"]) == 200_000
