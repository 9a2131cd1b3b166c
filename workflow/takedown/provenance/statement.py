"""What a study says of itself: the manifest and the crate, from the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from takedown.files import read_yaml
from takedown.provenance.crate import crate
from takedown.provenance.ledger import Entry
from takedown.provenance.location import Location
from takedown.provenance.manifest import manifest, trace

#: The copy of the Snakefile among the results, which the crate names.
WORKFLOW = "Snakefile"


def statement(
    results: Iterable[str], folder: Path, params: Any, citation: Path
) -> tuple[dict[str, Entry], dict[str, Any], dict[str, Any]]:
    """The steps that made ``results`` of the study in ``folder``, its manifest, and its crate.

    ``params`` has the ``settings``, those ``resolved`` with all defaults, and the ``title``.
    Raises :class:`InputError` where the ledger does not bear it out (:func:`trace`).
    """
    here = Location.of_study()
    made, given = trace(results, folder.name, here)
    found = manifest(made, given, folder, params.settings, params.resolved, here)
    return made, found, crate(found, params.title, read_yaml(citation), WORKFLOW)
