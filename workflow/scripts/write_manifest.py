"""Provenance: the manifest of all results, and when and where they were made."""

from pathlib import Path

from takedown.job import job
from takedown.provenance.location import Location
from takedown.provenance.manifest import manifest, run_record, trace, write_json

with job(snakemake):
    results = [*snakemake.input.results, snakemake.input.privacy]
    target, params = snakemake.output.manifest, snakemake.params
    location = Location.of(target)
    made, given = trace(results, Path(snakemake.input.rules[0]).parent, location)
    folder = Path(location.plain(target)).parent
    found = manifest(made, given, folder, params.settings, params.resolved, location)
    write_json(found, target)
    write_json(run_record(made), snakemake.output.record)
