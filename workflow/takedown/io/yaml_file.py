"""Read YAML files that users write, or say what is wrong with them and where.

PyYAML silently keeps the last of two equal keys, and for an impossible date names neither line nor
key; so both are checked here, before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from takedown.errors import InputError
from takedown.io.files import LOADER

TIMESTAMP = "tag:yaml.org,2002:timestamp"
#: Most entries (aliases expanded) and deepest nesting of a file; all archives need about 2,000.
MOST, DEEPEST = 100_000, 30
#: Prefix and names of YAML's own types; any other tag asks for an object of some program.
KNOWN = "tag:yaml.org,2002:"
OWN = {"str", "int", "float", "bool", "null", "timestamp", "seq", "map", "merge"}


def mapping_in(path: str, what: str, hint: str) -> yaml.MappingNode:
    """The top-level mapping of a YAML file.

    Errors name ``what`` the file should be, and give the ``hint`` if it is empty or not a mapping.
    Raises :class:`InputError` if it is either of these, and, with the line, if it is invalid YAML,
    repeats a key, has an impossible date, or would expand too far.
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
    """Raise :class:`InputError` if YAML ``text`` is nested too deeply or expands too far.

    An alias (``*name``) stands for everything that its anchor (``&name``) holds, so a few lines can
    mean billions of entries; this is detected before anything is built.
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
    """A hint for when a schema's ``message`` shows that YAML did not read a text as text."""
    if "not of type 'string'" not in message:
        return ""
    return " Put it in quotation marks: YAML takes no, yes, numbers and days for something else."


def problems(node: yaml.Node, path: str, within: str = "") -> Iterator[str]:
    """Every problem in ``node``, the part of the file under the dotted key ``within``."""
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
