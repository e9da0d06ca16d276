"""The modules that Python code imports, line by line: what isn't Python's own may be somebody's project."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Final

from packaging.utils import canonicalize_name

from namehold.names import is_valid
from namehold.scan.model import Use

#: The start of an import statement; `>>>` and `...` stand before it in a session that a text shows.
_START: Final = re.compile(r"^[ \t]*(?:(?:>>>|\.\.\.)[ \t]+)?(?=(?:import|from)[ \t])", re.MULTILINE)
_MODULE: Final = re.compile(r"[^\W\d]\w*")
#: Modules of no project: the standard library's, and those that stand for any module.
_NO_PROJECTS: Final = sys.stdlib_module_names | {"__main__", "distutils", "imp", "asynchat", "asyncore", "smtpd"}
_FROM: Final = re.compile(r"from[ \t]+([\w.]+)[ \t]+import\b")
#: `acme_tool` or `acme_tool as at`.
_RENAMED: Final = re.compile(r"([\w.]+)(?:[ \t]+as[ \t]+\w+)?")
_LONGEST: Final = 1_000


def read_imports(text: str, *, carrier: str) -> Iterator[Use]:
    """Each module that a line of `text` imports, once: its first part, as a project of the same name.

    Relative imports and modules of the standard library are none. Which modules are the document's own, the caller
    knows.
    """
    if "import" not in text:
        return
    told: set[str] = set()
    read: set[str] = set()
    line, counted = 1, 0
    for match in _START.finditer(text):
        end = text.find("\n", match.end())
        statement = text[match.end() : end if end >= 0 else len(text)][:_LONGEST]
        if statement in read:
            continue
        read.add(statement)
        for module, at in _modules(statement):
            if module in told or module in _NO_PROJECTS or not module.isascii() or not is_valid(module.strip("_")):
                continue
            told.add(module)
            line += text.count("\n", counted, match.end())
            counted = match.end()
            column = match.end() - (text.rfind("\n", 0, match.end()) + 1) + at + 1
            yield Use(
                name=canonicalize_name(module.strip("_")), line=line, column=column, carrier=carrier, module=module
            )


def _modules(statement: str) -> Iterator[tuple[str, int]]:
    """The first parts of the modules that a statement imports, each with its position; none if it is a sentence."""
    code = statement.partition("#")[0].partition(";")[0].rstrip()
    source = _FROM.match(code)
    if source is not None:
        imported = code[source.end() :].strip("() \t\\,")
        module = _first_part(source[1])
        if module and all(map(_is_imported, imported.split(","))):
            yield module, source.start(1)
        return
    at = len("import")
    found = []
    for part in code[at:].split(","):
        renamed = _RENAMED.fullmatch(part.strip())
        module = _first_part(renamed[1]) if renamed is not None else ""
        if not module:
            return
        found.append((module, at + len(part) - len(part.lstrip())))
        at += len(part) + 1
    yield from found


def _is_imported(part: str) -> bool:
    part = part.strip()
    return part in {"", "*"} or _RENAMED.fullmatch(part) is not None


def _first_part(dotted: str) -> str:
    """The first part of a dotted name; empty for what is none, and for a relative one."""
    parts = dotted.split(".")
    return parts[0] if all(_MODULE.fullmatch(part) for part in parts) else ""
