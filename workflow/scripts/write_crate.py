"""Provenance: the results as an RO-Crate, from their manifest."""

import json
import shutil
from pathlib import Path

from takedown.files import read_yaml
from takedown.job import job
from takedown.provenance.crate import crate
from takedown.provenance.manifest import write_json

with job(snakemake):
    given, made = snakemake.input, snakemake.output
    shutil.copyfile(given.workflow, made.workflow)
    manifest = json.loads(Path(given.manifest).read_text(encoding="utf-8"))
    citation = read_yaml(given.citation)
    found = crate(manifest, snakemake.params.title, citation, Path(made.workflow).name)
    write_json(found, made.crate)
