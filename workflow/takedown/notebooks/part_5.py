"""Exercises of notebook 5: which came first?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from takedown.notebooks.data import table
from takedown.notebooks.exercise import Answer, Part, right, wrong
from takedown.notebooks.sentence import Sentence

PART = Part()
PAIRS, DAYS, SEED = 500, 93, 5


def share_correlated(differences: bool) -> float:
    """Share of pairs of unrelated random walks (or of their steps) with |correlation| over 0.5."""
    rng = np.random.default_rng(SEED)
    pairs = [rng.normal(size=(2, DAYS)).cumsum(axis=1) for _ in range(PAIRS)]
    used = [np.diff(pair, axis=1) for pair in pairs] if differences else pairs
    return float(np.mean([abs(np.corrcoef(*pair)[0, 1]) > 0.5 for pair in used]))


def tests() -> pd.DataFrame:
    """The tests of all posts against the news series of Hong Kong."""
    rows = table("china_hk_2019/models/lead_lag.csv")
    return rows[rows["series"] == "all"].set_index(["attention", "test"])


@PART.exercise(
    "5.1",
    "In the line with `strong`, replace `one` by `np.diff(one)`, and the same for `other`.",
    "`np.mean([abs(np.corrcoef(np.diff(one), np.diff(other))[0, 1]) > 0.5 for ...])`",
)
def unrelated_changes() -> Iterator[Answer]:
    yield right(
        share_correlated(differences=True),
        "None. The steps of two walks have nothing in common; only their wandering suggested it.",
    )
    yield wrong(
        share_correlated(differences=False), "That is the share of the walks; take their changes."
    )
    yield wrong(1.0, "All of them? Compare with > 0.5, not < 0.5.")


@PART.exercise(
    "5.2",
    "The posts repeat what the news was three days earlier: they follow.",
    "Read it off the figure.",
)
def planted_lag() -> Iterator[Answer]:
    yield right(3, "Positive: posts follow. Check it this way in every program you use.")
    yield wrong(-3, "Wrong sign: np.roll(news, 3) moves the news 3 days later, so posts follow.")
    yield wrong(0, "Lag 0 compares the same days, but the series was moved.")


@PART.exercise("5.3", "The row `peak_lag` of the table.", "Its column `p_value`.")
def p_of_the_largest() -> Iterator[Answer]:
    own = tests()["p_value"]["Wikipedia page views"]
    yield right(
        float(own["peak_lag"]),
        "That is how often unrelated series of this length have so large a correlation.",
    )
    yield wrong(
        float(tests()["statistic"]["Wikipedia page views"]["peak_lag"]),
        "That is the correlation itself. Its p-value happens to be close to it.",
    )
    yield wrong(
        float(own["granger_posts_to_news"]),
        "That is the Granger test in one direction, by a method that failed calibration.",
    )
    yield wrong(
        float(own["granger_posts_to_news_shift"]), "That is the Granger test in one direction."
    )


@PART.exercise("5.4", "You have built the series yourself. Does `posted` use `reported`?")
def what_granger_says() -> Iterator[Answer]:
    yield right("b", "Prediction, not cause. The hidden event comes before both.")
    yield wrong(
        "a",
        "In the code, the posts never use the news: both repeat the hidden series. Yet p is small.",
    )
    yield wrong("c", "There is a relation, through the common cause. The test finds what it tests.")


@PART.exercise("5.5", "The smallest p-value, times the number of tests.")
def four_granger_tests() -> Iterator[Answer]:
    own = tests().reset_index()
    shifted = own[own["test"].str.match("granger_.*_shift")]["p_value"]
    least = float(shifted.min())
    yield right(
        least * len(shifted),
        "No longer below 0.05. Worth a second look with other data, but not a headline.",
    )
    yield wrong(least, "That is the smallest before the correction.")
    yield wrong(least * 2, "Two directions, but two news series: four tests.")
    yield right(1 - (1 - least) ** len(shifted), "That is the Sidak correction, just as good.")


@PART.exercise(
    "5.6",
    "The largest correlation is at lag -1, p = 0.25: about what unrelated series show.",
    "Begin: 'Posting neither follows nor leads ...'",
)
def sentence_on_page_views() -> Iterator[Answer]:
    yield right(
        Sentence(
            (
                (r"page views|wikipedia|attention", "Compared with what? Name the page views."),
                (
                    r"\bp\b\D{0,20}0?[.,]25",
                    "Give the p-value of the largest correlation: p = 0.25.",
                ),
                (r"-1|one day|a day|1 day", "Give the lag of the largest correlation, -1 day."),
                (
                    r"neither|no evidence (of|for|that (posting|posts|it|one))"
                    r"|no? (detectable|relation|sign)"
                    r"|cannot (be told|say|tell)|not detect|unrelated|due to chance",
                    "What follows from a p-value of 0.25? Say that no lead or lag is seen.",
                ),
            )
        ),
        "It says what was looked for and what was found, and does not hide an empty result.",
    )
    yield wrong(
        "Page views react to the campaign's posts a day later (p = 0.25), no evidence else.",
        "claims a cause",
    )
    yield wrong(
        "The posts lead Wikipedia page views by one day, with a p-value of p = 0.25.",
        "no lead or lag",
    )
    yield wrong("There is no evidence that posts lead or follow page views.", "p-value")
