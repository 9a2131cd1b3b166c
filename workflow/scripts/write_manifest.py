"""Provenance: the manifest of all results, and when and where they were made."""

from pathlib import Path

from takedown.job import job
from takedown.provenance.manifest import manifest, run_record, trace, write_json

with job(snakemake):
    results = [*snakemake.input.results, snakemake.input.privacy]
    target = snakemake.output.manifest
    params = snakemake.params
    made, given = trace(results, Path(snakemake.input.rules[0]).parent)
    found = manifest(made, given, Path(target).parent, params.settings, params.resolved)
    write_json(found, target)
    write_json(run_record(made), snakemake.output.record)
