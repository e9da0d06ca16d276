"""Python files, read and never run: commands in comments, docstrings and messages, imports, setup.py's requirements."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from namehold.scan.model import Use
from namehold.scan.readers.imports import read_imports
from namehold.scan.readers.prose import may_have_commands, read_commands
from namehold.scan.readers.requirements import read_requirement
from namehold.scan.readers.tables import read_script_header

_KEYWORDS: Final = frozenset({"install_requires", "setup_requires", "tests_require", "extras_require", "requires"})
_PREFIX: Final = re.compile(r"(?<![-\w])[rbfuRBFU]{1,2}(?=['\"])")
_WITH_DOCSTRING: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def read_python(text: str) -> Iterator[Use]:
    """The commands, imports and the header (PEP 723) of a Python file."""
    if may_have_commands(text):
        tree = parse(text)
        spans = _Spans(tree, text)
        # A text's prefix isn't part of its first word.
        found = list(read_commands(_PREFIX.sub(lambda match: " " * len(match[0]), text), carrier="code"))
        for use in found:
            kind = spans.kind_of(use.line, use.column)
            # Outside of texts and comments of a program a word is a variable.
            if kind != "code" or tree is None:
                yield replace(use, carrier=kind)
        lines_of = defaultdict[str, list[int]](list)
        for use in found:
            lines_of[use.name].append(use.line)
        yield from _read_joined(tree, {name: sorted(lines) for name, lines in lines_of.items()})
    yield from read_script_header(text)
    yield from read_imports(text, carrier="import")


def read_setup(text: str) -> Iterator[Use]:
    """What a setup.py requires, as far as its text shows it, and what `read_python` finds."""
    tree = parse(text)
    if tree is not None:
        columns = _Columns(text.split("\n"))
        named = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            for keyword in call.keywords:
                if keyword.arg in _KEYWORDS and _is_setup(call):
                    yield from _requirements_in(keyword.value, named, columns)
    yield from read_python(text)


def parse(text: str) -> ast.Module | None:
    """The syntax tree of a Python text; None where it is no Python, or nested too deeply."""
    try:
        with warnings.catch_warnings():
            # Invalid escapes are the author's business.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_setup(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {"setup", "dict"}


@dataclass(slots=True)
class _Columns:
    """Where places of a text stand that the parser counts in bytes: asked for in their order, in linear time."""

    lines: Sequence[str]
    _line: int = 0
    _bytes: int = 0
    _column: int = 0

    def of(self, line: int, offset: int) -> int:
        """How many characters stand before the byte at `offset` of `line` (from 1)."""
        if line != self._line or offset < self._bytes:
            self._line, self._bytes, self._column = line, 0, 0
        # A character has one byte at least.
        rest = self.lines[line - 1][self._column : self._column + offset - self._bytes]
        self._column += len(rest.encode()[: offset - self._bytes].decode(errors="replace"))
        self._bytes = offset
        return self._column


def _requirements_in(value: ast.expr, named: dict[str, ast.expr], columns: _Columns) -> Iterator[Use]:
    """The requirements in a list, a table of lists, a text of lines, or a variable that holds one of them.

    What a variable holds is told once, and taken out of `named`: many keywords may name it.
    """
    if isinstance(value, ast.Name):
        held = named.pop(value.id, None)
        if held is None or isinstance(held, ast.Name):
            return
        value = held
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        nodes = [*_texts_in(value.left, named), *_texts_in(value.right, named)]
    elif isinstance(value, ast.Dict):
        nodes = [item for inner in value.values for item in _texts_in(inner, named)]
    else:
        nodes = _texts_in(value, named)
    for node in nodes:
        column = columns.of(node.lineno, node.col_offset)
        quote = columns.lines[node.lineno - 1][column : column + 1]
        for number, line in enumerate(str(node.value).split("\n")):
            yield from read_requirement(
                line,
                line=node.lineno + number,
                column=1 if number else column + 1 + (quote in {'"', "'"}),
                carrier="setup.py",
            )


def _texts_in(value: ast.expr, named: dict[str, ast.expr]) -> list[ast.Constant]:
    if isinstance(value, ast.Name):
        value = named.pop(value.id, value)
    nodes = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    return [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


@dataclass(frozen=True, slots=True)
class _Span:
    start: tuple[int, int]
    end: tuple[int, int]
    kind: str


@dataclass(slots=True)
class _Before:
    """What stands before a place on its line: characters, bytes, and whether a `#` is among them."""

    line: int = 0
    length: int = 0
    size: int = 0
    has_hash: bool = False

    def extend(self, part: str) -> None:
        """Goes on to a place behind `part`."""
        self.length += len(part)
        self.size += len(part.encode())
        self.has_hash = self.has_hash or "#" in part


class _Spans:
    """Which part of a Python text a place is in; places of a line in their order cost its length once."""

    def __init__(self, tree: ast.Module | None, text: str) -> None:
        self._lines = text.split("\n")
        docstrings = set()
        spans = []
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, _WITH_DOCSTRING) and node.body and isinstance(node.body[0], ast.Expr):
                docstrings.add(id(node.body[0].value))
            if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
                kind = "docstring" if id(node) in docstrings else "string"
                spans.append(_Span((node.lineno, node.col_offset), end, kind))
        self._spans = sorted(spans, key=lambda span: span.start)
        self._starts = [span.start for span in self._spans]
        self._last = _Before()

    def kind_of(self, line: int, column: int) -> str:
        """`docstring`, `string`, `comment` or `code`; both numbers count from 1."""
        if line != self._last.line or column - 1 < self._last.length:
            self._last = _Before(line=line)
        self._last.extend(self._lines[line - 1][self._last.length : column - 1])
        place = (line, self._last.size)
        at = bisect_right(self._starts, place)
        # Texts don't lie in each other but for those in a formatted one.
        for span in self._spans[max(0, at - 2) : at]:
            if span.start <= place < span.end:
                return span.kind
        return "comment" if self._last.has_hash else "code"


def _read_joined(tree: ast.Module | None, known: Mapping[str, Sequence[int]]) -> Iterator[Use]:
    """The commands in texts that stand in several pieces, one behind the other, on lines of their own.

    `known` are the lines on which each name was found already, in their order.
    """
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node.lineno == node.end_lineno:
            continue
        if "\n" in node.value:
            continue
        for use in read_commands(node.value, carrier="string"):
            lines = known.get(use.name, ())
            at = bisect_left(lines, node.lineno)
            if at == len(lines) or lines[at] > (node.end_lineno or 0):
                yield replace(use, line=node.lineno, column=node.col_offset + 1)
