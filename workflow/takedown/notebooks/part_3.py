"""Exercises of notebook 3: does volume move with the news?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from takedown.estimation.design import indicators, positions
from takedown.estimation.inference import exceedance
from takedown.estimation.randomisation import shifts
from takedown.notebooks.data import table
from takedown.notebooks.exercise import Answer, Part, right, wrong
from takedown.notebooks.sentence import Sentence
from takedown.series.modelled import days_of, wide

PART = Part()
WINDOWS = range(14)


def thai() -> tuple[pd.Series, np.ndarray]:
    """Posts in the Thai campaign's estimation window, and the positions of its events."""
    posts = wide(table("thailand_092020/series/daily.csv"))["all"]
    days = days_of(table("thailand_092020/series/estimation_window.csv"))
    events = table("thailand_092020/series/events.csv")
    return posts[days], positions(days, events.loc[events["place"] == "modelled", "date"])


def log_ratio(posts: pd.Series, at: np.ndarray, last_day: int) -> float:
    """The log ratio of mean posts on days 0 to ``last_day`` after events to those on other days."""
    near = indicators(len(posts), np.asarray(at), range(last_day + 1)).any(axis=1)
    return float(np.log(posts[near].mean() / posts[~near].mean()))


def against_shifts(posts: pd.Series, at: np.ndarray, last_day: int) -> tuple[float, np.ndarray]:
    """The log ratio for the calendar, and for each of its circular shifts."""
    moved = shifts(len(posts), at)
    others = np.array([log_ratio(posts, calendar, last_day) for calendar in moved])
    return log_ratio(posts, at, last_day), others


def p_value(own: float, others: np.ndarray) -> float:
    """Two-sided permutation p-value; the observed value counts among the draws."""
    return float(exceedance(np.abs(np.array(own)), np.abs(others)))


@PART.exercise(
    "3.1",
    "Go through the days: is the nearest event at most one day away?",
    "`np.mean([np.abs(at - day).min() <= 1 for day in range(len(days))])`",
)
def share_of_days_near_an_event() -> Iterator[Answer]:
    posts, at = thai()
    gaps = np.abs(np.arange(len(posts))[:, None] - at).min(axis=1)
    yield right(
        float((gaps <= 1).mean()),
        "One day in four. Of four changes in volume, one lies beside an event by chance alone.",
    )
    yield wrong(
        3 * len(at) / len(posts),
        "Three days for each event counts some days twice where events are close together.",
    )
    yield wrong(len(at) / len(posts), "These are only the days of the events.")
    yield wrong(int((gaps <= 1).sum()), "That is their number; divide by the number of days.")


@PART.exercise(
    "3.2",
    "`near` chooses the days after events, `~near` the others.",
    "`posts[near].mean() / posts[~near].mean()`",
)
def plain_ratio() -> Iterator[Answer]:
    posts, at = thai()
    near = indicators(len(posts), at, range(3)).any(axis=1)
    ratio = posts[near].mean() / posts[~near].mean()
    yield right(float(ratio), "It looks impressive. Sections 3.3 and 3.4 ask what it is worth.")
    yield wrong(
        float(posts[near].mean() / posts.mean()),
        "That compares with all days, including those after events. Compare with the others.",
    )
    yield wrong(
        float(posts[near].sum() / posts[~near].sum()),
        "These are sums, and there are more of the other days. Compare the means.",
    )
    yield wrong(float(np.log(ratio)), "That is its logarithm.")


@PART.exercise("3.3", "Take the exponential, then subtract 1.", "`np.exp(0.2491) - 1`")
def from_log_to_share() -> Iterator[Answer]:
    value = 0.2491
    yield right(float(np.exp(value) - 1), "28 % more: a rate ratio of 1.28.")
    yield wrong(
        value,
        "For small values the logarithm is close to the share, but not here: 0.2491 is 28 % more.",
    )
    yield wrong(float(np.exp(value)), "That is the rate ratio. The share is its excess over 1.")
    yield wrong(
        float(10**value - 1), "This is the natural logarithm: use np.exp, not a power of 10."
    )


@PART.exercise(
    "3.4",
    "Count with `(np.abs(others) >= abs(observed)).sum()`, then add 1 above and below the line.",
    "`(1 + (np.abs(others) >= abs(observed)).sum()) / (1 + len(others))`",
)
def p_of_the_plain_ratio() -> Iterator[Answer]:
    own, others = against_shifts(*thai(), last_day=2)
    found = p_value(own, others)
    yield right(
        found,
        "That is how often calendars with this spacing look at least as striking on these posts.",
    )
    count = int((np.abs(others) >= abs(own)).sum())
    yield wrong(
        count / len(others),
        "Nearly. The real calendar is counted too: add 1 above and below the line.",
    )
    yield wrong(
        (1 + int((others >= own).sum())) / (1 + len(others)),
        "That looks in one direction only. A fall would have been noticed as well.",
    )
    yield wrong(count, "That is how many; the p-value is a share.")


def of_hong_kong(statistic: str, null: str) -> float:
    placebo = table("china_hk_2019/models/placebo.csv").set_index(
        ["series", "event", "statistic", "null"]
    )
    return float(placebo.loc[("all", "pooled", statistic, null), "p_value"])


@PART.exercise(
    "3.5",
    "Only one of the two methods has `yes` in the column `calibrated`.",
    "It is the `p_value` of `negbin_shift`.",
)
def p_to_report() -> Iterator[Answer]:
    effects = table("china_hk_2019/models/event_effects.csv").set_index(
        ["series", "event", "method", "effect"]
    )["p_value"]
    own = ("all", "pooled")
    yield right(
        float(effects[(*own, "negbin_shift", "days_0_6")]),
        "It promises 5 % false positives and keeps to it. The other claims an effect in more than "
        "a third of the campaigns in which nothing happened.",
    )
    yield wrong(
        float(effects[(*own, "negbin_hac", "days_0_6")]),
        "That is from the usual regression. Look at the column `calibrated` before you trust it.",
    )
    yield wrong(
        float(effects[(*own, "negbin_shift", "days_0_2")]), "That is the one for days 0 to 2."
    )
    yield wrong(
        of_hong_kong("days_0_6", "free_redraw"),
        "That compares with events on random days, and ignores that real ones come in clusters.",
    )


@PART.exercise("3.6", "If Monday was busy, how much does a busy Tuesday add to what you know?")
def why_the_p_values_differ() -> Iterator[Answer]:
    yield right(
        "b",
        "Busy days come in runs that last longer than the regression allows for. Three months of "
        "them amount to fewer observations than it seems.",
    )
    yield wrong("a", "Both see the same days. Only the comparison differs.")
    yield wrong(
        "c",
        "A placebo test can lack power, but notebook 6 shows that it keeps to 5 %. The regression "
        "does not, and that alone explains its small p-value.",
    )


@PART.exercise(
    "3.7",
    "Compute the p-value for each `last_day` in `range(14)`, and take the smallest.",
    "A loop: `own = log_ratio(at, k)`, `moved = [log_ratio(np.sort(c), k) for c in shifts(...)]`.",
)
def smallest_of_fourteen() -> Iterator[Answer]:
    posts, at = thai()
    found = [p_value(*against_shifts(posts, at, last)) for last in WINDOWS]
    yield right(
        min(found),
        f"For the window ending on day {int(np.argmin(found))}. Reported alone, it would look "
        "better than it is.",
    )
    yield wrong(found[2], "That is the p-value for days 0 to 2. Try the other windows.")
    yield wrong(max(found), "That is the largest.")
    yield wrong(float(np.mean(found)), "That is their mean.")


@PART.exercise(
    "3.8",
    "Name the rate ratio (1.28), the interval (0.74 to 2.20), the p-value, and whose posts.",
    "Begin: 'On days 0 to 2 after the twelve events, the removed accounts posted 1.28 times "
    "as much as on ...'",
)
def sentence_on_the_thai_campaign() -> Iterator[Answer]:
    yield right(
        Sentence(
            (
                (
                    r"1[.,](28|3\b)|28\s*(%|percent|per cent)",
                    "How much? Give the rate ratio, 1.28.",
                ),
                (
                    r"0[.,]7[34]?\d*\D+2[.,](2|19)",
                    "Give the interval of the rate ratio: from 0.74 to 2.20.",
                ),
                (r"(?<![\d.,])0?[.,]2[78]", "How sure? Give the p-value, 0.28."),
                (
                    r"removed|deleted|suspended|took down|taken down|takedown|archive",
                    "For whom does it hold? Only accounts that were removed are in the archive.",
                ),
            )
        ),
        "This will satisfy a reviewer: comparison, size, interval, certainty, and for whom.",
    )
    yield wrong(
        "The news events caused 1.28 times as many posts (0.74 to 2.20, p = 0.28) by the removed "
        "accounts.",
        "claims a cause",
    )
    yield wrong(
        "After the events the removed accounts posted 1.28 times as much, p = 0.28.", "the interval"
    )
    yield wrong(
        "After the events, posts rose by the factor 1.28 (0.74 to 2.20, p = 0.28).", "For whom"
    )
