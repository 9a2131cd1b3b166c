"""The rendered pages of docs/reference, by name. A test fails if one does not match its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pages.growth import growth_page
from pages.inputs import archives_page, claims_page, config_page
from pages.measured import benchmark_page, calibration_page
from pages.results import tables_page
from pages.workflow import commands_page, files_page, rules_page

FOLDER = Path("docs/reference")
PAGES: Mapping[str, Callable[[], str]] = {
    "config.md": config_page,
    "tables.md": tables_page,
    "archives.md": archives_page,
    "claims.md": claims_page,
    "rules.md": rules_page,
    "which_rule_made_this_file.md": files_page,
    "commands.md": commands_page,
    "calibration.md": calibration_page,
    "benchmark.md": benchmark_page,
    "growth.md": growth_page,
}
