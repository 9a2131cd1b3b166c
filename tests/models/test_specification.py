"""The specification curve: its choices, its ranks by regressions written out, planted effects.

Series here are simulated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from simulated import calendar, correlated, planted, series

from takedown.estimation import negbin
from takedown.estimation.design import baseline
from takedown.io.tables import contract
from takedown.models.specification import CHOICES, curve, event_sets, specification_curve, trends

LOCAL, UTC = ("local", "in", "all"), ("UTC", "in", "all")
SETTING = ["window", "family", "trend_days", "events"]


def draw(
    variants: dict[tuple[str, str, str], pd.Series], events: pd.DataFrame, trend_days: int = 30
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Curve, joint test by statistic, and notes; the tables as their contracts say."""
    table, joint, notes = specification_curve(variants, events, trend_days=trend_days)
    contract("models/specification_curve.csv").validate(table, lazy=True)
    contract("models/specification_test.csv").validate(joint, lazy=True)
    return table, joint.set_index("statistic"), notes


def told_apart(posts: pd.Series, at: Sequence[int], anticipated: Sequence[str]) -> pd.DataFrame:
    return calendar(posts, at).assign(anticipated=anticipated)


def calendars(length: int, at: Sequence[int]) -> list[list[int]]:
    """The calendar and all its circular shifts."""
    return [[(day + move) % length for day in at] for move in range(length)]


def days_after(length: int, at: Sequence[int]) -> np.ndarray:
    """Of every day, how many events it follows by 0 to 2 and by 3 to 6 days."""
    table = np.zeros((length, 2))
    for event in at:
        for offset in range(7):
            if event + offset < length:
                table[event + offset, int(offset > 2)] += 1
    return table


def by_regression(
    posts: pd.Series, base: np.ndarray, at: Sequence[int], family: str, window: str
) -> np.ndarray:
    """Studentised effects at the calendar and all its shifts, one regression each."""
    logs = np.log1p(posts.to_numpy(dtype=float))
    rest = sm.OLS(logs, base).fit().resid
    alike = min(max(rest[1:] @ rest[:-1] / (rest @ rest), 0), 0.9)
    day = np.arange(len(posts))
    working = alike ** np.abs(day[:, None] - day)
    weights = {"days_0_2": [1, 0], "days_0_6": [3 / 7, 4 / 7]}[window]
    alpha = negbin.fit(posts.to_numpy(), base, 0).alpha
    values, errors = [], []
    for chosen in calendars(len(posts), at):
        design = np.column_stack([base, days_after(len(posts), chosen)])
        linear = np.array(weights) @ np.linalg.pinv(design)[-2:]
        errors.append(np.sqrt(linear @ working @ linear))
        if family == "log1p":
            params = sm.OLS(logs, design).fit().params
        else:
            spread = sm.families.NegativeBinomial(alpha=alpha)
            params = sm.GLM(posts.to_numpy(), design, family=spread).fit(tol=1e-12).params
        values.append(np.array(weights) @ params[-2:])
    return np.array(values) * errors[0] / np.array(errors)


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("family", ["log1p", "negbin"])
@pytest.mark.parametrize("window", ["days_0_2", "days_0_6"])
def test_effects_and_ranks_are_those_of_a_regression_at_every_shift(
    family: str, window: str
) -> None:
    posts, at = correlated(56, 0.5, 3), [10, 24, 27, 40]
    table, _, _ = draw({LOCAL: posts}, calendar(posts, at))
    row = table[(table["family"] == family) & (table["window"] == window)]
    row = row[row["events"] == "all events"].iloc[0]
    base = baseline(posts.index, int(row["trend_days"])).to_numpy()
    values = by_regression(posts, base, at, family, window)
    assert row["rate_ratio"] == pytest.approx(np.exp(values[0]), rel=1e-6)
    as_extreme = [abs(value) >= abs(values[0]) - 1e-6 for value in values]
    assert row["p_value"] == pytest.approx(np.mean(as_extreme))


@pytest.mark.usefixtures("may_take_long")
def test_every_combination_of_choices_is_there_once_and_sorted_by_effect() -> None:
    posts, other = series(90), series(90, seed=4)
    events = told_apart(posts, [10, 14, 30, 34, 50, 70], ["yes", "no"] * 3)
    both = {LOCAL: posts, ("UTC", "out", "on a topic"): other}
    table, joint, notes = draw(both, events, trend_days=20)
    assert len(table) == 2 * 2 * 2 * 3 * 4
    assert not table[CHOICES].duplicated().any()
    assert set(table["trend_days"]) == {20, 13, 30}
    assert set(table["events"]) == {
        "all events", "without one in the week before", "anticipated", "unexpected",
    }  # fmt: skip
    assert set(table[["day", "retweets", "counted"]].itertuples(index=False, name=None)) == {
        LOCAL, ("UTC", "out", "on a topic"),
    }  # fmt: skip
    assert table["rate_ratio"].is_monotonic_increasing
    assert (joint["specifications"] == 96).all() and (joint["calendars"] == 89).all()
    assert notes.empty


@pytest.mark.parametrize(
    ("days", "configured", "tried"),
    [(180, 30, [30, 20, 45]), (60, 30, [30]), (100, 30, [30, 20]), (180, 90, [90])],
)
def test_a_trend_of_as_many_terms_is_tried_once(
    days: int, configured: int, tried: list[int]
) -> None:
    found = trends(series(days).index, configured)
    assert [stiffness for stiffness, _ in found] == tried
    assert len({base.shape[1] for _, base in found}) == len(tried)


@pytest.mark.parametrize(
    ("at", "anticipated", "sets"),
    [
        ([0, 7, 14], None, {"all events": [0, 7, 14]}),
        (
            [5, 11, 18, 30, 30, 36, 60],
            None,
            {
                "all events": [5, 11, 18, 30, 36, 60],
                "without one in the week before": [5, 18, 30, 60],
            },
        ),
        ([5, 6, 7], None, {"all events": [5, 6, 7]}),
        (
            [5, 30, 60, 80, 85],
            ["yes", "no", "yes", "yes", None],
            {
                "all events": [5, 30, 60, 80, 85],
                "without one in the week before": [5, 30, 60, 80],
                "anticipated": [5, 60, 80],
            },
        ),
        ([5, 30, 30, 60], ["no", "no", "yes", "no"], {"all events": [5, 30, 60]}),
        ([5, 30], None, {}),
        ([], None, {}),
    ],
    ids=["apart", "close", "adjacent", "told apart", "told apart but the same", "two", "none"],
)
def test_which_events_are_tried_together(
    at: list[int], anticipated: list | None, sets: dict[str, list[int]]
) -> None:
    events = calendar(series(120), at)
    if anticipated:
        events = events.assign(anticipated=anticipated)
    found = {name: list(chosen) for name, chosen in event_sets(series(120).index, events)}
    assert found == sets


def test_the_joint_test_is_that_of_loops() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.normal(0.3, 1, (7, 1)) * 0.3 + rng.normal(0, 1, (7, 30)) * rng.random((7, 1))
    choices = pd.DataFrame([(f"{number}",) * 7 for number in range(7)], columns=CHOICES)
    table, joint = curve(choices, drawn)
    ranks = np.array(
        [[np.mean(np.abs(row) >= abs(value) - 1e-12) for value in row] for row in drawn]
    )
    statistics: dict[str, list[float]] = {name: [] for name in joint["statistic"]}
    for number in range(30):
        column = drawn[:, number]
        sign = np.sign(np.median(column))
        same = np.sign(column) == sign
        statistics["median_log_ratio"].append(abs(np.median(column)))
        statistics["share_same_sign"].append(same.mean())
        statistics["share_significant"].append(np.mean(same & (ranks[:, number] <= 0.05)))
        statistics["stouffer"].append(abs(np.mean(column / drawn.std(axis=1))))
    for row in joint.itertuples():
        values = statistics[row.statistic]
        p_value = (1 + sum(one >= values[0] - 1e-12 for one in values[1:])) / 30
        assert row.p_value == pytest.approx(p_value)
        median = row.statistic == "median_log_ratio"
        assert row.observed == pytest.approx(np.median(drawn[:, 0]) if median else values[0])
        assert (row.specifications, row.calendars) == (7, 29)
    order = np.argsort(drawn[:, 0])
    assert list(table["day"]) == [f"{number}" for number in order]
    np.testing.assert_allclose(table["rate_ratio"], np.exp(drawn[order, 0]))
    np.testing.assert_allclose(table["p_value"], ranks[order, 0])


@pytest.mark.parametrize("ratio", [4, 0.25])
def test_a_planted_effect_is_found_under_every_choice(ratio: float) -> None:
    at = [20, 50, 80, 110, 140]
    posts = planted(series(180, mean=400), at, ratio)
    table, joint, _ = draw({LOCAL: posts}, calendar(posts, at), trend_days=60)
    assert np.log(table["rate_ratio"] / ratio).abs().max() < 0.5
    assert joint["observed"]["median_log_ratio"] == pytest.approx(np.log(ratio), abs=0.4)
    assert joint["observed"]["share_same_sign"] == 1
    assert (joint["p_value"].drop("share_same_sign") < 0.02).all()


@pytest.mark.usefixtures("may_take_long")
def test_without_an_effect_the_joint_test_seldom_finds_one() -> None:
    p_values = []
    for seed in range(25):
        posts = correlated(75, 0.6, seed)
        p_values.append(draw({LOCAL: posts}, calendar(posts, [12, 30, 33, 51]))[1]["p_value"])
    rejected = (pd.DataFrame(p_values) <= 0.05).sum()
    assert (rejected <= 6).all()  # exact binomial 99.9 % bound around 1.25 of 25


@pytest.mark.parametrize("at", [[], [20, 50], [20, 20, 50]])
def test_too_few_events_leave_no_curve_but_a_note(at: list[int]) -> None:
    posts = series(90)
    *tables, notes = draw({LOCAL: posts, UTC: posts}, calendar(posts, at))
    assert all(table.empty for table in tables)
    assert notes["note"].to_list() == ["fewer than 3 distinct event days in the estimation window"]


def test_a_variant_without_posts_has_a_note_and_the_others_remain() -> None:
    posts = series(90)
    events = calendar(posts, [20, 40, 60])
    table, joint, notes = draw({LOCAL: posts, UTC: posts * 0}, events)
    alone, alone_joint, _ = draw({LOCAL: posts}, events)
    pd.testing.assert_frame_equal(table, alone)
    pd.testing.assert_frame_equal(joint, alone_joint)
    assert notes[["series", "note"]].to_numpy().tolist() == [
        ["UTC, in, all", "no posts in the estimation window"]
    ]
    table, _, notes = draw({LOCAL: posts[:25]}, calendar(posts, [5, 10, 15]))
    assert table.empty
    assert notes["note"][0].startswith("too short: 25 days")


def test_too_few_events_are_said_beside_a_variant_without_posts() -> None:
    posts = series(90)
    table, _, notes = draw({LOCAL: posts, UTC: posts * 0}, calendar(posts, [20, 50]))
    assert table.empty
    assert notes["note"].to_list() == [
        "no posts in the estimation window",
        "fewer than 3 distinct event days in the estimation window",
    ]


def test_where_counts_cannot_be_fitted_the_logs_remain() -> None:
    posts = series(90)
    posts = posts.where(posts.index.day_of_week != 6, 0)
    table, _, notes = draw({LOCAL: posts}, calendar(posts, [20, 40, 60]))
    assert set(table["family"]) == {"log1p"}
    assert notes["note"].str.contains("such as one weekday").all() and len(notes)


def test_events_on_the_same_day_of_every_week_are_not_told_apart_from_it() -> None:
    posts = series(119)
    table, _, notes = draw({LOCAL: posts}, calendar(posts, range(0, 119, 7)))
    assert table.empty
    assert notes["note"].str.contains("not told apart from weekday and trend").all()
    assert len(notes)


def test_events_without_any_post_have_no_row_by_counts() -> None:
    posts = series(90)
    at = [20, 40, 60]
    for place in at:
        posts.iloc[place : place + 7] = 0
    table, _, notes = draw({LOCAL: posts}, calendar(posts, at))
    assert set(table["family"]) == {"log1p"}
    assert notes["note"].str.contains("negbin: no post on the days").all() and len(notes)


def test_the_same_input_gives_the_same_curve() -> None:
    posts = series(90)
    events = calendar(posts, [20, 40, 60])
    for first, again in zip(*(draw({LOCAL: posts}, events) for _ in range(2)), strict=True):
        pd.testing.assert_frame_equal(first, again)
