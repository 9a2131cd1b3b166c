# Solutions to notebook 1. They run in place of the exercise cells: see docs/teaching.md.
# ruff: noqa
# %% 1.1
answer = len(catalogue[catalogue["country"] == "People's Republic of China"])
# %% 1.2
answer = len(posts)
# %% 1.3
again = posts["tweetid"].astype(float).astype("int64").astype(str)
answer = int((again != posts["tweetid"]).sum())
# %% 1.4
answer = str((pd.Timestamp("2020-02-08 18:30") + pd.Timedelta(hours=7)).date())
# %% 1.5
answer = 1 - accounts["userid"].isin(posts["userid"]).mean()
# %% 1.6
answer = "b"
