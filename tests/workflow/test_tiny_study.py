"""Of a simulated study: no file is ever half there, every result says that it is simulated."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import SECOND, WATCHED, Project

FIRST = "simulated_a"
#: The figures of a campaign with all that a study file may name.
PICTURES = 10


def test_another_archive_of_the_family_needs_nothing_but_its_posts(tiny: Project) -> None:
    files = tiny.files("results/tiny")
    kinds = {Path(name).suffix for name in files if name.startswith(FIRST)}
    assert kinds == {".csv", ".json", ".pdf", ".png", ".svg"}
    own = {name.removeprefix(f"{SECOND}/") for name in files if name.startswith(f"{SECOND}/")}
    assert own == {name.removeprefix(f"{FIRST}/") for name in files if name.startswith(f"{FIRST}/")}
    page = files["index.html"].decode("utf-8")
    assert f'id="{SECOND}"' in page
    assert "ทวีต é.zip" in page
    assert b"no event" in files[f"{SECOND}/models/placebo_notes.csv"]


def test_bug_no_file_is_ever_half_written_under_its_final_name(tiny: Project) -> None:
    sizes = json.loads((tiny.root / WATCHED).read_text(encoding="utf-8"))
    assert len(sizes) > 80
    assert not [name for name in tiny.files("results") if name.endswith(".part")]
    there = {name: seen for name, seen in sizes.items() if not name.endswith(".part")}
    assert not [name for name, seen in there.items() if len(seen) > 1]


def test_every_result_of_a_simulated_campaign_says_so(tiny: Project) -> None:
    results = tiny.files("results/tiny")
    of_first = [name for name in results if name.startswith(f"{FIRST}/")]
    for path in ("index.html", "summary.txt", "paper.pdf", "manifest.json"):
        assert b"simulated" in results[path].lower(), path
    for path in of_first:  # they say it in their path; figures, which are passed on alone, in words
        if "/figures/" in path and path.endswith(".json"):
            words = json.loads(results[path])
            assert "SIMULATED" in words["caption"], path
            assert "SIMULATED" in words["title"], path
    assert b"SIMULATED, no real campaign" in results["index.html"]
    assert len([path for path in of_first if path.endswith(".png")]) == PICTURES


def test_figures_and_tables_on_all_campaigns_are_there_and_say_simulated(tiny: Project) -> None:
    files = tiny.files("results/tiny")
    for name in ("timeline", "campaigns", "profiles", "clocks", "responses", "similarity"):
        for kind in ("pdf", "svg", "png", "csv", "json"):
            assert files[f"figures/{name}.{kind}"], name
        assert b"SIMULATED" in files[f"figures/{name}.json"], name
    for name in ("campaigns", "responses", "meta_analysis", "similarity"):
        assert files[f"atlas/{name}.csv"]
    page = files["index.html"].decode()
    assert page.count("figures/similarity.pdf") == 1
    # No estimate of theirs is calibrated: no mean is taken, and the figure says why.
    assert "not calibrated" in files["figures/responses.json"].decode()
