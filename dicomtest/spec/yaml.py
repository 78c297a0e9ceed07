"""YAML 1.2 as plain Python values that remember where they were written.

Every value is a dict, list, str, int, float, bool or None. A number counts as one only when it
is written in the plain way: `007`, `1.10` and `0x1F` stay text, because in these files they are
identifiers and versions more often than numbers (a model that wants a number still reads them).
Dates stay text too. `${env:NAME}` in a text is replaced by that environment variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from dicomtest.errors import Problem, SpecError, UsageError

KeyPath = tuple[str | int, ...]

_ENVIRONMENT = re.compile(r"\$\{env:([^}]*)\}")
_TAG = "tag:yaml.org,2002:"
_MERGE = _TAG + "merge"


class Document:
    """One YAML file: its documents (separated by `---`) as plain values, with positions."""

    def __init__(self, path: Path, nodes: list[Node], documents: list[Any]) -> None:
        """Keep the values and the nodes they came from, index by index."""
        self.path = path
        self.documents = documents
        self._nodes = nodes

    def position(self, index: int, path: KeyPath, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at a path; of its key when `key` is set.

        A path that leads nowhere gives the position of the deepest part that exists.
        """
        mark = self._find(index, path)[key]
        return mark.start_mark.line + 1, mark.start_mark.column + 1

    def source(self, index: int, path: KeyPath) -> str | None:
        """A scalar as it is written in the file, environment variables unexpanded."""
        node = self._find(index, path)[0]
        return str(node.value) if isinstance(node, ScalarNode) else None

    def problem(
        self, index: int, path: KeyPath, what: str, fix: str = "", *, key: bool = False
    ) -> Problem:
        """A problem at the value (or the key) of that path."""
        line, column = self.position(index, path, key=key)
        return Problem(self.path, line, column, what, fix)

    def _find(self, index: int, path: KeyPath) -> tuple[Node, Node]:
        """The value and key nodes of a path, or of the deepest part of it that exists."""
        node = name = self._nodes[index]
        for part in path:
            if isinstance(node, MappingNode):
                found = next((pair for pair in _pairs(node) if _key(pair[0]) == part), None)
                if found is None:
                    break
                name, node = found
            elif (
                isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value)
            ):
                name = node = node.value[part]
            else:
                break
        return node, name


def read(path: Path) -> Document:
    """Read a YAML file.

    Raises SpecError for a file that is empty, not UTF-8 or not YAML, has tabs, duplicate keys or
    tags, or names an environment variable that is not set; UsageError for no such file.
    """
    text = _text(path)
    try:
        nodes = [node for node in YAML(typ="safe", pure=True).compose_all(text) if node]
    except YAMLError as error:
        raise SpecError(_syntax_problems(path, text, error)) from None
    except RecursionError:
        deep = Problem(path, 1, 1, "the file is nested too deeply", "count the brackets")
        raise SpecError([deep]) from None
    nodes = [node for node in nodes if not _is_null(node)]
    if not nodes:
        raise SpecError(
            [Problem(path, 1, 1, "the file is empty", "write something, or leave it out")]
        )
    plain = _Plain(path)
    documents = [plain.value(node) for node in nodes]
    if plain.problems:
        raise SpecError(plain.problems)
    return Document(path, nodes, documents)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        fix = f"save the file as UTF-8{_likely_encoding(data)}"
        raise SpecError([Problem(path, line, column, "the file is not UTF-8", fix)]) from None


def _likely_encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "; it is UTF-16 now"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "; it may be GB18030 (the Windows code page of Chinese) now"


def _syntax_problems(path: Path, text: str, error: YAMLError) -> list[Problem]:
    """Say in our words what ruamel.yaml met; it stops at the first, except for tabs."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        what = f"the character U+{ord(text[error.position]):04X} is not allowed in YAML"
        return [Problem(path, line, column, what, "delete it")]
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    if not isinstance(error, MarkedYAMLError) or mark is None:
        return [Problem(path, 1, 1, f"this is not YAML: {error}")]
    line, column = mark.line + 1, mark.column + 1
    lines = text.split("\n")
    here = lines[mark.line] if mark.line < len(lines) else ""
    if here[mark.column : mark.column + 1] == "\t":
        return _tabs(path, lines, line, column)
    what = str(error.problem)
    if what == "mapping values are not allowed here":
        return [
            Problem(
                path,
                line,
                column,
                "a second colon, or a key that is not under the one above it",
                'put quotes around a text that holds ": ", or align the key',
            )
        ]
    if "that cannot start any token" in what:
        fix = "put quotes around the text"
        return [Problem(path, line, column, f"a text cannot begin with {here[mark.column]!r}", fix)]
    start = error.context_mark
    begun = f" ({error.context}, begun in line {start.line + 1})" if start else ""
    fix = "close the bracket or quote" if start else "compare the line with the one above it"
    return [Problem(path, line, column, f"this is not YAML: {what}{begun}", fix)]


def _tabs(path: Path, lines: list[str], line: int, column: int) -> list[Problem]:
    """Every line that is indented with a tab, and the one the scanner stopped at."""
    places = {(line, column)}
    for number, each in enumerate(lines, start=1):
        indent = each[: len(each) - len(each.lstrip())]
        if "\t" in indent and each.strip():
            places.add((number, indent.index("\t") + 1))
    return [Problem(path, *place, "a tab", "write spaces instead") for place in sorted(places)]


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == _TAG + "null"


def _key(node: Node) -> str | None:
    if not isinstance(node, ScalarNode):
        return None
    return str(node.value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _pairs(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """The pairs of a mapping, its own before those it merges in with `<<`."""
    merged: list[Node] = []
    for name, value in node.value:
        if name.tag == _MERGE:
            merged += value.value if isinstance(value, SequenceNode) else [value]
        else:
            yield name, value
    for each in merged:
        if isinstance(each, MappingNode):
            yield from _pairs(each)


class _Plain:
    """Turns nodes into plain values; collects what is wrong with them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._open: list[int] = []
        self._made: dict[int, Any] = {}

    def value(self, node: Node) -> Any:
        if id(node) in self._open:
            self._report(node, "this alias is part of what it repeats", "write the value out")
            return None
        if id(node) not in self._made:
            self._open.append(id(node))
            self._made[id(node)] = self._make(node)
            self._open.pop()
        return self._made[id(node)]

    def _make(self, node: Node) -> Any:
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if node.tag not in (_TAG + "seq", _TAG + "map"):
            self._refuse_tag(node)
        if isinstance(node, MappingNode):
            return self._mapping(node)
        return [self.value(each) for each in node.value]

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        own: dict[str, int] = {}
        for name, _ in node.value:
            if not isinstance(name, ScalarNode):
                self._report(name, "a key must be one word or text", "put quotes around it")
            elif name.value in own:
                what = f'the key "{name.value}" is here twice; first in line {own[name.value]}'
                self._report(name, what, "delete one of the two")
            else:
                own[name.value] = name.start_mark.line + 1
        result: dict[str, Any] = {}
        for name, value in _unless_recursive(node, self._open):
            key = _key(name)
            if key is not None and key not in result:
                result[key] = self.value(value)
                self.value(name)  # reports what is wrong with the text
        return result

    def _scalar(self, node: ScalarNode) -> Any:
        text = str(node.value)
        kind = str(node.tag).removeprefix(_TAG)
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "int" and re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
            return int(text)
        if (
            kind == "float"
            and re.fullmatch(r"-?[0-9]+\.[0-9]+", text)
            and repr(float(text)) == text
        ):
            return float(text)
        if kind not in ("str", "bool", "int", "float", "timestamp"):
            self._refuse_tag(node)
        try:  # an escape such as "\ud83d\ude00" is two halves of one character
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._report(node, "a text with half a character", "delete the \\ud... escape")
            text = ""
        return _ENVIRONMENT.sub(lambda found: self._variable(node, found[1]), text)

    def _variable(self, node: Node, name: str) -> str:
        value = os.environ.get(name.strip())
        if value is None:
            self._report(node, f"the environment variable {name} is not set", f"set {name}")
        return value or ""

    def _refuse_tag(self, node: Node) -> None:
        self._report(node, f"the tag {node.tag} is not used in these files", "delete the tag")

    def _report(self, node: Node, what: str, fix: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(self.path, mark.line + 1, mark.column + 1, what, fix))


def _unless_recursive(node: MappingNode, opened: list[int]) -> Iterator[tuple[Node, Node]]:
    """The pairs of a mapping, unless it merges itself in, which would never end."""
    for name, value in node.value:
        if name.tag == _MERGE:
            parts = value.value if isinstance(value, SequenceNode) else [value]
            if any(id(part) in opened for part in parts):
                return
    yield from _pairs(node)
