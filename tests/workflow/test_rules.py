"""Rules are declarations, complete and short, and Snakemake's own linter has nothing to say."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from conftest import ROOT, TINY, Project, read_plans

RULE_FILES = sorted((ROOT / "workflow/rules").glob("*.smk"))
EVERY_RULE_HAS = ("output", "log", "benchmark", "message", "conda", "script")


def rules() -> dict[str, str]:
    """Text of every rule by name; those of a loop by the beginning of their names."""
    found: dict[str, str] = {}
    for path in RULE_FILES:
        text = path.read_text(encoding="utf-8")
        for indent, name, rest in re.findall(
            r"^( *)rule ?(\w*):\n((?:\1 +.*\n|\n)+)", text, flags=re.MULTILINE
        ):
            own = textwrap.dedent(indent + "rule:\n" + rest)
            of_loop = re.search(r'^ +name:\s+f"(\w+)\{', own, flags=re.MULTILINE)
            found[name or f"{of_loop[1]} {len(found)}"] = own
    return found


def test_every_script_belongs_to_a_rule_and_every_rule_was_found() -> None:
    scripts = {re.search(r'"\.\./scripts/(\w+\.py)"', text)[1] for text in rules().values()}
    assert scripts == {path.name for path in (ROOT / "workflow/scripts").glob("*.py")}
    text = "".join(path.read_text(encoding="utf-8") for path in [*RULE_FILES, ROOT / "Snakefile"])
    named = re.findall(r"^\s*(?:rule|checkpoint) ?(\w*):$", text, flags=re.MULTILINE)
    of_loops = [name for name in rules() if " " in name]
    own = sorted(name for name in named if name)
    assert own == sorted({*rules(), "all", "fetch_archives"} - {*of_loops})
    assert named.count("") == len(of_loops)


@pytest.mark.parametrize("rule", rules())
def test_a_rule_declares_all_it_needs_and_runs_nothing_itself(rule: str) -> None:
    text = rules()[rule]
    directives = set(re.findall(r"^    (\w+):", text, flags=re.MULTILINE))
    assert directives >= set(EVERY_RULE_HAS)
    assert not directives & {"run", "shell", "notebook", "wrapper"}
    script = re.search(r'"\.\./scripts/(\w+\.py)"', text)[1]
    declared = "code_of(" if script == "draw_figure.py" else f'code("{script}"'
    assert f"code={declared}" in re.sub(r"\(\s+", "(", text)


def test_log_benchmark_and_outputs_name_the_campaign() -> None:
    for name, text in rules().items():
        if "wildcards.campaign" in text:
            paths = re.findall(r'"(<(?:logs|benchmarks|results|data)>/[^"]*)"', text)
            assert len(paths) >= 2
            assert all("{campaign}" in path for path in paths), name


def test_every_path_is_written_once() -> None:
    """The outputs and records of rules; others refer to them."""
    text = "".join(path.read_text(encoding="utf-8") for path in RULE_FILES)
    paths = re.findall(r'"(<\w+>/[^"]*)"', text)
    assert sorted(paths) == sorted(set(paths))


def test_the_snakefile_is_a_table_of_contents() -> None:
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    own = re.findall(r"^\s*(?:def|class|import|for|run:|shell:)\b.*", text, flags=re.MULTILINE)
    assert not own
    included = {Path(name).name for name in re.findall(r'include: "(.*)"', text)}
    assert included == {path.name for path in RULE_FILES}


def test_plain_snakemake_without_display_or_python_path_runs_a_study(tiny: Project) -> None:
    """The fixture ran it so; here, that it was whole, that the display's path agrees, and lint."""
    said = ["--configfile", "tiny.yaml"]
    plan, dry, lint = tiny.answers(
        [
            {"words": [*said, "--summary"]},
            {"words": [*said, "--logger", "takedown", "-n"]},
            {"words": ["--lint"]},
        ]
    )
    plans = read_plans(*plan)
    assert {each.campaign for each in plans} == {*TINY, ""}
    assert not [each for each in plans if each.pending]
    assert dry[0] == 0 and "Nothing to do" in dry[1]
    assert lint[0] == 0 and "good condition" in lint[1], lint[1]
