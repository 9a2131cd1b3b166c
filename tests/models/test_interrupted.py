"""Segmented regression against direct fits, a published example, planted changes, bad input."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from simulated import BAD, SIDES, calendar, calm, correlated, explained, series, whole

from takedown.estimation import negbin
from takedown.io.tables import contract
from takedown.models.interrupted import interrupted, segments

DIAGNOSTICS = ["ljung_box_p_lag_7", "pearson_dispersion", "event_day_leverage", "days"]
METHODS = ["negbin_hac", "log1p_dates"]


def fitted(
    posts: pd.Series | dict[str, pd.Series], at: list[int], **sides: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Terms, paths and notes."""
    named = posts if isinstance(posts, dict) else {"all": posts}
    events = calendar(next(iter(named.values())), at)
    return interrupted(named, events, **(SIDES | sides))


def term(terms: pd.DataFrame, method: str, name: str) -> pd.Series:
    return terms[(terms["method"] == method) & (terms["term"] == name)].iloc[0]


def written_out(days: pd.DatetimeIndex, at: int) -> np.ndarray:
    """Intercept, slope, their changes from day number ``at`` on, and weekdays but Monday."""
    return np.array(
        [
            [1, day - at, day >= at, (day - at) * (day >= at)]
            + [days[day].weekday() == weekday for weekday in range(1, 7)]
            for day in range(len(days))
        ],
        dtype=float,
    )


def stepped(posts: pd.Series, at: int, ratio: float) -> pd.Series:
    factor = np.where(np.arange(len(posts)) >= at, ratio, 1)
    return (posts * factor).round().astype(int)


def test_the_terms_are_those_of_a_published_example() -> None:
    """Cigarette sales in California and Proposition 99, in force from 1989.

    Example of the command itsa: A. Linden (2015), Conducting interrupted time-series analysis for
    single- and multiple-group comparisons, Stata Journal 15, 480-500, data of Abadie, Diamond and
    Hainmueller (2010), packs per head and year, 1970 to 2000. Its digits are printed once more in
    the help of the command power itsa (Linden 2025): intercept 132.2258 in 1970, pre-trend
    -1.779474, step -20.0581, post-trend -3.274126.
    """
    packs = (
        "123 121 123.5 124.4 126.7 127.1 128 126.4 126.1 121.9 120.2 118.6 115.4 110.8 104.8 102.8 "
        "99.7 97.5 90.1 82.4 77.8 68.7 67.5 63.4 58.6 56.4 54.5 53.8 52.3 47.2 41.6"
    )
    sales = np.array(packs.split(), dtype=float)
    design = segments(pd.date_range("2019-06-01", periods=31), 19)[:, :4]
    level, slope, step, change = np.linalg.lstsq(design, sales, rcond=None)[0]
    assert f"{level - 19 * slope:.4f}" == "132.2258"
    assert f"{slope:.6f}" == "-1.779474"
    assert f"{step:.4f}" == "-20.0581"
    assert f"{slope + change:.6f}" == "-3.274126"


def test_segments_are_intercept_slope_their_changes_and_weekdays() -> None:
    days = pd.date_range("2019-06-01", periods=40)
    np.testing.assert_array_equal(segments(days, 15), written_out(days, 15))


def test_counts_equal_a_direct_statsmodels_call() -> None:
    posts = series(100)
    terms, path, _ = fitted(posts, [50])
    near = posts.iloc[22:78]
    design = written_out(near.index, 28)
    alpha = negbin.fit(near.to_numpy(), design, 7).alpha
    direct = sm.GLM(near.to_numpy(), design, family=sm.families.NegativeBinomial(alpha=alpha)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": True}, maxiter=300, tol=1e-14
    )
    for name, place in (("level", 2), ("slope", 3)):
        row = term(terms, "negbin_hac", name)
        found = row[["estimate", "lower", "upper"]].to_numpy(dtype=float)
        expected = np.exp([direct.params[place], *direct.conf_int()[place]])
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        assert row["p_value"] == pytest.approx(direct.pvalues[place], rel=1e-4)
    np.testing.assert_allclose(path["fitted"], direct.mu, rtol=1e-6)
    design[:, [2, 3]] = 0
    without = direct.get_prediction(design[28:]).summary_frame(alpha=0.05)
    columns = {"mean": "counterfactual", "mean_ci_lower": "lower", "mean_ci_upper": "upper"}
    for theirs, ours in columns.items():
        np.testing.assert_allclose(path[ours][28:], without[theirs], rtol=1e-6)
        assert path[ours][:28].isna().all()


def test_diagnostics_equal_statsmodels() -> None:
    posts = series(100)
    terms, _, _ = fitted(posts, [50])
    near = posts.iloc[22:78]
    design = written_out(near.index, 28)
    alpha = negbin.fit(near.to_numpy(), design, 7).alpha
    direct = sm.GLM(near.to_numpy(), design, family=sm.families.NegativeBinomial(alpha=alpha)).fit(
        maxiter=300, tol=1e-14
    )
    rest = direct.resid_pearson
    expected = {
        "ljung_box_p_lag_7": sm.stats.acorr_ljungbox(rest, lags=[7])["lb_pvalue"].iloc[0],
        "pearson_dispersion": direct.pearson_chi2 / (56 - 10),
        "event_day_leverage": direct.get_hat_matrix_diag(observed=False)[28],
        "days": 56,
    }
    for name, value in expected.items():
        row = term(terms, "negbin_hac", name)
        assert row["estimate"] == pytest.approx(value, rel=1e-6)
        assert row[["lower", "upper", "p_value"]].isna().all()


@pytest.mark.parametrize("side", [28, 20])
def test_changes_by_logs_equal_regressions_refitted_at_every_date(side: int) -> None:
    """Their p-values, and the level's interval by taking changes away from the data."""
    posts, at = correlated(75, 0.4, seed=1), 30
    terms, _, _ = fitted(posts, [at], side_days=side)
    logs = np.log1p(posts.to_numpy())
    dates = [at, *(date for date in range(14, 62) if date != at)]
    inverses = []
    for date in dates:
        days = np.arange(max(0, date - side), min(75, date + side))
        row = np.zeros((2, 75))
        row[:, days] = np.linalg.pinv(written_out(posts.index[days], date - days[0]))[2:4]
        inverses.append(row)
    days = np.arange(at - side if at >= side else 0, at + side)
    rest = sm.OLS(logs[days], written_out(posts.index[days], at - days[0])).fit().resid
    alike = min(max((rest[1:] * rest[:-1]).sum() / (rest**2).sum(), 0), 0.9)
    working = alike ** np.abs(np.subtract.outer(np.arange(75), np.arange(75)))
    since = (np.arange(75) >= at).astype(float)

    def p_of(place: int, change: float = 0) -> float:
        rows = [inverse[place] for inverse in inverses]
        errors = [float(np.sqrt(row @ working @ row)) for row in rows]
        values = [abs(float(row @ (logs - change * since))) for row in rows]
        drawn = [value * errors[0] / error for value, error in zip(values, errors, strict=True)]
        return sum(one >= values[0] - 1e-12 for one in drawn) / len(dates)

    for place, name in enumerate(("level", "slope")):
        row = term(terms, "log1p_dates", name)
        assert np.log(row["estimate"]) == pytest.approx(inverses[0][place] @ logs, rel=1e-6)
        assert row["p_value"] == pytest.approx(p_of(place))
    row = term(terms, "log1p_dates", "level")
    lower, upper = np.log(row["lower"]), np.log(row["upper"])
    small = 1e-6 * (upper - lower)
    assert p_of(0, lower + small) > 0.05 and p_of(0, upper - small) > 0.05
    assert p_of(0, lower - small) <= 0.05 and p_of(0, upper + small) <= 0.05
    assert term(terms, "log1p_dates", "slope")[["lower", "upper"]].isna().all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ratio", [0.5, 2, 3])
def test_a_planted_level_is_read_off_a_calm_series(method: str, ratio: float) -> None:
    terms, _, notes = fitted(stepped(calm(), 70, ratio), [70])
    row = term(terms, method, "level")
    assert row["estimate"] == pytest.approx(ratio, rel=0.05)
    assert row["lower"] < ratio < row["upper"]
    assert row["p_value"] <= 1 / 123
    assert term(terms, method, "slope")["estimate"] == pytest.approx(1, abs=0.005)
    assert notes.empty


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_slope_is_read_off_a_calm_series(method: str) -> None:
    posts = calm()
    growth = 1.03 ** np.clip(np.arange(150) - 70, 0, 27)
    terms, _, _ = fitted((posts * growth).round().astype(int), [70])
    assert term(terms, method, "slope")["estimate"] == pytest.approx(1.03, abs=0.005)
    assert term(terms, method, "level")["estimate"] == pytest.approx(1, abs=0.05)


def test_a_planted_level_is_inside_its_interval_and_in_the_counterfactual() -> None:
    posts = stepped(series(120, alpha=0.1), 60, 3)
    terms, paths, notes = fitted(posts, [60])
    level = term(terms, "negbin_hac", "level")
    assert 1.5 < level["lower"] < 3 < level["upper"]
    after = paths[paths["counterfactual"].notna()]
    assert len(paths) == 56
    assert len(after) == 28
    assert after["date"].min() == posts.index[60].strftime("%Y-%m-%d")
    assert after["posts"].sum() / after["counterfactual"].sum() == pytest.approx(3, rel=0.4)
    assert notes.empty


def test_every_event_has_the_same_terms() -> None:
    terms, _, _ = fitted(series(120), [40, 80])
    for _, table in terms.groupby("event"):
        by_counts = table["term"][table["method"] == "negbin_hac"]
        by_logs = table["term"][table["method"] == "log1p_dates"]
        assert by_counts.tolist() == ["level", "slope", *DIAGNOSTICS]
        assert by_logs.tolist() == ["level", "slope"]


def test_a_model_needs_two_weeks_on_either_side() -> None:
    terms, paths, notes = fitted(series(60), [5, 13, 14, 46, 47, 55])
    assert set(terms["event"]) == set(paths["event"]) == {"E14", "E46"}
    assert notes["event"].tolist() == ["E5", "E13", "E47", "E55"]
    assert notes["note"].str.contains("too short").all()


def test_a_side_without_posts_is_named() -> None:
    posts = series(80).where(np.arange(80) >= 40, 0)
    terms, _, notes = fitted(posts, [40])
    assert terms.empty
    assert notes["note"].tolist() == ["no posts on one side of the event"]


def test_too_few_other_dates_leave_a_note() -> None:
    _, _, notes = fitted(series(44), [22])
    assert notes["note"].str.contains("unbounded: too few other dates").all()
    assert len(notes) == 1


def test_p_values_by_rank_are_never_zero() -> None:
    terms, _, _ = fitted(stepped(calm(), 70, 50), [70])
    assert term(terms, "log1p_dates", "level")["p_value"] == 1 / 123
    assert (terms["p_value"][terms["method"] == "log1p_dates"] >= 1 / 123).all()


def test_numbers_of_a_series_do_not_depend_on_the_others() -> None:
    one, two = series(80), series(80, seed=9)
    alone = fitted({"b": two}, [30, 50])
    both = fitted({"a": one, "b": two}, [30, 50])
    for single, table in zip(alone, both, strict=True):
        again = table[table["series"] == "b"].reset_index(drop=True)
        pd.testing.assert_frame_equal(single, again, check_dtype=False)


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("case", BAD)
def test_bad_input_leaves_finite_rows_or_a_note(case: str) -> None:
    posts, at = BAD[case]
    terms, paths, notes = fitted(posts, at)
    assert whole(terms, "lower", "upper", "p_value", "reason")
    contract("models/interrupted.csv").validate(terms.assign(calibrated=None), lazy=True)
    assert whole(paths, "counterfactual", "lower", "upper")
    changes = terms[terms["term"].isin(["level", "slope"])]
    assert changes["p_value"].between(0, 1).all()
    level = terms[terms["term"] == "level"]
    assert (level["lower"] <= level["estimate"]).all()
    assert (level["estimate"] <= level["upper"]).all()
    assert all(explained(terms, notes, f"E{place}", METHODS) for place in at)
    assert not terms.empty or not notes.empty


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("no post at all", "no posts"),
        ("posts on one day", "no posts|posts on only 1 days"),
        ("as many posts every day", "constant"),
        ("fewer days than parameters", "too short"),
        ("no event", "no event in the estimation window"),
    ],
)
def test_what_carries_no_model_is_refused_with_its_reason(case: str, reason: str) -> None:
    posts, at = BAD[case]
    terms, paths, notes = fitted(posts, at)
    assert terms.empty and paths.empty
    assert len(notes) == max(len(at), 1)
    assert notes["note"].str.contains(reason).all()


def test_counts_that_do_not_converge_leave_a_note() -> None:
    terms, paths, notes = fitted(BAD["extreme days at all events"][0], [20])
    assert "negbin_hac" not in set(terms["method"]) and paths.empty
    assert notes["event"].tolist() == ["E20"]
    assert notes["note"].str.contains("did not converge").all()


def test_logs_are_estimated_where_counts_do_not_converge() -> None:
    terms, _, _ = fitted(BAD["extreme days at all events"][0], [20])
    assert set(terms["method"]) == {"log1p_dates"}
