"""The explorer's data, its chart, and the pictures of the page."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from takedown.figures.colours import SERIES
from takedown.report import explorer

EVIL = '</script><b>"&'
DAYS = pd.date_range("2019-06-01", periods=60)
EVENTS = pd.DataFrame(
    {
        "number": [1, None],
        "event": ["E1", "E2"],
        "date": ["2019-06-20", "2021-01-01"],
        "title": [EVIL, "outside"],
    }
)


def daily(*names: str) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    means = np.linspace(90, 10, len(names))
    columns = {name: rng.poisson(mean, 60) for name, mean in zip(names, means, strict=True)}
    return pd.DataFrame(columns, index=DAYS)


def made(table: pd.DataFrame) -> dict:
    return explorer.explorer(table, DAYS[10:50], EVENTS, {}, {"army": "Army"}, "Asia/Bangkok")


def test_the_data_are_the_days_of_the_series_and_the_events_on_them() -> None:
    table = daily("all", "topic:army", "lang:th", "group:control")
    found = made(table)
    assert (found["start"], found["from"], found["to"]) == (
        "2019-06-01",
        "2019-06-01",
        "2019-07-30",
    )
    assert [one["label"] for one in found["series"]] == ["All posts", "Army", "language th"]
    assert [one["shown"] for one in found["series"]] == [True, True, False]
    for one in found["series"]:
        assert one["posts"] == table[one["name"]].tolist()
        assert one["mean"] == pytest.approx(table[one["name"]].iloc[10:50].mean())
    assert [one["event"] for one in found["events"]] == ["E1"]


def test_no_more_series_than_colours_and_the_largest_first() -> None:
    names = ["all", *(f"lang:{letter}" for letter in "abcdefghijkl"), "lang:none"]
    table = daily(*names).assign(**{"lang:none": 0})
    shown = explorer.series_shown(table)
    assert shown == names[: len(SERIES)]
    assert "lang:none" not in explorer.series_shown(daily("all", "lang:none") * [1, 0])


@pytest.mark.usefixtures("may_take_long")
def test_nothing_in_the_data_ends_its_script() -> None:
    text = explorer.as_json(made(daily("all", "lang:th")))
    assert "<" not in text
    assert json.loads(text)["events"][0]["title"] == EVIL
    assert "</script" not in explorer.bundle()
    with pytest.raises(ValueError, match="not JSON compliant"):
        explorer.as_json({"mean": float("nan")})


def test_the_estimates_of_an_event_keep_their_verdicts() -> None:
    rest = {"lower": 0.5, "upper": 4.0, "p_value": 0.04, "calibrated": "no"}
    effect = {
        "event": "E1",
        "effect": "days_0_2",
        "method": "log1p_dates",
        "rate_ratio": 2.0,
    } | rest
    level = {"event": "E1", "method": "negbin_hac", "estimate": 3.0} | rest
    placebo = {"event": "E1", "statistic": "days_0_2", "null": "free_redraw", "q_value": 0.2} | rest
    words = {"days_0_2": "days 0 to +2"}
    found = explorer.event_estimates(
        [effect], [placebo, placebo | {"statistic": "lead_7_1"}], [level], words
    )
    assert [one["what"] for one in found["E1"]] == [
        "days 0 to +2, log1p dates",
        "lasting change of level, negbin hac",
        "days 0 to +2, randomisation p over quiet dates",
    ]
    assert [one.get("ratio") for one in found["E1"]] == [2.0, 3.0, None]
    assert {one["calibrated"] for one in found["E1"]} == {"no"}
    assert found["E1"][2]["q_value"] == 0.2


def test_the_chart_is_the_same_every_time_and_holds_no_data() -> None:
    first, again = explorer.chart(), explorer.chart()
    assert json.dumps(first) == json.dumps(again)
    assert "datasets" not in first
    assert {param["name"]: param["views"] for param in first["params"]} == {
        "hover": ["by_day_0"],
        "brush": ["overview"],
    }
    names = {
        layer["data"]["name"] for view in first["vconcat"] for layer in view.get("layer", [view])
    }
    assert names == {"days", "dates", "events", "focus"}


def test_pictures_are_those_of_the_files_until_the_page_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = []
    for number in range(3):
        noise = np.random.default_rng(number).integers(0, 255, (90, 120, 3), dtype=np.uint8)
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(noise).save(paths[-1])
    found = explorer.pictures(paths)
    assert found == explorer.pictures(paths)
    for address in found:
        kind, data = address.split(",")
        assert kind == "data:image/webp;base64"
        assert Image.open(io.BytesIO(base64.b64decode(data))).size == (80, 60)
    monkeypatch.setattr(explorer, "PICTURE_BYTES", len(found[0]) + 1)
    assert explorer.pictures(paths) == [found[0], "", ""]
