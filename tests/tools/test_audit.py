"""The audit of the locks: right about ranges, complete, and failing where a package is affected."""

import json
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

import audit

FIXED = [{"introduced": "0"}, {"fixed": "1.26.17"}]
TWICE = [{"introduced": "2.0.0"}, {"fixed": "2.0.6"}, *FIXED]  # as one file has them
LAST = [{"introduced": "1.0"}, {"last_affected": "1.4"}]
NEVER_FIXED = [{"introduced": "3.1"}]


@pytest.mark.parametrize(
    ("events", "version", "affected"),
    [
        (FIXED, "0.1", True),
        (FIXED, "1.26.17", False),
        (FIXED, "1.26.17rc1", True),
        (TWICE, "1.26.16", True),
        (TWICE, "1.26.18", False),
        (TWICE, "2.0.0", True),
        (TWICE, "2.0.10", False),
        (LAST, "0.9", False),
        (LAST, "1.4", True),
        (LAST, "1.4.1", False),
        (NEVER_FIXED, "3.0", False),
        (NEVER_FIXED, "99", True),
    ],
)
def test_ranges(events: list[dict[str, str]], version: str, affected: bool) -> None:
    assert audit.affects(events, Version(version)) == affected


def advisory(package: str, fixed: str, **more: str) -> dict[str, object]:
    ranges = [
        {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "ab12"}]},
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]},
    ]
    affected = [{"package": {"name": package, "ecosystem": "PyPI"}, "ranges": ranges}]
    return {"id": "PYSEC-2024-7", "aliases": ["CVE-1"], "affected": affected, **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two locks, and a data base of three advisories, of which one was withdrawn."""
    (tmp_path / "requirements.lock").write_text(
        "# by make lock\nSome_Thing==1.2 ; sys_platform != 'win32' \\\n    --hash=sha256:00\n"
    )
    (tmp_path / "requirements-dev.lock").write_text("other==0.9 \\\n    --hash=sha256:00\n")
    told = {
        "some-thing/PYSEC-2024-7": advisory("Some.Thing", "1.2", modified="2024-02-01T00:00:00Z"),
        "other/PYSEC-2024-8": advisory("other", "9", modified="2023-05-01", withdrawn="2023-06-01"),
        "third/PYSEC-2024-9": advisory("third", "9", modified="2024-03-01T00:00:00Z"),
    }
    for name, content in told.items():
        path = tmp_path / "database/vulns" / f"{name}.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(yaml.safe_dump(content))
    return tmp_path


def test_a_snapshot_and_what_it_finds(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "locked", lambda _=None, read=audit.locked: read(folder))
    snapshot = folder / "advisories.json"
    audit.refresh(folder / "database", snapshot)
    assert audit.audit(snapshot, folder) == 0
    assert "up to 2024-03-01: none of 1 affect the 2 locked" in capsys.readouterr().out
    lock = folder / "requirements.lock"
    lock.write_text(lock.read_text().replace("1.2", "1.1"))
    assert audit.audit(snapshot, folder) == 1
    assert "some-thing 1.1 is affected by PYSEC-2024-7, CVE-1" in capsys.readouterr().out
    lock.write_text("new==1.0\n")
    assert audit.audit(snapshot, folder) == 1
    assert "Not looked up: new." in capsys.readouterr().out


def test_a_folder_without_advisories_leaves_the_snapshot(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no advisory"):
        audit.refresh(tmp_path, tmp_path / "advisories.json")
    assert not (tmp_path / "advisories.json").exists()


def test_our_snapshot_has_a_date_a_source_and_every_locked_package() -> None:
    told = json.loads(audit.SNAPSHOT.read_text())
    assert told["date"] >= "2023-11-20"
    assert "advisory-database" in told["source"]
    assert {name for name, _ in audit.locked()} <= {*told["looked_up"]}
    packages = {one["package"] for one in told["advisories"]}
    assert {"pillow", "pyyaml", "urllib3"} <= packages
    assert len(told["advisories"]) > 100
