"""Lists of names that people write: on the command line, in a file, one a line."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import NormalizedName

from namehold import files
from namehold.errors import Diagnostic, InputError, InvalidName
from namehold.names import normalize
from namehold.text import count

#: A list of packages that an organization owns; a list of names on an index is another thing.
MAX_LISTED_PACKAGES = 2_000
#: The most that is read of a list or a table that a person names: all names of the index have some 20 MB.
_MAX_BYTES = 32 * 1024 * 1024
#: Lines of a list, each of which takes some 200 bytes of memory.
_MAX_LINES = 1_000_000
#: As many of the names that can't be read are told.
_MAX_TOLD = 1_000


@dataclass(frozen=True, slots=True)
class ListedName:
    """A name as somebody wrote it, and where: a file and its line, from 1; None for a word of the command line."""

    text: str
    path: str | None = None
    line: int | None = None


def read_list(path: Path) -> tuple[ListedName, ...]:
    """The lines of a file (`-`: of standard input); empty ones and what follows a # don't count. Raises InputError."""
    named = shown_input(path)
    listed = []
    # Line by line: a list of all lines would take many times the text's size.
    for number, line in enumerate(io.StringIO(read_input(path), newline=None), start=1):
        if number > _MAX_LINES:
            raise InputError(f"{named} holds more than {_MAX_LINES:,} lines", fix="give it in several files")
        if text := line.partition("#")[0].strip():
            listed.append(ListedName(text, named, number))
    return tuple(listed)


def shown_input(path: Path) -> str:
    """What messages call a file that a person named; `-` is standard input."""
    return "<stdin>" if str(path) == "-" else str(path)


def read_input(path: Path) -> str:
    """The text of a file, or for `-` of standard input. Raises InputError."""
    if str(path) != "-":
        return read_text(path)
    if sys.stdin is None:
        raise InputError("standard input can't be read: it is closed", fix="give the path of a text file")
    try:
        # As bytes: a stream's own encoding keeps a mark at the start as a character.
        content = sys.stdin.buffer.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"standard input can't be read: {error.strerror}", fix="give the path of a text file"
        ) from None
    if len(content) > _MAX_BYTES:
        raise InputError(f"standard input can't be read: it holds more than {_MAX_BYTES:,} bytes")
    return _decoded(content, "standard input")


def read_text(path: Path) -> str:
    """A text file that a person made, with or without a byte order mark. Raises InputError."""
    try:
        content = files.read_input(path, most_bytes=_MAX_BYTES)
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}", fix="give the path of a text file") from None
    return _decoded(content, str(path))


def _decoded(content: bytes, named: str) -> str:
    """The text: in UTF-8, or in UTF-16 where a mark at its start says so (Windows' shells). Raises InputError."""
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(f"{named} can't be read: it is no UTF-8 text", fix="save it as UTF-8") from None


def normalize_all(listed: Iterable[ListedName]) -> dict[NormalizedName, str]:
    """Each name once, in order, with its first spelling. Raises InputError with the bad ones and their places."""
    found: dict[NormalizedName, str] = {}
    problems: list[Diagnostic] = []
    for entry in listed:
        try:
            found.setdefault(normalize(entry.text), entry.text)
        except InvalidName as error:
            problems += (replace(reason, path=entry.path, line=entry.line) for reason in error.diagnostics())
        if len(problems) >= _MAX_TOLD:
            break
    if problems:
        more = " or more" if len(problems) >= _MAX_TOLD else ""
        message = f"{count(len(problems), 'name')}{more} can't be read"
        raise InputError(message, fix="correct the names, then call again", diagnostics=tuple(problems))
    return found


def read_names(path: Path) -> tuple[NormalizedName, ...]:
    """The names of a portfolio's packages in a file, as `read_list` reads it, each once.

    Raises InputError if the file can't be read, or is no list of a portfolio's size, or has invalid names.
    """
    found = normalize_all(read_list(path))
    if len(found) > MAX_LISTED_PACKAGES:
        raise InputError(f"{path} lists {len(found):,} names; at most {MAX_LISTED_PACKAGES:,} packages are read")
    return tuple(found)
