"""How a value computed stands to the published one, and what a wrong chart got wrong."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT

from takedown.claims.page import render_claims
from takedown.claims.question import Data
from takedown.claims.table import Claim
from takedown.claims.verdicts import (
    bars_table,
    claims_table,
    compare,
    contradictions,
    judge,
    judge_one,
)
from takedown.io.tables import read_table, write_table

HOURS = [1, 0, 5, 9, 2, 0, 7, 3]


def claim(value: str, **cells: object) -> Claim:
    blank = dict.fromkeys(Claim.__dataclass_fields__, "") | {"tolerance": 0.0, "bars": {}}
    fields = {"id": "a", "campaign": "mine", "quantity": "posts", "relation": "equals"}
    return Claim(**(blank | fields | {"unit": "posts", "value": value} | cells))


def chart(of: str, bars: dict[str, float], **cells: object) -> Claim:
    return claim("bars.csv", quantity="posts_by", of=of, bars=bars, **cells)


def data(days: int = 3, weight: int = 3) -> Data:
    """Counts of posts at some hours (UTC) of some days, each row standing for ``weight`` posts."""
    rows = [
        (f"2020-01-{day + 1:02d}T{3 * at:02d}:30", "zh" if at % 2 else "en", count * weight)
        for day in range(days)
        for at, count in enumerate(HOURS)
        if count
    ]
    frame = pl.DataFrame(rows, schema=["time", "language", "posts"], orient="row")
    return Data.of_counts(
        frame.lazy().with_columns(pl.col("time").str.to_datetime(time_zone="UTC"))
    )


TOTAL = 3 * 3 * sum(HOURS)


@pytest.mark.parametrize(
    ("value", "cells", "found", "holds", "difference"),
    [
        ("10", {}, 10, True, 0),
        ("10", {}, 11, False, 1),
        ("10", {"tolerance": 1.0}, 11, True, 1),
        ("78.5", {"tolerance": 0.05}, 78.55, True, 0.05),
        ("78.5", {"tolerance": 0.05}, 78.551, False, 0.051),
        ("10", {"relation": "above"}, 10, False, 0),
        ("10", {"relation": "above"}, 10.5, True, 0.5),
        ("10", {"relation": "below"}, 10, False, 0),
        ("10", {"relation": "below"}, 9, True, -1),
        ("73..75", {"relation": "within"}, 75, True, None),
        ("73..75", {"relation": "within"}, 75.1, False, None),
        ("2020-04", {"unit": "date"}, "2020-04-17 07:13", True, None),
        ("2020-04-17 07:13", {"unit": "date"}, "2020-04-17 07:13", True, None),
        ("2020-04-17", {"unit": "date"}, "2020-04-18", False, None),
        ("2020-04-17", {"unit": "date", "tolerance": 1.0}, "2020-04-18", True, 1),
        ("2020-04-17", {"unit": "date", "tolerance": 1.0}, "2020-04-15", False, -2),
        (
            "2020-04-05..2020-04-17",
            {"unit": "date", "relation": "within"},
            "2020-04-17",
            True,
            None,
        ),
        (
            "2020-04-05..2020-04-17",
            {"unit": "date", "relation": "within"},
            "2020-04-18",
            False,
            None,
        ),
        ("2020-04..2020-05", {"unit": "date", "relation": "within"}, "2020-05-31", True, None),
        ("2020-04-17", {"unit": "date", "tolerance": 1.0}, "none", False, None),
        ("2019-01-01", {"unit": "date", "relation": "above"}, "2020-02-01 10:00", True, None),
        ("2019-01", {"unit": "date", "relation": "below"}, "2018-12-31", True, None),
        ("2019-01", {"unit": "date", "relation": "below"}, "2019-01-31", False, None),
        ("2020-02", {"unit": "date"}, "2020-02 to 2020-02", False, None),
        ("2020-02 to 2020-03", {"unit": "date"}, "2020-02 to 2020-03", True, None),
        ("2020-02-15", {"unit": "date", "tolerance": 20.0}, "2020-02", False, None),
        ("香港", {"unit": "hashtag"}, "香港", True, None),
        ("香港", {"unit": "hashtag"}, "香港加油", False, None),
    ],
)
def test_a_comparison(
    value: str, cells: dict, found: object, holds: bool, difference: float | None
) -> None:
    verdict, off = compare(claim(value, **cells), found)
    assert verdict is holds
    assert off == (None if difference is None else pytest.approx(difference))


def test_both_values_and_their_difference_are_said() -> None:
    found = judge_one(claim(str(TOTAL + 1)), {"mine": data()})
    assert (found.verdict, found.computed, found.difference) == ("differs", str(TOTAL), -1)
    words = f"published {TOTAL + 1}, computed {TOTAL}, a difference of -1 posts"
    assert (found.why, found.rows) == (words, TOTAL)


def test_what_is_not_there_is_not_guessed() -> None:
    known = {"mine": data(), "totals": "its posts are not in the study"}
    missing = judge_one(claim("1", campaign="mine other"), known)
    assert (missing.verdict, missing.why) == ("needs the archive", "other: not in this study")
    totals = judge_one(claim("1", campaign="totals"), known)
    assert totals.why == "totals: its posts are not in the study"
    likes = judge_one(claim("1", quantity="sum_over_posts", of="like_count"), known)
    assert likes.verdict == "not computable from this input"
    assert "no column like_count" in likes.why
    outside = judge_one(claim("1", quantity="outside_the_archive", of="not released"), {})
    assert (outside.verdict, outside.why) == ("not computable from this input", "not released")


def test_a_reduced_column_is_not_taken_for_the_released_one(tmp_path: Path) -> None:
    frame = data().posts.with_columns(tweet_text=pl.lit("army"))
    reduced = Data(frame, blanked=frozenset({"tweet_text"}))
    asked = claim("1", where="tweet_text LIKE 'RT @%'")
    assert judge_one(asked, {"mine": Data(frame)}).verdict == "differs"
    found = judge_one(asked, {"mine": reduced})
    assert found.verdict == "not computable from this input"
    assert "tweet_text is not in it as released" in found.why


def test_campaigns_are_taken_together() -> None:
    both = claim(str(2 * TOTAL), campaign="mine yours")
    assert judge_one(both, {"mine": data(), "yours": data()}).verdict == "reproduced"


def test_sources_that_contradict_one_another_stay_side_by_side() -> None:
    claims = [claim(str(TOTAL)), claim(str(TOTAL + 1), id="b"), claim(str(TOTAL), id="c")]
    claims.append(claim("4", id="d", where="tweet_language = 'zh'"))
    table = claims_table(judge(claims, {"mine": data()})).set_index("id")
    assert table["contradicts"].to_dict() == {"a": "b", "b": "a c", "c": "b", "d": ""}
    assert table["verdict"].to_dict() == {
        "a": "reproduced",
        "b": "differs",
        "c": "reproduced",
        "d": "differs",
    }


def by_hour(weight: float = 9) -> dict[str, float]:
    return {str(3 * at): count * weight for at, count in enumerate(HOURS) if count}


def why(published: Claim, **settings: int) -> str:
    return judge_one(published, {"mine": data(**settings)}).why


def test_a_right_chart_is_reproduced() -> None:
    found = judge_one(chart("hour", by_hour()), {"mine": data()})
    assert (found.verdict, found.computed) == ("reproduced", "6 of 6 bars agree")


def test_the_bars_that_differ_are_named() -> None:
    bars = by_hour() | {"9": 80.0}
    words = why(chart("hour", bars))
    assert words == "5 of 6 bars agree; differing: 9 (published 80, computed 81)"
    many = {label: value + 1 for label, value in by_hour().items()}
    assert "and 1 more" in why(chart("hour", many))
    assert judge_one(chart("hour", bars, tolerance=1.0), {"mine": data()}).verdict == "reproduced"


def test_a_value_that_was_ignored_is_recognised() -> None:
    rows = {"en": 12.0, "zh": 6.0}  # of four and two hours, on three days
    assert why(chart("tweet_language", rows)).endswith("the values were not added up")


def test_another_zone_is_recognised() -> None:
    beijing = {str((int(hour) + 8) % 24): count for hour, count in by_hour().items()}
    words = why(chart("hour", beijing))
    # Hours of a day are shifted, too: both would give these bars.
    assert words.endswith(
        "each value stands 8 too late; or they are counted in another time zone: UTC+8"
    )
    assert judge_one(
        chart("hour", beijing, timezone="Asia/Shanghai"), {"mine": data()}
    ).verdict == ("reproduced")


def test_shifted_labels_are_recognised() -> None:
    days = {f"2020-01-{day:02d}": 10.0 * day for day in range(1, 8)}
    rows = [(f"{day}T05:00", "zh", int(count)) for day, count in days.items()]
    frame = pl.DataFrame(rows, schema=["time", "language", "posts"], orient="row").lazy()
    counted = Data.of_counts(frame.with_columns(pl.col("time").str.to_datetime(time_zone="UTC")))
    later = dict(zip(days, [0.0, *list(days.values())[:-1]], strict=True))
    found = judge_one(chart("day", later), {"mine": counted})
    assert found.why.endswith("the labels are shifted: each value stands 1 too late")
    earlier = dict(zip(days, [*list(days.values())[1:], 0.0], strict=True))
    found = judge_one(chart("day", earlier), {"mine": counted})
    assert found.why.endswith("the labels are shifted: each value stands 1 too early")
    cut = days | {"2020-01-06": 5.0, "2020-01-07": 0.0}
    found = judge_one(chart("day", cut), {"mine": counted})
    assert found.why.endswith(
        "they agree from 2020-01-01 to 2020-01-05 and are lower outside: a period was cut off"
    )
    scattered = days | {"2020-01-02": 5.0, "2020-01-05": 0.0}
    assert "; they" not in judge_one(chart("day", scattered), {"mine": counted}).why


def test_a_chart_of_days_that_ends_too_soon_is_not_reproduced() -> None:
    days = {f"2020-01-{day:02d}": 10.0 + day for day in range(1, 11)}
    rows = [(f"{day}T12:00", "zh", int(count)) for day, count in days.items()]
    frame = pl.DataFrame(rows, schema=["time", "language", "posts"], orient="row").lazy()
    counted = Data.of_counts(frame.with_columns(pl.col("time").str.to_datetime(time_zone="UTC")))
    short = dict(list(days.items())[:6])
    found = judge_one(chart("day", short), {"mine": counted})
    assert (found.verdict, found.computed) == ("differs", "6 of 10 bars agree")
    assert found.why.endswith("are lower outside: a period was cut off")
    assert bars_table([found])["label"].tolist() == list(days)
    assert bars_table([found])["agrees"].tolist() == [True] * 6 + [False] * 4
    languages = judge_one(chart("tweet_language", {"zh": 155.0}), {"mine": counted})
    assert languages.verdict == "reproduced", "any other chart may show the largest only"


def test_a_day_too_late_is_not_taken_for_another_zone() -> None:
    days = {f"2020-01-{day:02d}": 10.0 + day * day for day in range(1, 9)}
    rows = [(f"{day}T12:00", "zh", int(count)) for day, count in days.items()]
    frame = pl.DataFrame(rows, schema=["time", "language", "posts"], orient="row").lazy()
    counted = Data.of_counts(frame.with_columns(pl.col("time").str.to_datetime(time_zone="UTC")))
    later = {f"2020-01-{day + 1:02d}": 10.0 + day * day for day in range(1, 9)}
    words = judge_one(chart("day", later), {"mine": counted}).why
    assert "the labels are shifted: each value stands 1 too late" in words


def test_claims_that_can_both_be_right_do_not_contradict_one_another() -> None:
    def others(*claims: Claim) -> list[str]:
        return list(contradictions(claims)["a"])

    shares = {"quantity": "share_of_posts", "of": "hour > 1", "unit": "percent"}
    assert not others(
        claim("78", tolerance=0.5, **shares), claim("78.5", id="b", tolerance=0.05, **shares)
    )
    assert others(claim("78", **shares), claim("78.5", id="b", tolerance=0.05, **shares)) == ["b"]
    dates = {"quantity": "first_post", "unit": "date"}
    assert not others(claim("2018-01", **dates), claim("2018-01-11 09:29", id="b", **dates))
    assert others(claim("2018-02", **dates), claim("2018-01-11", id="b", **dates)) == ["b"]
    outside = {"quantity": "outside_the_archive", "of": "live"}
    assert not others(claim("1", **outside), claim("2", id="b", **outside))


def test_the_tables_keep_their_contract(tmp_path: Path) -> None:
    findings = judge(
        [claim("1"), chart("hour", by_hour(), id="b"), claim("2", campaign="x", id="c")],
        {"mine": data()},
    )
    write_table(claims_table(findings), tmp_path / "claims.csv")
    write_table(bars_table(findings), tmp_path / "claims_charts.csv")
    table = read_table(tmp_path / "claims.csv")
    assert list(table.columns)[:7] == [
        *("id", "campaign", "published", "computed", "tolerance", "verdict", "why")
    ]
    assert read_table(tmp_path / "claims_charts.csv")["label"].tolist() == list(by_hour())
    write_table(claims_table([]), tmp_path / "claims.csv")
    assert read_table(tmp_path / "claims.csv").empty


def test_the_page_explains_every_claim() -> None:
    findings = judge(
        [
            claim(
                "1", statement="<b>One</b> post.", url="https://example.org/a", note="read twice"
            ),
            claim("2", id="b"),
            chart("hour", by_hour() | {"9": 80.0}, id="c"),
        ],
        {"mine": data()},
    )
    page = render_claims("A study", findings, ROOT / "workflow/templates/claims.html.j2")
    for words in (
        'id="a"',
        "&lt;b&gt;One&lt;/b&gt; post.",
        'href="https://example.org/a"',
        "posts: Posts. Rows, not lines",
        f"{TOTAL:,} posts",
        'contradicts</th><td><a href="#b">b</a>',
        "read twice",
        "reproduced: 0, differs: 3",
        '<td>9</td><td class="n">80</td><td class="n">81</td><td>no</td>',
    ):
        assert words in page
