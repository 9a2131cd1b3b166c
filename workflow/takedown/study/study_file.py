"""``python -m takedown.study.study_file FILE``: check that a study file can be read.

With ``--leaves-out``, the exit code tells whether the study leaves out campaigns whose posts are
unavailable.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import yaml

from takedown.engine.endings import run
from takedown.errors import InputError
from takedown.io.yaml_file import mapping_in


def check_study_file(path: str) -> yaml.MappingNode:
    """The top-level mapping of a study file; raises the same errors as :func:`mapping_in`."""
    return mapping_in(
        path,
        "study file",
        "A study file names a study and its campaigns; config/config.yaml is one to copy.",
    )


def main(words: Sequence[str]) -> int:
    """The exit code: 2, with a message, if the file is unusable; 0; or 1 if the option says no."""
    path, *options = words
    try:
        top = check_study_file(path)
    except InputError as problem:
        print(problem, file=sys.stderr)
        return 2
    if not options:
        return 0
    keys = {key.value: value.value for key, value in top.value}
    return int(keys.get("unavailable") != "leave_out")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
