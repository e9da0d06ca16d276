"""Reads lists of names in the forms in which indexes and people give them."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from namehold.documents import parse_json
from namehold.errors import Diagnostic, InvalidName, SnapshotError
from namehold.names import is_valid, normalize
from namehold.text import as_utf8

#: An index of 900,000 names is 13 MB as text and 45 MB as JSON.
MAX_LIST_BYTES = 128 * 1024 * 1024
#: Names in one list: twice those of the largest index, which grows by a tenth a year.
MAX_NAMES = 2_000_000
#: Characters of all names: those of the largest index have 12 million.
_MAX_LETTERS = 48_000_000
#: Lines of a text, empty ones and comments among them.
_MAX_LINES = 2 * MAX_NAMES
#: Of one line in so many it is told that it was read.
_TOLD_EACH = 10_000
#: Values and keys of a JSON list: two of each for a name, and some for the whole.
_MAX_VALUES = 5 * MAX_NAMES + 1_000
#: Lists in a JSON list: a project's entry holds none.
_MAX_INNER_LISTS = 100
#: The tables of a JSON list that aren't a project's.
_KEPT_KEYS = frozenset({"api-version", "meta", "projects"})
_EXAMPLES = 5
#: Serials are kept in 32 bits.
_SERIAL_END = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NameList:
    """What a list from outside says: its names (as given, any order), and what was left out.

    `left_out` counts the lines that hold no name; `examples` tells the first few of them.
    `serial` is that of the list's last change, `serials` those of each name, in the same order; empty: not told.
    """

    names: tuple[NormalizedName, ...]
    left_out: int
    examples: tuple[Diagnostic, ...]
    serial: int | None = None
    serials: Sequence[int] = ()


def parse_list(content: bytes, *, source: str, report: Callable[[float], None] = lambda _: None) -> NameList:
    """A list of names: text with one name a line, or the simple index's, in JSON or HTML (PEP 691, PEP 503).

    Empty lines and lines that start with `#` count as nothing. `source` names the list in messages;
    `report` is called with the share of a text that was read, from 0 to 1.
    Raises SnapshotError if it is mostly something else.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Names are ASCII, whose high bytes are zeros. Another text would take six times its size to read.
        high = content[content.startswith(codecs.BOM_UTF16_LE) :: 2]
        if 2 * high.count(0) < len(high):
            raise unreadable_list(source, "it is UTF-16, but mostly no names")
    content = as_utf8(content)
    start = content[:64].lstrip()
    if start.startswith(b"{"):
        return _parse_json(content, source, report)
    if start.startswith(b"<"):
        from namehold.index import find_listed_names  # noqa: PLC0415 -- start-up time: a kept list needs no HTML parser

        listed = find_listed_names(content)
        if listed is None:
            raise unreadable_list(source, "it is HTML without a list of projects (a log-in page, an empty folder?)")
        return _collect(enumerate(listed, start=1), source, serial=None, may_be_empty=True)
    number = content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    if number > _MAX_LINES:
        raise unreadable_list(source, f"it holds more than {_MAX_LINES:,} lines")
    # Line by line: a list of all lines would take many times the text's size.
    with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace") as lines:
        return _collect(_told(enumerate(lines, start=1), number, report), source, serial=None)


def _told(lines: Iterable[tuple[int, str]], in_all: int, report: Callable[[float], None]) -> Iterator[tuple[int, str]]:
    """The numbered lines; of some it is told, as they are taken, which share of them was read."""
    for number, line in lines:
        if number % _TOLD_EACH == 0:
            report(number / (in_all + 1))
        yield number, line


def read_capped(stream: io.BufferedReader | io.BufferedRandom, source: str) -> bytes:
    """Everything in the stream, unpacked if it is gzip. Raises SnapshotError."""
    is_gzip = stream.peek(2)[:2] == b"\x1f\x8b"  # a pipe can't be rewound
    try:
        with gzip.open(stream) if is_gzip else stream as plain:
            content = plain.read(MAX_LIST_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise unreadable_list(source, "the gzip file is cut off or damaged") from None
    if len(content) > MAX_LIST_BYTES:
        raise unreadable_list(source, f"it holds more than {MAX_LIST_BYTES:,} bytes")
    return content


def _parse_json(content: bytes, source: str, report: Callable[[float], None]) -> NameList:
    if content.count(b"[") > _MAX_INNER_LISTS:
        raise unreadable_list(source, "it is JSON, but not the simple index's list of projects (PEP 691)")
    serials = array("I")

    def name_or_dictionary(pairs: list[tuple[str, Any]]) -> Any:
        # A dictionary for each of 900,000 projects would cost 200 MB: its name and a number are kept.
        found = dict(pairs)
        name = found.get("name")
        if not name:
            return found if _KEPT_KEYS & found.keys() else None
        serial = found.get("_last-serial")
        serials.append(serial if isinstance(serial, int) and 0 < serial < _SERIAL_END else 0)
        return name

    try:
        document = parse_json(content, most_values=_MAX_VALUES, pairs_hook=name_or_dictionary)
    except ValueError:
        raise unreadable_list(source, "it is cut off, no JSON, or larger than any index's list") from None
    meta = document.get("meta", {}) if isinstance(document, dict) else None
    projects = document.get("projects") if isinstance(document, dict) else None
    if not isinstance(meta, dict) or not isinstance(projects, list):
        raise unreadable_list(source, "it is JSON, but not the simple index's list of projects (PEP 691)")
    version = str(meta.get("api-version", "1"))
    if version.partition(".")[0] != "1":
        raise unreadable_list(
            source, f"it follows version {version[:40]!r} of the simple index; namehold knows version 1"
        )
    serial = meta.get("_last-serial")
    lines = ((number, entry if isinstance(entry, str) else "?") for number, entry in enumerate(projects, start=1))
    told = _told(lines, len(projects), report)
    found = _collect(told, source, serial=serial if isinstance(serial, int) else None, may_be_empty=True)
    # With entries that name no project, or name one inside another, it isn't clear which number belongs to which.
    is_aligned = len(serials) == len(found.names) == len(projects)
    return replace(found, serials=serials) if is_aligned and any(serials) else found


def _collect(
    lines: Iterable[tuple[int, str]], source: str, *, serial: int | None, may_be_empty: bool = False
) -> NameList:
    names: list[NormalizedName] = []
    examples: list[Diagnostic] = []
    left_out = letters = 0
    for number, given in lines:
        line = given.rstrip("\n")
        letters += len(line)
        if len(names) == MAX_NAMES or letters > _MAX_LETTERS:
            raise unreadable_list(source, f"it holds more than {MAX_NAMES:,} names, or {_MAX_LETTERS:,} characters")
        if is_valid(line):  # nearly every line, and quicker than to fail
            names.append(canonicalize_name(line))
            continue
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            names.append(normalize(text))
        except InvalidName as error:
            left_out += 1
            if len(examples) < _EXAMPLES:
                (reason,) = error.diagnostics()
                examples.append(
                    replace(reason, rule="snapshot-line", path=source, line=number, fix="", severity="warning")
                )
    if left_out > len(names):
        raise SnapshotError(
            f"{source} is no list of names: {left_out:,} of its {left_out + len(names):,} lines hold none",
            fix="give a file with one project name a line, plain or gzip, or the simple index's list (JSON or HTML)",
            diagnostics=tuple(examples),
        )
    if not names and not may_be_empty:
        raise unreadable_list(source, "it is empty")
    return NameList(names=tuple(names), left_out=left_out, examples=tuple(examples), serial=serial)


def unreadable_list(source: str, why: str) -> SnapshotError:
    """The error for what is no list of names; `source` is a file, or the address that answered."""
    fix = "give a file with one project name a line, plain or gzip, or the simple index's list (JSON or HTML)"
    if "://" in source:
        fix = (
            "look at the index's address and the network in between; an index without a project says so by "
            '<meta name="pypi:repository-version" content="1.0"> in its page; or namehold snapshot import FILE'
        )
    return SnapshotError(f"{source} can't be used as a list of names: {why}", fix=fix)
