"""Reference pages on the workflow itself: its commands, rules, and which rule makes which file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from snakemake.api import OutputSettings, SnakemakeApi
from snakemake.settings.enums import Quietness
from snakemake.settings.types import ConfigSettings, ResourceSettings

from pages.table import MADE, rows
from takedown.io.tables import contracts

STUDY = Path("config/config.yaml")
#: One file of a figure; a rule lists the file of each format as an output of its own.
FIGURE = re.compile(r"^(.*/figures/\w+)\.(pdf|svg|png|csv|json)$")


@dataclass(frozen=True)
class Rule:
    """A rule of the workflow: its name, its rule file, what it does, its script and its outputs."""

    name: str
    stage: str
    what: str
    script: str
    makes: tuple[str, ...]


@cache
def all_rules() -> tuple[Rule, ...]:
    """The rules as Snakemake reads them with the default study, in the order of the Snakefile."""
    with as_before(), SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        read = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[STUDY]),
            snakefile=Path("Snakefile"),
        )._workflow
        return tuple(
            Rule(
                name=rule.name,
                stage=Path(rule.snakefile).stem,
                what=rule.message.partition(": ")[2],
                script=Path(rule.script).name,
                makes=tuple(dict.fromkeys(map(shown, map(str, rule.output)))),
            )
            for rule in read.rules
            if rule.script
        )


@contextmanager
def as_before() -> Iterator[None]:
    """Undo what the rule files change for their scripts: ``sys.executable`` and the environment."""
    executable, environment = sys.executable, dict(os.environ)
    try:
        yield
    finally:
        sys.executable = executable
        os.environ.clear()
        os.environ.update(environment)


def shown(path: str) -> str:
    """An output's path as shown to users, with the study and wildcards in angle brackets."""
    path = re.sub(r"\{(\w+)(,[^{}]*(\{[^{}]*\})?[^{}]*)?\}", r"<\1>", path)
    path = path.replace("/default/", "/<study>/")
    found = FIGURE.match(path)
    return f"{found[1]}.(pdf, svg, png, csv, json)" if found else path


def rules_page() -> str:
    """Every rule with what it does and makes, stage by stage."""
    lines = [
        MADE,
        "# The rules",
        "",
        "Source: the rule files in `workflow/rules/`, as Snakemake reads them. A rule is a step of "
        "the workflow: it says what it needs, what it makes, and which script does the work. Run "
        'one alone with `make run ARGS="--until place_news"`, see all steps of a study with '
        "`make run ARGS=-n`. For the way back, from a file to its rule: "
        "[which rule made this file](which_rule_made_this_file.md).",
    ]
    for stage, found in by_stage():
        lines += ["", f"## {stage}", "", f"In `workflow/rules/{stage}.smk`.", ""]
        lines += rows(
            "rule | what it does | script | makes",
            (
                (
                    f"`{rule.name}`",
                    rule.what,
                    f"`{rule.script}`",
                    "<br>".join(f"`{path}`" for path in rule.makes),
                )
                for rule in found
            ),
        )
    return "\n".join(lines) + "\n"


def by_stage() -> Iterator[tuple[str, list[Rule]]]:
    """The rules of each rule file, in the order of the files."""
    for stage in dict.fromkeys(rule.stage for rule in all_rules()):
        yield stage, [rule for rule in all_rules() if rule.stage == stage]


def files_page() -> str:
    """Every file that the workflow makes, with its rule, its script and a link to its columns."""
    lines = [
        MADE,
        "# Which rule made this file?",
        "",
        "Source: the rule files in `workflow/rules/`, as Snakemake reads them. Find the file, and "
        "with it the rule that made it and the script in `workflow/scripts/` that was run. Its "
        "inputs, with their sha256, are told by `make why FILE=` and its path.",
        "",
    ]
    found = [(path, rule) for rule in all_rules() for path in rule.makes]
    found.sort(key=lambda pair: (pair[0], pair[1].name))
    lines += rows(
        "file | rule | script | columns",
        ((f"`{path}`", f"`{r.name}`", f"`{r.script}`", columns_of(path)) for path, r in found),
    )
    return "\n".join(lines) + "\n"


def columns_of(path: str) -> str:
    """A link to the columns of a table, or blank if there is no contract for it."""
    names = [name for name in contracts() if path.endswith(f"/{name}")]
    if path.endswith("_notes.csv"):
        return "[models/*_notes.csv](tables.md#models_notescsv)"
    return f"[{names[0]}](tables.md#{re.sub('[^a-z_]', '', names[0])})" if names else ""


def commands_page() -> str:
    """Every command in the Makefile and what it does."""
    text = Path("Makefile").read_text(encoding="utf-8")
    help_lines = re.findall(r"^## ?(.*)$", text, re.MULTILINE)
    found: list[list[str]] = []
    for line in help_lines:
        if line.startswith("make "):
            command, _, what = line.partition("  ")
            found.append([command, what.strip()])
        elif line.strip() and line.startswith(" "):
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
    lines = [
        MADE,
        "# The commands",
        "",
        "Source: `Makefile`; `make help` prints the same list. All work in the project folder, "
        "install nothing outside it, and can be stopped with Ctrl-C and run again. `ARGS=` passes "
        "words on: to Snakemake for studies, to pytest for tests. With `PYTHON=` and a path, that "
        "Python is used to set up.",
        "",
        *rows("command | what it does", ((f"`{name}`", what) for name, what in found)),
    ]
    return "\n".join(lines) + "\n"
