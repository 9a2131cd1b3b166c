"""Models against independent computations, planted truth, and input that cannot carry them.

Series here are simulated.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from takedown.models import negbin
from takedown.models.change_points import (
    LEAST_SEGMENT,
    adjusted,
    change_points,
    detect,
    long_run_variance,
)
from takedown.models.design import TooLittleError, baseline, indicators, positions
from takedown.models.event_study import event_study
from takedown.models.interrupted import interrupted
from takedown.models.placebo import ahead, log_residuals, placebo, redraw, shifts


def fresh(name: str) -> np.random.Generator:
    return np.random.default_rng([4, len(name)])


SETTINGS = {"lead_days": 7, "lag_days": 14, "trend_days": 30, "hac_days": 7}


def series(days: int = 150, mean: float = 60, alpha: float = 0.3, seed: int = 3) -> pd.Series:
    rng = np.random.default_rng(seed)
    index = pd.date_range("2019-06-01", periods=days)
    level = mean * np.where(index.day_of_week < 5, 1.2, 0.5)
    counts = rng.negative_binomial(1 / alpha, 1 / (1 + alpha * level))
    return pd.Series(counts, index=index)


def calendar(posts: pd.Series, at: list[int]) -> pd.DataFrame:
    days = [posts.index[place].strftime("%Y-%m-%d") for place in at]
    return pd.DataFrame({"event": [f"E{place}" for place in at], "date": days})


def test_negative_binomial_equals_direct_statsmodels_calls():
    posts = series().to_numpy()
    design = baseline(series().index, 30).to_numpy()
    fitted = negbin.fit(posts, design, hac_days=7)
    direct = sm.GLM(posts, design, family=sm.families.NegativeBinomial(alpha=fitted.alpha)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": True}, tol=1e-14
    )
    np.testing.assert_allclose(fitted.params, direct.params, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(fitted.covariance, direct.cov_params(), rtol=1e-6, atol=1e-10)
    discrete = sm.NegativeBinomial(posts, design).fit(disp=False, maxiter=500)
    assert fitted.alpha == pytest.approx(discrete.params[-1], rel=1e-3)


def test_newton_reaches_a_maximum_where_reweighting_cycles():
    """IRLS stops at a worse likelihood on sparse bursts; the maximum has a zero gradient."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2019-11-01", periods=115)
    mean = np.exp(np.linspace(-3, 4, 115) + rng.normal(0, 1, 115))
    posts = rng.poisson(mean)
    at = np.array([10, 30, 45, 60, 62, 80, 95, 96])
    design = np.hstack([baseline(index, 30), indicators(115, at, range(-7, 15))])
    fitted = negbin.fit(posts, design, hac_days=7)
    family = sm.families.NegativeBinomial(alpha=fitted.alpha)
    gradient = sm.GLM(posts, design, family=family).score(fitted.params)
    assert np.abs(gradient).max() < 1e-6


def test_pooled_path_equals_a_regression_written_out():
    posts = series()
    events = calendar(posts, [30, 50, 75, 76, 110])
    path, _, _ = event_study({"all": posts}, events, **SETTINGS)
    found = path[(path.event == "pooled") & (path.method == "negbin_hac")]
    dummies = np.array(
        [
            [sum(day - offset == at for at in (30, 50, 75, 76, 110)) for offset in range(-7, 15)]
            for day in range(len(posts))
        ]
    )
    base = baseline(posts.index, 30).to_numpy()
    design = np.hstack([base, dummies])
    alpha = negbin.fit(posts.to_numpy(), design, 7).alpha
    direct = sm.GLM(posts.to_numpy(), design, family=sm.families.NegativeBinomial(alpha=alpha)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": True}, maxiter=300, tol=1e-14
    )
    np.testing.assert_allclose(found.rate_ratio, np.exp(direct.params[base.shape[1] :]), rtol=1e-6)
    bounds = np.exp(direct.conf_int()[base.shape[1] :])
    np.testing.assert_allclose(found[["lower", "upper"]], bounds, rtol=1e-6)


def test_a_planted_effect_is_inside_its_interval_and_away_from_one():
    posts = series(240)
    at = [40, 80, 120, 160, 200]
    planted = posts.copy()
    for place in at:
        planted.iloc[place : place + 7] *= 4
    _, effects, notes = event_study({"all": planted}, calendar(posts, at), **SETTINGS)
    pooled = effects[(effects.event == "pooled") & (effects.effect == "days_0_6")]
    assert len(pooled) == 2
    assert ((pooled.lower < 4) & (pooled.upper > 4) & (pooled.lower > 2)).all()
    single = effects[(effects.event != "pooled") & (effects.effect == "days_0_6")]
    assert len(single) == 5
    assert single.rate_ratio.between(2, 8).all()
    assert notes.empty


@pytest.mark.parametrize(
    ("posts", "reason"),
    [
        (series() * 0, "no posts"),
        ((series() * 0).where(np.arange(150) != 70, 9), "posts on only 1 days"),
        (series() * 0 + 5, "constant"),
        (series(20), "too short"),
    ],
    ids=["all zero", "one day", "constant", "short"],
)
def test_series_that_carry_no_model_are_reported_not_dropped(posts, reason):
    events = calendar(posts, [8, 12, 16])
    rng = np.random.default_rng(1)
    tables = [
        event_study({"all": posts}, events, **SETTINGS),
        placebo({"all": posts}, events, draws=99, trend_days=30, rng=rng),
        change_points({"all": posts}, events, bootstrap=50, generator=fresh),
    ]
    for *results, notes in tables:
        assert all(table.empty for table in results)
        assert notes.note.str.contains(reason).any()
    *results, notes = interrupted({"all": posts}, events, side_days=28, hac_days=7)
    assert all(table.empty for table in results)
    assert len(notes) == 3


def test_no_event_is_said_and_estimates_nothing():
    posts, none = series(), calendar(series(), [])
    rng = np.random.default_rng(1)
    for *tables, notes in (
        event_study({"all": posts}, none, **SETTINGS),
        placebo({"all": posts}, none, draws=99, trend_days=30, rng=rng),
        interrupted({"all": posts}, none, side_days=28, hac_days=7),
    ):
        assert all(table.empty for table in tables)
        assert notes.note.str.contains("no event").all()
        assert len(notes)


def test_one_event_has_its_own_path_and_no_pooled_one():
    posts = series()
    path, _, notes = event_study({"all": posts}, calendar(posts, [70]), **SETTINGS)
    assert set(path.event) == {"E70"}
    assert list(path.day) == list(range(-7, 7))
    assert notes.note.str.contains("pooling needs 3").any()


@pytest.mark.parametrize("at", [[0, 149, 75], [70, 70, 70, 20, 40], [3, 146, 75]])
def test_events_at_the_edges_and_on_one_day_leave_a_note_or_an_estimate(at):
    posts = series()
    path, effects, notes = event_study({"all": posts}, calendar(posts, at), **SETTINGS)
    for place in set(at):
        estimated = (path.event == f"E{place}").any()
        noted = (notes.event == f"E{place}").any()
        assert estimated != noted
    assert not path[["rate_ratio", "lower", "upper"]].isna().any(axis=None)
    assert not effects[["rate_ratio", "lower", "upper", "p_value"]].isna().any(axis=None)


def test_a_day_without_any_post_on_every_event_is_reported_not_infinite():
    posts = series().copy()
    at = [30, 60, 90, 120]
    posts.iloc[at] = 0
    _, _, notes = event_study({"all": posts}, calendar(posts, at), **SETTINGS)
    pooled = notes[notes.event == "pooled"]
    assert pooled.note.str.contains("no post at all on day 0").all()
    assert len(pooled) == 1


def test_placebo_equals_brute_force():
    posts, at = series(60), [10, 25, 40]
    table, _ = placebo(
        {"all": posts},
        calendar(posts, at),
        draws=200,
        trend_days=30,
        rng=np.random.default_rng(5),
    )
    logs = np.log1p(posts.to_numpy())
    design = baseline(posts.index, 30).to_numpy()
    rest = sm.OLS(logs, design).fit().resid
    calendars = {
        "free_redraw": redraw(60, np.array(at), 200, np.random.default_rng(5)),
        "circular_shift": [[(day + shift) % 60 for day in at] for shift in range(1, 60)],
    }
    for row in table[table.statistic != "lead_7_1"].itertuples():
        span = 3 if row.statistic == "abnormal_0_2" else 7

        def value(days, span=span):
            return np.mean([np.mean(rest[day : day + span]) for day in days])

        drawn = [abs(value(days)) for days in calendars[row.null]]
        expected = (1 + sum(one >= abs(value(at)) - 1e-12 for one in drawn)) / (1 + len(drawn))
        assert row.observed == pytest.approx(value(at))
        assert row.p_value == pytest.approx(expected)
        assert row.draws == len(drawn)


def test_placebo_q_and_family_values():
    names = {f"topic:{seed}": series(120, seed=seed) for seed in range(6)}
    table, _ = placebo(
        names,
        calendar(series(120), [20, 50, 90]),
        draws=999,
        trend_days=30,
        rng=np.random.default_rng(2),
    )
    for _, group in table.groupby(["statistic", "null"]):
        p = group.p_value.to_numpy()
        order = np.argsort(p)
        ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
        expected = np.minimum.accumulate(ranked[::-1])[::-1].clip(max=1)
        np.testing.assert_allclose(group.q_value.to_numpy()[order], expected)
        assert (group.p_family >= group.p_value - 0.02).all()
        assert (p > 0).all()


def test_placebo_finds_a_planted_effect_and_holds_its_level_without_one():
    found = []
    for seed in range(200):
        posts = series(120, seed=seed)
        table, _ = placebo(
            {"all": posts},
            calendar(posts, [15, 40, 62, 90]),
            draws=199,
            trend_days=30,
            rng=np.random.default_rng(seed),
        )
        found.append(table.p_value[(table.null == "free_redraw")].iloc[0] <= 0.05)
    # Exact binomial 99 % band around 5 % of 200.
    assert 3 <= sum(found) <= 21
    posts = series(120)
    posts.iloc[[15, 16, 40, 41, 62, 63, 90, 91]] *= 6
    table, _ = placebo(
        {"all": posts},
        calendar(posts, [15, 40, 62, 90]),
        draws=999,
        trend_days=30,
        rng=np.random.default_rng(1),
    )
    assert (table.p_value[table.statistic == "abnormal_0_2"] < 0.02).all()


def test_redrawn_calendars_keep_number_and_smallest_gap_and_reach_every_day():
    at = np.array([3, 8, 30, 35])
    drawn = redraw(60, at, 5000, np.random.default_rng(1))
    assert drawn.shape == (5000, 4)
    assert np.diff(drawn, axis=1).min() == 5
    assert set(np.unique(drawn)) == set(range(60))
    assert redraw(60, np.array([7]), 50, np.random.default_rng(1)).shape == (50, 1)


def test_shifts_are_all_the_other_ones():
    assert shifts(5, np.array([0, 3])).tolist() == [[1, 4], [2, 0], [3, 1], [4, 2]]


def test_days_ahead_are_averaged_as_far_as_there_are_any():
    rest = np.array([1.0, 2.0, 4.0, 8.0])
    assert ahead(rest, range(3)).tolist() == pytest.approx([7 / 3, 14 / 3, 6, 8])
    assert ahead(rest, [-2]).tolist() == [0, 0, 1, 2]
    assert log_residuals(series(), 30).mean() == pytest.approx(0, abs=1e-12)


def test_interrupted_recovers_a_planted_level_change():
    posts = series(120, alpha=0.1)
    posts.iloc[60:] *= 3
    terms, paths, notes = interrupted(
        {"all": posts}, calendar(posts, [60]), side_days=28, hac_days=7
    )
    level = terms[terms.term == "level"].iloc[0]
    assert level.lower < 3 < level.upper
    assert level.lower > 1.5
    after = paths[paths.counterfactual.notna()]
    assert len(paths) == 56
    assert len(after) == 28
    assert after.date.min() == posts.index[60].strftime("%Y-%m-%d")
    assert (after.posts.sum() / after.counterfactual.sum()) == pytest.approx(3, rel=0.4)
    assert notes.empty
    diagnostics = set(terms.term) - {"level", "slope"}
    assert diagnostics == {
        "ljung_box_p_lag_7",
        "pearson_dispersion",
        "event_day_leverage",
        "days",
    }


def test_interrupted_needs_two_weeks_on_either_side():
    posts = series(60)
    *tables, notes = interrupted({"all": posts}, calendar(posts, [5, 55]), side_days=28, hac_days=7)
    assert all(table.empty for table in tables)
    assert notes.note.str.contains("too short").all()
    assert list(notes.event) == ["E5", "E55"]


def best_segmentation(signal: np.ndarray, penalty: float) -> list[int]:
    """Exact optimal partitioning by dynamic programming, written independently."""
    length = len(signal)
    best, last = [0.0] + [np.inf] * length, [0] * (length + 1)
    for end in range(LEAST_SEGMENT, length + 1):
        for start in [0, *range(LEAST_SEGMENT, end - LEAST_SEGMENT + 1)]:
            if end - start < LEAST_SEGMENT or not np.isfinite(best[start]):
                continue
            part = signal[start:end]
            cost = best[start] + ((part - part.mean()) ** 2).sum() + penalty
            if cost < best[end]:
                best[end], last[end] = cost, start
    cuts, end = [], length
    while last[end]:
        end = last[end]
        cuts.append(end)
    return cuts[::-1]


@pytest.mark.parametrize("seed", range(4))
def test_change_points_equal_exact_dynamic_programming(seed):
    posts = series(90, seed=seed)
    posts.iloc[30:50] *= 5
    posts.iloc[70:] //= 4
    signal = adjusted(posts)
    penalty = 2 * long_run_variance(signal) * np.log(len(signal))
    assert detect(signal) == best_segmentation(signal, penalty)


def test_planted_changes_are_found_inside_their_intervals_without_the_calendar():
    posts = series(150, alpha=0.1)
    posts.iloc[50:100] *= 8
    tables = [
        change_points({"all": posts}, calendar(posts, at), bootstrap=200, generator=fresh)[0]
        for at in ([52, 97], [10], [])
    ]
    first = tables[0]
    expected = [posts.index[at] for at in (50, 100)]
    found = list(pd.to_datetime(first.date))
    assert all(abs((one - two).days) <= 1 for one, two in zip(found, expected, strict=True))
    assert (first.lower <= first.date).all()
    assert (first.upper >= first.date).all()
    columns = ["date", "lower", "upper", "before", "after"]
    assert all(first[columns].equals(other[columns]) for other in tables[1:])
    assert list(first.nearest_event) == ["E52", "E97"]
    assert abs(first.days_from_event - [-2, 3]).max() <= 1
    assert tables[2].nearest_event.isna().all()


def correlated(days: int, correlation: float, seed: int) -> pd.Series:
    """Counts around a constant level whose log noise is correlated from day to day."""
    rng = np.random.default_rng(seed)
    noise = np.zeros(days)
    for day in range(1, days):
        noise[day] = correlation * noise[day - 1] + rng.normal(0, 0.6 * (1 - correlation**2) ** 0.5)
    index = pd.date_range("2019-06-01", periods=days)
    return pd.Series(rng.poisson(80 * np.exp(noise)), index=index)


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_a_change_is_rarely_found_where_there_is_none(correlation):
    """Also where days resemble their neighbours, as real ones do."""
    found = [bool(detect(adjusted(correlated(115, correlation, seed)))) for seed in range(100)]
    assert sum(found) <= 20


def test_a_sparse_series_has_no_change_points_but_a_note():
    posts = pd.Series(
        np.random.default_rng(1).poisson(0.2, 120), index=pd.date_range("2019-06-01", periods=120)
    )
    table, notes = change_points({"all": posts}, calendar(posts, []), bootstrap=50, generator=fresh)
    assert table.empty
    assert notes.note.str.contains("sparse").all()


def test_adding_a_series_changes_no_other_series_numbers():
    one, two = series(150), series(150, seed=9)
    one.iloc[50:100] *= 6
    two.iloc[70:] *= 5
    alone, _ = change_points({"b": two}, calendar(two, []), bootstrap=60, generator=fresh)
    both, _ = change_points({"a": one, "b": two}, calendar(two, []), bootstrap=60, generator=fresh)
    pd.testing.assert_frame_equal(alone, both[both.series == "b"].reset_index(drop=True))


@pytest.mark.parametrize("alpha", [0.001, 0.3, 1.7])
def test_the_score_of_alpha_is_the_slope_of_the_likelihood(alpha):
    posts = series().to_numpy()
    mean = np.full(len(posts), 55.0)

    def likelihood(at):
        return sm.families.NegativeBinomial(alpha=at).loglike(posts, mean)

    step = alpha * 1e-5
    slope = (likelihood(alpha + step) - likelihood(alpha - step)) / (2 * step)
    assert negbin.alpha_score(posts, mean, alpha) == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize(("mean", "alpha"), [(0.4, 1.5), (6.0, 0.3), (800.0, 0.6), (90_000.0, 0.6)])
def test_moments_of_log_counts_are_those_of_a_large_sample(mean, alpha):
    rng = np.random.default_rng(2)
    logs = np.log(rng.negative_binomial(1 / alpha, 1 / (1 + alpha * mean), 400_000) + 0.5)
    centre, spread = negbin.log_moments(np.array([mean]), alpha)
    assert centre[0] == pytest.approx(logs.mean(), abs=0.01)
    assert spread[0] == pytest.approx(logs.var(), rel=0.02)


def test_a_single_event_without_effect_has_a_ratio_around_one():
    """A skewed count lies below its mean on most days; the forecast must allow for that."""
    logs, rejected = [], 0
    for seed in range(60):
        posts = series(130, alpha=0.8, seed=seed)
        _, effects, _ = event_study({"all": posts}, calendar(posts, [64]), **SETTINGS)
        row = effects[effects.effect == "days_0_6"].iloc[0]
        logs.append(np.log(row.rate_ratio))
        rejected += row.p_value < 0.05
    assert np.mean(logs) == pytest.approx(0, abs=3 * np.std(logs) / np.sqrt(60))
    assert rejected <= 10


def test_a_neighbouring_event_seen_on_one_day_only_does_not_decide_the_forecast():
    posts = series(130)
    posts.iloc[70 + 1] = 3  # the only day outside the window that follows the neighbour
    _, effects, notes = event_study({"all": posts}, calendar(posts, [64, 65]), **SETTINGS)
    own = effects[(effects.event == "E64") & (effects.effect == "days_0_6")].iloc[0]
    assert 0.4 < own.rate_ratio < 2.5
    assert notes[notes.event == "E64"].note.str.contains("cannot be told apart").all()


def test_a_campaign_that_never_posts_on_sundays_is_told_why_it_has_no_estimate():
    posts = series(150)
    posts[posts.index.day_of_week == 6] = 0
    _, _, notes = event_study({"all": posts}, calendar(posts, [40, 70, 100]), **SETTINGS)
    assert notes.note.str.contains("such as one weekday").all()
    assert len(notes) == 4


def test_the_trend_before_events_is_tested_at_its_level_and_found_when_there():
    found = 0
    for seed in range(100):
        posts = correlated(115, 0.6, seed)
        table, _ = placebo(
            {"all": posts},
            calendar(posts, [11, 33, 64, 65, 73, 91]),
            draws=99,
            trend_days=30,
            rng=np.random.default_rng(seed),
        )
        lead = table[(table.statistic == "lead_7_1") & (table.null == "circular_shift")]
        found += lead.p_value.iloc[0] <= 0.05
    assert found <= 13  # exact binomial 99.9 % bound around 5 of 100
    posts = series(115, alpha=0.1)
    for at in (30, 60, 90):
        posts.iloc[at - 5 : at] *= 6
    table, _ = placebo(
        {"all": posts},
        calendar(posts, [30, 60, 90]),
        draws=199,
        trend_days=30,
        rng=np.random.default_rng(1),
    )
    assert (table.p_value[table.statistic == "lead_7_1"] < 0.05).all()


def test_coinciding_terms_are_refused():
    design = np.ones((40, 2))
    with pytest.raises(TooLittleError, match="coincide"):
        negbin.fit(np.arange(40), design, 3)


def test_indicators_count_every_event_a_day_belongs_to():
    table = indicators(6, np.array([1, 2]), range(-1, 3))
    expected = [
        [sum(day - offset == at for at in (1, 2)) for offset in range(-1, 3)] for day in range(6)
    ]
    assert table.tolist() == expected
    assert positions(series().index, ["2019-06-03", "2019-06-01", "2019-06-03"]).tolist() == [0, 2]


def test_baseline_has_full_rank_at_every_length_a_model_accepts():
    for days, trend in itertools.product((44, 93, 115, 400), (14, 30)):
        table = baseline(pd.date_range("2019-06-01", periods=days), trend)
        assert np.linalg.matrix_rank(table.to_numpy()) == table.shape[1]
