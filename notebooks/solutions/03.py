# Solutions to notebook 3. They run in place of the exercise cells: see docs/teaching.md.
# ruff: noqa
# %% 3.1
answer = np.mean([np.abs(at - day).min() <= 1 for day in range(len(days))])
# %% 3.2
answer = posts[near].mean() / posts[~near].mean()
# %% 3.3
answer = np.exp(0.2491) - 1
# %% 3.4
answer = (1 + (np.abs(others) >= abs(observed)).sum()) / (1 + len(others))
# %% 3.5
believed = effects[chosen & (effects["calibrated"] == "yes")]
answer = believed["p_value"].item()
# %% 3.6
answer = "b"
# %% 3.7
found = []
for last_day in range(14):
    own = log_ratio(at, last_day)
    moved = np.array([log_ratio(np.sort(each), last_day) for each in shifts(len(days), at)])
    found.append((1 + (np.abs(moved) >= abs(own)).sum()) / (1 + len(moved)))
answer = min(found)
# %% 3.8
answer = (
    "On days 0 to 2 after twelve dated events, the accounts that Twitter removed posted 1.28 "
    "times as much as their weekday pattern and trend suggest (95 % interval 0.74 to 2.20); moved "
    "calendars often look as striking (p = 0.28), so this is no evidence of a common response."
)
