"""Accounts: planted bursts of creation, concentration by loops, and nothing that shows a few.

Accounts here are simulated.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from builders import clean, post, user, write_archive
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from takedown.estimation.design import TooLittleError
from takedown.io.tables import contract
from takedown.models.accounts import (
    COLUMNS_IN,
    accounts,
    bursts,
    gini,
    languages_used,
    lorenz_curve,
    wilson,
)

DAYS = pd.date_range("2018-01-01", periods=300)


def created(counts: np.ndarray, start: str = "2018-01-01") -> pd.Series:
    """Creation dates: so many accounts on each day."""
    return pd.Series(np.repeat(pd.date_range(start, periods=len(counts)), counts))


def people(count: int = 200, **columns: object) -> pd.DataFrame:
    days = DAYS[np.random.default_rng(1).integers(0, len(DAYS), count)]
    return pd.DataFrame({"account_creation_date": days, **columns})


def measure(
    table: pd.DataFrame, min_accounts: int = 5, seed: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[str]]:
    """The table by quantity, bursts, Lorenz curve and notes; each as its contract says."""
    rng = np.random.default_rng(seed)
    found, days, lorenz, dormancy, notes = accounts(
        table, min_accounts=min_accounts, bootstrap=200, rng=rng
    )
    tables = {"accounts": found, "creation_bursts": days, "lorenz": lorenz, "dormancy": dormancy}
    for name, frame in tables.items():
        contract(f"models/{name}.csv").validate(frame, lazy=True)
    return found.set_index("quantity"), days, lorenz, notes["note"].to_list()


@pytest.mark.parametrize("seed", range(3))
def test_gini_is_half_the_relative_mean_difference_of_all_pairs(seed: int) -> None:
    values = np.random.default_rng(seed).pareto(1.2, 80).round(1)
    pairs = np.abs(values[:, None] - values).mean()
    assert gini(np.sort(values)) == pytest.approx(pairs / (2 * values.mean()))


def test_gini_of_equals_and_of_one_for_all() -> None:
    assert gini(np.full(50, 7.0)) == pytest.approx(0)
    assert gini(np.array([*[0.0] * 49, 9.0])) == pytest.approx(49 / 50)
    several = np.sort(np.random.default_rng(1).random((3, 20)))
    assert gini(several) == pytest.approx([gini(row) for row in several])


@pytest.mark.parametrize(
    ("count", "least"), [(30, 5), (101, 5), (101, 7), (103, 1), (257, 3), (4000, 5), (30, 30)]
)
def test_the_lorenz_curve_ends_at_all_and_has_no_step_of_few_accounts(
    count: int, least: int
) -> None:
    active = np.sort(np.random.default_rng(2).pareto(1, count) + 1)
    table = lorenz_curve(active, least)
    accounts_share, posts_share = table["accounts_share"], table["posts_share"]
    assert (np.diff(accounts_share * count) >= least - 1e-9).all()
    assert len(table) <= 51
    assert (accounts_share.iloc[0], posts_share.iloc[0]) == (0, 0)
    assert (accounts_share.iloc[-1], posts_share.iloc[-1]) == (1, 1)
    slopes = np.diff(posts_share) / np.diff(accounts_share)
    assert (slopes > 0).all() and (np.diff(slopes) >= -1e-9).all()
    assert (posts_share <= accounts_share + 1e-12).all()
    for share, posts in table.to_numpy():
        assert posts == pytest.approx(active[: round(share * count)].sum() / active.sum())


def test_concentration_is_of_the_accounts_that_posted() -> None:
    posts = np.random.default_rng(3).negative_binomial(0.4, 0.02, 300)
    found, _, lorenz, notes = measure(people(300, posts=posts))
    active = np.sort(posts[posts > 0]).astype(float)
    row = found.loc["gini_of_posts"]
    assert row["value"] == pytest.approx(gini(active))
    assert row["lower"] < row["value"] < row["upper"]
    pd.testing.assert_frame_equal(lorenz, lorenz_curve(active, 5))
    never = int((posts == 0).sum())
    expected = (never / 300, *proportion_confint(never, 300, method="wilson"))
    interval = found.loc["share_never_posting", ["value", "lower", "upper"]]
    assert tuple(interval) == pytest.approx(expected)
    assert notes == []


@pytest.mark.parametrize(("found", "of"), [(0, 40), (7, 40), (40, 40), (1, 3000)])
def test_intervals_of_shares_are_those_of_wilson(found: int, of: int) -> None:
    expected = proportion_confint(found, of, method="wilson")
    assert wilson(found, of) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_planted_burst_is_found_on_its_day_and_does_not_hide_a_smaller_one() -> None:
    counts = np.random.default_rng(4).poisson(0.5, 300)
    counts[120], counts[200] = 60, 15
    found, days, _, notes = measure(pd.DataFrame({"account_creation_date": created(counts)}))
    assert list(days["date"]) == [str(DAYS[at].date()) for at in (120, 200)]
    assert list(days["accounts"]) == [60, 15]
    assert found["value"]["creation_burst_days"] == 2
    assert found["value"]["share_created_on_burst_days"] == pytest.approx(75 / counts.sum())
    assert notes == []


@pytest.mark.usefixtures("may_take_long")
def test_accounts_made_by_chance_on_any_day_are_no_burst() -> None:
    """At most one draw in twenty may have one, whatever the number of days looked at."""
    found = 0
    for seed in range(200):
        counts = np.random.default_rng(seed).poisson(1.5, 200)
        found += len(bursts(created(counts), min_accounts=4)) > 0
    assert found <= 20  # exact binomial 99.9 % bound around 10 of 200


def test_days_that_vary_more_than_by_chance_are_judged_by_their_variance() -> None:
    counts = np.random.default_rng(5).negative_binomial(0.3, 0.1, 300)
    table = bursts(created(counts), min_accounts=1)
    assert table.empty
    counts[150] = 90
    table = bursts(created(counts), min_accounts=1)
    assert list(table["accounts"]) == [90]
    near = counts.astype(float)[max(0, 150 - 182) : 150 + 183]
    others = near[near < 90]
    mean, variance = (others.sum() + 0.5) / len(others), others.var()
    # Variance = mean + mean^2 / size, and the chance is size / (size + mean).
    size = mean**2 / (variance - mean)
    null = stats.nbinom(size, size / (size + mean))
    assert null.stats("mv") == pytest.approx((mean, variance))
    row = table.iloc[0]
    assert row["expected"] == pytest.approx(mean)
    assert row["p_value"] == pytest.approx(null.sf(89) * 300)
    assert row["p_poisson"] == pytest.approx(stats.poisson(mean).sf(89) * 300)
    assert row["p_poisson"] < row["p_value"]


def test_only_the_year_about_a_day_counts() -> None:
    counts = np.zeros(800, dtype=int)
    counts[:300] = np.random.default_rng(7).poisson(3, 300)
    counts[600], counts[799] = 12, 1
    table = bursts(created(counts), min_accounts=5)
    assert list(table["accounts"]) == [12]
    assert table["expected"].iloc[0] == pytest.approx(0.5 / 364)


def test_a_steady_pace_is_no_burst() -> None:
    """The days as busy as a day are part of what explains it."""
    weekdays = np.tile([5, 5, 5, 5, 5, 0, 0], 30)
    assert bursts(created(weekdays), min_accounts=5).empty
    weekdays[100] = 40
    assert list(bursts(created(weekdays), min_accounts=5)["accounts"]) == [40]


def test_bursts_of_equal_size_do_not_hide_each_other() -> None:
    counts = np.random.default_rng(4).poisson(0.5, 300)
    counts[[100, 140, 200]] = 60
    assert list(bursts(created(counts), min_accounts=5)["accounts"]) == [60, 60, 60]


@pytest.mark.parametrize(("least", "shown"), [(5, 1), (12, 1), (13, 0)])
def test_a_burst_of_few_accounts_is_not_shown(least: int, shown: int) -> None:
    counts = np.zeros(300, dtype=int)
    counts[::10], counts[155] = 1, 12
    found, days, _, _ = measure(pd.DataFrame({"account_creation_date": created(counts)}), least)
    assert len(days) == found["value"]["creation_burst_days"] == shown


@pytest.mark.parametrize("unknown", [0, 30])
def test_accounts_all_of_one_day_have_no_year_to_compare_with(unknown: int) -> None:
    days = pd.Series([pd.Timestamp("2019-05-05")] * 100 + [pd.NaT] * unknown)
    _, table, _, notes = measure(pd.DataFrame({"account_creation_date": days}))
    assert table.empty
    assert notes == ["all accounts with a known creation date are of one day"]


def test_a_burst_alone_in_its_year_is_one() -> None:
    counts = np.zeros(600, dtype=int)
    counts[0], counts[400] = 1, 80
    table = bursts(created(counts), min_accounts=5)
    assert list(table["date"]) == ["2019-02-05"]


def test_missing_dates_are_left_out_and_where_all_are_missing_it_is_said() -> None:
    counts = np.random.default_rng(4).poisson(0.5, 300)
    counts[120] = 60
    known = created(counts)
    some = pd.concat([known, pd.Series([pd.NaT] * 50)], ignore_index=True)
    pd.testing.assert_frame_equal(bursts(some, 5), bursts(known, 5))
    found, *_ = measure(pd.DataFrame({"account_creation_date": some}))
    assert found["value"]["accounts"] == len(some)
    none = pd.DataFrame({"account_creation_date": pd.Series([pd.NaT] * 50)})
    _, table, _, notes = measure(none)
    assert table.empty
    assert notes == ["no account with a known creation date"]
    with pytest.raises(TooLittleError, match="no account"):
        bursts(none["account_creation_date"], 5)


def test_days_asleep_run_from_the_day_of_creation_to_the_first_post() -> None:
    start = pd.Timestamp("2019-01-01")
    asleep = np.arange(101)
    first = pd.Series(start + pd.to_timedelta(asleep, "D") + pd.Timedelta(hours=23, minutes=59))
    table = pd.DataFrame({"account_creation_date": start, "first_post": first})
    zoned = table.assign(first_post=first.dt.tz_localize("UTC"))
    for way in (table, zoned, zoned.assign(account_creation_date=start.date())):
        found, *_ = measure(way)
        quartiles = found["value"].filter(like="days_asleep")
        assert quartiles.to_dict() == {
            "days_asleep_first_quartile": 25,
            "days_asleep_median": 50,
            "days_asleep_third_quartile": 75,
        }
    few = table.assign(first_post=first.where(asleep < 19))
    found, *_ = measure(few)
    assert found.filter(like="days_asleep", axis=0).empty  # a quarter of 19 are not five


@pytest.mark.parametrize(
    ("silent", "several", "shown"),
    [
        (0, 0, {"share_never_posting": 0, "share_in_several_languages": 0}),
        (4, 4, {}),
        (5, 4, {"share_never_posting": 5 / 200}),
        (4, 5, {"share_in_several_languages": 5 / 150}),
    ],
)
def test_shares_that_rest_on_a_few_accounts_are_not_shown(
    silent: int, several: int, shown: dict[str, float]
) -> None:
    posts = np.where(np.arange(200) < silent, 0, 3)
    languages = np.where(np.arange(200) < several, 2.0, 1.0)
    languages[150:] = np.nan
    found, *_ = measure(people(posts=posts, languages=languages))
    assert found["value"].filter(like="share_").drop("share_created_on_burst_days").to_dict() == (
        pytest.approx(shown)
    )


def test_where_only_creation_dates_are_known_the_rest_is_left_out() -> None:
    found, _, lorenz, notes = measure(people())
    assert list(found.index) == ["accounts", "creation_burst_days", "share_created_on_burst_days"]
    assert lorenz.empty
    assert notes == []


def test_followers_have_quartiles_where_they_are_known() -> None:
    followers = np.where(np.arange(200) < 100, np.arange(200), np.nan)
    found, *_ = measure(people(follower_count=followers))
    assert found["value"]["followers_median"] == 49.5
    assert found["value"]["followers_third_quartile"] == pytest.approx(74.25)


@pytest.mark.parametrize(("count", "posted"), [(29, 29), (60, 29)])
def test_fewer_than_thirty_accounts_are_too_few(count: int, posted: int) -> None:
    posts = np.where(np.arange(count) < posted, 4, 0)
    found, days, lorenz, notes = measure(people(count, posts=posts))
    assert lorenz.empty and "gini_of_posts" not in found.index
    if count < 30:
        assert found.empty and days.empty
        assert notes == ["29 accounts; needs 30"]
    else:
        assert found["value"]["share_never_posting"] == pytest.approx(31 / 60)
        assert notes == ["29 accounts posted; concentration needs 30"]


def test_the_same_seed_gives_the_same_interval() -> None:
    table = people(posts=np.random.default_rng(6).poisson(5, 200))
    first, again, other = (measure(table, seed=seed)[0] for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_series_equal(first["value"], other["value"])
    assert not first.equals(other)


def test_a_language_is_used_by_who_writes_a_tenth_of_the_posts_in_it() -> None:
    posts = [("a", "en", 9), ("a", "th", 1), ("b", "en", 10), ("b", "th", 1), ("c", "und", 5)]
    posts += [("d", "en", 2), ("d", "fr", 2), ("d", "und", 90)]
    frame = pl.LazyFrame(
        [(who, language) for who, language, count in posts for _ in range(count)],
        schema=["userid", "language"],
        orient="row",
    )
    found = languages_used(frame).collect().sort("userid")
    assert found.rows() == [("a", 2), ("b", 1), ("d", 2)]


def test_the_accounts_of_an_archive_go_through(tmp_path: Path) -> None:
    """With the column types that cleaning leaves, also where no account has posted."""
    rows = [
        post(f"2019-11-{1 + number % 20:02d} 05:20", f"u{number % 40}", number)
        for number in range(160)
    ]
    users = [
        user(f"u{number}", account_creation_date="2019-01-15", follower_count=str(number))
        for number in range(60)
    ]
    own = clean(
        tmp_path,
        write_archive(tmp_path / "a.zip", rows),
        [write_archive(tmp_path / "b_users.zip", users, list(users[0]))],
    )
    table = own.accounts.join(languages_used(own.posts.lazy()).collect(), on="userid", how="left")
    found, _, lorenz, _ = measure(table.select(COLUMNS_IN).to_pandas())
    assert found["value"]["accounts"] == 60
    assert found["value"]["share_never_posting"] == pytest.approx(20 / 60)
    assert found["value"]["gini_of_posts"] == pytest.approx(0)
    assert found["value"]["followers_median"] == 29.5
    asleep = (date(2019, 11, 1) - date(2019, 1, 15)).days
    assert asleep <= found["value"]["days_asleep_first_quartile"] <= asleep + 20
    assert len(lorenz) == 9
    silent = table.filter(pl.col("posts") == 0).select(COLUMNS_IN).to_pandas()
    found, _, lorenz, notes = measure(pd.concat([silent, silent]))
    assert found["value"]["share_never_posting"] == 1
    assert lorenz.empty
    assert "0 accounts posted; concentration needs 30" in notes
