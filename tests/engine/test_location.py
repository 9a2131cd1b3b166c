"""A study has the same names of files on this machine and in a bucket."""

from __future__ import annotations

from pathlib import Path

import pytest

from takedown.engine.location import STORE, Location

COPY = ".snakemake/storage/s3/takedowns/results/x/"


def test_a_study_on_this_machine_keeps_its_names() -> None:
    here = Location.of_study()
    assert here.prefix == ""
    for path in ("results/default/a.csv", "s3://other/archive.zip"):
        assert here.plain(path) == path
        assert here.here(path) == Path(path)
    copy = ".snakemake/storage/s3/other/archive.zip"
    assert here.plain(copy) == "s3://other/archive.zip"


def test_names_in_a_bucket_are_told_from_their_folder_even_one_called_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(STORE, "takedowns/results/x/")
    there = Location.of_study()
    assert there.prefix == "takedowns/results/x/"
    name = "results/default/thailand_092020/series/daily.csv"
    assert there.plain(COPY + name) == name
    assert there.plain(f"s3://takedowns/results/x/{name}") == name
    assert there.plain("resources/claims.csv") == "resources/claims.csv"
    assert there.plain("s3://elsewhere/archive.zip") == "s3://elsewhere/archive.zip"
    assert there.here(name) == Path(name)
    copy = Path(COPY + name)
    copy.parent.mkdir(parents=True)
    copy.write_text("date\n")
    assert there.here(name) == copy
