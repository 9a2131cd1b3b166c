"""Scripts load only what they use: for most of them, starting takes longer than what they compute.

Counted are modules, not seconds, in the jobs of the default study and of the small one.
"""

from __future__ import annotations

from conftest import Project
from tiers import notes

#: The most modules that the script of a rule may have loaded at its end, where it draws nothing
#: and fits nothing: pandas, polars, and the contracts of tables.
MOST = 1350
FEWER = {
    **dict.fromkeys(["fetch_archive", "write_manifest"], 650),
    **dict.fromkeys(["write_paper", "run_notebook", "write_findings", "place_news"], 1100),
}
#: Matplotlib without pyplot's tools and without pandas' plotting.
DRAWING = 1150
#: Models that statsmodels fits, and distributions of SciPy.
FITTING = {
    **dict.fromkeys(["fit_event_study", "fit_interrupted", "fit_lead_lag"], 2150),
    **dict.fromkeys(["fit_specification", "fit_change_points"], 1750),
    "fit_negative_controls": 1500,
}
#: Run by the test of the guides, which may come later: a model, and all that are calibrated.
OF_GUIDES = {"fit_week_after": 1500, "try_estimators": 2500}
#: Searches for dates that changed, or orders campaigns by likeness, as it draws; cuts fonts down.
ALSO = {"draw_volume": MOST, "draw_similarity": MOST, "write_page": 1500}


def most(rule: str) -> int:
    known = FEWER | FITTING | OF_GUIDES | ALSO
    return known.get(rule, DRAWING if rule.startswith("draw_") and "placebo" not in rule else MOST)


def test_no_script_loads_more_than_it_uses(default_study: Project, tiny: Project) -> None:
    loaded: dict[str, int] = {}
    for kind, *words in notes():
        if kind == "modules":
            rule, number = words
            loaded[rule] = max(int(number), loaded.get(rule, 0))
    assert len(loaded) > 40
    assert set(FEWER | FITTING) <= set(loaded)
    assert {rule: number for rule, number in loaded.items() if number > most(rule)} == {}
