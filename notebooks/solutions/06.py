# Solutions to notebook 6. They run in place of the exercise cells: see docs/teaching.md.
# ruff: noqa
# %% 6.1
answer = (nothing[nothing["method"] == "naive"]["p_value"] < 0.05).mean()
# %% 6.2
answer = (nothing[nothing["method"] == "shifted"]["p_value"] < 0.05).mean()
# %% 6.3
from scipy.stats import binom

answer = binom.interval(0.99, 1000, 0.05)[1] / 1000
# %% 6.4
intervals = doubled[doubled["method"] == "naive"]
answer = ((intervals["lower"] <= np.log(2)) & (np.log(2) <= intervals["upper"])).mean()
# %% 6.5
answer = (doubled[doubled["method"] == "shifted"]["p_value"] < 0.05).mean()
# %% 6.6
answer = "b"
