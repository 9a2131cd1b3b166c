"""Provenance: write the manifest of all results, an RO-Crate of them, and when each was made."""

import shutil
from pathlib import Path

from takedown.engine.job import job
from takedown.engine.location import Location
from takedown.io.files import read_yaml, whole
from takedown.provenance.crate import crate
from takedown.provenance.manifest import manifest, run_record, trace, write_json

with job(snakemake):
    given, made, params = snakemake.input, snakemake.output, snakemake.params
    here = Location.of_study()
    folder = Path(here.plain(made.manifest)).parent
    files, brought = trace([*given.results, given.privacy], folder.name, here)
    found = manifest(files, brought, folder, params.settings, params.resolved, here)
    write_json(found, made.manifest)
    with whole(made.workflow) as part:
        shutil.copyfile(given.workflow, part)
    citation = read_yaml(given.citation)
    write_json(crate(found, params.title, citation, Path(made.workflow).name), made.crate)
    write_json(run_record(files), made.record)
