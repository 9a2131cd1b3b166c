"""Where a folder cannot be written to, a run says so in a sentence before anything starts."""

import os
import re
from pathlib import Path

import pytest

from takedown.errors import InputError
from takedown.io.files import check_writable


def test_folders_that_are_there_or_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    check_writable([tmp_path / "results/mine", tmp_path / "logs/mine/clean"])
    assert sorted(tmp_path.iterdir()) == [tmp_path / "results"]


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "results").touch()
    with pytest.raises(InputError, match=r"results is a file, and should be a folder"):
        check_writable([tmp_path / "results/mine"])


def test_a_folder_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may be allowed everything."""
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path / "results")
    check_writable([tmp_path / "logs/mine"])
    folder = re.escape(str(tmp_path / "results"))
    with pytest.raises(InputError, match=rf"^{folder} cannot be written to. Make the folder yours"):
        check_writable([tmp_path / "results/mine"])
