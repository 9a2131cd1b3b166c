"""pyproject.toml, environment.yml, the locks and what is installed agree; none names a registry."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from audit import entries, pin

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"python-isal": "isal"}
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-cluster.lock"]
OURS = {"takedown", "snakemake_logger_plugin_takedown"}


def declared() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [Requirement(line) for line in project["dependencies"]]
    return {canonicalize_name(one.name): one for one in found}


def conda() -> dict[str, Requirement]:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    lines = [line for line in environment["dependencies"] if isinstance(line, str)]
    lines += next(line["pip"] for line in environment["dependencies"] if isinstance(line, dict))
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(CONDA_NAMES.get(one.name, one.name)): one for one in found}


def locked(lock: str = "requirements.lock") -> list[tuple[str, Version]]:
    return [pin(entry) for entry in entries(ROOT / lock)]


def test_conda_and_pip_users_get_the_same_direct_dependencies_and_ranges():
    wanted, given = declared(), conda()
    assert given.keys() - wanted.keys() == {"python", "pip"}
    assert not wanted.keys() - given.keys()
    for name, requirement in wanted.items():
        assert requirement.specifier == given[name].specifier, name
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert Requirement("python" + project["requires-python"]).specifier == given["python"].specifier


def test_the_lock_holds_every_direct_dependency_within_its_range():
    pins = locked()
    for name, requirement in declared().items():
        versions = [version for pinned, version in pins if pinned == name]
        assert versions, f"{name} is not locked: run make lock"
        assert all(version in requirement.specifier for version in versions), name


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    found = [part for part in re.split(r"\n(?=[A-Za-z0-9])", text) if not part.startswith("#")]
    assert len(found) == len(locked(lock)) > 5
    assert all("--hash=sha256:" in part for part in found)


def test_no_two_locks_disagree():
    names = [{name for name, _ in locked(lock)} for lock in LOCKS]
    assert sum(map(len, names)) == len(set.union(*names))


def test_what_is_installed_is_what_the_locks_name_and_nothing_else():
    if Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        pytest.skip("not run in the environment that make sets up")
    wanted = {
        pin(one)
        for lock in ("requirements.lock", "requirements-dev.lock")
        for one in entries(ROOT / lock)
        if one.marker is None or one.marker.evaluate()
    }
    installed = metadata.distributions()
    found = {(canonicalize_name(one.name), Version(one.version)) for one in installed}
    assert found == wanted


def third_party(path: Path) -> set[str]:
    """The packages from elsewhere that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - OURS


def test_a_study_imports_nothing_that_only_tests_have():
    names = {name for name, _ in locked()}
    given = metadata.packages_distributions()
    files = [*ROOT.glob("workflow/**/*.py"), *ROOT.glob("notebooks/*.py")]
    files = [path for path in files if "bench" not in path.parts]
    used = {(path, name) for path in files for name in third_party(path)}
    assert len(used) > 100
    assert not [
        (str(path), name)
        for path, name in used
        if not {canonicalize_name(one) for one in given[name]} & names
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        r"https?://[^ \"]*(pypi|pythonhosted|npmjs|debian)",
        r"(^|[^A-Za-z0-9._-])/(root|home/[a-z]+)/",
        r"\.\./shared",
    ],
)
def test_tracked_files_name_no_registry_and_no_place_of_one_machine(pattern):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    found = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!tests/setup/test_dependencies.py", ":!.ci"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1, found.stdout[:500]
