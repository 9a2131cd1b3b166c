"""Provenance: the manifest of all results, and when and where they were made."""

from pathlib import Path

from takedown.job import job
from takedown.provenance.manifest import manifest, run_record, write_json

with job(snakemake):
    given, made = snakemake.input, snakemake.output
    rules, folder = Path(given.rules[0]).parent, Path(made.manifest).parent
    params = snakemake.params
    found = manifest(given.results, folder, rules, params.settings, params.resolved)
    write_json(found, made.manifest)
    write_json(run_record(given.results, rules), made.record)
