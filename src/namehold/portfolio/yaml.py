"""A names.yaml as plain values with the place of each: the YAML edge (ruamel.yaml).

The text is composed into nodes, never constructed as a whole: nodes carry the place of every key and value, show
keys that are given twice, and don't expand aliases, so that a hostile file costs no more than its own length.
The grammar is YAML 1.2, the one in which ruamel.yaml's round-trip mode writes the file back.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from namehold.errors import Diagnostic
from namehold.text import find_hidden

#: A file of 2,000 packages with every surface is about 500 kB.
MAX_FILE_BYTES = 2_000_000
#: Keys, values, lists and mappings of a file: one takes the YAML library about 50 microseconds.
MAX_VALUES = 150_000
#: So many errors of one kind of check are told, in the order in which they are found; the others are counted.
MAX_TOLD = 1_000
#: The deepest value of the schema lies six levels down.
MAX_DEPTH = 16
#: Brackets that may be open at once where they aren't read yet; some may stand in texts.
_MAX_BRACKETS = 4 * MAX_DEPTH

MAX_MESSAGE_LENGTH = 400

#: The path of keys and list positions to a value.
Location: TypeAlias = tuple[str | int, ...]

_TAG_PREFIX = "tag:yaml.org,2002:"
_SCALAR_KINDS = frozenset({"str", "int", "float", "bool", "timestamp"})

_LINE_BREAK = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in the file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Plain values (dictionaries, lists, strings, numbers, booleans, dates, None) and where they stand.

    `values` is None where the text is no YAML at all. `untold` counts the diagnostics beyond `MAX_TOLD`.
    """

    path: str
    values: Any
    value_places: dict[Location, Place]
    key_places: dict[Location, Place]
    diagnostics: tuple[Diagnostic, ...]
    untold: int = 0

    def place(self, location: Location) -> Place:
        """Where the value at `location` stands; where there is none, the nearest key or value around it."""
        while location:
            found = self.value_places.get(location) or self.key_places.get(location)
            if found:
                return found
            location = location[:-1]
        return self.value_places.get((), Place(line=1, column=1))

    def key_place(self, location: Location) -> Place:
        """Where the key at the end of `location` stands; for a position in a list, the value."""
        return self.key_places.get(location) or self.place(location)

    def fault(self, rule: str, location: Location, message: str, *, fix: str) -> Diagnostic:
        """An error in the value at `location`."""
        return _diagnostic(self.path, self.place(location), rule, message, fix=fix)

    def key_fault(self, rule: str, location: Location, message: str, *, fix: str) -> Diagnostic:
        """An error in the key at the end of `location`."""
        return _diagnostic(self.path, self.key_place(location), rule, message, fix=fix)

    def warning(self, rule: str, location: Location, message: str, *, fix: str) -> Diagnostic:
        """Something about the value at `location` that a person should look at; it stops nothing."""
        return replace(self.fault(rule, location, message, fix=fix), severity="warning")


def read_document(content: bytes, *, path: str) -> Document:
    """`content` as values and places; the document's diagnostics tell everything that is wrong with it as YAML."""
    reader = _Reader(path)
    values = reader.read(content)
    return Document(
        path=path,
        values=values,
        value_places=reader.value_places,
        key_places=reader.key_places,
        diagnostics=tuple(reader.diagnostics),
        untold=reader.untold,
    )


def invisible_characters(text: str) -> tuple[str, ...]:
    """The names of the characters in `text` that a reader can't see or that reorder it, each once."""
    return tuple(dict.fromkeys(character_name(text[at]) for at in _find_invisible(text)))


def _find_invisible(text: str) -> Iterator[int]:
    """Their positions; tabs and line breaks have rules of their own."""
    return (at for at in find_hidden(text) if text[at] not in "\t\r")


def character_name(character: str) -> str:
    """A character as people can look it up: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'CONTROL CHARACTER')}"


class _TooManyValuesError(YAMLError):
    """The text has more than `MAX_VALUES` values; found at `place`."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class _BoundedComposer(Composer):
    """Composes nodes until there are too many."""

    composed = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """One node, with those in it."""
        self.composed += 1
        if self.composed > MAX_VALUES:
            raise _TooManyValuesError(_place_at(self.parser.peek_event()))
        return super().compose_node(parent, index)


class _Reader:
    """Reads one file; collects what is wrong on the way."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.value_places: dict[Location, Place] = {}
        self.key_places: dict[Location, Place] = {}
        self.diagnostics: list[Diagnostic] = []
        self.untold = 0
        self._yaml = YAML(typ="safe", pure=True)
        self._yaml.Composer = _BoundedComposer
        self._anchored: set[int] = set()

    def read(self, content: bytes) -> Any:
        text = self._decode(content)
        if text is None:
            return None
        self._report_invisible(text)
        if (at := _find_depth(text)) is not None:
            self._report_depth(_first_too_deep(text) or _place_of(at, _line_starts(text)))
            return None
        try:
            with warnings.catch_warnings():
                # An anchor that is given twice is told by us, as every anchor is.
                warnings.simplefilter("ignore", ReusedAnchorWarning)
                root = self._yaml.compose(text)
        except RecursionError:
            self._report_depth(_first_too_deep(text) or Place(line=1, column=1))
        except YAMLError as error:
            self._report_unread(error, text)
        else:
            values = self._value(root, ()) if root is not None else {}
            for event in _events(text) if self._anchored else ():
                if isinstance(event, AliasEvent):
                    self._report(_place_at(event), "config-yaml-feature", f"the alias *{event.anchor}", _WRITE_OUT)
            return values
        return None

    def _decode(self, content: bytes) -> str | None:
        try:
            # Some editors on Windows put a byte order mark first; it carries no meaning.
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8-sig", errors="replace")
            place = _place_of(len(before), _line_starts(before))
            message = f"the byte 0x{content[error.start]:02X} is no UTF-8"
            self._report(place, "config-encoding", message, "save the file as UTF-8")
            return None

    def _report_invisible(self, text: str) -> None:
        starts = _line_starts(text)
        for at in _find_invisible(text):
            message = f"the invisible character {character_name(text[at])}"
            self._report(_place_of(at, starts), "config-invisible", message, "delete the character")

    def _report_unread(self, error: YAMLError, text: str) -> None:
        if isinstance(error, MarkedYAMLError):
            self._report_syntax(error, text)
        elif isinstance(error, _TooManyValuesError):
            fix = "split the organization's packages into several files, or take out what isn't needed"
            self._report(error.place, "config-yaml", f"more than {MAX_VALUES:,} keys and values", fix)
        elif not self.diagnostics:
            # The reader's own error (a character that YAML forbids): `_report_invisible` has said where.
            self._report(Place(line=1, column=1), "config-yaml", "this is no YAML", "save the file as plain text")

    def _report_syntax(self, error: MarkedYAMLError, text: str) -> None:
        mark = error.problem_mark or error.context_mark
        place = Place(line=mark.line + 1, column=mark.column + 1) if mark else Place(line=1, column=1)
        said = ", ".join(str(part) for part in (error.context, error.problem) if part)
        lines = _LINE_BREAK.split(text)
        here = lines[place.line - 1] if place.line <= len(lines) else ""
        if "another document" in said:
            fix = "keep one document: delete the line '---' and what follows"
        elif "\t" in here[: place.column]:
            fix = "indent with spaces, never with tabs"
        elif "mapping values are not allowed" in said:
            fix = "put quotes round a text that holds ': ', and indent the keys of one mapping alike"
        elif "alias" in said:
            fix = "write the value out"
        else:
            fix = "check quotes, brackets and indentation at this place"
        self._report(place, "config-yaml", f"this is no YAML: {said}", fix)

    def _value(self, node: Node, location: Location) -> Any:
        """The plain value of a node; every node is visited once, because anchors are refused and not followed."""
        place = _place_at(node)
        kind = str(node.tag).removeprefix(_TAG_PREFIX)
        if isinstance(node, ScalarNode) and kind == "null":
            self._report_missing_value(location, place if node.value else None)
            return None
        self.value_places[location] = place
        if node.anchor is not None:
            # Composed, an alias is the very node of its anchor.
            if id(node) not in self._anchored:
                self._anchored.add(id(node))
                self._report(place, "config-yaml-feature", f"the anchor &{node.anchor}", _WRITE_OUT)
            return None
        if isinstance(node, ScalarNode) and kind in _SCALAR_KINDS:
            return self._scalar(node, kind, place)
        if len(location) >= MAX_DEPTH:
            self._report_depth(place)
            return None
        if isinstance(node, SequenceNode) and kind == "seq":
            return [self._value(item, (*location, position)) for position, item in enumerate(node.value)]
        if isinstance(node, MappingNode) and kind == "map":
            return self._mapping(node, location)
        self._report(place, "config-yaml-feature", f"the tag {node.tag}", "delete the tag; plain values are enough")
        return None

    def _report_depth(self, place: Place) -> None:
        fix = f"write at most {MAX_DEPTH} levels; nothing in names.yaml needs more than six"
        self._report(place, "config-yaml", f"nested more than {MAX_DEPTH} levels deep", fix)

    def _report_missing_value(self, location: Location, place: Place | None) -> None:
        """Reports an empty value at its key or its list: its own mark lies in a later line."""
        if place is not None:
            self.value_places[location] = place
        around = (location[:end] for end in range(len(location), -1, -1))
        places = (self.value_places.get(part) or self.key_places.get(part) for part in around)
        here = next((found for found in places if found), Place(line=1, column=1))
        what = f"`{location[-1]}`" if location and isinstance(location[-1], str) else "an entry of this list"
        self._report(here, "config-leftover", f"{what} has no value", "write a value, or delete the key or the entry")

    def _mapping(self, node: MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = _place_at(key_node)
            if not isinstance(key_node, ScalarNode):
                self._report(place, "config-yaml-feature", "a list or mapping as a key", "give the key a plain name")
                continue
            key = str(key_node.value)
            if key == "<<" and not key_node.style:
                self._report(place, "config-yaml-feature", "the merge key <<", _WRITE_OUT)
                continue
            here = (*location, key)
            if key in values:
                first = self.key_places[here].line
                message = f"the key `{key}` stands here again; it is already given in line {first}"
                self._report(place, "config-duplicate-key", message, "keep one of them")
                continue
            self.key_places[here] = place
            values[key] = self._value(value_node, here)
        return values

    def _scalar(self, node: ScalarNode, kind: str, place: Place) -> Any:
        if kind == "str":
            return str(node.value)
        try:
            return self._yaml.constructor.construct_object(node)
        except (ValueError, OverflowError, YAMLError) as error:
            # What Python says of a number (how to lift its own limit) is no advice for names.yaml.
            what, why = ("date", f": {error}") if kind == "timestamp" else ("number that can be read", "")
            message = f"{node.value[:40]!r} is no {what}{why}"
            self._report(place, "config-value", message, "write a valid date or number")
            return None

    def _report(self, place: Place, rule: str, message: str, fix: str) -> None:
        if len(self.diagnostics) >= MAX_TOLD:
            self.untold += 1
            return
        self.diagnostics.append(_diagnostic(self.path, place, rule, message, fix=fix))


_WRITE_OUT = "write everything out where it belongs"


def _events(text: str) -> Iterator[Event]:
    """The text as the parser meets it, aliases unresolved; however deep it is nested, nothing recurses."""
    return iter(YAML(typ="safe", pure=True).parse(text))


def _find_depth(text: str) -> int | None:
    """Where far too many brackets are open, quoted ones among them; None: nowhere.

    The parser looks at all open ones at each word: a thousand of them in two kilobytes take it seconds.
    """
    depth = 0
    for at, letter in enumerate(text):
        if letter in "[{":
            depth += 1
        elif letter in "]}":
            depth = max(0, depth - 1)
        if depth > _MAX_BRACKETS:
            return at
    return None


def _first_too_deep(text: str) -> Place | None:
    """Where the first list or mapping below `MAX_DEPTH` levels begins; None where the text has none before an error."""
    depth = 0
    with suppress(YAMLError):
        for event in _events(text):
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                return _place_at(event)
    return None


def _place_at(item: Event | Node) -> Place:
    return Place(line=item.start_mark.line + 1, column=item.start_mark.column + 1)


def _diagnostic(path: str, place: Place, rule: str, message: str, *, fix: str) -> Diagnostic:
    # What the file says comes back in messages; on a terminal it must not act.
    return Diagnostic(
        message=_printable(message), rule=rule, fix=_printable(fix), path=path, line=place.line, column=place.column
    )


def _printable(text: str) -> str:
    """`text` in one line of bounded length, with escapes for what can't be seen."""
    text = text if len(text) <= MAX_MESSAGE_LENGTH else text[: MAX_MESSAGE_LENGTH - 1] + "…"
    hidden = find_hidden(text)
    return "".join(
        letter if letter.isprintable() and at not in hidden else f"\\u{ord(letter):04x}"
        for at, letter in enumerate(text)
    )


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE_BREAK.finditer(text))]


def _place_of(offset: int, starts: list[int]) -> Place:
    line = bisect_right(starts, offset)
    return Place(line=line, column=offset - starts[line - 1] + 1)
