"""Privacy: search all results for personal data from the archives, and fail if any is found."""

from pathlib import Path

from takedown.archives.receipt import is_reduced, read_receipt
from takedown.engine.job import job
from takedown.engine.location import Location
from takedown.errors import InputError
from takedown.io.tables import write_table
from takedown.provenance.manifest import manifest, trace
from takedown.provenance.privacy import (
    Refused,
    Secrets,
    Shown,
    counts_in,
    names_shown,
    own_words,
    search,
    small_cells,
    text_of,
    texts_of_run,
)

with job(snakemake):
    given, params = snakemake.input, snakemake.params
    campaigns = {}
    for name, receipt, posts in zip(params.campaigns, given.receipts, given.tweets, strict=True):
        files = read_receipt(Path(receipt))
        cut = is_reduced(files, Path(given.reduced))
        campaigns[name] = Secrets(Path(posts), files, cut)
    for name, places in params.refused.items():
        campaigns[name] = Refused.of(map(Path, places))

    here = Location.of_study()
    folder = Path(here.plain(snakemake.output.table)).parent
    # The future content of the manifest, except the settings, which are the user's own words.
    record = manifest(*trace(given.results, folder.name, here), folder, {}, {}, here)
    results = [*map(Path, given.results)]
    tables = [path for path in results if path.suffix == ".csv"]
    logs = Path(snakemake.log[0]).parent
    shown = Shown(
        {path.as_posix(): text_of(path) for path in results} | texts_of_run(logs, record),
        own_words(map(Path, given.given), [*params.words, *counts_in(tables)]),
        names_shown(map(Path, given.tweets)),
    )
    table, problems = search(campaigns, shown)
    few = small_cells(tables, params.min_accounts)
    problems += [f"{rows} rows on few accounts in {path}" for path, rows in few.items()]
    if problems:
        raise InputError(
            f"Results show what they must not: {'; '.join(problems)}. Do not pass them on. If it "
            "is public anyway, as a word of the news, name it in a file of the study; else it is a "
            "mistake of the workflow, please report it."
        )
    write_table(table, snakemake.output.table)
