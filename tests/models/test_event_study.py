"""Event study against regressions written out, planted effects, and bad input."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from simulated import (
    BAD,
    STUDY,
    calendar,
    calm,
    column,
    correlated,
    explained,
    planted,
    series,
    where,
    whole,
    working_correlation,
)

from takedown.estimation import negbin
from takedown.estimation.design import baseline
from takedown.io.tables import contract
from takedown.models.event_study import EFFECTS, event_study, over_controls, single

SPANS = {"days_0_2": range(3), "days_0_6": range(7)}
POOLED = ["negbin_hac", "log1p_ols_hac", "log1p_shift", "negbin_shift"]
SINGLE = ["negbin_predictive", "log1p_dates"]


def study(
    posts: pd.Series | dict[str, pd.Series], at: list[int], control: pd.Series | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Path, effects and notes."""
    named = posts if isinstance(posts, dict) else {"all": posts}
    events = calendar(next(iter(named.values())), at)
    path, effects, _bands, notes = event_study(named, events, **STUDY, control=control)
    return path, effects, notes


def rows(table: pd.DataFrame, event: str, method: str) -> pd.DataFrame:
    return table[(table["event"] == event) & (table["method"] == method)]


def p_value(values: list[float], errors: list[float]) -> float:
    """Rank of the first value among all, each at the first one's precision."""
    drawn = [abs(value) * errors[0] / error for value, error in zip(values, errors, strict=True)]
    return sum(one >= abs(values[0]) - 1e-12 for one in drawn) / len(drawn)


def assert_ends_of_what_is_kept(lower: float, upper: float, p_of: Callable[[float], float]) -> None:
    """Effects just inside the interval are not rejected, effects just outside are."""
    small = 1e-6 * (upper - lower)
    assert p_of(lower + small) > 0.05 and p_of(upper - small) > 0.05
    assert p_of(lower - small) <= 0.05 and p_of(upper + small) <= 0.05


def test_the_pooled_path_equals_a_regression_written_out() -> None:
    posts, at = series(), [30, 50, 75, 76, 110]
    path, effects, _ = study(posts, at)
    base = baseline(posts.index, 30).to_numpy()
    days = [column(150, at, range(offset, offset + 1)) for offset in range(-7, 15)]
    design = np.column_stack([base, *days])
    alpha = negbin.fit(posts.to_numpy(), design, 7).alpha
    hac = {"cov_type": "HAC", "cov_kwds": {"maxlags": 7, "use_correction": True}}
    counts = sm.GLM(posts.to_numpy(), design, family=sm.families.NegativeBinomial(alpha=alpha))
    logs = sm.OLS(np.log1p(posts.to_numpy()), design)
    first = base.shape[1]
    for method, direct in (
        ("negbin_hac", counts.fit(maxiter=300, tol=1e-14, **hac)),
        ("log1p_ols_hac", logs.fit(**hac)),
    ):
        found = rows(path, "pooled", method)
        bounds = np.exp(direct.conf_int()[first:])
        np.testing.assert_allclose(found["rate_ratio"], np.exp(direct.params[first:]), rtol=1e-6)
        np.testing.assert_allclose(found[["lower", "upper"]], bounds, rtol=1e-6)
        for effect, span in SPANS.items():
            weights = np.zeros(design.shape[1])
            weights[[first + 7 + day for day in span]] = 1 / len(span)
            test = direct.t_test(weights)
            row = rows(effects, "pooled", method).set_index("effect").loc[effect]
            assert row["rate_ratio"] == pytest.approx(np.exp(test.effect[0]), rel=1e-6)
            ends = np.exp(test.conf_int()[0])
            np.testing.assert_allclose([row["lower"], row["upper"]], ends, rtol=1e-6)
            assert row["p_value"] == pytest.approx(float(test.pvalue), rel=1e-4)


def test_effects_by_logs_equal_regressions_refitted_for_every_shift() -> None:
    """Their p-values, and their intervals by taking effects away from the data."""
    posts, at = correlated(70, 0.5, seed=2), [12, 25, 28, 51]
    _, effects, _ = study(posts, at)
    logs, base = np.log1p(posts.to_numpy()), baseline(posts.index, 30).to_numpy()
    alike = working_correlation(logs, base)
    calendars = [at, *([(day + move) % 70 for day in at] for move in range(1, 70))]
    designs = [
        np.column_stack([base, column(70, days, range(3)), column(70, days, range(3, 7))])
        for days in calendars
    ]
    for effect, share in (("days_0_2", [1, 0]), ("days_0_6", [3 / 7, 4 / 7])):
        contrast = np.concatenate([np.zeros(base.shape[1]), share])
        weights = [contrast @ np.linalg.pinv(design) for design in designs]
        errors = [float(np.sqrt(row @ alike @ row)) for row in weights]
        present = column(70, at, SPANS[effect])

        def p_of(value: float, weights=weights, errors=errors, present=present) -> float:
            left = logs - value * present
            return p_value([float(row @ left) for row in weights], errors)

        row = rows(effects, "pooled", "log1p_shift").set_index("effect").loc[effect]
        observed = sm.OLS(logs, designs[0]).fit().params @ contrast
        assert row["rate_ratio"] == pytest.approx(np.exp(observed), rel=1e-6)
        assert row["p_value"] == pytest.approx(p_of(0))
        assert_ends_of_what_is_kept(np.log(row["lower"]), np.log(row["upper"]), p_of)


def test_the_path_by_logs_equals_regressions_refitted_for_every_shift() -> None:
    posts, at = series(110), [25, 52, 58, 80]
    path, _, _ = study(posts, at)
    logs, base = np.log1p(posts.to_numpy()), baseline(posts.index, 30).to_numpy()
    alike = working_correlation(logs, base)
    calendars = [at, *([(day + move) % 110 for day in at] for move in range(1, 110))]
    days = [range(offset, offset + 1) for offset in range(-7, 15)]
    inverses = [
        np.linalg.pinv(np.column_stack([base, *(column(110, each, day) for day in days)]))
        for each in calendars
    ]
    found = rows(path, "pooled", "log1p_shift").set_index("day")
    assert list(found.index) == list(range(-7, 15))
    for offset in (-7, 0, 9):
        weights = [inverse[base.shape[1] + 7 + offset] for inverse in inverses]
        usable = [row for row in weights if np.abs(row).max() > 1e-9]
        errors = [float(np.sqrt(row @ alike @ row)) for row in usable]
        present = column(110, at, range(offset, offset + 1))

        def p_of(value: float, usable=usable, errors=errors, present=present) -> float:
            return p_value([float(row @ (logs - value * present)) for row in usable], errors)

        row = found.loc[offset]
        assert np.log(row["rate_ratio"]) == pytest.approx(float(usable[0] @ logs), rel=1e-6)
        assert_ends_of_what_is_kept(np.log(row["lower"]), np.log(row["upper"]), p_of)


def test_effects_by_counts_equal_regressions_refitted_for_every_shift() -> None:
    posts, at = series(60), [15, 28, 45]
    _, effects, _ = study(posts, at)
    logs, base = np.log1p(posts.to_numpy()), baseline(posts.index, 30).to_numpy()
    alike = working_correlation(logs, base)
    alpha = negbin.fit(posts.to_numpy(), base, 0).alpha
    family = sm.families.NegativeBinomial(alpha=alpha)
    calendars = [at, *([(day + move) % 60 for day in at] for move in range(1, 60))]
    share = {"days_0_2": np.array([1, 0]), "days_0_6": np.array([3, 4]) / 7}
    values: dict[str, list[float]] = {effect: [] for effect in share}
    errors: dict[str, list[float]] = {effect: [] for effect in share}
    for days in calendars:
        terms = [column(60, days, range(3)), column(60, days, range(3, 7))]
        shown = [term.any() for term in terms]
        design = np.column_stack([base, *terms])
        kept = [*range(base.shape[1]), *(base.shape[1] + np.flatnonzero(shown))]
        fitted = sm.GLM(posts.to_numpy(), design[:, kept], family=family).fit(tol=1e-13)
        two = np.zeros(2)
        two[shown] = fitted.params[base.shape[1] :]
        for effect, each in share.items():
            values[effect].append(float(two @ each))
            row = np.concatenate([np.zeros(base.shape[1]), each]) @ np.linalg.pinv(design)
            errors[effect].append(float(np.sqrt(row @ alike @ row)))
    found = rows(effects, "pooled", "negbin_shift").set_index("effect")
    for effect in share:
        row = found.loc[effect]
        assert np.log(row["rate_ratio"]) == pytest.approx(values[effect][0], rel=1e-6)
        assert row["p_value"] == pytest.approx(p_value(values[effect], errors[effect]))
        assert row["lower"] < row["rate_ratio"] < row["upper"]


def test_single_events_equal_predictions_from_outside_their_window() -> None:
    """Their p-values, and their intervals by taking effects away from the data."""
    posts = correlated(70, 0.4, seed=5)
    path, effects, _ = study(posts, [30])
    logs, base = np.log1p(posts.to_numpy()), baseline(posts.index, 30).to_numpy()
    alike = working_correlation(logs, base)
    dates = [30, *(date for date in range(10, 61) if date != 30)]

    def weights(date: int, span: range) -> np.ndarray:
        days = [date + offset for offset in span]
        outside = [day for day in range(70) if not -7 <= day - date <= 6]
        row = np.zeros(70)
        row[days] = 1 / len(days)
        row[outside] = -base[days].mean(axis=0) @ np.linalg.pinv(base[outside])
        return row

    spans = SPANS | {day: range(day, day + 1) for day in (-7, 0, 6)}
    for name, span in spans.items():
        each = [weights(date, span) for date in dates]
        errors = [float(np.sqrt(row @ alike @ row)) for row in each]
        present = column(70, [30], span)

        def p_of(value: float, each=each, errors=errors, present=present) -> float:
            return p_value([float(row @ (logs - value * present)) for row in each], errors)

        if isinstance(name, str):
            row = rows(effects, "E30", "log1p_dates").set_index("effect").loc[name]
            assert row["p_value"] == pytest.approx(p_of(0))
        else:
            row = rows(path, "E30", "log1p_dates").set_index("day").loc[name]
        assert np.log(row["rate_ratio"]) == pytest.approx(float(each[0] @ logs), rel=1e-6)
        assert_ends_of_what_is_kept(np.log(row["lower"]), np.log(row["upper"]), p_of)


def test_forecasts_by_counts_equal_the_formula_written_out() -> None:
    posts, at = correlated(120, 0.6, seed=4), [40, 70, 100]
    path, effects, _ = study(posts, at)
    inside = np.arange(63, 77)
    outside = np.setdiff1d(np.arange(120), inside)
    others = column(120, [40, 100], range(7))
    design = np.column_stack([baseline(posts.index, 30).to_numpy(), others])
    counts = posts.to_numpy()
    alpha = negbin.fit(counts[outside], design[outside], 7).alpha
    family = sm.families.NegativeBinomial(alpha=alpha)
    direct = sm.GLM(counts[outside], design[outside], family=family).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": True}, maxiter=300, tol=1e-14
    )
    rest = direct.resid_pearson
    pairs = [(rest[day], rest[day + 1]) for day in range(105) if day != 62]  # not over the hole
    alike = max(0, np.corrcoef(np.transpose(pairs))[0, 1])
    assert alike > 0.2
    expected = np.exp(design[inside] @ direct.params)
    numbers = np.arange(5000)
    chances = stats.nbinom.pmf(numbers[:, None], 1 / alpha, 1 / (1 + alpha * expected))
    centre = np.log(numbers + 0.5) @ chances
    spread = np.sqrt(np.log(numbers + 0.5) ** 2 @ chances - centre**2)
    days = np.abs(np.subtract.outer(inside, inside))
    covariance = design[inside] @ direct.cov_params() @ design[inside].T
    covariance += np.outer(spread, spread) * alike**days
    logs = np.log(counts[inside] + 0.5) - centre

    def expected_row(span: range) -> list[float]:
        weights = np.array([day in span for day in range(-7, 7)]) / len(span)
        value, error = weights @ logs, np.sqrt(weights @ covariance @ weights)
        ends = stats.norm.interval(0.95, value, error)
        return [*np.exp([value, *ends]), 2 * stats.norm.sf(abs(value / error))]

    columns = ["rate_ratio", "lower", "upper", "p_value"]
    for row in rows(path, "E70", "negbin_predictive").to_dict("records"):
        found = [row[name] for name in columns[:3]]
        span = range(row["day"], row["day"] + 1)
        np.testing.assert_allclose(found, expected_row(span)[:3], rtol=1e-6)
    for row in rows(effects, "E70", "negbin_predictive").to_dict("records"):
        found = [row[name] for name in columns]
        np.testing.assert_allclose(found, expected_row(SPANS[row["effect"]]), rtol=1e-6)


@pytest.mark.parametrize("method", POOLED)
def test_a_planted_effect_is_read_off_a_calm_series(method: str) -> None:
    at = [30, 60, 90, 120]
    _, effects, notes = study(planted(calm(), at, 2), at)
    found = rows(effects, "pooled", method)
    assert list(found["effect"]) == list(SPANS)
    assert (found["rate_ratio"] - 2).abs().max() < 0.1
    assert (found["lower"] > 1.2).all()
    assert (found["p_value"] <= 1 / 150 + 1e-12).all()
    assert notes.empty


@pytest.mark.parametrize("method", SINGLE)
def test_a_single_planted_effect_is_read_off_a_calm_series(method: str) -> None:
    _, effects, _ = study(planted(calm(), [70], 0.5), [70])
    found = rows(effects, "E70", method)
    assert (found["rate_ratio"] - 0.5).abs().max() < 0.03
    assert (found["upper"] < 0.75).all()


def test_the_path_shows_a_planted_effect_on_its_days_only() -> None:
    at = [30, 60, 90, 120]
    path, _, _ = study(planted(calm(), at, 2, days=3), at)
    for method in ("negbin_hac", "log1p_ols_hac", "log1p_shift"):
        ratio = rows(path, "pooled", method).set_index("day")["rate_ratio"]
        truth = pd.Series({day: 2.0 if day in range(3) else 1.0 for day in range(-7, 15)})
        assert ((ratio / truth - 1).abs() < 0.1).all()


@pytest.mark.usefixtures("may_take_long")
def test_a_planted_effect_is_inside_its_interval_and_away_from_one() -> None:
    at = [40, 80, 120, 160, 200]
    _, effects, notes = study(planted(series(240), at, 4), at)
    week = effects[effects["effect"] == "days_0_6"]
    pooled = week[week["event"] == "pooled"]
    assert list(pooled["method"]) == POOLED
    assert ((pooled["lower"] < 4) & (pooled["upper"] > 4) & (pooled["lower"] > 2)).all()
    single = week[week["event"] != "pooled"]
    assert len(single) == 10
    assert single["rate_ratio"].between(1.8, 10).all()
    assert notes.empty


def test_p_values_by_rank_are_never_zero() -> None:
    at = [30, 60, 90, 120]
    _, effects, _ = study(planted(calm(), at, 50), at)
    ranked = effects[effects["method"].str.endswith(("_shift", "_dates"))]
    assert (ranked["p_value"][ranked["event"] == "pooled"] == 1 / 150).all()
    assert (ranked["p_value"] >= 1 / 150).all()


def test_one_event_has_its_own_path_and_no_pooled_one() -> None:
    path, effects, notes = study(series(), [70])
    for method in SINGLE:
        assert list(rows(path, "E70", method)["day"]) == list(range(-7, 7))
        assert list(rows(effects, "E70", method)["effect"]) == list(SPANS)
    assert set(path["event"]) == {"E70"}
    assert list(notes["event"]) == ["pooled"]
    assert notes["note"].str.contains("pooling needs 3").all()


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize(
    ("words", "groups"),
    [
        (None, {"pooled"}),
        (["yes"] * 6, {"pooled"}),
        (["no"] * 6, {"pooled"}),
        ([None] * 6, {"pooled"}),
        (["yes", "no"] * 3, {"pooled", "pooled_anticipated", "pooled_unexpected"}),
        (["yes"] * 3 + [None] * 3, {"pooled", "pooled_anticipated"}),
    ],
)
def test_anticipated_events_are_pooled_apart_only_where_the_calendar_tells(
    words: list | None, groups: set[str]
) -> None:
    posts = series(100)
    events = calendar(posts, [15, 28, 41, 54, 67, 80])
    if words:
        events = events.assign(anticipated=words)
    path, effects, _, _ = event_study({"all": posts}, events, **STUDY)
    assert {event for event in path["event"] if event.startswith("pooled")} == groups
    assert {event for event in effects["event"] if event.startswith("pooled")} == groups


def test_a_group_of_events_has_the_effects_of_a_calendar_of_its_own() -> None:
    posts = series(100)
    events = calendar(posts, [15, 28, 41, 54, 67, 80]).assign(anticipated=["yes", "no"] * 3)
    _, together, _, _ = event_study({"all": posts}, events, **STUDY)
    _, alone, _ = study(posts, [15, 41, 67])
    group = together[together["event"] == "pooled_anticipated"].assign(event="pooled")
    pd.testing.assert_frame_equal(
        group.reset_index(drop=True),
        alone[alone["event"] == "pooled"].reset_index(drop=True),
    )


def test_a_group_of_two_events_leaves_a_note() -> None:
    posts = series()
    words = ["yes", "yes", "no", "no", "no"]
    events = calendar(posts, [20, 45, 70, 95, 120]).assign(anticipated=words)
    _, effects, _, notes = event_study({"all": posts}, events, **STUDY)
    assert "pooled_anticipated" not in set(effects["event"])
    assert notes["event"].tolist() == ["pooled_anticipated"]
    assert notes["note"].tolist() == ["2 distinct event days; pooling needs 3"]


AT = [30, 60, 90, 120]


def differences(posts: pd.Series, control: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(over_controls(posts, control, calendar(posts, AT), 30), columns=EFFECTS[2:])


def test_a_shock_to_campaign_and_controls_alike_falls_out_of_the_difference() -> None:
    found = differences(planted(calm(), AT, 3), planted(calm(seed=8), AT, 3))
    assert list(found["effect"]) == list(SPANS)
    assert (found["rate_ratio"] - 1).abs().max() < 0.05
    assert ((found["lower"] < 1) & (found["upper"] > 1)).all()
    assert (found["p_value"] > 0.05).all()


def test_a_shock_to_the_campaign_alone_stays_in_the_difference() -> None:
    found = differences(planted(calm(), AT, 3), calm(seed=8))
    assert (found["rate_ratio"] - 3).abs().max() < 0.15
    assert (found["p_value"] == 1 / 150).all()


def test_a_shock_to_the_controls_alone_turns_the_difference_round() -> None:
    found = differences(calm(), planted(calm(seed=8), AT, 3))
    assert (found["rate_ratio"] - 1 / 3).abs().max() < 0.05


def test_the_difference_is_a_study_of_the_difference_of_logs() -> None:
    posts, control = series(), series(seed=8)
    found = differences(posts, control)
    base = baseline(posts.index, 30).to_numpy()
    terms = [column(150, AT, range(3)), column(150, AT, range(3, 7))]
    logs = np.log1p(posts.to_numpy()) - np.log1p(control.to_numpy())
    early, late = sm.OLS(logs, np.column_stack([base, *terms])).fit().params[-2:]
    expected = np.exp([early, (3 * early + 4 * late) / 7])
    np.testing.assert_allclose(found["rate_ratio"], expected, rtol=1e-6)


def test_the_same_posts_twice_are_no_difference() -> None:
    found = differences(series(), series())
    assert (found["rate_ratio"] == 1).all()
    assert (found["p_value"] == 1).all()


@pytest.mark.parametrize(
    ("control", "at", "reason"),
    [
        (series() * 0, AT, "no posts in the estimation window"),
        (series() * 0 + 4, AT, "constant"),
        (series(seed=8), [30, 60], "pooling needs 3"),
    ],
    ids=["no posts", "constant", "two events"],
)
def test_controls_that_cannot_be_compared_leave_a_note(
    control: pd.Series, at: list[int], reason: str
) -> None:
    _, effects, notes = study(series(), at, control)
    assert "all over controls" not in set(effects["series"])
    own = notes[notes["series"] == "all over controls"]
    assert own["event"].tolist() == ["pooled"]
    assert own["note"].str.contains(reason).all()


def test_the_difference_is_a_series_of_its_own_and_there_with_controls_only() -> None:
    _, without, _ = study(series(100), [30, 50, 70])
    _, effects, notes = study(series(100), [30, 50, 70], series(100, seed=8))
    own = effects["series"] == "all over controls"
    pd.testing.assert_frame_equal(effects[~own], without)
    assert effects["event"][own].tolist() == ["pooled", "pooled"]
    assert notes.empty


def test_numbers_of_a_series_do_not_depend_on_the_others() -> None:
    one, two = series(100), series(100, seed=9)
    alone = study({"b": two}, [30, 50, 70])
    both = study({"a": one, "b": two}, [30, 50, 70])
    for own, table in zip(alone, both, strict=True):
        again = table[table["series"] == "b"].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, again, check_dtype=False)


@pytest.mark.usefixtures("may_take_long")
def test_a_single_event_without_effect_has_a_ratio_around_one() -> None:
    """A skewed count lies below its mean on most days; the forecast must allow for that."""
    logs, rejected = [], 0
    for seed in range(60):
        posts = series(130, alpha=0.8, seed=seed)
        events, base = calendar(posts, [64]), baseline(posts.index, 30)
        _, effects, _ = single(posts, base, events, events["date"][0], lead_days=7, hac_days=7)
        _, effect, ratio, _, _, p = effects[1]
        assert effect == "days_0_6"
        logs.append(np.log(ratio))
        rejected += p < 0.05
    assert np.mean(logs) == pytest.approx(0, abs=3 * np.std(logs) / np.sqrt(60))
    assert rejected <= 10


def test_a_neighbouring_event_seen_on_one_day_only_does_not_decide_the_forecast() -> None:
    posts = series(130)
    posts.iloc[70 + 1] = 3  # the only day outside the window that follows the neighbour
    _, effects, notes = study(posts, [64, 65])
    own = rows(effects, "E64", "negbin_predictive").set_index("effect").loc["days_0_6"]
    assert 0.4 < own["rate_ratio"] < 2.5
    assert notes["note"][notes["event"] == "E64"].str.contains("cannot be told apart").all()


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("case", BAD)
def test_bad_input_leaves_finite_rows_or_a_note(case: str) -> None:
    posts, at = BAD[case]
    path, effects, notes = study(posts, at)
    assert whole(path) and whole(effects)
    assert (effects["lower"] <= effects["rate_ratio"]).all()
    assert (effects["rate_ratio"] <= effects["upper"]).all()
    assert effects["p_value"].between(0, 1).all()
    assert explained(effects, notes, "pooled", POOLED)
    assert all(explained(effects, notes, f"E{place}", SINGLE) for place in at)
    assert not path.empty or not notes.empty


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("no post at all", "no posts"),
        ("posts on one day", "posts on only 1 days"),
        ("as many posts every day", "constant"),
        ("fewer days than parameters", "too short"),
        ("no event", "no event in the estimation window"),
    ],
)
def test_what_carries_no_study_is_refused_with_its_reason(case: str, reason: str) -> None:
    path, effects, notes = study(*BAD[case])
    assert path.empty and effects.empty
    assert len(notes) == 1
    assert notes["note"].str.contains(reason).all()


def test_a_day_without_posts_at_every_event_is_named_and_logs_are_estimated_all_the_same() -> None:
    _, effects, notes = study(where(series(), AT, 0), AT)
    pooled = notes[notes["event"] == "pooled"]
    assert pooled["note"].tolist() == ["no post at all on day 0 of the events"]
    assert set(effects["method"][effects["event"] == "pooled"]) == {"log1p_shift", "negbin_shift"}


def test_counts_that_do_not_converge_leave_a_note_and_logs_are_estimated_all_the_same() -> None:
    posts, at = BAD["extreme days at all events"]
    _, effects, notes = study(posts, at)
    assert not set(effects["method"]) & {"negbin_shift", "negbin_predictive"}
    assert {"log1p_shift", "log1p_dates"} < set(effects["method"])
    assert set(notes["event"]) == {"pooled", *(f"E{place}" for place in at)}
    assert notes["note"].str.contains("did not converge").all()


def test_a_campaign_that_never_posts_on_sundays_is_told_why_counts_are_not_estimated() -> None:
    posts = series(150)
    posts[posts.index.day_of_week == 6] = 0
    _, effects, notes = study(posts, [40, 70, 100])
    assert set(effects["method"]) == {"log1p_shift", "log1p_dates"}
    assert notes["note"].str.contains("such as one weekday").all()
    assert set(notes["event"]) == {"pooled", "E40", "E70", "E100"}


def test_events_on_one_day_count_once_when_pooled() -> None:
    _, once, _ = study(series(100), [30, 50, 70])
    _, twice, _ = study(series(100), [30, 30, 50, 70, 70])
    for method in POOLED:
        pd.testing.assert_frame_equal(
            rows(once, "pooled", method).reset_index(drop=True),
            rows(twice, "pooled", method).reset_index(drop=True),
        )


@pytest.mark.parametrize("at", [[0, 75, 149], [3, 75, 146], [70, 70, 70, 20, 40]])
def test_events_at_the_edges_and_on_one_day_leave_a_note_or_an_estimate(at: list[int]) -> None:
    path, _, notes = study(series(), at)
    for place in set(at):
        estimated = (path["event"] == f"E{place}").any()
        noted = (notes["event"] == f"E{place}").any()
        assert estimated != noted


def test_an_effect_over_days_outside_the_window_is_not_diluted() -> None:
    """No day 3 to 6 is left of events on the last days: the mean of seven days is unknown."""
    _, effects, notes = study(planted(calm(), [147, 148, 149], 4, days=3), [147, 148, 149])
    week = rows(effects, "pooled", "log1p_shift").set_index("effect")
    assert "days_0_6" not in week.index or week.loc["days_0_6", "rate_ratio"] > 3
    assert "days_0_6" in week.index or len(notes)


@pytest.mark.parametrize("at", [[30], [30, 50, 75, 76, 110]])
def test_placebo_bands_hold_all_but_one_in_twenty_of_the_other_estimates(at: list[int]) -> None:
    """Rank of the estimate among the placebos and its place in their band agree."""
    posts = series()
    path, _, bands, _ = event_study({"all": posts}, calendar(posts, at), **STUDY)
    contract("models/placebo_bands.csv").validate(bands, lazy=True)
    keys = ["series", "event", "method", "day"]
    drawn = path[path["method"].isin(["log1p_shift", "log1p_dates"])]
    both = drawn.merge(bands, on=keys, suffixes=("", "_band"), validate="one_to_one")
    assert len(both) == len(drawn) == len(bands) > 0
    assert (both["lower_band"] < both["upper_band"]).all()
    # An effect that is far outside the band has an interval that does not hold 1, and inside does.
    wide = both["upper_band"] / both["lower_band"]
    outside = (both["rate_ratio"] > both["upper_band"] * wide) | (
        both["rate_ratio"] < both["lower_band"] / wide
    )
    assert ((both["lower"] > 1) | (both["upper"] < 1))[outside].all()
    middle = both["rate_ratio"].between(both["lower_band"] ** 0.5, both["upper_band"] ** 0.5)
    assert ((both["lower"] < 1) & (both["upper"] > 1))[middle].all() and middle.any()
