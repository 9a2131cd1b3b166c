"""Exercises of notebook 7: review a published figure."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from takedown.notebooks.data import given
from takedown.notebooks.exercise import Answer, Part, right, wrong
from takedown.notebooks.sentence import Sentence

PART = Part()


def bars() -> pd.Series:
    """The bars as published, by language."""
    return pd.read_csv(given("resources/charts/hk2019_chart_languages.csv")).set_index("label")[
        "value"
    ]


def minutes() -> pd.DataFrame:
    """Posts per minute and language: columns time, language, posts."""
    return pd.read_csv(given("resources/embedded/china_hk_2019_minute_counts.csv"))


def posts() -> pd.Series:
    """Posts by language."""
    return minutes().groupby("language")["posts"].sum()


@PART.exercise("7.1", "Add the bars.", '`chart["value"].sum()`')
def posts_of_the_chart() -> Iterator[Answer]:
    shown = bars()
    yield right(int(shown.sum()), "Keep that number in mind.")
    yield wrong(
        int(shown["zh"]), "That is the bar for Chinese. The campaign wrote in two languages."
    )
    yield wrong(int(posts().sum()), "That is what the data say. First, what does the chart say?")


@PART.exercise(
    "7.2",
    "Choose the rows of the language, and add up their `posts`.",
    '`minutes[minutes["language"] == "zh"]["posts"].sum()`',
)
def posts_in_chinese() -> Iterator[Answer]:
    found = posts()
    yield right(int(found["zh"]), "More than twice what the chart shows.")
    yield wrong(
        int((minutes()["language"] == "zh").sum()),
        "That counts rows. A row is a minute, with one post or many: you have just repeated the "
        "chart's error.",
    )
    yield wrong(int(found.sum()), "These are the posts in both languages.")
    yield wrong(int(found["en"]), "These are the posts in English.")


@PART.exercise("7.3", "Compute the candidates.", "How many rows have the language zh?")
def what_the_bar_counts() -> Iterator[Answer]:
    yield right("a", "To the last digit. Agreement that exact is an explanation.")
    yield wrong("b", "Compute it: the busiest day has not nearly that many posts.")
    yield wrong("c", "There are little more than a hundred days in the data.")
    yield wrong("d", "Compute it: it is far smaller.")


@PART.exercise("7.4", "Divide the true number by the chart's.")
def factor_of_understatement() -> Iterator[Answer]:
    true, shown = posts(), bars()
    yield right(
        float(true["zh"] / shown["zh"]), "More than half of the posts are not in the chart."
    )
    yield wrong(
        float(true["en"] / shown["en"]), "That is for English, where the error is much smaller."
    )
    yield wrong(
        float(true.sum() / shown.sum()),
        "That is for both languages together; give the factor for Chinese.",
    )
    yield wrong(float(true["zh"] - shown["zh"]), "That is the difference; give the factor.")


@PART.exercise("7.5", "Divide posts in English by all posts, from `minutes`.")
def share_in_english() -> Iterator[Answer]:
    true, shown = posts(), bars()
    yield right(
        float(true["en"] / true.sum()),
        "Little more than half of what the chart suggests. A sentence on the audience abroad would "
        "have to be rewritten.",
    )
    yield wrong(float(shown["en"] / shown.sum()), "That is the chart's share, of minutes.")
    yield wrong(
        float(true["en"] / true["zh"]),
        "That is English posts per Chinese post; divide by all posts instead.",
    )


@PART.exercise("7.6", "What does a file have one more of than it has posts?")
def difference_of_one() -> Iterator[Answer]:
    yield right(
        "b",
        "In a spreadsheet, the last post is in row 21,386: the names of the columns take up the "
        "first. That fits exactly, but it is still a guess.",
    )
    yield wrong("a", "Possible, but Twitter published 21,385 from the beginning.")
    yield wrong("c", "Nobody rounds to 21,386.")


#: Words that a review does not use about a person.
KIND = r"^(?!.*\b(fraud|lied|lying|fake|manipulat\w*|dishonest|sloppy|mislead\w*)\b)"


@PART.exercise(
    "7.7",
    "Both numbers (34,957 and 16,144), what the bars count, and what to change.",
    "Begin: 'The bar for Chinese shows 16,144, the data hold 34,957 posts ...'",
)
def review() -> Iterator[Answer]:
    yield right(
        Sentence(
            on_a_result=False,
            needs=(
                (KIND, "Speak of the chart, not of the person, and do not allege intent."),
                (r"16[,. ']?144", "What does the chart show? Give 16,144."),
                (r"34[,. ']?957", "What do the data say? Give 34,957."),
                (r"minute|rows", "Say what the bars count instead: minutes, the rows of the data."),
                (
                    r"\bsum\b|histfunc|\badd(ed|ing)?\b|relabel|rename|total number"
                    r"|(change|correct|call) the (title|label|axis)|(title|label) should",
                    "Suggest a repair: add up the posts, or change the title of the axis.",
                ),
            ),
        ),
        "An author can act on this within five minutes. That is what a review is for.",
    )
    yield wrong(
        "The chart is a fake: it shows 16,144 instead of 34,957 posts by counting minutes; add the "
        "posts up.",
        "not of the person",
    )
    yield wrong("The bar shows 16,144 although there are 34,957 posts.", "what the bars count")
    yield wrong(
        "The bar shows 16,144, which is the number of minutes; there are 34,957 posts.", "repair"
    )
