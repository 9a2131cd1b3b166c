"""Provenance: the manifest of all results, the results as an RO-Crate, and when they were made."""

import shutil
from pathlib import Path

from takedown.files import whole
from takedown.job import job
from takedown.provenance.location import Location
from takedown.provenance.manifest import run_record, write_json
from takedown.provenance.statement import statement

with job(snakemake):
    given, made = snakemake.input, snakemake.output
    folder = Path(Location.of_study().plain(made.manifest)).parent
    results = [*given.results, given.privacy]
    files, found, crate = statement(results, folder, snakemake.params, given.citation)
    write_json(found, made.manifest)
    with whole(made.workflow) as part:
        shutil.copyfile(given.workflow, part)
    write_json(crate, made.crate)
    write_json(run_record(files), made.record)
