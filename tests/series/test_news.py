"""News events and attention: dated, ordered, numbered, or refused with file, line and column."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from takedown.errors import InputError
from takedown.io.tables import read_table, write_table
from takedown.series.news import attention_within, place_events, read_attention, read_events

ROOT = Path(__file__).parents[2]
STUDY = pd.date_range("2019-06-01", "2019-06-30")
MODELLED = STUDY[4:25]


def write(folder: Path, text: str, name: str = "events.csv", encoding: str = "utf-8") -> str:
    path = folder / name
    path.write_text(text, encoding=encoding, newline="")
    return str(path)


def test_events_are_sorted_by_day_and_title(tmp_path: Path) -> None:
    first = write(tmp_path, "title,date\nc,2019-06-09\nb,2019-06-01\n", "one.csv")
    second = write(tmp_path, "date,title,topic\n2019-06-01,a,army\n", "two.csv")
    events = read_events([first, second], [])
    assert events["title"].to_list() == ["a", "b", "c"]
    assert events["topic"].to_list() == ["army", "", ""]
    assert events["date"].to_list() == ["2019-06-01", "2019-06-01", "2019-06-09"]


def test_events_of_the_topics_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "date,title,topic\n2019-06-01,a,x\n2019-06-02,b,y\n2019-06-03,c,\n")
    assert read_events([path], ["y", "x"])["title"].to_list() == ["a", "b"]
    assert len(read_events([path], [])) == 3


def test_a_topic_that_no_event_has_is_named(tmp_path: Path) -> None:
    """Or a typo would leave a campaign without events, and no one the wiser."""
    path = write(tmp_path, "date,title,topic\n2019-06-01,a,hong_kong\n2019-06-02,b,\n")
    with pytest.raises(InputError, match=r"'hongkong'.*Did you mean 'hong_kong'") as problem:
        read_events([path], ["hongkong"])
    assert path in str(problem.value)


def test_the_address_stands_in_for_the_source(tmp_path: Path) -> None:
    path = write(tmp_path, "date,title,url\n2019-06-01,a,https://x.org\n")
    assert read_events([path], [])["source"].to_list() == ["https://x.org"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "date,title\n2019-06-01,a\n2019-06-31,b\n",
            "line 3, column date: a text of 10 characters is no day",
        ),
        ("date,title\n,a\n", "line 2, column date: an empty cell is no day"),
        ("date;title\n2019-06-01;a\n", "its cells are divided by ';'"),
        ("Date,Title\n2019-06-01,a\n", "no column 'date' among its 2. Did you mean 'Date'?"),
        (
            "date,title\n01.06.2019,a\n",
            "line 2, column date: a number of 10 characters is no day. Write days as",
        ),
        ("date,title\n20190601,a\n", "line 2, column date: a number of 8 characters is no day"),
        ("date,title\n2019-W23-6,a\n", "line 2, column date: a text of 10 characters is no day"),
        (
            "date,end_date,title\n2019-06-01,,a\n2019-06-02,June,b\n",
            "line 3, column end_date: a text of 4 characters is no day",
        ),
        (
            "day,title\n2019-06-01,a\n",
            "no column 'date' among its 2. Needed are date, title",
        ),
        ("date,name\n2019-06-01,a\n", "no column 'title'"),
        (
            "date,title\n\n2019-06-01,a\n2019-06-31,b\n",
            "line 4, column date: a text of 10 characters",
        ),
        (
            'date,title\n2019-06-01,"two\nlines"\n2019-06-31,b\n',
            "line 4, column date: a text of 10 characters",
        ),
        ("", "empty"),
        ("date,title\n2019-06-01,a\n2019-06-02, \n", "line 3, column title: empty. Say what"),
        ("date,title\n2019-06-01,a,too,many\n", "line 2: 4 fields instead of 2"),
    ],
)
def test_an_event_calendar_that_cannot_be_read(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as problem:
        read_events([path], [])
    assert str(problem.value).startswith(path)
    assert words in str(problem.value)


def test_a_calendar_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "date,title\n2019-06-01,Café\n", encoding="latin-1")
    with pytest.raises(InputError, match=r"events\.csv.*UTF-8"):
        read_events([path], [])


@pytest.mark.parametrize("text", ["\ufeffdate,title\n2019-06-01,a\n", "date,title\r\n2019-06-01,a"])
def test_a_calendar_saved_by_a_spreadsheet(tmp_path: Path, text: str) -> None:
    events = read_events([write(tmp_path, text)], [])
    assert events[["date", "title"]].to_numpy().tolist() == [["2019-06-01", "a"]]


def placed(folder: Path, events: pd.DataFrame) -> pd.DataFrame:
    """``series/events.csv``, through the file."""
    (folder / "series").mkdir(exist_ok=True)
    write_table(place_events(events, STUDY, MODELLED), folder / "series/events.csv")
    return read_table(folder / "series/events.csv")


def test_events_are_numbered_inside_the_study_window_alone(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "date,title,end_date\n2019-05-31,before,\n2019-06-01,first,2019-06-02\n"
        "2019-06-05,model,\n2019-06-05,same day,\n2019-06-25,last of the model,\n"
        "2019-06-26,late,\n2019-06-30,last,\n2019-07-01,after,\n",
    )
    found = placed(tmp_path, read_events([path], []))
    outside, between = "outside the study window", "outside the estimation window"
    assert found["number"].astype(object).where(found["number"].notna(), None).to_list() == [
        None, 1, 2, 3, 4, 5, 6, None,
    ]  # fmt: skip
    assert found["place"].to_list() == [
        outside, between, "modelled", "modelled", "modelled", between, between, outside,
    ]  # fmt: skip
    assert found["event"].to_list() == [f"E{number:02d}" for number in range(1, 9)]
    assert found["end_date"].isna().sum() == 7
    assert found["end_date"][1] == "2019-06-02"


def test_a_calendar_may_name_its_events(tmp_path: Path) -> None:
    path = write(tmp_path, "date,title,event_id\n2019-06-05,a,X1\n2019-06-06,b,\n")
    assert placed(tmp_path, read_events([path], []))["event"].to_list() == ["X1", "E02"]


def test_names_of_events_never_stand_for_two(tmp_path: Path) -> None:
    path = write(tmp_path, "date,title,event_id\n2019-06-05,a,E02\n2019-06-06,b,\n")
    assert placed(tmp_path, read_events([path], []))["event"].is_unique


@pytest.mark.parametrize("text", [None, "date,title\n"])
def test_no_events(tmp_path: Path, text: str | None) -> None:
    events = read_events([write(tmp_path, text)] if text else [], [])
    found = placed(tmp_path, events)
    assert len(found) == 0
    assert list(found) == [
        "number", "event", "date", "end_date", "title", "topic", "anticipated", "source", "place",
    ]  # fmt: skip


def test_the_topics_of_the_catalogue_are_those_of_its_calendars() -> None:
    with (ROOT / "resources/archives.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            paths = [str(ROOT / path) for path in row["events"].split()]
            topics = set(read_events(paths, [])["topic"])
            assert set(row["event_topics"].split()) <= topics, row["archive_id"]


@pytest.mark.parametrize("name", ["events_thailand", "events_china"])
def test_the_committed_calendars(name: str) -> None:
    events = read_events([str(ROOT / f"resources/news/{name}.csv")], [])
    assert len(events) > 10
    assert (events["source"] != "").all()


# Attention


def test_attention_is_named_by_its_column_or_its_file(tmp_path: Path) -> None:
    first = write(tmp_path, "date,value\n2019-06-02,5\n2019-06-01,1.5\n", "page views.csv")
    second = write(tmp_path, "series,date,value\nRain,2019-05-31,3\nRain,2019-06-30,4\n", "b.csv")
    table = attention_within(read_attention([first, second]), STUDY)
    (tmp_path / "series").mkdir()
    write_table(table, tmp_path / "series/attention.csv")
    assert read_table(tmp_path / "series/attention.csv").to_numpy().tolist() == [
        ["2019-06-30", "Rain", 4.0],
        ["2019-06-01", "page views", 1.5],
        ["2019-06-02", "page views", 5.0],
    ]


@pytest.mark.parametrize("texts", [[], ["date,value\n"], ["date,value\n2001-01-01,5\n"]])
def test_no_attention_is_an_empty_table(tmp_path: Path, texts: list[str]) -> None:
    paths = [write(tmp_path, text) for text in texts]
    (tmp_path / "series").mkdir()
    table = attention_within(read_attention(paths), STUDY)
    write_table(table, tmp_path / "series/attention.csv")
    assert (tmp_path / "series/attention.csv").read_text() == "date,series,value\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "date,value\n2019-06-01,1\n2019-06-02,many\n",
            "line 3, column value: a text of 4 characters is no number",
        ),
        ("date,value\n2019-06-01,\n", "line 2, column value: an empty cell is no number"),
        (
            "date,value\n2019-06-01,inf\n",
            "line 2, column value: a text of 3 characters is no number",
        ),
        ("date,value\n2019-6-1,1\n", "line 2, column date: a text of 8 characters is no day"),
        ("date,value\n20190601,1\n", "line 2, column date: a number of 8 characters is no day"),
        (
            "date,views\n2019-06-01,1\n",
            "no column 'value' among its 2. Needed are date, value",
        ),
        ("day,value\n2019-06-01,1\n", "no column 'date'"),
        ("", "empty"),
    ],
)
def test_attention_that_cannot_be_read(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as problem:
        read_attention([path])
    assert str(problem.value).startswith(path)
    assert words in str(problem.value)


@pytest.mark.parametrize(
    ("header", "name"),
    [("date,title,End_Date", "End_Date"), ("date,title,end date", "end date"),
     ("date,title,anticpated", "anticpated"), ("date,title,Topic", "Topic")],
)  # fmt: skip
def test_a_column_of_nearly_the_right_name_is_not_left_unread(
    tmp_path: Path, header: str, name: str
) -> None:
    path = tmp_path / "events.csv"
    path.write_text(f"{header}\n2019-06-01,a,\n")
    with pytest.raises(InputError, match=f"the column '{name}' would not be read. Write"):
        read_events([str(path)], [])


def test_an_event_counts_once_however_often_it_is_named(tmp_path: Path) -> None:
    path, again = tmp_path / "events.csv", tmp_path / "again.csv"
    path.write_text("date,title\n2019-06-01,a\n2019-06-01,a\n2019-06-01,b\n2019-06-02,a\n")
    again.write_text(path.read_text())
    assert len(read_events([str(path), str(path), str(again)], [])) == 3


def test_more_events_than_can_be_told_apart_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("date,title\n" + "".join(f"2019-06-01,{n}\n" for n in range(501)))
    with pytest.raises(InputError, match="501 events; a calendar has at most 500"):
        read_events([str(path)], [])


@pytest.mark.parametrize(
    "ids", [["E1", "E1", "E1_2", ""], ["", "E01", "E01_2"], ["x", "x", "x", "x_2", "x_2"]]
)
def test_no_two_events_share_a_name(tmp_path: Path, ids: list[str]) -> None:
    path = tmp_path / "events.csv"
    rows = [f"2019-06-{day:02d},t{day},{name}\n" for day, name in enumerate(ids, 1)]
    path.write_text("date,title,event_id\n" + "".join(rows))
    days = pd.date_range("2019-05-01", "2019-07-01")
    table = place_events(read_events([str(path)], []), days, days)
    assert table["event"].is_unique
