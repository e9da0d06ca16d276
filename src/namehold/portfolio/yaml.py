"""A names.yaml as plain values with the place of each: the YAML edge (PyYAML, with its parser in C).

The text is read event by event, and nothing is constructed by the library: events carry the place of every key and
value, show keys that are given twice, and don't expand aliases, so that a hostile file costs no more than its length.
What a bare word means is YAML 1.2: `yes` is a text and `010` is ten.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from namehold.errors import Diagnostic
from namehold.portfolio.yaml_faults import READ_AS_YAML, Position, explain
from namehold.text import find_hidden, shorten

#: A file of 2,000 packages with every surface is about 500 kB.
MAX_FILE_BYTES = 2_000_000
#: Keys, values, lists and mappings of a file: one takes about five microseconds, and its place 300 bytes.
MAX_VALUES = 150_000
#: So many errors of one kind of check are told, in the order in which they are found; the others are counted.
MAX_TOLD = 1_000
#: The deepest value of the schema lies six levels down.
MAX_DEPTH = 16
#: The deepest value that is stepped over, in a value that is too deep.
_MAX_SKIPPED_DEPTH = 64

#: Of a number's text. Python shows no number of more than 4,300 digits, and reads one in the square of their number.
_MOST_DIGITS: Final = 100

MAX_MESSAGE_LENGTH = 400

#: The path of keys and list positions to a value.
Location: TypeAlias = tuple[str | int, ...]

_TAG_PREFIX = "tag:yaml.org,2002:"
#: What a bare word is, if it isn't text: the core schema of YAML 1.2 (10.3.2), with dates, and `_` between digits.
_BARE: Final = re.compile(
    r"""(?P<null>|~|null|Null|NULL)
    |(?P<bool>true|True|TRUE|false|False|FALSE)
    |(?P<int>[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+)|(?!_)[-+]?[0-9_]+)
    |(?P<float>[-+]?[0-9][0-9_]*(\.[0-9_]*([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)|[-+]?\.[0-9_]+([eE][-+][0-9]+)?
        |[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))
    |(?P<timestamp>[0-9]{4}-[0-9]{2}-[0-9]{2}
        |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}(:[0-9]{2}){2}(\.[0-9]*)?
            ([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?)""",
    re.VERBOSE,
)

_LINE_BREAK = re.compile("\r\n|\r|\n")
#: The parser compares each with all before, and writes out its text, of any length, at every tag that uses it.
_TAG_DIRECTIVE = re.compile(r"^%TAG\b", re.MULTILINE)
#: A number sign that may stand right behind a value, a bracket or a comma, and the mark of a block of text before one.
_GLUED: Final = re.compile(r"(?:[\"'\]}\[{,:]|[|>][-+0-9]*)#")
#: What the parser refuses or takes for a line break, though no editor does; all of it is hidden, and told as that.
_UNREADABLE: Final = re.compile("[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


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


class _StopError(Exception):
    """The rest of the text is left unread; why has been told."""


class _Reader:
    """Reads one file; collects what is wrong on the way."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.value_places: dict[Location, Place] = {}
        self.key_places: dict[Location, Place] = {}
        self.diagnostics: list[Diagnostic] = []
        self.untold = 0
        self._events: Iterator[Event] = iter(())
        self._text = ""
        self._lines: list[str] = []
        self._count = 0

    def read(self, content: bytes) -> Any:
        text = self._decode(content)
        if text is None:
            return None
        self._report_invisible(text)
        if found := _TAG_DIRECTIVE.search(text):
            place = _place_of(found.start(), _line_starts(text))
            self._report(place, "config-yaml-feature", "the directive %TAG", "delete the line; plain values are enough")
            return None
        self._text = text
        self._lines = _LINE_BREAK.split(text)
        self._events = yaml.parse(_UNREADABLE.sub("\ufffd", text), Loader=yaml.CBaseLoader)
        try:
            values = self._document()
        except yaml.MarkedYAMLError as error:
            self._report_syntax(error)
        except _StopError:
            pass
        else:
            self._report_glued_comments()
            return values
        return None

    def _document(self) -> Any:
        next(self._events)
        start = next(self._events)
        if not isinstance(start, DocumentStartEvent):
            return {}
        if start.version == (1, 1):
            self._report(_place_at(start), "config-yaml-feature", "the directive %YAML 1.1", READ_AS_YAML)
        value = self._value(self._next(), ())
        next(self._events)
        if isinstance(more := next(self._events), DocumentStartEvent):
            raise yaml.MarkedYAMLError(problem="another document", problem_mark=more.start_mark)
        return value

    def _next(self) -> Event:
        """The next event of the document."""
        event = next(self._events)
        self._count += isinstance(event, NodeEvent)
        if self._count > MAX_VALUES:
            fix = "split the organization's packages into several files, or take out what isn't needed"
            self._report(_place_at(event), "config-yaml", f"more than {MAX_VALUES:,} keys and values", fix)
            raise _StopError
        return event

    def _skip(self, event: Event) -> None:
        """Steps over the rest of a value that begins with `event`."""
        depth = int(isinstance(event, CollectionStartEvent))
        while depth:
            event = self._next()
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > _MAX_SKIPPED_DEPTH:
                raise _StopError

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

    def _report_escapes(self, scalar: ScalarEvent) -> None:
        """Reports invisible characters that only the escapes of a quoted text write: others are told where they are."""
        written = self._text[scalar.start_mark.index : scalar.end_mark.index]
        if scalar.style == '"' and not invisible_characters(written) and (hidden := invisible_characters(scalar.value)):
            message = f"invisible characters: {', '.join(hidden)}"
            self._report(_place_at(scalar), "config-invisible", message, "delete them")

    def _report_glued_comments(self) -> set[int]:
        """Reports what the parser takes for a comment with no space before it: YAML does not, and people may not.

        Gives the lines, from 0, in which one stands.
        """
        lines = set()
        for place in self._glued_comments():
            fix = "put a space before #, or quotes round the whole text if # belongs to it"
            self._report(place, "config-yaml", "a comment needs a space before its #", fix)
            lines.add(place.line - 1)
        return lines

    def _glued_comments(self) -> Iterator[Place]:
        """The place of each, up to where the parser gives up."""
        if not _GLUED.search(self._text):
            return
        with suppress(yaml.MarkedYAMLError):
            for token in yaml.scan(_UNREADABLE.sub("\ufffd", self._text), Loader=yaml.CBaseLoader):
                # The mark of a block of text is a part of it, and stands at its beginning.
                is_block = isinstance(token, yaml.ScalarToken) and token.style in {"|", ">"}
                at = _position(token.start_mark if is_block else token.end_mark, self._lines)
                start = at.column - (not is_block)
                if start >= 0 and (found := _GLUED.match(self._lines[at.line], start)) is not None:
                    yield Place(line=at.line + 1, column=found.end())

    def _report_syntax(self, error: yaml.MarkedYAMLError) -> None:
        lines = self._lines
        at = _position(error.problem_mark or error.context_mark, lines)
        if "nesting depth" in str(error.problem):
            self._report_depth(Place(line=at.line + 1, column=at.column + 1))
            return
        since = _position(error.context_mark, lines) if error.context_mark else None
        if self._report_glued_comments() & {*range((since or at).line, at.line + 1)}:
            # What such a comment takes along, as a bracket that closes, is what the parser misses.
            return
        fault = explain(lines, problem=error.problem or "", at=at, context=error.context or "", since=since)
        # Values that seem to be missing may be hidden by this.
        self.diagnostics = [item for item in self.diagnostics if item.rule != "config-leftover"]
        place = Place(line=fault.position.line + 1, column=fault.position.column + 1)
        self._report(place, "config-yaml", fault.message, fault.fix)

    def _value(self, event: Event, location: Location) -> Any:
        """The plain value that begins with `event`, read to its end; aliases are refused and not followed."""
        place = _place_at(event)
        if isinstance(event, AliasEvent):
            self.value_places[location] = place
            fix = f"{_WRITE_OUT}; put quotes round a text that begins with *"
            self._report(place, "config-yaml-feature", f"the alias *{event.anchor}", fix)
            return None
        kind = _kind(event)
        if event.anchor is not None:
            self.value_places[location] = place
            fix = f"{_WRITE_OUT}; put quotes round a text that begins with &"
            self._report(place, "config-yaml-feature", f"the anchor &{event.anchor}", fix)
            self._skip(event)
            return None
        if kind == "null":
            self._report_missing_value(location, place if event.value else None)
            return None
        self.value_places[location] = place
        if kind in _READ:
            self._report_escapes(event)
            return self._scalar(event.value, kind, place)
        if len(location) >= MAX_DEPTH:
            self._report_depth(place)
        elif kind == "seq":
            return self._sequence(location)
        elif kind == "map":
            return self._mapping(location)
        else:
            fix = "delete the tag; plain values are enough, and a text that begins with ! needs quotes"
            self._report(place, "config-yaml-feature", f"the tag {event.tag}", fix)
        self._skip(event)
        return None

    def _sequence(self, location: Location) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            values.append(self._value(event, (*location, len(values))))
        return values

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
        fix = "write a value, or delete the key or the entry"
        start = here.column - 1
        if " #" in self._lines[here.line - 1][start : start + MAX_MESSAGE_LENGTH]:
            fix += "; what begins with # is a comment, unless it stands in quotes"
        self._report(here, "config-leftover", f"{what} has no value", fix)

    def _mapping(self, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(key := self._next(), MappingEndEvent):
            if (name := self._key(key, values, location)) is None:
                self._skip(self._next())
            else:
                values[name] = self._value(self._next(), (*location, name))
        return values

    def _key(self, key: Event, known: Container[str], location: Location) -> str | None:
        """A new key of a mapping; None: it was told why it is none."""
        place = _place_at(key)
        if not isinstance(key, ScalarEvent):
            self._report(place, "config-yaml-feature", "a list or mapping as a key", "give the key a plain name")
            self._skip(key)
        elif self._lines[place.line - 1][: place.column - 1].endswith("?"):
            # The parser takes the first character of such a text for the mark of a key.
            fix = "put quotes round a text that begins with ?"
            self._report(
                replace(place, column=place.column - 1), "config-yaml-feature", "in brackets, a ? begins a key", fix
            )
        elif key.value == "<<" and key.implicit[0]:
            self._report(place, "config-yaml-feature", "the merge key <<", _WRITE_OUT)
        elif key.value in known:
            first = self.key_places[*location, key.value].line
            message = f"the key `{key.value}` stands here again; it is already given in line {first}"
            self._report(place, "config-duplicate-key", message, "keep one of them")
        else:
            self.key_places[*location, key.value] = place
            self._report_escapes(key)
            return str(key.value)
        return None

    def _scalar(self, text: str, kind: str, place: Place) -> Any:
        try:
            return _READ[kind](text)
        except (ValueError, OverflowError) as error:
            # What Python says of a number (how to lift its own limit) is no advice for names.yaml.
            what, why = ("date", f": {error}") if kind == "timestamp" else ("number that can be read", "")
            message = f"{text[:40]!r} is no {what}{why}"
            self._report(place, "config-value", message, "write a valid date or number")
            return None

    def _report(self, place: Place, rule: str, message: str, fix: str) -> None:
        if len(self.diagnostics) >= MAX_TOLD:
            self.untold += 1
            return
        self.diagnostics.append(_diagnostic(self.path, place, rule, message, fix=fix))


_WRITE_OUT = "write everything out where it belongs"


def _kind(event: Any) -> str:
    """The last part of a value's tag: the one that is written, or the one that its form has.

    A tag of another form, such as `!!map` at a text, is all of it, which is no kind.
    """
    form = "" if isinstance(event, ScalarEvent) else "seq" if isinstance(event, SequenceStartEvent) else "map"
    if event.tag is not None:
        kind = str(event.tag).removeprefix(_TAG_PREFIX)
        return kind if form == (kind if kind in {"seq", "map"} else "") else str(event.tag)
    if form:
        return form
    bare = _BARE.fullmatch(event.value) if event.implicit[0] else None
    return (bare and bare.lastgroup) or "str"


def _read_int(text: str) -> int:
    digits = text.replace("_", "")
    if len(digits) > _MOST_DIGITS:
        raise ValueError
    return int(digits, {"0b": 2, "0o": 8, "0x": 16}.get(digits.lstrip("+-")[:2], 10))


def _read_float(text: str) -> float:
    # Python's words have no dot.
    return float(re.sub(r"\.(?=inf|nan)", "", text.replace("_", "").lower()))


def _read_date(text: str) -> dt.date:
    return dt.date.fromisoformat(text) if len(text) == len("2026-12-31") else dt.datetime.fromisoformat(text)


#: The kinds of scalars -> how each is read. A text that isn't of its kind, which a tag can claim, is a ValueError.
_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "str": str,
    "int": _read_int,
    "float": _read_float,
    "bool": lambda text: bool(["false", "true"].index(text.lower())),
    "timestamp": _read_date,
}


def _position(mark: yaml.Mark, lines: Sequence[str]) -> Position:
    # Behind the last line the parser sees another one.
    line = min(mark.line, len(lines) - 1)
    return Position(line, mark.column if line == mark.line else len(lines[line]))


def _place_at(event: Event) -> Place:
    return Place(line=event.start_mark.line + 1, column=event.start_mark.column + 1)


def _diagnostic(path: str, place: Place, rule: str, message: str, *, fix: str) -> Diagnostic:
    # What the file says comes back in messages; on a terminal it must not act.
    return Diagnostic(
        message=_printable(message), rule=rule, fix=_printable(fix), path=path, line=place.line, column=place.column
    )


def _printable(text: str) -> str:
    """`text` in one line of bounded length, with escapes for what can't be seen."""
    text = shorten(text, MAX_MESSAGE_LENGTH)
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
