"""On a terminal, cleaning shows how far it is, in bytes of the files as they lie on disk."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from builders import campaign, write_archive
from processes import on_a_terminal

from takedown.archives.receipt import Entry, write_receipt

WORKFLOW = Path(__file__).parents[2] / "workflow"
PROGRAM = """
from pathlib import Path
from takedown.clean.archive import clean_archive
names = ("tweets.parquet", "accounts.parquet", "quarantine.csv")
tweets, accounts, quarantine = map(Path, names)
clean_archive(receipt=Path("receipt.csv"), topics=[], timezone="UTC", tweets=tweets,
              accounts=accounts, quarantine=quarantine)
"""


@pytest.mark.usefixtures("may_take_long")
def test_on_a_terminal_there_is_a_progress_bar(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", campaign(days=40))
    write_receipt(tmp_path / "receipt.csv", [Entry.of("tweets", path)])
    environment = {**os.environ, "PYTHONPATH": str(WORKFLOW)}
    printed = on_a_terminal([sys.executable, "-c", PROGRAM], tmp_path, environment)
    assert re.search(r"clean: +0%.*0\.00/\d+\.\d*k.*B/s", printed)
