# Solutions to notebook 7. They run in place of the exercise cells: see docs/teaching.md.
# ruff: noqa
# %% 7.1
answer = chart["value"].sum()
# %% 7.2
answer = minutes[minutes["language"] == "zh"]["posts"].sum()
# %% 7.3
answer = "a"
# %% 7.4
shown = chart.set_index("label")["value"]["zh"]
answer = minutes[minutes["language"] == "zh"]["posts"].sum() / shown
# %% 7.5
answer = minutes[minutes["language"] == "en"]["posts"].sum() / minutes["posts"].sum()
# %% 7.6
answer = "b"
# %% 7.7
answer = (
    "The bar for Chinese shows 16,144 under the title 'Number of state troll tweets', while the "
    "published data hold 34,957 posts in Chinese. The bars equal the number of rows, which are "
    "minutes with posts. The ranking of the languages stands; the share of English does not (8 % "
    "instead of 14 %). I suggest adding the posts up, or changing the title of the axis."
)
