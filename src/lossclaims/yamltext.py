"""YAML as text with line numbers.

Every scalar stays the text that was written, so that ``NO`` is no False and a bad day no crash; casting
is the schema's business. Duplicate keys are a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from lossclaims.problems import Place, Problems

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Scalar:
    """A text and its line."""

    text: str
    line: int


@dataclass(frozen=True)
class Seq:
    """A list and its line."""

    items: list[Node]
    line: int


@dataclass(frozen=True)
class Map:
    """A mapping, its line and the line of each key."""

    values: dict[str, Node]
    line: int
    keys: dict[str, int] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        return self.values.get(key)

    def line_of(self, key: str) -> int:
        return self.keys.get(key, 0)

    def items(self) -> Iterator[tuple[str, Node]]:
        yield from self.values.items()


Node = Scalar | Seq | Map


def read_text(path: Path, name: str, problems: Problems) -> str | None:
    """Text of a hand-written file; UTF-8 without BOM, LF line ends."""
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.add(Place(name), "", "", "file_can_be_read", error.strerror or str(error))
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.add(Place(name, line), "", "", "file_is_utf_8", "UTF-8 without byte order mark")
        return None
    if text.startswith("\ufeff"):
        problems.add(Place(name, 1), "", "", "file_is_utf_8", "UTF-8 without byte order mark")
        return None
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        problems.add(Place(name, line), "", "", "line_ends_are_lf", "LF line ends, no carriage return")
        return None
    return text


def read_yaml(path: Path, name: str, problems: Problems) -> Node | None:
    """Read one YAML file as text.

    Parameters
    ----------
    path : Path
    name : str
        How messages name the file.
    problems : Problems
        Faults are added here.

    Returns
    -------
    Scalar, Seq, Map or None
        None where the file cannot be read at all.
    """
    text = read_text(path, name, problems)
    if text is None:
        return None
    return parse_yaml(text, name, problems)


def parse_yaml(text: str, name: str, problems: Problems) -> Node | None:
    """As ``read_yaml``, of a text that is already there."""
    try:
        top = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        problems.add(Place(name, line), "", "", "file_is_yaml", error.problem or "valid YAML")
        return None
    except (yaml.YAMLError, RecursionError) as error:
        problems.add(Place(name), "", "", "file_is_yaml", " ".join(str(error).split()) or "valid YAML")
        return None
    if top is None:
        problems.add(Place(name), "", "", "file_is_not_empty", "a record")
        return None
    return _node(top, name, problems, depth=0)


def _node(node: yaml.Node, name: str, problems: Problems, depth: int) -> Node:
    line = node.start_mark.line + 1
    if depth > 20:
        problems.add(Place(name, line), "", "", "file_is_yaml", "no anchors that lead back to themselves")
        return Scalar("", line)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, line)
    if isinstance(node, yaml.SequenceNode):
        return Seq([_node(n, name, problems, depth + 1) for n in node.value], line)
    values: dict[str, Node] = {}
    keys: dict[str, int] = {}
    for key, value in node.value:
        text = key.value if isinstance(key, yaml.ScalarNode) else ""
        at = key.start_mark.line + 1
        if not text:
            problems.add(Place(name, at), "", "", "key_is_a_text", "a plain key")
        elif text in values:
            problems.add(
                Place(name, at), text, "", "key_stands_once", f"one {text}; it stands in line {keys[text]} too"
            )
        else:
            values[text] = _node(value, name, problems, depth + 1)
            keys[text] = at
    return Map(values, line, keys)


# what a writer gives: nested dicts and lists of (text, plain) pairs
Plain = tuple[str, bool]
Tree = Plain | list["Tree"] | dict[str, "Tree"]


def write_yaml(tree: Tree) -> str:
    """Canonical text of a tree whose leaves are ``(text, plain)``.

    A leaf that is not plain is quoted wherever YAML would read it as anything but that text.
    """
    text: str = yaml.serialize(_tree(tree), Dumper=_DUMPER, allow_unicode=True, width=2**30)
    return text


def _tree(tree: Tree) -> yaml.Node:
    if isinstance(tree, dict):
        pairs = [(yaml.ScalarNode("tag:yaml.org,2002:str", k), _tree(v)) for k, v in tree.items()]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)
    if isinstance(tree, list):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_tree(v) for v in tree], flow_style=False)
    text, plain = tree
    if plain:
        # resolved by its own form, so that numbers and days stay bare
        kind = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
        return yaml.ScalarNode(kind, text)
    return yaml.ScalarNode("tag:yaml.org,2002:str", text)
