"""Interrupted time series: segmented regression around each event (Wagner et al. 2002).

Negative binomial, log link: level and slope before the event, their change from the event's day
on, and weekday (Bernal, Cummins, Gasparrini 2017). The counterfactual is the fitted mean with both
changes set to zero.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from statsmodels.stats.diagnostic import acorr_ljungbox

from takedown.models import negbin
from takedown.models.design import Z95, Notes, TooLittleError, positions, require_days
from takedown.models.event_study import ratio

TERMS = ["series", "event", "term", "estimate", "lower", "upper"]
PATHS = ["series", "event", "date", "posts", "fitted", "counterfactual", "lower", "upper"]
LEAST_SIDE = 14
LJUNG_BOX_LAGS = 7


def interrupted(
    series: Mapping[str, pd.Series], events: pd.DataFrame, *, side_days: int, hac_days: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """``models/interrupted.csv``, ``interrupted_paths.csv`` and notes.

    Each model sees up to ``side_days`` days on either side of its event, at least 14, within the
    model window.
    """
    notes = Notes("interrupted")
    terms: list[tuple] = []
    paths: list[pd.DataFrame] = []
    for name, posts in series.items():
        if events.empty:
            notes.add(name, "no event in the model window")
        for event in events.itertuples():
            try:
                rows, path = segmented(posts, str(event.date), side_days, hac_days)
            except TooLittleError as why:
                notes.add(name, why, str(event.event))
                continue
            terms += [(name, event.event, *row) for row in rows]
            paths.append(path.assign(series=name, event=event.event))
    return (
        pd.DataFrame(terms, columns=TERMS),
        pd.concat(paths, ignore_index=True)[PATHS] if paths else pd.DataFrame(columns=PATHS),
        notes.table(),
    )


def segmented(
    posts: pd.Series, date: str, side_days: int, hac_days: int
) -> tuple[list[tuple], pd.DataFrame]:
    """Term rows and the path of one model. Raises :class:`TooLittleError` if it does not fit."""
    at = positions(posts.index, [date])[0]
    start, end = max(0, at - side_days), min(len(posts), at + side_days)
    if at - start < LEAST_SIDE or end - at < LEAST_SIDE:
        raise TooLittleError(
            f"too short: {at - start} days before and {end - at} from the event on in the model "
            f"window, needs {LEAST_SIDE} on each side"
        )
    near = posts.iloc[start:end]
    require_days(near, 2 * LEAST_SIDE, "a segmented regression")
    if not near.iloc[: at - start].any() or not near.iloc[at - start :].any():
        raise TooLittleError("no posts on one side of the event")
    time = np.arange(start, end) - at
    after = (time >= 0).astype(float)
    weekday = pd.get_dummies(near.index.day_of_week, drop_first=True, dtype=float).to_numpy()
    design = np.column_stack([np.ones(len(near)), time, after, after * time, weekday])
    fitted = negbin.fit(near.to_numpy(), design, hac_days)
    without = design.copy()
    without[:, [2, 3]] = 0
    log_mean = without @ fitted.params
    spread = Z95 * np.sqrt(np.einsum("ij,jk,ik->i", without, fitted.covariance, without))
    path = pd.DataFrame(
        {
            "date": near.index.strftime("%Y-%m-%d"),
            "posts": near.to_numpy(),
            "fitted": fitted.mean,
            "counterfactual": np.where(after, np.exp(log_mean), np.nan),
            "lower": np.where(after, np.exp(log_mean - spread), np.nan),
            "upper": np.where(after, np.exp(log_mean + spread), np.nan),
        }
    )
    ljung_box = acorr_ljungbox(fitted.residuals, lags=[LJUNG_BOX_LAGS])["lb_pvalue"].iloc[0]
    hat = np.linalg.pinv(design.T @ (design * weights(fitted)[:, None]))
    leverage = weights(fitted)[at - start] * design[at - start] @ hat @ design[at - start]
    rows = [
        ("level", *ratio(fitted.params[2], fitted.covariance[2, 2])),
        ("slope", *ratio(fitted.params[3], fitted.covariance[3, 3])),
        (f"ljung_box_p_lag_{LJUNG_BOX_LAGS}", float(ljung_box), None, None),
        ("pearson_dispersion", fitted.dispersion, None, None),
        ("event_day_leverage", float(leverage), None, None),
        ("days", float(len(near)), None, None),
    ]
    return rows, path


def weights(fitted: negbin.Fit) -> np.ndarray:
    """Working weights of the log-link negative binomial GLM: mean / (1 + alpha * mean)."""
    return fitted.mean / (1 + fitted.alpha * fitted.mean)
