"""Reference page on the outputs of a study: its tables, column by column."""

from __future__ import annotations

from pages.table import MADE, rows
from takedown.clean.accounts import ABOUT_ACCOUNTS
from takedown.clean.archive import ABOUT_POSTS
from takedown.clean.rows import DERIVED
from takedown.io.tables import contracts

#: Kind of column -> its type in Parquet, and what a blank cell becomes.
TYPES = {
    "post id": ("text", "null"),
    "id": ("text", "null"),
    "post reference": ("text", "null"),
    "account reference": ("text", "null"),
    "text": ("text", "null"),
    "category": ("text, dictionary-encoded", "null"),
    "time": ("timestamp, ms", "null"),
    "local time": ("timestamp, ms, no zone", "null"),
    "date": ("date", "null"),
    "count": ("int64", "null"),
    "flag": ("boolean", "null"),
    "list": ("list of text", "empty list"),
}
TYPED_ROWS = (
    (
        "tweets.parquet",
        "The typed posts, under `data/clean/<campaign>/`: not a result, and not to be shared. In "
        "the archive's order, zstd, with the statistics of every row group; description and unit "
        "of each column are in the schema. Every archive has the same columns; one that it does "
        "not have is null throughout. Columns marked *none* are null nowhere: a row without them "
        "is set aside. `NA`, `null` and the like are blank but in texts and lists, and HTML "
        "entities stay as they are.",
        ABOUT_POSTS,
    ),
    (
        "accounts.parquet",
        "One row per account, beside the posts, by userid: the rows of the users file, and the "
        "posting accounts that it lacks.",
        ABOUT_ACCOUNTS,
    ),
)


def tables_page() -> str:
    """Every table with its columns, types, units and meaning."""
    lines = [
        MADE,
        "# The tables",
        "",
        "Source: `workflow/schemas/tables.yaml`. All are CSV, UTF-8, under "
        "`results/<study>/<campaign>/`. Cells are empty only in columns marked *may be empty*. A "
        "text that begins as a formula does (`=`, `+`, `-`, `@`) has an apostrophe in front, so "
        "that no spreadsheet computes it; `takedown.io.tables.read_table` takes it away.",
    ]
    for table, rule in contracts().items():
        name = table.replace("models/notes", "models/*_notes")
        cells: list[tuple[str, ...]] = []
        for column, cell in rule["columns"].items():
            about = cell["about"] + (" (may be empty)" if cell.get("optional") else "")
            cells.append((f"`{column}`", cell["type"], cell.get("unit", ""), about))
        lines += ["", f"## {name}", "", rule["about"], ""]
        lines += rows("column | type | unit | meaning", cells)
    for name, what, columns in TYPED_ROWS:
        cells = []
        for column, about in columns.items():
            typed, blank = TYPES[about.kind]
            needed = about.needed and about.kind not in ("text", "category", "list")
            blank = "none" if needed or (column in DERIVED and blank == "null") else blank
            cells.append((f"`{column}`", typed, blank, about.unit, about.about.replace("|", r"\|")))
        lines += ["", f"## {name}", "", what, ""]
        lines += rows("column | type | blank cells | unit | meaning", cells)
    return "\n".join(lines) + "\n"
