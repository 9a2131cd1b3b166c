"""Flags: an estimate is believed only as calibrated, at the same design."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from flagged import flagged

from takedown.estimation.flags import Calibration
from takedown.estimation.settings import Settings, setting
from takedown.io.tables import contracts, write_table
from takedown.models import change_points, event_study, interrupted, lead_lag, placebo

DAYS = pd.date_range("2019-10-01", periods=70)
POSTS = pd.Series(range(70), index=DAYS)
DATES = ["2019-10-12", "2019-10-23", "2019-11-04", "2019-11-13"]
EVENTS = pd.DataFrame({"event": list("ABCD"), "date": DATES})
USE = Settings(lead_days=7, lag_days=14, trend_days=35, hac_days=7, interrupted_days=28)
HERE = setting("sim", DAYS, EVENTS, USE)
USABLE = {
    "pooled log1p_shift, days_0_6": "yes",
    "pooled negbin_hac, days_0_6": "no",
    "pooled log1p_shift, path": "yes",
    "single log1p_dates, days_0_2": "yes",
    "single log1p_dates, path": "no",
    "pooled placebo circular_shift, lead_7_1": "yes",
    "single placebo free_redraw, days_0_2": "no",
    "interrupted log1p_dates, level": "yes",
    "interrupted log1p_dates, slope": "yes",
    "interrupted negbin_hac, level": "no",
    "lead_lag granger_news_to_posts": "no",
    "lead_lag granger_news_to_posts_shift": "yes",
    "lead_lag peak_lag": "yes",
    "change points": "yes",
}


def calibration(usable: dict[str, str] = USABLE, where: str = HERE) -> pd.DataFrame:
    """``calibration/estimators.csv`` with these verdicts."""
    rows = [
        {"estimator": name, "setting": where, "usable": verdict} for name, verdict in usable.items()
    ]
    numbers = {"simulations": 1000, "fpr": 0.05, "fpr_lower": 0.033, "fpr_upper": 0.069}
    columns = list(contracts()["calibration/estimators.csv"]["columns"])
    return pd.DataFrame(rows).assign(**numbers).reindex(columns=columns)


TRUST = Calibration(calibration(), HERE)


def effects(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["series", "event", "method", "effect"])


def terms(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["method", "term", "p_value"])
    return table.assign(series="all", event="A")


def relations(*quantities: str, series: str = "all") -> pd.DataFrame:
    rows = [(series, "views", quantity) for quantity in quantities]
    return pd.DataFrame(rows, columns=["series", "attention", "test"])


def of_study(table: pd.DataFrame, trust: Calibration = TRUST) -> pd.DataFrame:
    return flagged(trust, placebo if "null" in table else event_study, table)


def of_terms(table: pd.DataFrame) -> pd.DataFrame:
    return flagged(TRUST, interrupted, table)


def of_relation(table: pd.DataFrame) -> pd.DataFrame:
    return flagged(TRUST, lead_lag, table)


def of_changes(table: pd.DataFrame) -> pd.DataFrame:
    return flagged(TRUST, change_points, table)


def flags(table: pd.DataFrame) -> list[object]:
    """The flags, with None for an empty cell."""
    return [None if pd.isna(flag) else flag for flag in table["calibrated"]]


def test_an_effect_is_flagged_by_the_verdict_on_its_estimator() -> None:
    table = effects(
        ("all", "pooled", "log1p_shift", "days_0_6"),
        ("all", "pooled", "negbin_hac", "days_0_6"),
        ("all", "pooled", "negbin_shift", "days_0_6"),
        ("all", "A", "log1p_dates", "days_0_2"),
    )
    assert flags(of_study(table)) == ["yes", "no", "untried", "yes"]


def test_the_path_is_flagged_apart_from_the_effects() -> None:
    table = pd.DataFrame(
        [("all", "pooled", "log1p_shift", 0), ("all", "B", "log1p_dates", -1)],
        columns=["series", "event", "method", "day"],
    )
    assert flags(of_study(table)) == ["yes", "no"]


def test_an_estimator_that_calibration_does_not_try_is_an_error_and_not_untried() -> None:
    table = effects(("all", "pooled", "log1p_shfit", "days_0_6"))
    with pytest.raises(KeyError, match="log1p_shfit"):
        of_study(table)


def test_placebo_rows_are_flagged_by_null_and_statistic() -> None:
    table = pd.DataFrame(
        [
            ("all", "pooled", "lead_7_1", "circular_shift"),
            ("all", "A", "days_0_2", "free_redraw"),
            ("topic:x", "pooled", "lead_7_1", "circular_shift"),
        ],
        columns=["series", "event", "statistic", "null"],
    )
    assert flags(of_study(table)) == ["yes", "no", "untried"]


def test_series_other_than_all_posts_and_groups_of_events_were_not_tried() -> None:
    table = effects(
        ("topic:army", "pooled", "log1p_shift", "days_0_6"),
        ("all over controls", "pooled", "log1p_shift", "days_0_6"),
        ("all", "pooled_anticipated", "log1p_shift", "days_0_6"),
        ("all", "pooled_unexpected", "log1p_shift", "days_0_6"),
    )
    assert flags(of_study(table)) == ["untried"] * 4
    assert flags(of_changes(pd.DataFrame({"series": ["all", "lang:en"]}))) == [
        "yes",
        "untried",
    ]
    assert flags(of_relation(relations("peak_lag", series="lang:en"))) == ["untried"]


def test_the_terms_of_an_interrupted_series_are_flagged() -> None:
    table = terms(
        ("negbin_hac", "level", 0.1),
        ("negbin_hac", "slope", 0.1),
        ("log1p_dates", "level", 0.1),
        ("log1p_dates", "slope", 0.1),
    )
    assert flags(of_terms(table)) == ["no", "untried", "yes", "yes"]


def test_a_diagnostic_is_no_estimate_and_has_no_flag() -> None:
    table = terms(("negbin_hac", "level", 0.1), ("negbin_hac", "pearson_dispersion", None))
    assert flags(of_terms(table)) == ["no", None]
    table = relations("adf_p_posts", "differenced", "var_lags")
    assert flags(of_relation(table)) == [None] * 3


def test_tests_of_a_relation_are_flagged() -> None:
    names = ["granger_news_to_posts", "granger_news_to_posts_shift", "peak_lag"]
    assert flags(of_relation(relations(*names))) == ["no", "yes", "yes"]


@pytest.mark.parametrize(
    "flag",
    [
        lambda: of_study(effects()),
        lambda: of_terms(terms()),
        lambda: of_relation(relations()),
        lambda: of_changes(pd.DataFrame({"series": []})),
    ],
)
def test_a_table_without_rows_has_the_column_all_the_same(flag) -> None:
    table = flag()
    assert table.empty and "calibrated" in table


@pytest.mark.parametrize(
    ("name", "days", "events", "use"),
    [
        ("other", DAYS, EVENTS, USE),
        ("sim", DAYS[1:], EVENTS, USE),
        ("sim", DAYS, pd.concat([EVENTS, EVENTS[:1].assign(date="2019-12-01")]), USE),
        ("sim", DAYS, EVENTS, replace(USE, trend_days=30)),
        ("sim", DAYS, EVENTS, replace(USE, hac_days=3)),
    ],
    ids=["other campaign", "shorter period", "one more event", "other trend", "other setting"],
)
def test_at_another_design_nothing_was_tried(
    tmp_path: Path, name: str, days: pd.DatetimeIndex, events: pd.DataFrame, use: Settings
) -> None:
    path = tmp_path / "calibration/estimators.csv"
    path.parent.mkdir()
    write_table(calibration(), path)
    table = effects(("all", "pooled", "log1p_shift", "days_0_6"))
    trust = Calibration.read(path, name, POSTS[days], events, use)
    assert flags(of_study(table, trust)) == ["untried"]
    same = Calibration.read(path, "sim", POSTS, EVENTS, USE)
    assert flags(of_study(table, same)) == ["yes"]
