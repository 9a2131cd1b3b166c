"""``python -m takedown.study_file FILE``: can this study file be read, and does it say one thing?

YAML takes the last of two keys of one name without a word, and of a day that does not exist it says
neither line nor key; so both are looked for here, before anything runs. With ``--leaves-out`` the
exit code tells whether campaigns whose posts cannot be had are to be left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from takedown.endings import run
from takedown.errors import InputError
from takedown.files import LOADER

TIMESTAMP = "tag:yaml.org,2002:timestamp"


def check_study_file(path: str) -> yaml.MappingNode:
    """The mapping in a study file; raises as :func:`mapping_in`, and where it is empty."""
    return mapping_in(
        path,
        "study file",
        "A study file names a study and its campaigns; config/config.yaml is one to copy.",
    )


def mapping_in(path: str, what: str, hint: str) -> yaml.MappingNode:
    """The mapping that a YAML file is, ``what`` it should be, and a ``hint`` where it is none.

    Raises :class:`InputError` with the line where it is no YAML, names a key twice or has a day
    that does not exist, and where it is empty or no mapping.
    """
    try:
        top = yaml.compose(Path(path).read_text(encoding="utf-8"), Loader=LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"{path}: no {what} that can be read: {why}.") from error
    if top is None:
        raise InputError(f"{path}: empty. {hint}")
    if not isinstance(top, yaml.MappingNode):
        raise InputError(f"{path}: no {what}. {hint}")
    for problem in problems(top, path):
        raise InputError(problem)
    return top


def in_quotes(message: str) -> str:
    """What to do where YAML took a text for something else, as a schema's ``message`` says."""
    if "not of type 'string'" not in message:
        return ""
    return " Put it in quotation marks: YAML takes no, yes, numbers and days for something else."


def problems(node: yaml.Node, path: str, within: str = "") -> Iterator[str]:
    """What is wrong with a part of the file, which is found under the keys ``within``."""
    if isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from problems(part, path, within)
    if isinstance(node, yaml.ScalarNode) and node.tag == TIMESTAMP:
        try:
            yaml.safe_load(node.value)
        except ValueError:
            line = node.start_mark.line + 1
            yield f"{path}, line {line}, {within}: '{node.value}' is no day. Write 2019-06-01."
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            where = f"{within}.{name}" if within else name
            if name in seen:
                yield (
                    f"{path}, line {key.start_mark.line + 1}: '{where}' stands twice, and only one "
                    "would count. Name each campaign and setting once."
                )
            seen.add(name)
            yield from problems(value, path, where)


def main(words: Sequence[str]) -> int:
    """Exit code 2 where the file cannot be used, with a sentence; else 0, or 1 for no."""
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
