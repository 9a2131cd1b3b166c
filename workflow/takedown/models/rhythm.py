"""Rhythm: the hours at which a campaign posts, and the operator's clock.

Posts of one account are not independent. Intervals therefore resample whole accounts (or days, if
accounts are not known), and the Rayleigh test uses one mean direction for each.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from takedown.estimation.design import Notes, TooLittleError

COLUMNS = ["series", "quantity", "estimate", "lower", "upper", "unit", "reason", "resampled"]
CLOCK = ["offset", "share", "lower", "upper"]
HOURS = 168
WORKING = np.array([day < 5 and 9 <= hour < 18 for day in range(7) for hour in range(24)])
WORKDAYS = np.arange(HOURS) < 5 * 24
OFFSETS = range(-12, 15)
LEAST_UNITS = 20


def rhythm(
    local: np.ndarray,
    utc: np.ndarray,
    days: pd.DatetimeIndex,
    *,
    resampled: str,
    bootstrap: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """``models/rhythm.csv``, ``operators_clock.csv`` and notes.

    ``local`` and ``utc`` hold posts by hour of the week (units x 168, Monday 0:00 first) in the
    campaign's time zone and in UTC; a unit is an account or a day, as ``resampled`` says. ``days``
    are the days of the series.

    Quantities: ``working_hours_share``, the share of posts from Monday to Friday, 9:00 to 17:59;
    ``weekday_weekend_ratio``, posts per day from Monday to Friday divided by posts per weekend day;
    ``daily_concentration``, the mean resultant length on the 24-hour circle, and
    ``rayleigh_p_value``, its Rayleigh test (Mardia and Jupp 2000, 5.3); ``operators_clock``, the
    offset from UTC in hours that maximises the share in working hours;
    ``operators_clock_certainty``, the share of bootstrap samples that agree with it.
    """
    notes = Notes("rhythm")
    units = len(local)
    if units < LEAST_UNITS:
        notes.add("all", TooLittleError(f"{units} {resampled}; the rhythm needs {LEAST_UNITS}"))
        return pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=CLOCK), notes.table()
    again = rng.multinomial(units, np.full(units, 1 / units), size=bootstrap)
    drawn, drawn_utc = again @ local, again @ utc
    total, total_utc = local.sum(axis=0), utc.sum(axis=0)
    rows: list[tuple] = []

    def add(quantity: str, estimate: float, drawn: np.ndarray, unit: str) -> None:
        rows.append((quantity, float(estimate), *percentiles(drawn), unit, None))

    add("working_hours_share", share(total), share(drawn), "share")
    workdays, weekend = (days.day_of_week < 5).sum(), (days.day_of_week >= 5).sum()
    ratios = weekday_ratio(drawn, workdays, weekend)
    if workdays and weekend and np.isfinite(ratios).all():
        add("weekday_weekend_ratio", weekday_ratio(total, workdays, weekend), ratios, "ratio")
    else:
        notes.add("all", "too few posts on weekends: no ratio of weekdays to weekends")
    add("daily_concentration", concentration(total), concentration(drawn), "0 to 1")
    test = (rayleigh(local), None, None, "p-value", "a test has no interval")
    rows.append(("rayleigh_p_value", *test))
    shares, shares_drawn = working_shares(total_utc), working_shares(drawn_utc)
    # Ties go to the smallest offset.
    offset, offsets = (np.asarray(OFFSETS)[each.argmax(axis=0)] for each in (shares, shares_drawn))
    # Offsets are circular: an hour beyond +12 is an hour away, not a day.
    around = offset + (offsets - offset + 12) % 24 - 12
    add("operators_clock", offset, around, "hours from UTC")
    agreed = (float((offsets == offset).mean()), None, None, "share")
    rows.append(("operators_clock_certainty", *agreed, "itself says how sure the clock is"))
    table = pd.DataFrame(rows, columns=COLUMNS[1:-1]).assign(series="all", resampled=resampled)
    low, high = np.percentile(shares_drawn, [2.5, 97.5], axis=1)
    clock = pd.DataFrame(dict(zip(CLOCK, (OFFSETS, shares, low, high), strict=True)))
    return table[COLUMNS], clock, notes.table()


def percentiles(drawn: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile interval of a bootstrap."""
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def share(hours: np.ndarray) -> np.ndarray:
    """Share of posts in working hours; the last axis holds the hours of the week."""
    return hours[..., WORKING].sum(axis=-1) / hours.sum(axis=-1)


def weekday_ratio(hours: np.ndarray, workdays: int, weekend: int) -> np.ndarray:
    """Posts per weekday divided by posts per weekend day."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (hours[..., WORKDAYS].sum(axis=-1) / workdays) / (
            hours[..., ~WORKDAYS].sum(axis=-1) / weekend
        )


def direction(hours: np.ndarray) -> np.ndarray:
    """Mean direction of the posts on the 24-hour circle, as a complex number."""
    angle = np.exp(2j * np.pi * (np.arange(HOURS) % 24 + 0.5) / 24)
    return hours @ angle / hours.sum(axis=-1)


def concentration(hours: np.ndarray) -> np.ndarray:
    """Mean resultant length: 0 for posts spread evenly over the day, 1 for all at one time."""
    return np.abs(direction(hours))


def rayleigh(units: np.ndarray) -> float:
    """p-value of the Rayleigh test that the units' mean directions are uniform.

    The approximation of Wilkie (1983, *Applied Statistics* 32), accurate to three digits from n =
    10.
    """
    means = direction(units[units.sum(axis=1) > 0])
    means = means[np.abs(means) > 1e-9]
    count = len(means)
    z = np.abs((means / np.abs(means)).sum())
    return float(np.exp(np.sqrt(1 + 4 * count + 4 * (count**2 - z**2)) - (1 + 2 * count)))


def working_shares(utc: np.ndarray) -> np.ndarray:
    """Share of posts in working hours under each offset from UTC, -12 to 14, on the first axis."""
    return np.array([share(np.roll(utc, offset, axis=-1)) for offset in OFFSETS])
