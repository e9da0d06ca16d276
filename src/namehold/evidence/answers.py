"""Reads the projects that an answer of a language model tells to install, to require, to import or to use.

    [told.name for told in read_answer("The `acme-tool` package needs `import yaml`.")]  # ['acme-tool', 'pyyaml']

Left out: the standard library, the reader's own modules, words that stand for any name, values of options, names that
the answer warns of or denies, and names of other languages' packages. Pure; one pass over the lines for each reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from namehold.evidence.blocks import (
    Written,
    is_file_name,
    is_pinned,
    read_json,
    read_pip_lists,
    read_requirement_lines,
    read_settings,
    read_table,
    requirement_on,
)
from namehold.evidence.imports import is_dotted, is_local, project_of, read_imports
from namehold.evidence.instructions import read_instructions
from namehold.evidence.prose import read_comments, read_prose, says_packages

#: Characters of an answer that are read: a hundred times what models answer; the rest is left out.
MOST_CHARACTERS: Final = 1_000_000
#: Characters of one line that are read, several times the longest paragraphs of models: a name's place is searched for
#: in its line, so that a line without an end would cost its length for each name.
MOST_IN_LINE: Final = 10_000

_PYTHON_FENCES: Final = frozenset({"", "ipython", "ipython3", "jupyter", "pycon", "py", "python", "python3", "text"})
_LIST_FENCES: Final = frozenset(
    {"", "pip", "pip-requirements", "plaintext", "python", "requirements", "requirements.txt", "text", "txt"}
)
_JSON_FENCES: Final = frozenset({"", "json", "json5", "jsonc", "javascript", "python"})
#: How the lines of a drawn folder begin.
_BRANCHES: Final = frozenset("│├└|+`")
_IMPORTING_CALLS: Final = ("import_module(", "__import__(", "importorskip(")
_TAGS: Final = (
    ("<code>", "`"),
    ("</code>", "`"),
    ("<b>", "**"),
    ("</b>", "**"),
    ("<strong>", "**"),
    ("</strong>", "**"),
    ("<li>", "- "),
    ("</li>", ""),
    ("<ul>", ""),
    ("</ul>", ""),
    ("&ndash;", "-"),
    ("&mdash;", "-"),
)


class ToldKind(StrEnum):
    """How an answer tells of a project."""

    INSTALL = "install"
    REQUIREMENT = "requirement"
    IMPORT = "import"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One project of an answer, and where it stands first; `line` and `column` count from 1."""

    name: NormalizedName
    kind: ToldKind
    line: int
    column: int


@dataclass(slots=True)
class _Block:
    """Lines of an answer inside one fence (`language` in lower case), or between fences (`language` is None)."""

    language: str | None
    lines: list[tuple[int, str]] = field(default_factory=list)
    #: The last line before it that isn't empty.
    before: str = ""


def read_answer(text: str, surfaces: Mapping[str, NormalizedName] = {}) -> tuple[Told, ...]:
    """Each project that `text` tells of, once, in the order of the text.

    `surfaces` maps imports of the portfolio (`acme`, `acme.core`) to their projects. Only the first
    `MOST_CHARACTERS` are read, and of each line the first `MOST_IN_LINE`: names in the rest are left out. Raises
    nothing, whatever `text` holds.
    """
    cut = [line[:MOST_IN_LINE] for line in text[:MOST_CHARACTERS].splitlines()]
    lines = list(enumerate(cut, start=1))
    told = [
        Told(name=found.name, kind=ToldKind.INSTALL, line=found.line, column=found.column)
        for found in read_instructions("\n".join(cut))
    ]
    blocks = list(_blocks(lines))
    for block in blocks:
        told.extend(_told(_read_requirements(block), ToldKind.REQUIREMENT))
        told.extend(_read_prose(block, surfaces))
    told.extend(_read_imports(blocks, _local_modules(lines), surfaces))
    first: dict[NormalizedName, Told] = {}
    for item in sorted(told, key=lambda item: (item.line, item.column)):
        first.setdefault(item.name, item)
    return tuple(first.values())


def _told(found: Iterable[Written], kind: ToldKind) -> Iterator[Told]:
    for written in found:
        yield Told(name=canonicalize_name(written.name), kind=kind, line=written.line, column=written.column)


def _blocks(lines: Sequence[tuple[int, str]]) -> Iterator[_Block]:
    block = _Block(None)
    before = ""
    for number, line in lines:
        bare = line.strip()
        if bare.startswith(("```", "~~~")) and not bare.strip("`~").count("`"):
            yield block
            language = bare.strip("`~ ").lower().partition(" ")[0] if block.language is None else None
            block = _Block(language, before=before)
        else:
            block.lines.append((number, line))
            before = bare or before
    yield block


# --------------------------------------------------------------------------- requirements


def _read_requirements(block: _Block) -> Iterator[Written]:
    readers: list[Callable[[Sequence[tuple[int, str]]], Iterator[Written]]] = [read_settings, read_pip_lists]
    if block.language is None or block.language in {"", "markdown", "md", "text"}:
        readers.append(read_table)
    if block.language in {"csv", "tsv"}:
        readers.append(read_table)
    first = next((line.strip() for _, line in block.lines if line.strip()), "")
    if first[:1] in {"[", "{"} and (block.language is None or block.language in _JSON_FENCES):
        readers.append(read_json)
    for reader in readers:
        yield from reader(block.lines)
    yield from _read_list(block, first)


def _read_list(block: _Block, first: str) -> Iterator[Written]:
    """The requirements that stand alone on their lines: a whole list, or single lines that state versions."""
    language = block.language
    is_list = language is not None and language in _LIST_FENCES and _speaks_of_file(block.before, first)
    if is_list or language in {"requirements", "requirements.txt", "pip-requirements"}:
        yield from read_requirement_lines(block.lines)
    is_open = False
    for number, line in block.lines:
        if is_pinned(line) or is_open:
            written = requirement_on(line, number)
            is_open = is_open and (written is not None or not line.strip() or line.startswith(("#", "-")))
            if written is not None:
                yield written
        is_open = is_open or (language is None and is_file_name(line) and len(line.split()) == 1)


def _speaks_of_file(before: str, first: str) -> bool:
    return "requirements" in before.lower() or "requirements" in first.lower() or says_packages(before)


# --------------------------------------------------------------------------- statements of import


def _read_imports(
    blocks: Sequence[_Block], local: frozenset[str], surfaces: Mapping[str, NormalizedName]
) -> Iterator[Told]:
    for block in blocks:
        if block.language is not None and block.language not in _PYTHON_FENCES:
            continue
        for number, line in block.lines:
            for shift, code in _statements(line):
                for found in read_imports(code):
                    if found.module.partition(".")[0] in local or is_local(found.module):
                        continue
                    name = project_of(found.module, surfaces)
                    if name is not None:
                        yield Told(name=name, kind=ToldKind.IMPORT, line=number, column=shift + found.column)


def _statements(line: str) -> Iterator[tuple[int, str]]:
    """The line itself, and what stands in it in quotes or code marks; each with how far it is from the line's start.

    A call that imports a module by its name in quotes (`import_module("acme")`) counts as the statement.
    """
    yield 0, line
    for call in _IMPORTING_CALLS:
        before, found, after = line.partition(call)
        module = after[1:].partition(after[:1])[0] if after[:1] in {"'", '"'} else ""
        if found and module:
            yield len(before) + len(call) + 1 - len("import "), f"import {module}"
    for mark in "`\"'":
        at = 0
        for part in line.split(mark)[:-1]:
            if at and part.startswith(("import ", "from ")):
                yield at, part
            at += len(part) + 1


def _local_modules(lines: Sequence[tuple[int, str]]) -> frozenset[str]:
    """Modules that the answer itself writes: it names their files (`config.py`) and folders (`jobs/load.py`)."""
    names = set()
    for _, line in lines:
        is_branch = line.lstrip()[:1] in _BRANCHES
        words = line.split() if ".py" in line or is_branch or line.rstrip().endswith("/") else []
        for word in words:
            *folders, last = word.strip("`*'\"()[],:;#.").split("/")
            if last.endswith(".py"):
                names.update([*folders, last.removesuffix(".py")])
            elif folders and not last and (is_branch or len(words) == 1):
                names.update(folders)
    return frozenset(names)


# --------------------------------------------------------------------------- prose


def _read_prose(block: _Block, surfaces: Mapping[str, NormalizedName]) -> Iterator[Told]:
    """What sentences name; a module's name (`cv2`, `acme.core`) stands for its project there, too."""
    plain = [(number, _without_tags(line)) for number, line in block.lines]
    originals = dict(block.lines)
    for written in read_prose(plain) if block.language is None else read_comments(plain):
        if is_local(written.name):
            continue
        name = project_of(written.name, surfaces) if is_dotted(written.name) else canonicalize_name(written.name)
        if name is not None:
            column = max(0, originals[written.line].find(written.name)) + 1
            yield Told(name=name, kind=ToldKind.NAMED, line=written.line, column=column)


def _without_tags(line: str) -> str:
    if "<" in line or "&" in line:
        for tag, mark in _TAGS:
            line = line.replace(tag, mark)
    return line
