"""Specification curve: every defensible choice at once (Simonsohn, Simmons, Nelson 2020).

The effect of the events is estimated under every combination of choices, and the curve as a whole
is compared with the curves of all circular shifts of the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from takedown.estimation.data import Data, Streams
from takedown.estimation.design import (
    MIN_EVENTS,
    Notes,
    TooLittleError,
    baseline,
    positions,
    require_days,
)
from takedown.estimation.effects import count_effects, groups
from takedown.estimation.estimand import LEVEL
from takedown.estimation.inference import exceedance
from takedown.estimation.randomisation import autocorrelation, precision, shifts
from takedown.estimation.settings import Settings
from takedown.estimation.windows import effect_weights

CHOICES = ["day", "retweets", "counted", "window", "family", "trend_days", "events"]
COLUMNS = [*CHOICES, "rate_ratio", "p_value"]
JOINT = ["statistic", "observed", "p_value", "specifications", "calendars"]
APART_DAYS = 7
LARGEST_LOG = 10.0


class Specification(NamedTuple):
    """``models/specification_curve.csv``, ``specification_test.csv`` and notes."""

    curve: pd.DataFrame
    test: pd.DataFrame
    notes: pd.DataFrame


def fit(data: Data, use: Settings, _: Streams) -> Specification:
    """The specification curve of a campaign."""
    return specification_curve(data.variants, data.events, trend_days=use.trend_days)


def specification_curve(
    variants: Mapping[tuple[str, str, str], pd.Series], events: pd.DataFrame, *, trend_days: int
) -> Specification:
    """The effect under every combination of choices, sorted, and its joint test.

    ``variants`` are daily posts by (day boundary, retweets, counted) on the model days. Each is
    combined with both effect windows, with least squares on logs and negative binomial regression,
    with the trend as configured and with 3/2 and 2/3 as many days per term, and with each set of
    events that has at least three distinct days.
    """
    notes = Notes("specification_curve")
    rows: list[tuple] = []
    drawn: list[np.ndarray] = []
    for variant, posts in variants.items():
        name = ", ".join(variant)
        try:
            require_days(posts, 30, "a specification curve")
        except TooLittleError as why:
            notes.add(name, why)
            continue
        baselines = trends(posts.index, trend_days)
        for (trend, base), (chosen, at) in product(baselines, event_sets(posts.index, events)):
            calendars = np.vstack([at, shifts(len(posts), at)])
            logs = np.log1p(posts.to_numpy(dtype=float))
            rho = autocorrelation(base, logs)
            try:
                counted = count_effects(posts, base, calendars)
            except TooLittleError as why:
                notes.add(name, f"{why} (trend {trend}, {chosen})")
                counted = {}
            for effect, weights in effect_weights(base, calendars).items():
                scale = precision(weights, rho)
                if not scale[0]:
                    notes.add(name, f"{chosen}, {effect}: not told apart from weekday and trend")
                    continue
                families = {"log1p": weights @ logs}
                if effect in counted:
                    families["negbin"] = counted[effect]
                for family, values in families.items():
                    if abs(values[0]) > LARGEST_LOG:
                        notes.add(name, f"{chosen}, {effect}, {family}: no post on the days")
                        continue
                    rows.append((*variant, effect, family, trend, chosen))
                    drawn.append(values * scale)
    if not rows:
        if not event_sets(next(iter(variants.values())).index, events):
            notes.add(
                "all", f"fewer than {MIN_EVENTS} distinct event days in the estimation window"
            )
        return Specification(
            pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=JOINT), notes.table()
        )
    table, joint = curve(pd.DataFrame(rows, columns=CHOICES), np.array(drawn))
    return Specification(table, joint, notes.table())


def trends(days: pd.DatetimeIndex, trend_days: int) -> list[tuple[int, np.ndarray]]:
    """The trend as configured, stiffer and more flexible (days per term), with its baseline.

    In a short window several of these reduce to the minimum number of terms; that is tried once.
    """
    found: dict[int, tuple[int, np.ndarray]] = {}
    for stiffness in (trend_days, round(trend_days * 2 / 3), round(trend_days * 3 / 2)):
        base = baseline(days, stiffness).to_numpy()
        found.setdefault(base.shape[1], (stiffness, base))
    return list(found.values())


def event_sets(days: pd.DatetimeIndex, events: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    """Names and positions of the sets of events with at least three distinct days.

    The sets are: all events; anticipated and unexpected events, if the calendar marks them; and
    events without another event in the week before. Identical sets count once.
    """
    at = positions(days, events["date"]) if len(events) else np.array([], dtype=int)
    first = np.diff(at, prepend=-APART_DAYS) >= APART_DAYS
    found = {"all events": at, "without one in the week before": at[first]}
    for group, chosen in groups(events).items():
        if group != "pooled":
            found[group.removeprefix("pooled_")] = positions(days, chosen["date"])
    distinct = {tuple(chosen): name for name, chosen in reversed(found.items())}
    return [
        (name, chosen)
        for name, chosen in found.items()
        if len(chosen) >= MIN_EVENTS and distinct[tuple(chosen)] == name
    ]


def curve(choices: pd.DataFrame, drawn: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sorted curve and its joint test.

    ``drawn`` (specifications x calendars) holds log ratios scaled to equal precision, with the
    observed calendar first. The joint statistics are the median effect; the share of effects with
    the sign of the median; the share that have this sign and are individually significant (by rank
    among the calendars); and the mean effect in units of its spread over calendars (Stouffer).
    """
    size = np.abs(drawn)
    # For each specification and calendar, the share of all calendars at least as extreme.
    ranks = np.array([exceedance_each(row) for row in size])
    spread = np.maximum(drawn.std(axis=1, keepdims=True), np.finfo(float).tiny)
    median = np.median(drawn, axis=0)
    same = np.sign(drawn) == np.sign(median)
    statistics = {
        "median_log_ratio": np.abs(median),
        "share_same_sign": same.mean(axis=0),
        "share_significant": (same & (ranks <= LEVEL)).mean(axis=0),
        "stouffer": np.abs((drawn / spread).mean(axis=0)),
    }
    joint = pd.DataFrame(
        [
            (
                name,
                float(median[0]) if name == "median_log_ratio" else float(values[0]),
                float(exceedance(values[0], values[1:])),
                len(drawn),
                drawn.shape[1] - 1,
            )
            for name, values in statistics.items()
        ],
        columns=JOINT,
    )
    table = choices.assign(rate_ratio=np.exp(drawn[:, 0]), p_value=ranks[:, 0])
    return table.sort_values("rate_ratio", kind="stable").reset_index(drop=True)[COLUMNS], joint


def exceedance_each(size: np.ndarray) -> np.ndarray:
    """For each element of ``size``, the share of all elements that are at least as large."""
    ordered = np.sort(size)
    return (len(size) - np.searchsorted(ordered, size - 1e-12, side="left")) / len(size)
