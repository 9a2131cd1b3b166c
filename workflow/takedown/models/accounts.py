"""Accounts: bursts of creation, dormancy before first use, and concentration of posting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from scipy.special import betainc, gammainc

from takedown.estimation.design import Notes, TooLittleError
from takedown.estimation.estimand import LEVEL
from takedown.estimation.inference import wilson

COLUMNS = ["quantity", "value", "lower", "upper", "reason"]
DESCRIBED = "describes these accounts; they are no sample"
BURSTS = ["date", "accounts", "expected", "p_value", "p_poisson"]
LORENZ = ["accounts_share", "posts_share"]
DORMANCY = ["accounts_share", "days"]
#: Columns known for each account if posts are available.
COLUMNS_IN = ["account_creation_date", "posts", "first_post", "follower_count", "languages"]
LEAST_ACCOUNTS = 30
LANGUAGE_SHARE = 0.1
YEAR_HALF = 182
LARGEST_SHARE = 0.05
LORENZ_STEPS = 50


def accounts(
    table: pd.DataFrame, *, min_accounts: int, bootstrap: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """``models/accounts.csv``, ``creation_bursts.csv``, ``lorenz.csv``, ``dormancy.csv``, notes.

    ``table`` has a row per account: account_creation_date (day) and, if known, posts, first_post
    (time), follower_count and languages (number of languages with at least a tenth of its posts).
    Nothing based on fewer than ``min_accounts`` accounts is shown.
    """
    notes = Notes("accounts")
    if len(table) < max(LEAST_ACCOUNTS, min_accounts):
        notes.add("all", f"{len(table)} accounts; needs {max(LEAST_ACCOUNTS, min_accounts)}")
        return (
            pd.DataFrame(columns=COLUMNS),
            pd.DataFrame(columns=BURSTS),
            pd.DataFrame(columns=LORENZ),
            pd.DataFrame(columns=DORMANCY),
            notes.table(),
        )
    try:
        found = bursts(table["account_creation_date"], min_accounts)
    except TooLittleError as why:
        notes.add("all", why)
        found = None
    rows: list[tuple[Any, ...]] = [("accounts", len(table), None, None, DESCRIBED)]
    if found is None:
        found = pd.DataFrame(columns=BURSTS)
    else:
        on_bursts = int(found["accounts"].sum())
        rows.append(("creation_burst_days", len(found), None, None, DESCRIBED))
        if shown(on_bursts, len(table), min_accounts):
            share = on_bursts / len(table)
            rows.append(("share_created_on_burst_days", share, None, None, DESCRIBED))
    lorenz = pd.DataFrame(columns=LORENZ)
    if "posts" in table:
        posts = table["posts"].to_numpy(dtype=float)
        posts = posts[~np.isnan(posts)]
        never = int((posts == 0).sum())
        if shown(never, len(posts), min_accounts):
            interval = wilson(never, len(posts))
            rows.append(("share_never_posting", never / len(posts), *interval, None))
        active = np.sort(posts[posts > 0])
        least = max(LEAST_ACCOUNTS, min_accounts)
        if len(active) >= least:
            drawn = np.sort(rng.choice(active, size=(bootstrap, len(active))), axis=1)
            low, high = np.percentile(gini(drawn), [2.5, 97.5])
            rows.append(("gini_of_posts", float(gini(active)), float(low), float(high), None))
            lorenz = lorenz_curve(active, min_accounts)
        else:
            notes.add("all", f"{len(active)} accounts posted; concentration needs {least}")
    dormancy = pd.DataFrame(columns=DORMANCY)
    if "first_post" in table:
        created = pd.to_datetime(table["account_creation_date"])
        asleep = (pd.to_datetime(table["first_post"]).dt.tz_localize(None) - created).dt.days
        rows += quartiles("days_asleep", asleep.dropna(), min_accounts)
        if len(asleep.dropna()) >= LEAST_ACCOUNTS:
            dormancy = quantiles(np.sort(asleep.dropna().to_numpy()), min_accounts)
    if "follower_count" in table:
        rows += quartiles("followers", table["follower_count"].dropna(), min_accounts)
    if "languages" in table:
        known = table["languages"].dropna()
        several = int((known > 1).sum())
        if shown(several, len(known), min_accounts):
            interval = wilson(several, len(known))
            rows.append(("share_in_several_languages", several / len(known), *interval, None))
    return pd.DataFrame(rows, columns=COLUMNS), found, lorenz, dormancy, notes.table()


def shown(part: int, of: int, min_accounts: int) -> bool:
    """Whether a share may be shown: neither it nor the remainder may be just a few accounts."""
    return of > 0 and all(count == 0 or count >= min_accounts for count in (part, of - part))


def languages_used(posts: pl.LazyFrame) -> pl.LazyFrame:
    """For each ``userid``, the number of ``languages`` with at least a tenth of its posts."""
    known = posts.filter(pl.col("language") != "und").group_by("userid", "language").agg(pl.len())
    share = pl.col("len") / pl.col("len").sum().over("userid")
    return known.filter(share >= LANGUAGE_SHARE).group_by("userid").agg(languages=pl.len())


def bursts(created: pd.Series, min_accounts: int) -> pd.DataFrame:
    """Days on which more accounts were created than the surrounding year explains.

    Columns: date; accounts; expected, the mean over the days within half a year, leaving out the
    days with as many accounts or more (at most one in twenty), so that one burst does not mask
    another; p_value (negative binomial with the mean and variance of those days) and p_poisson,
    both multiplied by the number of days tested (Bonferroni). Only rows with p_value at most 5 %
    and at least ``min_accounts`` accounts. Raises :class:`TooLittleError` if there are no creation
    dates or only one distinct date.
    """
    days = pd.to_datetime(created.dropna()).dt.normalize()
    if days.empty:
        raise TooLittleError("no account with a known creation date")
    counts = days.value_counts().sort_index()
    if len(counts) == 1:
        raise TooLittleError("all accounts with a known creation date are of one day")
    counts = counts.reindex(pd.date_range(counts.index[0], counts.index[-1]), fill_value=0)
    values = counts.to_numpy(dtype=float)
    rows = []
    for at in np.flatnonzero(values >= min_accounts):
        first = max(0, at - YEAR_HALF)
        near = np.sort(np.delete(values[first : at + YEAR_HALF + 1], at - first))
        as_many = int((near >= values[at]).sum())
        others = near[: len(near) - min(as_many, int(len(near) * LARGEST_SHARE))]
        mean = (others.sum() + 0.5) / len(others)
        over = max(float(others.var()) - mean, 1e-9)
        size = mean**2 / over
        # Upper-tail probabilities, negative binomial and Poisson.
        p_value = float(betainc(values[at], size, over / (mean + over)))
        p_poisson = float(gammainc(values[at], mean))
        adjusted = (min(p * len(values), 1.0) for p in (p_value, p_poisson))
        rows.append((counts.index[at].strftime("%Y-%m-%d"), int(values[at]), mean, *adjusted))
    table = pd.DataFrame(rows, columns=BURSTS)
    return table[table["p_value"] <= LEVEL]


def gini(ordered: np.ndarray) -> np.ndarray:
    """Gini coefficient of values sorted along the last axis (Gastwirth 1972)."""
    count = ordered.shape[-1]
    weight = 2 * np.arange(1, count + 1) - count - 1
    return (ordered * weight).sum(axis=-1) / (count * ordered.sum(axis=-1))


def steps(count: int, min_accounts: int) -> np.ndarray:
    """Numbers of accounts from 0 to ``count``, at most 51, ``min_accounts`` or more apart."""
    ends = np.linspace(0, count, min(LORENZ_STEPS, count // min_accounts) + 1)
    return np.unique(ends.round()).astype(int)


def lorenz_curve(ordered: np.ndarray, min_accounts: int) -> pd.DataFrame:
    """Share of posts by the least active share of accounts; steps of ``min_accounts`` or more."""
    at = steps(len(ordered), min_accounts)
    sums = np.concatenate([[0], np.cumsum(ordered)])
    return pd.DataFrame({"accounts_share": at / len(ordered), "posts_share": sums[at] / sums[-1]})


def quantiles(ordered: np.ndarray, min_accounts: int) -> pd.DataFrame:
    """Number of days that each share of accounts stays within; omits the maximum (one account)."""
    at = steps(len(ordered), min_accounts)[1:-1]
    return pd.DataFrame({"accounts_share": at / len(ordered), "days": ordered[at - 1]})


def quartiles(name: str, values: pd.Series, min_accounts: int) -> list[tuple]:
    """Rows for the quartiles, each of which is based on a quarter of the accounts."""
    if len(values) < 4 * min_accounts:
        return []
    points = np.percentile(values.to_numpy(dtype=float), [25, 50, 75])
    words = ("first_quartile", "median", "third_quartile")
    return [
        (f"{name}_{word}", float(point), None, None, DESCRIBED)
        for word, point in zip(words, points, strict=True)
    ]
