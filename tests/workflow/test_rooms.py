"""The house: packages import only from the layers beneath them, and stages go by one name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import takedown

PACKAGE = Path(takedown.__file__).parent
#: From the lowest to the highest, as the package's docstring lists them.
LAYERS = [
    name for line in re.findall(r"^``([\w, ]+)``", takedown.__doc__ or "", re.MULTILINE)
    for name in line.split(", ")
]  # fmt: skip
MODULES = {
    ".".join(["takedown", *path.relative_to(PACKAGE).with_suffix("").parts]): path
    for path in PACKAGE.rglob("*.py")
    if path.stem != "__init__"
}


def imports(path: Path) -> set[str]:
    """The modules of the package that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (members & MODULES.keys()) or {node.module}
    return {name for name in found if name.startswith("takedown.")}


IMPORTS = {name: imports(path) for name, path in MODULES.items()}


def layer(module: str) -> int:
    return LAYERS.index(module.split(".")[1])


def test_every_room_is_listed_once_and_has_a_door() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    loose = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert rooms | loose == set(LAYERS)
    assert len(LAYERS) == len(set(LAYERS))
    assert len(loose) <= 4
    assert {path.parent for path in MODULES.values()} == {
        PACKAGE, *(PACKAGE / room for room in rooms)
    }  # fmt: skip


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_downwards(module: str) -> None:
    unknown = {name for name in IMPORTS[module] if name not in MODULES}
    assert not unknown - {f"takedown.{room}" for room in LAYERS}
    above = {name for name in IMPORTS[module] if layer(name) > layer(module)}
    assert not above


def test_no_module_imports_itself_by_way_of_others() -> None:
    waiting = {module: set(found) for module, found in IMPORTS.items()}
    while ready := {module for module, found in waiting.items() if not found & waiting.keys()}:
        waiting = {module: found for module, found in waiting.items() if module not in ready}
    assert not waiting, "these import each other"


def test_no_model_imports_another() -> None:
    for module, found in IMPORTS.items():
        if module.startswith("takedown.models."):
            siblings = {name for name in found if name.startswith("takedown.models.")}
            assert not siblings, f"{module}: move what they share to takedown.estimation"


ROOT = PACKAGE.parents[1]
SHARED = {"common", "lookups"}
STAGES = sorted({path.stem for path in (ROOT / "workflow/rules").glob("*.smk")} - SHARED)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_one_name_everywhere(stage: str) -> None:
    assert (PACKAGE / stage / "__init__.py").is_file()
    assert any((ROOT / "tests" / stage).glob("test_*.py"))
    assert f'include: "workflow/rules/{stage}.smk"' in (ROOT / "Snakefile").read_text("utf-8")
    assert f"\n## {stage}\n" in (ROOT / "docs/reference/rules.md").read_text("utf-8")
    page = (ROOT / "docs/explanation/how_it_works.md").read_text("utf-8")
    assert f"\n| {stage} | " in page


@pytest.mark.parametrize("stage", STAGES)
def test_the_tables_of_a_stage_lie_in_its_folder(stage: str) -> None:
    text = (ROOT / f"workflow/rules/{stage}.smk").read_text(encoding="utf-8")
    folders = set(re.findall(r"<results>/(?:\{campaign\}/)?(\w+)/", text))
    assert folders <= {stage}
