"""Calibration: how often each estimator errs, and what it notices, a column per setting."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from captions import caption_of, save
from drawn import assert_apart, assert_inside, lay_out
from matplotlib.colors import to_hex

from takedown.figures import colours, style
from takedown.figures.calibration import CURVES, curves, draw
from takedown.figures.style import Drawing

#: All of them draw, which takes longest of all that starts no process.
pytestmark = pytest.mark.usefixtures("may_take_long")

NAMES = [
    "pooled negbin_hac, days_0_6",
    "pooled log1p_shift, days_0_6",
    "pooled negbin_shift, days_0_6",
    "single log1p_dates, days_0_6",
    "interrupted log1p_dates, level",
    "naive Poisson, days_0_6",
    "change points",
    "lead_lag granger_news_to_posts_shift",
    "lead_lag peak_lag",
]
REST = "2019-11-09 to 2020-03-02, 12 event days, lead_days 7, lag_days 14, trend_days 30"
SETTINGS = [f"china_hk_2019, {REST}", f"thailand_092020, {REST}"]
RATIOS = [1.0, 1.5, 2.0, 3.0, 6.0]
BAD = {"pooled negbin_hac, days_0_6", "naive Poisson, days_0_6"}


def estimators(*settings: str) -> pd.DataFrame:
    """``calibration/estimators.csv``; the second setting has no lead and lag."""
    rows = [
        {
            "estimator": name,
            "setting": setting,
            "simulations": 1000,
            "fpr": 0.3 + place / 100 if name in BAD else 0.04 + place / 1000,
            "fpr_lower": 0.033,
            "fpr_upper": 0.069,
            "coverage": np.nan if "lag" in name else 0.95 - place / 50,
            "usable": "no" if name in BAD else "yes",
        }
        for setting in settings
        for place, name in enumerate(NAMES)
        if setting != SETTINGS[1] or "lag" not in name
    ]
    return pd.DataFrame(rows)


def power(*settings: str) -> pd.DataFrame:
    rows = [
        (name, setting, ratio, 1000, min(ratio / 6 + place / 100, 1.0), 0.95, ratio)
        for setting in settings
        for place, name in enumerate(NAMES)
        for ratio in RATIOS
        if name not in ("change points", "lead_lag peak_lag")
    ]
    columns = "estimator setting ratio simulations claimed coverage median".split()
    return pd.DataFrame(rows, columns=columns)


def recovery(*settings: str) -> pd.DataFrame:
    rows = [
        (name, setting, ratio, 1000, ratio / 6, ratio / 8, np.nan)
        for setting in settings
        for name in ("change points", "lead_lag peak_lag")
        for ratio in RATIOS[1:]
    ]
    columns = "estimator setting ratio simulations found within_1_day right_way".split()
    return pd.DataFrame(rows, columns=columns)


def drawing(*settings: str, tables: tuple[pd.DataFrame, ...] = ()) -> Drawing:
    found = draw(*(tables or (table(*settings) for table in (estimators, power, recovery))))
    lay_out(found.figure)
    return found


def upper(found: Drawing) -> list:
    """The upper panels, one per setting."""
    axes = found.figure.axes
    return axes[: len(axes) // 2]


def lower(found: Drawing) -> list:
    axes = found.figure.axes
    return axes[len(axes) // 2 :]


@pytest.mark.parametrize("settings", [SETTINGS[:1], SETTINGS], ids=["one setting", "two settings"])
def test_nothing_collides_or_is_cut_off(settings: list[str]) -> None:
    with style.styled():
        found = drawing(*settings)
        assert len(found.figure.axes) == 2 * len(settings)
        assert_inside(found.figure)
        assert_apart(found.figure)


@pytest.mark.parametrize("settings", [SETTINGS[:1], SETTINGS], ids=["one setting", "two settings"])
def test_the_csv_holds_exactly_what_is_drawn(settings: list[str], tmp_path: Path) -> None:
    with style.styled():
        found = drawing(*settings)
        save(found, tmp_path / "calibration")
        data = found.data
        for setting, errors, claims in zip(settings, upper(found), lower(found), strict=True):
            own = data[(data["setting"] == setting) & data["fpr"].notna()]
            dots, missed = errors.collections[-2:]
            places = {name: place for place, name in enumerate(NAMES)}
            shown = dots.get_offsets()[~np.isnan(np.asarray(dots.get_offsets())[:, 0])]
            np.testing.assert_allclose(np.asarray(shown)[:, 0], own["fpr"])
            assert shown[:, 1].tolist() == [places[name] for name in own["estimator"]]
            ticks = np.asarray(missed.get_offsets())[:, 0]
            np.testing.assert_allclose(ticks[~np.isnan(ticks)], 1 - own["coverage"].dropna())
            lines = {line.get_label(): line for line in claims.lines}
            for estimator, label in CURVES.items():
                curve = data[(data["setting"] == setting) & (data["estimator"] == estimator)]
                curve = curve[curve["ratio"].notna()]
                np.testing.assert_allclose(lines[label].get_xdata(), curve["ratio"])
                np.testing.assert_allclose(lines[label].get_ydata(), curve["claimed"])
    assert len(pd.read_csv(tmp_path / "calibration.csv")) == len(data)


def test_estimators_that_are_not_usable_are_grey() -> None:
    with style.styled():
        found = drawing(SETTINGS[0])
        dots = upper(found)[0].collections[-2]
        colors = [to_hex(color) for color in dots.get_facecolor()]
    expected = [colours.GREYED if name in BAD else colours.ACCENT for name in NAMES]
    assert colors == expected
    assert "Grey dots are not usable" in caption_of(found)


def test_the_band_is_drawn_for_every_estimator() -> None:
    with style.styled():
        found = drawing(SETTINGS[0])
        bands = upper(found)[0].collections[:-2]
        ends = [(band.get_paths()[0].vertices[:, 0].min(), band.get_paths()[0].vertices[:, 0].max())
                for band in bands]  # fmt: skip
    assert ends == [(pytest.approx(0.033), pytest.approx(0.069))] * len(NAMES)


def test_change_points_and_lags_count_where_they_are_right_to_a_day() -> None:
    table = curves(power(SETTINGS[0]), recovery(SETTINGS[0]))
    own = table[table["estimator"] == "change points"]
    assert own["claimed"].tolist() == [ratio / 8 for ratio in RATIOS[1:]]
    assert set(table["estimator"]) == set(CURVES)


def test_caption_and_alternative_text_say_what_was_done_and_found() -> None:
    with style.styled():
        found = drawing(*SETTINGS)
        titles = [axes.get_title(loc="left") for axes in upper(found)]
    assert titles == ["china_hk_2019", "thailand_092020"]
    assert "up to 1,000 simulated series per planted rate ratio" in caption_of(found)
    assert "SIMULATED series throughout" in caption_of(found)
    assert found.alt == (
        "Calibration of the estimators: china_hk_2019, 7 of 9 estimators are within their bands; "
        "thailand_092020, 5 of 7 estimators are within their bands."
    )


@pytest.mark.parametrize("rows", [0, 1])
def test_a_calibration_of_one_estimator_without_power_is_drawn(rows: int) -> None:
    one = estimators(SETTINGS[0])[:1]
    own = power(SETTINGS[0])[:rows]
    with style.styled():
        found = drawing(tables=(one, own, recovery().iloc[:0]))
        assert_inside(found.figure)
        assert_apart(found.figure)
        assert [label.get_text() for label in upper(found)[0].get_yticklabels()] == [
            "pooled negbin hac, days 0 6"
        ]
    assert "0 of 1 estimators" in found.alt


def test_an_estimator_that_never_answered_has_a_row_without_a_mark() -> None:
    silent = {"estimator": "counted", "setting": SETTINGS[0], "simulations": 0, "usable": "no"}
    table = pd.concat([estimators(SETTINGS[0]), pd.DataFrame([silent])], ignore_index=True)
    with style.styled():
        found = drawing(tables=(table, power(SETTINGS[0]), recovery(SETTINGS[0])))
        assert_inside(found.figure)
        labels = [label.get_text() for label in upper(found)[0].get_yticklabels()]
        assert labels[-1] == "counted"
    assert "7 of 10 estimators" in found.alt
