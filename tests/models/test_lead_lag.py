"""Lead and lag against statsmodels and loops, planted lags, and news that cannot be compared.

Series here are simulated.
"""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.tsa.api import VAR
from statsmodels.tsa.ar_model import AutoReg, ar_select_order
from statsmodels.tsa.stattools import adfuller, grangercausalitytests, kpss

from takedown.io.tables import contract
from takedown.models.findings import relation
from takedown.models.lead_lag import BURN, HORIZON, Pair, bands, granger, lead_lag, results

LAGS = range(-7, 8)


def stream(name: str, seed: int = 1) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def daily(values: np.ndarray, start: str = "2019-06-01") -> pd.Series:
    return pd.Series(values, index=pd.date_range(start, periods=len(values)))


def attention(values: np.ndarray, name: str = "news", start: str = "2019-06-01") -> pd.DataFrame:
    days = daily(np.asarray(values), start).index.strftime("%Y-%m-%d")
    return pd.DataFrame({"date": days, "series": name, "value": np.asarray(values, dtype=float)})


def autoregressive(days: int, persistence: float, seed: int) -> np.ndarray:
    """A series of mean 0 and variance 1 in which every day resembles the day before."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=days)
    for day in range(1, days):
        fresh = values[day] * np.sqrt(1 - persistence**2)
        values[day] = persistence * values[day - 1] + fresh
    return values


def related(lag: int, days: int = 150, seed: int = 3) -> tuple[pd.Series, pd.DataFrame]:
    """Posts that follow the news by ``lag`` days; lead them, where it is negative."""
    driver = autoregressive(days + 20, 0.5, seed)
    rng = np.random.default_rng([seed, 1])
    posts = rng.poisson(np.exp(4 + 0.6 * driver[10 - lag : 10 - lag + days]))
    return daily(posts), attention(rng.poisson(np.exp(3 + 0.6 * driver[10 : 10 + days])))


def unrelated(seed: int, days: int = 110) -> tuple[pd.Series, pd.DataFrame]:
    posts, news = (autoregressive(days, 0.6, 2 * seed + each) for each in range(2))
    return daily(np.exp(4 + 0.6 * posts).round()), attention(np.exp(3 + 0.6 * news).round())


def wandering(days: int = 120, seed: int = 5) -> tuple[pd.Series, pd.DataFrame]:
    """Two random walks, on the scale of logs."""
    walks = np.cumsum(np.random.default_rng(seed).normal(0, 0.3, (2, days)), axis=1)
    posts, news = np.exp(5 + walks).round()
    return daily(posts), attention(news)


def fit(
    posts: pd.Series, news: pd.DataFrame, **settings: object
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return lead_lag({"all": posts}, news, **{"bootstrap": 60, "generator": stream} | settings)


def values_of(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("test")[["lag", "statistic", "p_value"]]


def pair_of(posts: pd.Series, news: pd.DataFrame) -> Pair:
    return Pair.of(posts, news.set_index(pd.DatetimeIndex(news["date"]))["value"])


def adjusted(values: pd.Series) -> np.ndarray:
    """log(1 + value) less weekday means, as the residuals of a regression."""
    weekday = pd.get_dummies(values.index.day_of_week, dtype=float).to_numpy()
    return np.asarray(sm.OLS(np.log(1 + values.to_numpy(dtype=float)), weekday).fit().resid)


def past(values: np.ndarray, lags: int) -> np.ndarray:
    """Columns of the ``lags`` days before, without the first days, written out."""
    return np.column_stack([values[lags - lag : len(values) - lag] for lag in range(1, lags + 1)])


def f_test(effect: np.ndarray, cause: np.ndarray, lags: int, extra: int) -> tuple[float, float]:
    """F and p that the first ``lags`` of ``cause`` are worth nothing, by an explicit regression."""
    total = lags + extra
    design = np.column_stack(
        [np.ones(len(effect) - total), past(effect, total), past(cause, total)]
    )
    tested = np.eye(design.shape[1])[1 + total : 1 + total + lags]
    found = sm.OLS(effect[total:], design).fit().f_test(tested)
    return float(found.fvalue), float(found.pvalue)


@pytest.mark.parametrize("lags", [1, 3, 6])
def test_granger_in_a_stationary_pair_is_that_of_statsmodels(lags: int) -> None:
    pair = pair_of(*related(2))
    for effect, cause in ((pair.posts, pair.news), (pair.news, pair.posts)):
        value, p_value, _ = granger(effect, cause, lags, extra=0)
        direct = grangercausalitytests(np.column_stack([effect, cause]), [lags])[lags][0]
        assert value == pytest.approx(direct["ssr_ftest"][0], rel=1e-6)
        assert p_value == pytest.approx(direct["ssr_ftest"][1], rel=1e-6)
        wald = VAR(np.column_stack([effect, cause])).fit(lags).test_causality(0, 1, kind="f")
        assert value == pytest.approx(wald.test_statistic, rel=1e-6)


@pytest.mark.parametrize(("lags", "extra"), [(1, 1), (3, 1), (2, 0)])
def test_the_lag_too_many_of_toda_and_yamamoto_is_fitted_but_not_tested(
    lags: int, extra: int
) -> None:
    pair = pair_of(*wandering())
    for effect, cause in ((pair.posts, pair.news), (pair.news, pair.posts)):
        found = granger(effect, cause, lags, extra)[:2]
        np.testing.assert_allclose(found, f_test(effect, cause, lags, extra), rtol=1e-6)


@pytest.mark.parametrize("extra", [0, 1])
def test_the_p_of_shifts_is_the_rank_among_all_of_them(extra: int) -> None:
    pair = pair_of(*related(2, days=50))
    value, _, p_value = granger(pair.posts, pair.news, 2, extra)
    drawn = []
    for move in range(1, 50):
        turned = np.concatenate([pair.news[-move:], pair.news[:-move]])
        drawn.append(f_test(pair.posts, turned, 2, extra)[0])
    assert p_value == pytest.approx((1 + sum(one >= value - 1e-9 for one in drawn)) / 50)


def test_the_table_holds_these_tests_with_the_lags_that_akaike_chooses() -> None:
    for posts, news in (related(2), wandering()):
        pair, found = pair_of(posts, news), values_of(fit(posts, news)[0])
        assert found["lag"]["granger_news_to_posts"] == found["lag"]["granger_posts_to_news"]
        both = np.column_stack([pair.posts, pair.news])
        both = np.diff(both, axis=0) if pair.integrated else both
        lags = int(found["lag"]["granger_news_to_posts"])
        assert lags == max(1, VAR(both).select_order(7).selected_orders["aic"])
        for name, effect, cause in (
            ("granger_news_to_posts", pair.posts, pair.news),
            ("granger_posts_to_news", pair.news, pair.posts),
        ):
            expected = f_test(effect, cause, lags, extra=int(pair.integrated))
            np.testing.assert_allclose(
                found.loc[name, ["statistic", "p_value"]].astype(float), expected, rtol=1e-6
            )
            assert found["statistic"][f"{name}_shift"] == found["statistic"][name]
    assert pair.integrated


@pytest.mark.filterwarnings("ignore")  # KPSS outside its table; tuples that will become objects
def test_unit_roots_and_stationarity_are_those_of_direct_calls() -> None:
    for posts, news in (related(2), wandering()):
        found = values_of(fit(posts, news)[0])
        both = {"posts": adjusted(posts), "news": adjusted(daily(news["value"].to_numpy()))}
        for name, values in both.items():
            for test, direct in (
                ("adf", adfuller(values, maxlag=7, autolag="AIC")),
                ("kpss", kpss(values, nlags="auto")),
            ):
                statistic, p_value, lags = direct[:3]
                expected = (lags, statistic, p_value)
                assert tuple(found.loc[f"{test}_{name}"]) == pytest.approx(expected, rel=1e-6)


def whitened(posts: np.ndarray, news: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both less what the news' own autoregression makes of their past, in mean 0 and variance 1."""
    lags = max(ar_select_order(news, 7, ic="aic").ar_lags)
    weights = AutoReg(news, lags).fit().params[1:]
    both = (each - each.mean() for each in (posts, news))
    rest = [each[lags:] - past(each, lags) @ weights for each in both]
    return tuple((each - each.mean()) / each.std() for each in rest)


@pytest.mark.parametrize("lag", [2, -3])
def test_the_cross_correlation_is_that_of_numpy_at_every_lag(lag: int) -> None:
    series = related(lag)
    pair = pair_of(*series)
    table, paths, _ = fit(*series)
    found = paths[paths["path"] == "cross_correlation"].set_index("lag")
    assert list(found.index) == list(LAGS)
    posts, news = whitened(pair.posts, pair.news)
    full = np.correlate(posts, news, mode="full") / len(posts)  # lag 0 is in the middle
    expected = full[len(posts) - 1 - 7 : len(posts) + 7]
    np.testing.assert_allclose(found["value"], expected, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(found["upper"], 1.959963984540054 / np.sqrt(len(posts)), rtol=1e-9)
    np.testing.assert_allclose(found["lower"], -found["upper"])
    best = np.abs(expected).argmax()
    assert values_of(table)["lag"]["peak_lag"] == LAGS[best] == lag
    assert values_of(table)["statistic"]["peak_lag"] == pytest.approx(expected[best], rel=1e-6)


def test_the_p_of_the_peak_counts_all_fifteen_lags() -> None:
    table, paths, _ = fit(*unrelated(4))
    found = paths[paths["path"] == "cross_correlation"]
    z = found["value"].abs().max() / found["upper"].iloc[0] * 1.959963984540054
    draws = np.abs(np.random.default_rng(1).normal(size=(100_000, 15))).max(axis=1)
    assert values_of(table)["p_value"]["peak_lag"] == pytest.approx((draws >= z).mean(), abs=0.006)


@pytest.mark.parametrize("series", [related(2), wandering()], ids=["levels", "differenced"])
def test_impulse_responses_are_those_of_statsmodels(
    series: tuple[pd.Series, pd.DataFrame],
) -> None:
    pair = pair_of(*series)
    table, paths, _ = fit(*series)
    both = np.column_stack([pair.news, pair.posts])
    both = np.diff(both, axis=0) if pair.integrated else both
    lags = int(values_of(table)["lag"]["granger_news_to_posts"])
    expected = VAR(both).fit(lags).irf(14).orth_irfs
    for name, effect, cause in (("posts_after_news", 1, 0), ("news_after_posts", 0, 1)):
        found = paths[paths["path"] == name]
        assert list(found["lag"]) == list(range(15))
        np.testing.assert_allclose(found["value"], expected[:, effect, cause], rtol=1e-6)
        assert (found["lower"] <= found["upper"]).all()
    assert found["value"].iloc[0] == 0  # news come first: posts do not move them the same day


@pytest.mark.usefixtures("may_take_long")
def test_bands_of_impulse_responses_are_those_of_statsmodels() -> None:
    pair = pair_of(*related(2))
    fitted = VAR(np.column_stack([pair.news, pair.posts])).fit(3)
    lower, upper = bands(fitted, 200, np.random.RandomState(5))
    expected = fitted.irf_errband_mc(
        orth=True, repl=200, steps=HORIZON, signif=0.05, rng=np.random.RandomState(5), burn=BURN
    )
    np.testing.assert_allclose(lower, expected[0], atol=1e-9)
    np.testing.assert_allclose(upper, expected[1], atol=1e-9)
    assert (lower < upper).any()


@pytest.mark.parametrize("lag", [2, -2, 0, 5])
def test_a_planted_lag_is_found_with_its_sign(lag: int) -> None:
    posts, news = related(lag)
    table, paths, notes = fit(posts, news)
    found = values_of(table)
    assert found.loc["peak_lag", "lag"] == lag
    assert found.loc["peak_lag", "p_value"] < 0.001
    assert notes.empty
    forth, back = (
        found["p_value"][[f"granger_{way}", f"granger_{way}_shift"]]
        for way in ("news_to_posts", "posts_to_news")
    )
    if lag > 0:
        assert (forth < 0.03).all() and (back > 0.05).all()
        answer = paths[paths["path"] == "posts_after_news"].set_index("lag")
        assert answer.loc[lag, "lower"] > 0
    if lag < 0:
        assert (back < 0.03).all() and (forth > 0.05).all()
    row = table[table["test"] == "peak_lag"].itertuples()
    words = {2: "follows news by 2 days", -2: "leads news by 2 days", 0: "on the same day"}
    assert words.get(lag, "follows news by 5 days") in relation(next(row))


@pytest.mark.usefixtures("may_take_long")
def test_unrelated_series_are_said_to_be_so() -> None:
    """Though each resembles its own past, which makes plain correlations large."""
    rejected = {"peak_lag": 0, "granger_news_to_posts_shift": 0, "granger_posts_to_news_shift": 0}
    for seed in range(40):
        found = {row[0]: row for row in results(pair_of(*unrelated(seed)))}
        for name in rejected:
            rejected[name] += found[name][-1] <= 0.05
    assert max(rejected.values()) <= 7  # exact binomial 99.9 % bound around 2 of 40
    table, _, _ = fit(*unrelated(4))
    row = next(table[table["test"] == "peak_lag"].itertuples())
    assert "no lead or lag against news" in relation(row)


PLAIN = daily(np.random.default_rng(8).poisson(30, 90))
NEWS = attention(np.random.default_rng(9).poisson(20, 90))


@pytest.mark.parametrize(
    ("posts", "news", "reason"),
    [
        (PLAIN, NEWS[:0], "no attention series in the study window"),
        (PLAIN, NEWS[:30], "covers 30 of the model days, lead and lag needs 45"),
        (PLAIN, attention(NEWS["value"], start="2021-01-01"), "covers 0 of the model days"),
        (PLAIN, NEWS.drop(index=[20, 50]), "no value on 2 days, the first 2019-06-21"),
        (PLAIN, attention(np.full(90, 7.5)), "constant at 7.5"),
        (PLAIN, attention(np.cumsum(NEWS["value"])), "give the daily increase"),
        (PLAIN, attention(np.arange(90) % 7), "news depend on the weekday alone"),
        (PLAIN, attention(NEWS["value"] - 20), "values below 0"),
        (PLAIN, pd.concat([NEWS, NEWS]).sort_values("date"), "two values on 2019-06-01"),
        (PLAIN * 0, NEWS, "no posts"),
        (PLAIN * 0 + 4, NEWS, "constant: 4 posts every day"),
        (PLAIN[:40], NEWS, "covers 40 of the model days"),
        (PLAIN.where(PLAIN.index.day % 28 == 0, 0), NEWS, "posts on only 3 days"),
        (daily(np.arange(90) % 7 + 1), NEWS, "posts depend on the weekday alone"),
    ],
    ids=[
        "no news", "short news", "other year", "gaps", "constant news", "running total",
        "weekly news", "negative", "twice", "no posts", "constant posts", "short posts",
        "hardly a post", "weekly posts",
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_said_with_its_reason(
    posts: pd.Series, news: pd.DataFrame, reason: str
) -> None:
    table, paths, notes = fit(posts, news)
    assert table.empty and paths.empty
    assert len(notes) == 1 and (notes["series"] == "all").all()
    assert reason in notes["note"][0]
    if len(news):
        assert notes["note"][0].startswith("news: ")


def test_posts_that_are_their_own_news_have_a_note_or_numbers() -> None:
    table, paths, notes = fit(PLAIN, attention(PLAIN))
    assert table.empty == paths.empty == (len(notes) == 1)


SPARSE = (np.arange(90) % 13 == 3) * 4


@pytest.mark.parametrize(
    ("posts", "news"),
    [
        (PLAIN, attention(np.random.default_rng(1).poisson(20, 200), start="2019-04-01")),
        (PLAIN, attention(np.random.default_rng(1).poisson(20, 60))),
        (PLAIN[:45], NEWS),
        (daily(SPARSE), NEWS),
        (PLAIN, attention(np.arange(90) == 60)),
        (daily(SPARSE), attention(np.arange(90) == 60)),
        (daily(np.arange(90)), attention(np.arange(90)[::-1])),
        (daily(np.where(np.arange(90) < 40, 0, 9)), attention(np.arange(90) > 60)),
        (PLAIN * 10**9, attention(NEWS["value"] * 1e12)),
    ],
    ids=[
        "longer news", "shorter news", "fewest days", "sparse posts", "one day of news",
        "both sparse", "straight lines", "steps", "huge",
    ],
)  # fmt: skip
def test_what_can_be_compared_has_every_number(posts: pd.Series, news: pd.DataFrame) -> None:
    table, paths, notes = fit(posts, news)
    assert notes.empty
    contract("models/lead_lag.csv").validate(table.assign(calibrated=None), lazy=True)
    contract("models/lead_lag_paths.csv").validate(paths, lazy=True)
    assert len(table) == 9 and len(paths) == 15 + 2 * 15
    assert table.notna().all(axis=None)


def test_only_the_days_they_share_count() -> None:
    posts, news = related(2)
    longer = pd.concat([attention([900.0] * 20, start="2019-05-12"), news])
    pd.testing.assert_frame_equal(fit(posts, longer)[0], fit(posts, news)[0])
    inside = slice(30, 120)
    part = fit(posts[inside], news[inside])
    pd.testing.assert_frame_equal(fit(posts, news[inside])[1], part[1])
    pd.testing.assert_frame_equal(fit(posts[inside], news)[1], part[1])


def test_bands_depend_on_the_seed_alone_and_values_not_even_on_that() -> None:
    posts, news = related(2)
    first, again, other = (
        fit(posts, news, generator=lambda name, seed=seed: stream(name, seed))[1]
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    drop = ["lower", "upper"]
    pd.testing.assert_frame_equal(first.drop(columns=drop), other.drop(columns=drop))
    assert not first.equals(other)


def test_no_pair_changes_the_numbers_of_another() -> None:
    posts, news = related(2)
    series = {"topic:a": unrelated(1, 150)[0], "all": posts, "topic:b": posts * 0}
    several = pd.concat([attention(NEWS["value"], "a news"), news, attention([3] * 150, "z news")])
    asked: list[str] = []

    def noted(name: str) -> np.random.Generator:
        asked.append(name)
        return stream(name)

    both = lead_lag(series, several, bootstrap=60, generator=noted)
    assert len(asked) == len(set(asked)) == 4  # random numbers of its own for each pair
    for alone, among in zip(fit(posts, news)[:2], both[:2], strict=True):
        chosen = among[(among["series"] == "all") & (among["attention"] == "news")]
        pd.testing.assert_frame_equal(chosen.reset_index(drop=True), alone)
    pairs = both[0][["series", "attention"]].drop_duplicates()
    assert [tuple(pair) for pair in pairs.to_numpy()] == [
        (name, news) for news in ("a news", "news") for name in ("topic:a", "all")
    ]
    assert len(both[2]) == 5  # the posts of b never, the constant with neither of the others
