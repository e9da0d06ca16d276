"""Why a text is no YAML, in plain words: the parser says where it gave up, in its own words and seldom at the cause."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from namehold.text import shorten


class Position(NamedTuple):
    """A place in the text; both count from 0."""

    line: int
    column: int


class Fault(NamedTuple):
    """What is wrong, where it is to be corrected, and how."""

    position: Position
    message: str
    fix: str


#: Characters that look like YAML's own -> what is said of them. `{}` stands for the character.
_LOOK_ALIKES: Final = (
    (
        re.compile(r"^()(?:<{7}|={7}|>{7}|\|{7})(?: |$)"),
        "a merge conflict was left here",
        "keep one side, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>",
    ),
    (re.compile(r"^ *()//"), "`//` begins no comment", "begin comments with #"),
    (re.compile(r"(?:^ *|[:-] *)([^\S \t\r\n])"), "{} is no space for YAML", "type a plain space"),
    (re.compile(r"^ *(?:- +)*[\w-]+ ?([\uff1a\ufe55])"), "{} is no colon for YAML", "type a plain colon and a space"),
    (
        re.compile(r"[\s\[{,]([\u201c\u201d\u201e\u201f\u2018\u201a\u00ab])"),
        "{} is no quote for YAML",
        "type a plain \" or '",
    ),
    (
        re.compile(r"^ *([\u2013\u2014\u2212\u2022*])\s"),
        "{} begins no entry of a list",
        "begin it with a hyphen and a space",
    ),
)
_QUOTE: Final = "put quotes round it: {}"
READ_AS_YAML: Final = "delete the line; the file is read as YAML 1.2"
#: Of a longer value its beginning is shown.
_MOST_QUOTED: Final = 60
_DASHES: Final = re.compile(r" *(?:- +)*")
_KEY: Final = re.compile(r" *(?:- +)*(?P<key>[\w.-]+|\"[^\"]*\"|'[^']*'):(?P<value>[ \t]+|$)")
_STUCK_KEY: Final = re.compile(r"(?P<key>[A-Za-z_][\w-]*|\"[^\"]*\"|'[^']*'):(?P<value>[^\s:].*)")
_SAYS_NOTHING: Final = re.compile(r"\s*(#.*)?")


def explain(
    lines: Sequence[str], *, problem: str, at: Position, context: str = "", since: Position | None = None
) -> Fault:
    """What the parser's `problem` at a place comes from. `since` is where that began which `context` names."""
    text = _Text(lines, at, since or at)
    found = text.look_alike() or text.told(problem, context)
    said = ", ".join(part for part in (context, problem) if part)
    return found or Fault(at, f"this is no YAML: {said}", "check quotes, brackets and indentation at this place")


class _Text:
    """The lines round the place at which the parser gave up."""

    def __init__(self, lines: Sequence[str], at: Position, since: Position) -> None:
        self.lines = lines
        self.at = at
        self.since = since
        self.here = lines[at.line]
        self.character = self.here[at.column : at.column + 1]
        above = (number for number in range(at.line - 1, -1, -1) if not _SAYS_NOTHING.fullmatch(lines[number]))
        self.above = next(above, at.line)

    def look_alike(self) -> Fault | None:
        """A character that only looks like one of YAML's, in a line that the error is about."""
        for number in sorted({self.since.line, self.above, self.at.line}):
            for form, message, fix in _LOOK_ALIKES:
                if found := form.search(self.lines[number]):
                    name = f"U+{ord(found[1]):04X} {unicodedata.name(found[1], 'SPACE')}" if found[1] else ""
                    return Fault(Position(number, found.start(1)), message.format(name), fix)
        return None

    def told(self, problem: str, context: str) -> Fault | None:
        """What the parser means, by its words."""
        is_first = not self.here[: self.at.column].strip()
        starts = ("block scalar", "an alias", "an anchor", "a tag", "a directive")
        # The parser's words stand in libyaml's scanner.c and parser.c.
        meanings: tuple[tuple[object, Callable[[], Fault | None]], ...] = (
            (re.match(r"[ -]*\t", self.here), self._tab),
            ("quoted scalar" in context, lambda: self._in_quotes(problem)),
            (problem.startswith("found unexpected ':'"), lambda: self._colon_in_brackets(self.since)),
            (self.here.startswith("%YAML"), self._version),
            ("cannot start any token" in problem, lambda: self._wrong_start(self.at)),
            (any(word in context for word in starts), lambda: self._wrong_start(self.since)),
            ("mapping values are not allowed" in problem, self._unexpected_colon),
            ("could not find expected ':'" in problem, lambda: self._key_without_colon(self.since.line)),
            ("block sequence entries are not allowed" in problem, self._list_beside_key),
            ("while parsing a block" in context and is_first, lambda: self._indented_otherwise("this line")),
            ("while parsing a block" in context, self._behind_the_end),
            ("while parsing a flow" in context, lambda: self._in_brackets(problem)),
            ("document" in problem, self._behind_the_document),
        )
        return next((tell() for is_meant, tell in meanings if is_meant), None)

    def _tab(self) -> Fault:
        position = Position(self.at.line, self.here.index("\t"))
        return Fault(position, "a tab in the indentation", "indent with spaces, never with tabs")

    def _list_beside_key(self) -> Fault:
        fix = "begin the list in the line below its key, one `- value` a line"
        return Fault(self.at, "a list can't begin here, in the line of its key", fix)

    def _in_quotes(self, problem: str) -> Fault | None:
        if "escape" in problem or "hexdecimal" in problem:
            fix = r"use single quotes, in which a backslash is a plain character, or write \\"
            return Fault(self.at, "in double quotes, a backslash begins an escape, and this is none", fix)
        return self._open_quote(self.since)

    def _open_quote(self, position: Position) -> Fault:
        quote = self.lines[position.line][position.column : position.column + 1]
        return Fault(position, f"the quote {quote} that opens here isn't closed", f"write {quote} behind the text")

    def _wrong_start(self, position: Position) -> Fault:
        text = self._text_at(position)
        return Fault(position, f"a text can't begin with {text[:1]!r}", _QUOTE.format(_quoted(text)))

    def _text_at(self, position: Position) -> str:
        """The text that begins here, up to the end of its line or of its place in brackets."""
        before, text = self.lines[position.line][: position.column], self.lines[position.line][position.column :]
        if before.count("[") + before.count("{") > before.count("]") + before.count("}"):
            return re.split(r"[],}]", text, maxsplit=1)[0]
        return text

    def _colon_in_brackets(self, position: Position) -> Fault:
        fix = _QUOTE.format(_quoted(self._text_at(position)))
        return Fault(position, "in brackets, a text can't begin or end with ':'", fix)

    def _version(self) -> Fault:
        return Fault(Position(self.at.line, 0), "the directive %YAML", READ_AS_YAML)

    def _unexpected_colon(self) -> Fault | None:
        if (key := _KEY.match(self.here)) and key.end() <= self.at.column:
            message = "a text without quotes can't hold ': '"
            return Fault(self.at, message, _QUOTE.format(_quoted(self.here[key.end() :])))
        if found := self._stuck(self.above):
            return found
        if not _KEY.match(self.lines[self.above]):
            return self._key_without_colon(self.above)
        found = self._indented_otherwise("the line above has a value already, and this one")
        return found._replace(fix=f"{found.fix}; or put quotes round a text that goes on here and holds ': '")

    def _stuck(self, number: int) -> Fault | None:
        """A dash or a key's colon with no space behind it."""
        line = self.lines[number]
        start = _start(line)
        if re.match(r"-[\w\"']", line[start:]):
            message, fix = "there is no space behind this dash", f"write `- {line[start + 1 :].strip()[:40]}`"
            return Fault(Position(number, start), message, fix)
        if key := _STUCK_KEY.match(line, start):
            message = f"there is no space behind the colon of `{key['key']}`"
            fix = f"write `{key['key']}: {key['value'].strip()[:40]}`"
            return Fault(Position(number, start + len(key["key"])), message, fix)
        return None

    def _key_without_colon(self, number: int) -> Fault:
        line = self.lines[number]
        column = len(line) - len(line.lstrip())
        fix = "write `key: value`, or `- value` in a list"
        return self._stuck(number) or Fault(Position(number, column), "this line has no ': ' behind a key", fix)

    def _indented_otherwise(self, what: str) -> Fault:
        column = len(self.here) - len(self.here.lstrip())
        keys, dashes = self._open_columns()
        keys = keys or {0}
        fits = dashes if self.here[column:].startswith("-") and dashes else keys
        message = f"{what} is indented by {_spaces(column)}, which fits no line above"
        fix = f"indent it by {_spaces(*sorted(fits))}, like what it belongs to"
        if not self.here[column:].startswith("-") and column in dashes:
            fix += ", or write `- ` before it for a new entry of the list"
        return Fault(Position(self.at.line, column), message, fix)

    def _open_columns(self) -> tuple[set[int], set[int]]:
        """The columns, from 0, in which a key may stand, and a dash, of what is open here."""
        keys: set[int] = set()
        dashes: set[int] = set()
        least = len(self.lines[self.above]) + 1
        for line in reversed(self.lines[: self.at.line]):
            start = _start(line)
            if least and start < least and not _SAYS_NOTHING.fullmatch(line):
                keys.add(start)
                dashes |= (marks := {mark.start() for mark in re.finditer("-", line[:start])})
                least = min({start, *marks})
        return keys, dashes

    def _behind_the_end(self) -> Fault:
        if found := self._stuck(self.at.line):
            return found
        before = self.here[: self.at.column].rstrip()
        end = before[-1]
        if self.character in "]}":
            return Fault(
                self.at, f"this `{self.character}` closes nothing", "delete it, or write the bracket that opens"
            )
        if end in "\"'" and before.count(end) % 2:
            opened = next(
                (number for number in range(self.at.line - 1, -1, -1) if self.lines[number].count(end) % 2),
                self.at.line,
            )
            return self._open_quote(Position(opened, self.lines[opened].rindex(end)))
        what = "quote" if end in "\"'" else "bracket"
        key = _KEY.match(self.here)
        whole = self.here[key.end() if key else _start(self.here) :].rstrip()
        if len(whole) > 1 and whole[0] == whole[-1] == end:
            whole = whole[1:-1]
        return Fault(self.at, f"a text goes on behind the closing {what}", _QUOTE.format(_quoted(whole)))

    def _in_brackets(self, problem: str) -> Fault | None:
        bracket = self.lines[self.since.line][self.since.column : self.since.column + 1]
        if "node content" in problem:
            if re.match(r":[^\s,\]}]", self.here[self.at.column :]):
                return self._colon_in_brackets(self.at)
            return Fault(
                self.at, "a value is missing here", "write it, or delete the comma or bracket that is too much"
            )
        if bracket not in {"[", "{"}:
            return None
        closing = "]" if bracket == "[" else "}"
        if self.since.line == self.at.line or (self.since == (0, 0) and self.character):
            message = f"between {bracket} and {closing}, a comma is missing before this"
            return Fault(self.at, message, f"put a comma between two values, and {closing} behind the last")
        message = f"the bracket {bracket} that opens here isn't closed"
        return Fault(self.since, message, f"write {closing} behind its last value, and a comma between two values")

    def _behind_the_document(self) -> Fault:
        if self.here.startswith("---"):
            fix = "keep one document: delete the line '---' and what follows"
            return Fault(self.at, "another document begins here", fix)
        if self.lines[self.above].startswith("..."):
            return Fault(self.at, "this stands behind '...', which ends the file", "delete the line '...' above")
        fix = "write the file as `key: value` lines, with what belongs to a key indented below it"
        return Fault(self.at, "the file's list or mapping ends above, and this can't follow it", fix)


def _start(line: str) -> int:
    """The column, from 0, of a line's first key or value, behind the dashes of lists."""
    found = _DASHES.match(line)
    return found.end() if found else 0


def _spaces(*counts: int) -> str:
    return f"{' or '.join(map(str, counts))} space{'s' * (counts != (1,))}"


def _quoted(text: str) -> str:
    """A value as it is written in quotes, without the comment behind it."""
    text = shorten(text.partition(" #")[0].strip(), _MOST_QUOTED)
    return "'{}'".format(text.replace("'", "''")) if '"' in text or "\\" in text else f'"{text}"'
