"""YAML files that users write: their mapping, or a sentence that says what is wrong and where.

YAML takes the last of two equal keys silently, and names neither line nor key for a day that does
not exist; so both are checked here, before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from takedown.errors import InputError
from takedown.io.files import LOADER

TIMESTAMP = "tag:yaml.org,2002:timestamp"
#: What a file may unfold to, and how deeply: a study of all archives has some 2,000 entries.
MOST, DEEPEST = 100_000, 30
#: The types that YAML itself has; any other tag asks for an object of some program.
KNOWN = "tag:yaml.org,2002:"
OWN = {"str", "int", "float", "bool", "null", "timestamp", "seq", "map", "merge"}


def mapping_in(path: str, what: str, hint: str) -> yaml.MappingNode:
    """The mapping that a YAML file is, ``what`` it should be, and a ``hint`` where it is none.

    Raises :class:`InputError` with the line where it is no YAML, names a key twice or has a day
    that does not exist, where it is empty or no mapping, and where it would unfold without end.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        check_size(text, path)
        top = yaml.compose(text, Loader=LOADER)
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


def check_size(text: str, path: str) -> None:
    """Raises :class:`InputError` where a text of YAML is nested too deeply, or unfolds too far.

    An alias (``*name``) stands for all that its anchor (``&name``) holds, so that a few lines can
    mean billions of entries; both are told here before anything is built.
    """
    sizes: dict[str | None, int] = {}
    open_anchors: list[str | None] = []
    starts: list[int] = []
    seen = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
            starts.append(seen)
        elif isinstance(event, yaml.CollectionEndEvent):
            sizes[open_anchors.pop()] = seen - starts.pop() + 1
        elif isinstance(event, yaml.AliasEvent):
            seen += sizes.get(event.anchor, MOST if event.anchor in open_anchors else 1)
        seen += 1
        if seen > MOST or len(starts) > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise InputError(
                f"{path}, line {line}: more than {MOST:,} entries, or more "
                f"than {DEEPEST} within each other, come about here. Write them out without "
                "anchors (&) and aliases (*)."
            )


def in_quotes(message: str) -> str:
    """What to do where YAML took a text for something else, as a schema's ``message`` says."""
    if "not of type 'string'" not in message:
        return ""
    return " Put it in quotation marks: YAML takes no, yes, numbers and days for something else."


def problems(node: yaml.Node, path: str, within: str = "") -> Iterator[str]:
    """What is wrong with a part of the file, which is found under the keys ``within``."""
    if node.tag.removeprefix(KNOWN) not in OWN:
        line = node.start_mark.line + 1
        yield f"{path}, line {line}, {within}: the tag {node.tag} means nothing here. Leave it out."
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
