"""pyproject.toml, environment.yml and requirements.lock agree; nothing names a registry."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"python-isal": "isal"}


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


def locked() -> list[tuple[str, str]]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [re.match(r"^([A-Za-z0-9._-]+)==([^ ;]+)", line) for line in lines]
    return [(canonicalize_name(pin.group(1)), pin.group(2)) for pin in pins if pin]


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


def test_every_pin_has_a_hash_and_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    entries = [entry for entry in entries if re.match(r"[A-Za-z0-9._-]+==", entry)]
    assert len(entries) == len(locked()) > 100
    assert all("--hash=sha256:" in entry for entry in entries)


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
