# Solutions to notebook 5. They run in place of the exercise cells: see docs/teaching.md.
# ruff: noqa
# %% 5.1
answer = np.mean(
    [abs(np.corrcoef(np.diff(one), np.diff(other))[0, 1]) > 0.5 for one, other in pairs]
)
# %% 5.2
answer = by_lag(np.roll(news, 3) + 0.7 * noise, news).idxmax()
# %% 5.3
answer = own[own["test"] == "peak_lag"]["p_value"].item()
# %% 5.4
answer = "b"
# %% 5.5
answer = rows["p_value"].min() * len(rows)
# %% 5.6
answer = (
    "Posting by the removed accounts neither follows nor leads the page views detectably: the "
    "largest correlation, 0.25 with posts one day ahead (lag -1), is one that unrelated series of "
    "this length often show (p = 0.25)."
)
