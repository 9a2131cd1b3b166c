"""A claims file is read strictly: what is wrong, where, and what to do."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from conftest import ROOT

from takedown.archives.catalogue import read_catalogue
from takedown.claims.table import CELLS, claims_on, read_claims
from takedown.errors import InputError

OURS = ROOT / "resources/claims.csv"
GOOD = {
    "id": "a-1",
    "campaign": "mine",
    "quantity": "posts",
    "relation": "equals",
    "value": "348608",
    "tolerance": "0",
    "unit": "posts",
    "statement": "There are 348,608 posts.",
}
BARS = "label,value\nzh,3\nen,2\n"


def write(path: Path, *rows: dict[str, str], columns: list[str] = CELLS) -> str:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def test_the_claims_that_come_with_the_workflow_can_be_read() -> None:
    claims = read_claims(str(OURS))
    known = {*read_catalogue(ROOT / "resources/archives.csv"), "china_hk_2019"}
    assert {name for claim in claims for name in claim.campaigns} <= known
    assert len(claims) >= 166
    assert all(claim.publisher and claim.source_title for claim in claims)
    assert "../" not in OURS.read_text(encoding="utf-8")


def test_a_claim_has_its_cells(tmp_path: Path) -> None:
    (claim,) = read_claims(write(tmp_path / "c.csv", GOOD | {"where": "tweet_language = 'zh'"}))
    assert (claim.id, claim.campaigns, claim.tolerance) == ("a-1", ["mine"], 0)
    assert claims_on([claim], ["mine", "other"]) == [claim]
    assert claims_on([claim], ["other"]) == []


def test_a_chart_lies_beside_its_claims_file(tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_text(BARS)
    cells = {"quantity": "posts_by", "of": "tweet_language", "value": "bars.csv"}
    (claim,) = read_claims(write(tmp_path / "c.csv", GOOD | cells))
    assert claim.bars == {"zh": 3, "en": 2}
    assert Path(claim.chart) == tmp_path / "bars.csv"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            {"quantity": "post"},
            ["column quantity", "is unknown", "Did you mean 'posts'?"],
        ),
        ({"unit": "accounts"}, ["column unit", "posts is in posts", "Convert"]),
        ({"unit": ""}, ["column unit", "posts is in posts"]),
        ({"quantity": "sum_over_posts", "of": "like_count", "unit": ""}, ["has to be named"]),
        ({"tolerance": "exact"}, ["column tolerance", "is no number", "column note"]),
        ({"tolerance": "nan"}, ["column tolerance", "is no number"]),
        ({"tolerance": "-1"}, ["column tolerance", "below 0"]),
        (
            {"value": "348,608"},
            ["column value", "is no number", "without separators"],
        ),
        ({"value": ""}, ["column value: empty"]),
        ({"statement": ""}, ["column statement: empty"]),
        ({"campaign": ""}, ["column campaign: empty"]),
        ({"id": "a 1"}, ["column id: a text of 3 characters"]),
        ({"relation": "about"}, ["column relation", "is none of equals, above"]),
        ({"relation": "within"}, ["column value", "no range such as 73..75"]),
        ({"timezone": "Asia/Shangai"}, ["column timezone", "Did you mean 'Asia/Shanghai'?"]),
        ({"where": "language = 'zh'"}, ["column where", "no column 'language'", "Known are"]),
        ({"where": "tweet_lang = 'zh'"}, ["Did you mean 'tweet_language'?"]),
        ({"where": "tweet_language = "}, ["column where", "is no SQL expression"]),
        ({"where": "SELECT 1"}, ["column where", "is no SQL expression"]),
        ({"where": "read_csv('x')"}, ["column where", "is no SQL expression"]),
        ({"where": "1 = 1"}, ["column where", "names no column"]),
        ({"where": "tweet_time >= '2020-02-03'"}, ["does not fit its columns"]),
        ({"where": "hashtags = 'x'"}, ["does not fit its columns"]),
        ({"where": "like_count + 1"}, ["is no condition"]),
        ({"of": "like_count"}, ["column of", "takes nothing there"]),
        ({"quantity": "distinct_in_posts", "of": "tweet_time, x"}, ["column of", "'x'"]),
        ({"quantity": "busiest_hours", "of": "two", "unit": "hours of the day"}, ["no number"]),
        ({"quantity": "local_peak", "of": "2020-01", "unit": "date"}, ["column of", "no period"]),
        (
            {"quantity": "local_peak", "of": "2020-02-03..2020-02-01", "unit": "date"},
            ["no period"],
        ),
        ({"quantity": "local_peak", "of": "2020-02-03..2020-02-31", "unit": "date"}, ["no period"]),
        (
            {
                "quantity": "ratio_of_daily_means",
                "of": "2020-01..2020-02 / 2019-11..2019-12",
                "unit": "ratio",
            },
            ["no two periods"],
        ),
        ({"quantity": "share_of_posts", "of": "like_count", "unit": "percent"}, ["no condition"]),
        ({"quantity": "most_used_hashtag", "unit": "hashtag", "relation": "above"}, ["by equals"]),
        (
            {"quantity": "first_post", "unit": "date", "value": "2020-02-30", "tolerance": "1"},
            ["a text of 10 characters is no day"],
        ),
        ({"quantity": "first_post", "unit": "date", "value": "17.4.2020"}, ["is no date"]),
        (
            {"quantity": "first_post", "unit": "date", "value": "2020-04", "tolerance": "1"},
            ["a text of 7 characters is no day"],
        ),
        ({"quantity": "posts_by", "of": "day"}, ["is a chart", "name a CSV beside"]),
        ({"quantity": "posts_by", "of": "day", "value": "none.csv"}, ["none.csv", "no such file"]),
        (
            {"quantity": "posts_by", "of": "day", "value": "twice.csv"},
            ["line 3", "stands there tw"],
        ),
        ({"quantity": "posts_by", "of": "day", "value": "word.csv"}, ["line 2, column value"]),
        ({"quantity": "posts_by", "of": "day", "value": "empty.csv"}, ["without bars"]),
        ({"quantity": "posts_by", "of": "day", "value": "other.csv"}, ["no column 'label'"]),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, cells: dict[str, str], said: list[str]
) -> None:
    (tmp_path / "twice.csv").write_text("label,value\nzh,3\nzh,2\n")
    (tmp_path / "word.csv").write_text("label,value\nzh,many\n")
    (tmp_path / "empty.csv").write_text("label,value\n")
    (tmp_path / "other.csv").write_text("name,value\nzh,2\n")
    path = write(tmp_path / "c.csv", GOOD | {"id": "a-0"}, GOOD | cells)
    with pytest.raises(InputError) as problem:
        read_claims(path)
    message = str(problem.value)
    for words in said:
        assert words in message
    if "value" not in cells or not cells["value"].endswith(".csv"):
        assert f"{path}, line 3, column" in message


def test_an_id_stands_once(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", GOOD, GOOD | {"id": "b"}, GOOD)
    with pytest.raises(InputError, match=r"line 4, column id: stands in line 2 already"):
        read_claims(path)


def test_a_missing_column_or_file_is_named(tmp_path: Path) -> None:
    columns = [name for name in CELLS if name != "tolerance"]
    with pytest.raises(InputError, match="no column 'tolerance'"):
        read_claims(write(tmp_path / "c.csv", GOOD, columns=columns))
    with pytest.raises(InputError, match=r"no file at 'nowhere\.csv'"):
        read_claims("nowhere.csv")
