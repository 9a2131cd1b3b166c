# Solutions to notebook 4. They run in place of the exercise cells: see docs/teaching.md.
# ruff: noqa
# %% 4.1
answer = own[(own["calibrated"] == "yes") & (own["term"] == "level")]["estimate"].item()
# %% 4.2
dates = own[own["method"] == "log1p_dates"].set_index("term")["estimate"]
answer = dates["level"] * dates["slope"] ** 7
# %% 4.3
answer = "b"
# %% 4.4
answer = levels.set_index("event")["p_value"]["E08"] * len(levels)
# %% 4.5
answer = len(changes(1))
# %% 4.6
answer = matches[(matches["series"] == "all") & (matches["within_days"] == 3)]["expected"].item()
# %% 4.7
answer = (
    "The level of the removed accounts' posting changed on 9 February 2020 (95 % interval 8 to 14 "
    "February), a day after the shooting in Korat began; of three such changes, 0.8 would "
    "lie within a day of an event by chance, and the method finds changes where there are none."
)
