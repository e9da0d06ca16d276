"""Texts in which commands and code stand: prose with code blocks, scripts, build files, workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from namehold.evidence import HINTS, read_instructions
from namehold.scan.model import Use
from namehold.scan.readers.imports import read_imports
from namehold.scan.readers.requirements import find_index, read_requirements
from namehold.scan.readers.sentences import INSTALLER, is_in_extras, is_in_sentence, stands_for_any
from namehold.scan.readers.tables import read_pyproject, read_script_header

#: A warning may stand so many lines above what it warns of, and a command's end so many below.
_LINES_BEFORE: Final = 15
_LINES_AFTER: Final = 10

#: How a line ends with which a list of arguments names what to do; the installer stands so many lines above at most.
_VERBS_OF_LISTS: Final = ('"install",', "'install',", '"add",', "'add',")
_QUOTED_INSTALLER: Final = re.compile(r"[\"'](?:pip[x3]?|uv|poetry|pdm|pipenv)[\"']")
_LINES_OF_LISTS: Final = 3
_MOST_OF_LISTS: Final = 300
#: One argument on its line, and how many of them are read.
_ARGUMENT: Final = re.compile(r"\s*[\"']([^\"'\\]{1,300})[\"'],?\s*")
_MOST_ARGUMENTS: Final = 200
_WITH_VALUE: Final = frozenset({"-r", "-c", "-e", "-t", "-i", "-f", "--requirement", "--constraint", "--editable"}) | {
    "--target",
    "--index-url",
    "--extra-index-url",
    "--find-links",
    "--group",
    "--python",
}

_FENCES: Final = ("```", "~~~")
_DIRECTIVES: Final = (".. code-block::", ".. code::", ".. sourcecode::")
_PYTHON: Final = frozenset({"py", "py3", "pycon", "python", "python3", "ipython", "default"})
_REQUIREMENTS: Final = frozenset({"pip-requirements", "requirements", "requirements.txt"})


@dataclass(frozen=True, slots=True)
class Block:
    """A code block: its language in lower case, the number of its first line, and its lines without the indent."""

    language: str
    first_line: int
    indent: int
    text: str


def may_have_commands(text: str) -> bool:
    """Whether an installer's name may stand in `text`."""
    lower = text.lower()
    return any(hint in lower for hint in HINTS)


def read_commands(text: str, *, carrier: str) -> Iterator[Use]:
    """Each project that a command in `text` installs, with the one index that the command asks, if it names one."""
    if not may_have_commands(text):
        return
    lines = text.split("\n")
    kept = _near_installers(lines)
    if kept is None:
        return
    # A command may name many projects, so that the index of its line is looked for once.
    index_of = cache(lambda at: find_index(_command_at(lines, at)))
    for told in read_instructions("\n".join(kept)):
        line = lines[told.line - 1]
        if stands_for_any(line, told.column) or is_in_extras(line, told.column):
            continue
        yield Use(
            name=told.name,
            line=told.line,
            column=told.column,
            carrier=carrier,
            source=index_of(told.line - 1) or (told.raw if "://" in told.raw else ""),
            is_loose=is_in_sentence(line, told.column),
        )
    yield from _read_argument_lists(lines, carrier)


def _read_argument_lists(lines: Sequence[str], carrier: str) -> Iterator[Use]:
    """The projects in a command that is written as a list of quoted arguments, from its verb on one a line."""
    read = 0
    for at, line in enumerate(lines):
        # What one command has taken is no beginning of another one: each line is read once.
        if at < read or not line.rstrip().endswith(_VERBS_OF_LISTS):
            continue
        if not _QUOTED_INSTALLER.search("".join(lines[max(0, at - _LINES_OF_LISTS) : at + 1])[-_MOST_OF_LISTS:]):
            continue
        is_value = False
        for number, item in enumerate(lines[at + 1 : at + 1 + _MOST_ARGUMENTS], start=at + 2):
            match = _ARGUMENT.fullmatch(item)
            if match is None:
                break
            if not is_value:
                for told in read_instructions(f"pip install '{match[1]}'"):
                    yield Use(name=told.name, line=number, column=match.start(1) + 1, carrier=carrier)
            is_value = match[1] in _WITH_VALUE
            read = number


def read_markdown(text: str, *, carrier: str = "markdown") -> Iterator[Use]:
    """The commands in a Markdown text, and the imports and requirements in its code blocks."""
    yield from read_commands(text, carrier=carrier)
    for block in _fenced(text.split("\n")):
        yield from _read_block(block, carrier)


def read_rst(text: str) -> Iterator[Use]:
    """The commands in a reStructuredText, and the imports and requirements in its code blocks."""
    yield from read_commands(text, carrier="restructuredtext")
    for block in _directed(text.split("\n")):
        yield from _read_block(block, "restructuredtext")


def _read_block(block: Block, carrier: str) -> Iterator[Use]:
    found: list[Use] = []
    if block.language in _PYTHON:
        found += read_imports(block.text, carrier=carrier)
        found += read_script_header(block.text)
    elif block.language == "toml":
        found += read_pyproject(block.text, carrier=carrier)
    elif block.language in _REQUIREMENTS:
        found += read_requirements(block.text, carrier=carrier)
    for use in found:
        yield replace(use, line=use.line + block.first_line - 1, column=use.column + block.indent, carrier=carrier)


def _fenced(lines: Sequence[str]) -> Iterator[Block]:
    """The fenced code blocks of a Markdown text (CommonMark 4.5)."""
    fence, language, inner = "", "", list[str]()
    indent = start = 0
    for number, line in enumerate(lines, start=1):
        bare = line.lstrip(" >")
        if not fence:
            if bare.startswith(_FENCES):
                mark = bare[0]
                fence = mark * (len(bare) - len(bare.lstrip(mark)))
                language = bare[len(fence) :].strip().strip("{}.").partition(" ")[0].partition("{")[0].lower()
                indent, start, inner = len(line) - len(bare), number + 1, []
        elif bare.startswith(fence) and not bare.strip(fence[0]).strip():
            yield Block(language.strip(","), start, indent, "\n".join(inner))
            fence = ""
        else:
            inner.append(line[min(indent, len(line) - len(line.lstrip(" >"))) :])


def _directed(lines: Sequence[str]) -> Iterator[Block]:
    """The code blocks of a reStructuredText that name their language."""
    at = 0
    while at < len(lines):
        bare = lines[at].lstrip()
        directive = next((text for text in _DIRECTIVES if bare.startswith(text)), "")
        at += 1
        if not directive:
            continue
        outer = len(lines[at - 1]) - len(bare)
        start = at
        while at < len(lines) and (not lines[at].strip() or _indent(lines[at]) > outer):
            at += 1
        body = lines[start:at]
        indent = min((_indent(line) for line in body if line.strip()), default=0)
        yield Block(
            bare.removeprefix(directive).strip().lower(), start + 1, indent, "\n".join(line[indent:] for line in body)
        )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _near_installers(lines: Sequence[str]) -> list[str] | None:
    """The lines with what is far from every installer's name left empty; None where no line has one."""
    hits = [at for at, line in enumerate(lines) if INSTALLER.search(line)]
    if not hits:
        return None
    kept = [""] * len(lines)
    done = 0
    for hit in hits:
        first, last = max(done, hit - _LINES_BEFORE), min(len(lines), hit + _LINES_AFTER + 1)
        kept[first:last] = lines[first:last]
        done = last
    return kept


def _command_at(lines: Sequence[str], at: int) -> str:
    """The line at this position together with those that it continues and that continue it."""
    first = last = at
    while first and at - first < _LINES_AFTER and lines[first - 1].rstrip().endswith("\\"):
        first -= 1
    while last + 1 < len(lines) and last - at < _LINES_AFTER and lines[last].rstrip().endswith("\\"):
        last += 1
    return " ".join(line.rstrip().rstrip("\\") for line in lines[first : last + 1])
