# Solutions to notebook 2. They run in place of the exercise cells: see docs/teaching.md.
# ruff: noqa
# %% 2.1
answer = int(counted.max())
# %% 2.2
answer = int((utc.dt.date != local.dt.date).sum())
# %% 2.3
answer = int((everything == 0).sum())
# %% 2.4
answer = active.mean()
# %% 2.5
answer = series["kind:retweet"].sum() / series["all"].sum()
# %% 2.6
any_topic = table("thailand_092020/describe/topics.csv").set_index("topic").loc["(any)"]
answer = any_topic["posts_strict"] / any_topic["posts"]
# %% 2.7
answer = "b"
