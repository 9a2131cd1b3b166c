"""Provenance: the results as an RO-Crate, from their manifest."""

import json
import shutil
from pathlib import Path

import yaml

from takedown.job import job
from takedown.provenance.crate import crate
from takedown.provenance.manifest import write_json

with job(snakemake):
    given, made = snakemake.input, snakemake.output
    shutil.copyfile(given.workflow, made.workflow)
    manifest = json.loads(Path(given.manifest).read_text(encoding="utf-8"))
    citation = yaml.safe_load(Path(given.citation).read_text(encoding="utf-8"))
    found = crate(manifest, snakemake.params.title, citation, Path(made.workflow).name)
    write_json(found, made.crate)
