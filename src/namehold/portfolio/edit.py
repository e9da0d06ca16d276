"""Writes facts into a names.yaml and leaves everything else in it alone: comments, order, quotes and line ends.

    new = edit_packages(content, [PackageEdit(name="acme-tool", added=(Entry(key="commands", value="acme", ...),))])
    save(path, before=content, after=new)

YAML is composed into nodes (PyYAML), whose places say where in the text a value begins and ends; new text is put
there, and every other byte stays as it is. What comes out is read again before it is used: a file in which anything
else has changed, or that names.yaml's own rules refuse, is never written.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from packaging.utils import canonicalize_name
from pydantic import ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from namehold import files
from namehold.errors import ConfigError, InputError
from namehold.portfolio.model import Renewal
from namehold.portfolio.package_shape import PackageShape
from namehold.portfolio.packages import Release
from namehold.portfolio.read import read_portfolio
from namehold.portfolio.scalars import write_mapping, write_scalar
from namehold.portfolio.yaml import MAX_FILE_BYTES, invisible_characters, read_document

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A value for one of a package's lists (`key`, as names.yaml calls it). Without a source it is written bare.

    `first_release` and `last_release` are the first and the last release that show it.
    """

    key: str
    value: str
    source: str = ""
    date: dt.date | None = None
    first_release: Release | None = None
    last_release: Release | None = None

    @property
    def is_fit(self) -> bool:
        """Whether names.yaml takes this value in this list; a package's files may hold anything."""
        value = {"value": self.value, "source": self.source} if self.source else self.value
        try:
            PackageShape.model_validate({"name": "any-package", self.key: [value]})
        except ValidationError:
            return False
        return not invisible_characters(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEdit:
    """What to write about one package; it is added if the file has none of this name.

    `added` are new values; `sourced` are values that stand there bare and get a source.
    """

    name: str
    added: tuple[Entry, ...] = ()
    sourced: tuple[Entry, ...] = ()


def edit_packages(content: bytes, edits: Iterable[PackageEdit], *, path: str) -> bytes:
    """The file with the edits made; the same bytes if there is nothing to do.

    Args:
        content: a valid names.yaml.
        edits: what to write.
        path: what messages call the file.

    Raises:
        ConfigError: the result would be no valid names.yaml.
        InputError: the file has a form that can't be edited safely.
    """
    editor = _Editor(content)
    packages = editor.section("packages")
    if not isinstance(packages, SequenceNode):
        raise _uneditable(path)
    known = {canonicalize_name(_name_of(node)): node for node in packages.value}
    for edit in edits:
        node = known.get(canonicalize_name(edit.name))
        if node is None:
            editor.append(packages, [_package_item(edit.name, edit.added, flow=editor.is_flow(packages))])
            continue
        editor.give_sources(node, edit.sourced)
        editor.add_entries(node, edit.added)
    return _checked(content, editor.result(), path)


def add_to_section(content: bytes, section: str, entry: Mapping[str, str | dt.date | int], *, path: str) -> bytes:
    """The file with one more mapping in the list `section`, which is made if there is none. Raises as above."""
    editor = _Editor(content)
    item = (write_mapping(entry),)
    found = editor.section(section)
    if isinstance(found, SequenceNode):
        editor.append(found, [item])
    else:
        editor.add_key(editor.root, section, [item])
    return _checked(content, editor.result(), path)


def find_line(content: bytes, section: str, name: str) -> int | None:
    """The line (from 1) in which the list `section` has this project; None if it hasn't."""
    found = _Editor(content).section(section)
    for node in found.value if isinstance(found, SequenceNode) else ():
        if canonicalize_name(_name_of(node)) == canonicalize_name(name):
            return int(node.start_mark.line) + 1
    return None


def renew_lines(renewals: Iterable[Renewal | None]) -> str:
    """The lines that a person would write into names.yaml for later versions; empty if there is none."""
    lines = [f"  - {write_mapping(item.entry)}" for item in renewals if item is not None]
    return "\n".join(["renew:", *lines]) if lines else ""


def save(path: Path, *, before: bytes, after: bytes) -> None:
    """Puts `after` in the place of `before`, whole or not at all; a link stays a link, the file keeps its mode.

    Raises InputError if the file isn't `before` any more (somebody has edited it meanwhile) or can't be written.
    """
    try:
        with files.open_named(path) as stream:
            mode, found = os.fstat(stream.fileno()).st_mode & 0o777, stream.read()
        if found != before:
            raise InputError(f"{path} was edited meanwhile; it was left alone", fix="call the command again")
        real = files.resolve(path)
        (files.InnerPath(real.parent) / real.name).replace([after], mode=mode, is_synced=True)
    except OSError as error:
        fix = "fix the permissions of its folder, or make room"
        raise InputError(f"{path} can't be written: {error.strerror}; it was left alone", fix=fix) from None


#: One list item, line by line, without its dash; the lines after the first are indented against it.
_Item: TypeAlias = tuple[str, ...]


class _Editor:
    """One file: where its values stand, and what is put where. Only a bare value that becomes a mapping is replaced."""

    def __init__(self, content: bytes) -> None:
        text = content.decode("utf-8")
        self._mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
        self._text = text.removeprefix(_BYTE_ORDER_MARK)
        self._newline = "\r\n" if "\r\n" in self._text else "\n"
        self._splices: list[tuple[int, int, str]] = []
        self.root: Node = yaml.compose(self._text, Loader=yaml.CBaseLoader)

    def section(self, key: str) -> Node | None:
        """The value of a top-level key."""
        return _value_of(self.root, key)

    def result(self) -> bytes:
        """The text with everything in its place; what goes to one place stays in the order of its making."""
        parts, position = [self._mark], 0
        for start, end, text in sorted(self._splices, key=lambda splice: splice[:2]):
            parts += [self._text[position:start], text]
            position = end
        return "".join([*parts, self._text[position:]]).encode()

    def is_flow(self, node: Node) -> bool:
        """Whether a list or mapping is written with brackets."""
        return isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)

    def append(self, sequence: SequenceNode, items: Sequence[_Item]) -> None:
        """More items at the end of a list, in the list's own style."""
        if self.is_flow(sequence):
            written = ", ".join(map(" ".join, items))
            if sequence.value:
                self._insert(_end_of(sequence.value[-1]), f", {written}")
            else:
                self._insert(sequence.start_mark.index + 1, written)
            return
        self._insert_lines(_end_of(sequence), self._list_lines(items, sequence.start_mark.column))

    def add_key(self, mapping: Node, key: str, items: Sequence[_Item]) -> None:
        """A new key with a list at the end of a mapping, in the mapping's own style."""
        if self.is_flow(mapping):
            self._insert(_end_of(mapping.value[-1][1]), f", {key}: [{', '.join(map(' '.join, items))}]")
            return
        column = mapping.value[0][0].start_mark.column
        self._insert_lines(_end_of(mapping), [f"{' ' * column}{key}:", *self._list_lines(items, column + _LIST_INDENT)])

    def add_entries(self, package: Node, entries: Sequence[Entry]) -> None:
        """New values in a package's lists."""
        if isinstance(package, ScalarNode):
            self._expand(package, entries)
            return
        lists = {key: [(_written(entry),) for entry in group] for key, group in _by_list(entries).items()}
        # Existing lists first: what is added at the end of the last one comes before a new key behind it.
        for key, items in lists.items():
            found = _value_of(package, key)
            if isinstance(found, SequenceNode):
                self.append(found, items)
        for key, items in lists.items():
            if _value_of(package, key) is None:
                self.add_key(package, key, items)

    def give_sources(self, package: Node, entries: Sequence[Entry]) -> None:
        """Bare values become mappings that say where they are known from."""
        for entry in entries:
            found = _value_of(package, entry.key)
            for node in found.value if isinstance(found, SequenceNode) else ():
                if isinstance(node, ScalarNode) and node.value == entry.value:
                    self._splices.append((node.start_mark.index, node.end_mark.index, _written(entry)))

    def _expand(self, package: ScalarNode, entries: Sequence[Entry]) -> None:
        """A bare package name becomes a mapping, if there is anything to say of it."""
        start, end = package.start_mark.index, package.end_mark.index
        line = self._text.rfind("\n", 0, start) + 1
        if entries and self._text[line:start].strip() != "-":
            self._splices.append((start, end, *_package_item(package.value, entries, flow=True)))
        elif entries:
            self._insert(start, "name: ")
            _, *lists = _package_item(package.value, entries, flow=False)
            self._insert_lines(end, [f"{' ' * package.start_mark.column}{line}" for line in lists])

    def _list_lines(self, items: Sequence[_Item], column: int) -> list[str]:
        lines = []
        for item in items:
            first, *others = item
            lines.append(f"{' ' * column}- {first}")
            lines += [f"{' ' * (column + 2)}{line}" for line in others]
        return lines

    def _insert(self, index: int, text: str) -> None:
        self._splices.append((index, index, text))

    def _insert_lines(self, index: int, lines: Sequence[str]) -> None:
        """Whole lines after the one in which `index` lies; a comment behind the value stays with it."""
        text = "".join(f"{line}{self._newline}" for line in lines)
        if index and self._text[index - 1] == "\n":
            # A block scalar ends where the next line begins.
            self._insert(index, text)
            return
        end = self._text.find("\n", index)
        if end < 0:
            self._insert(len(self._text), self._newline + text)
        else:
            self._insert(end + 1, text)


#: How far a list is indented below its key, where the file doesn't show its own way.
_LIST_INDENT = 2


def _end_of(node: Node) -> int:
    """Where the text of a value ends. A block's own mark lies behind the comments that follow it."""
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _end_of(node.value[-1])
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return _end_of(node.value[-1][1])
    return int(node.end_mark.index)


def _value_of(mapping: Node, key: str) -> Node | None:
    pairs = mapping.value if isinstance(mapping, MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _name_of(package: Node) -> str:
    name = package if isinstance(package, ScalarNode) else _value_of(package, "name")
    return str(name.value) if name is not None else ""


def _package_item(name: str, entries: Sequence[Entry], *, flow: bool) -> _Item:
    lines = [f"name: {write_scalar(name)}"]
    if flow:
        lines += [f"{key}: [{', '.join(map(_written, group))}]" for key, group in _by_list(entries).items()]
        return (f"{{{', '.join(lines)}}}",)
    for key, group in _by_list(entries).items():
        lines += [f"{key}:", *(f"{' ' * _LIST_INDENT}- {_written(entry)}" for entry in group)]
    return tuple(lines)


def _by_list(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    lists: dict[str, list[Entry]] = {}
    for entry in entries:
        lists.setdefault(entry.key, []).append(entry)
    return lists


def _written(entry: Entry) -> str:
    if not entry.source:
        return write_scalar(entry.value)
    return write_mapping(asdict(entry) | {"key": None})


def _checked(before: bytes, after: bytes, path: str) -> bytes:
    """`after`, if it is a names.yaml that still says everything that `before` says."""
    if after == before:
        return before
    if len(after) > MAX_FILE_BYTES:
        raise ConfigError(
            f"{path} would have more than {MAX_FILE_BYTES:,} bytes; it was left alone",
            fix="take out what isn't needed, or call again for fewer packages",
        )
    if not _still_says(read_document(after, path=path).values, read_document(before, path=path).values):
        raise _uneditable(path)
    try:
        read_portfolio(after, path=path)
    except ConfigError as error:
        # These places are in a file that is never written: people can't open them.
        reasons = tuple(replace(item, path=None, line=None, column=None) for item in error.diagnostics())
        message = f"{path} wouldn't be valid any more; it was left alone"
        raise ConfigError(message, fix="fix what the lines above name, then call again", diagnostics=reasons) from None
    return after


def _still_says(now: Any, then: Any) -> bool:
    """Whether everything in `then` is still in `now`, in its order; a bare value may have become a mapping."""
    if isinstance(then, dict):
        return isinstance(now, dict) and all(key in now and _still_says(now[key], then[key]) for key in then)
    if isinstance(then, list):
        kept = now[: len(then)] if isinstance(now, list) else []
        return len(kept) == len(then) and all(map(_still_says, kept, then))
    if isinstance(now, dict) and isinstance(then, str):
        return then in (now.get("value"), now.get("name"))
    return bool(now == then)


def _uneditable(path: str) -> InputError:
    return InputError(
        f"{path} has a form that can't be edited safely; it was left alone",
        fix="write the file with one `key: value` or `- item` a line, then call the command again",
    )
