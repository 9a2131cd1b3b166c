"""The results as an RO-Crate of the Workflow Run profile, from the manifest.

The crate only describes; it copies nothing except the Snakefile, which the profile requires. It
does not contain the time of the run, so that repeated runs give identical results.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

PROFILES = [
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
]
#: A term that the profile adds to the vocabulary of RO-Crate.
TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
LICENSE = "https://spdx.org/licenses/MIT"
TYPES = {".json": "application/json", ".log": "text/plain"}


def crate(
    manifest: Mapping[str, Any], title: str, citation: Mapping[str, Any], workflow: str
) -> dict[str, Any]:
    """``ro-crate-metadata.json``.

    ``citation`` is CITATION.cff, ``workflow`` the name of the Snakefile's copy among the results.
    """
    found = ROCrate(version="1.1", gen_preview=False)
    found.metadata.extra_contexts.append(TERMS)
    version = str(citation["version"])
    about: dict[str, Any] = {
        "name": title,
        "description": f'Results of the study "{title}": {citation["title"]}.',
        "datePublished": citation["date-released"],
        "license": {"@id": LICENSE},
        "conformsTo": [{"@id": profile} for profile in PROFILES],
    }
    for profile in PROFILES:
        name = profile.rsplit("/", 2)[-2].capitalize()
        entity = {"@type": "CreativeWork", "name": f"{name} profile", "version": profile[-3:]}
        found.add(ContextEntity(found, profile, entity))
    found.add(ContextEntity(found, LICENSE, {"@type": "CreativeWork", "name": "MIT License"}))
    main = found.add_workflow(dest_path=workflow, main=True, lang="snakemake")
    for key, value in {
        "name": citation["title"],
        "version": version,
        "license": {"@id": LICENSE},
    }.items():
        main[key] = value
    given = [
        found.add(ContextEntity(found, f"#given/{path}", described(path, entry, "CreativeWork")))
        for path, entry in manifest["given"].items()
        if not path.startswith("workflow/")
    ]
    made = [
        found.add_file(dest_path=path, properties=described(path, entry, "File"))
        for path, entry in manifest["results"].items()
    ]
    run = {
        "@type": "CreateAction",
        "name": f'Run of the study "{title}"',
        "instrument": main,
        "object": given,
        "result": made,
    }
    about["mentions"] = found.add(ContextEntity(found, "#run", run))
    for key, value in about.items():
        found.root_dataset[key] = value
    return found.metadata.generate()


def described(path: str, entry: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A file's entity: its kind, size and sha256."""
    suffix = Path(path).suffix
    form = TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    rule = f", made by the rule {entry['rule']}" if "rule" in entry else ""
    return {
        "@type": kind,
        "name": path,
        "description": f"{Path(path).name}{rule}",
        "encodingFormat": form,
        "contentSize": str(entry["bytes"]),
        "sha256": entry["sha256"],
    }
