# Solutions to notebook 8. They run in place of the exercise cells: see docs/teaching.md.
# ruff: noqa
# %% 8.1
answer = "timezone"
# %% 8.2
own = accounting[accounting["file"].str.contains("tweets")]
answer = own[own["outcome"] == "quarantined"]["rows"].sum()
# %% 8.3
answer = own["rows"].sum()
# %% 8.4
answer = series["all"].idxmax()
# %% 8.5
answer = (placed["place"] == "modelled").sum()
# %% 8.6
row = pooled.set_index("effect").loc["days_0_6"]
answer = "yes" if row["lower"] <= task.ratio <= row["upper"] else "no"
# %% 8.7
answer = "c"
