"""Requirements: one alone (PEP 508), and files of them as pip reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from namehold.evidence import find_project
from namehold.index.rules import parse_requirement
from namehold.names import is_valid
from namehold.scan.model import Use

_MAX_REQUIREMENT: Final = 2_000
#: What stands between an option and its value.
_OPTION_END: Final = re.compile(r"[= \t]")
_INDEX_OPTIONS: Final = ("-i", "--index-url", "--default-index")
_EDITABLE_OPTIONS: Final = ("-e", "--editable")


def read_requirement(text: str, *, line: int, column: int, carrier: str, source: str = "") -> Iterator[Use]:
    """The project of one requirement that begins at this place; none where it is a path, or nothing that can be read.

    A requirement with an address of its own (`acme-tool @ git+https://…`, `#egg=acme-tool`) has it as its source.
    """
    bare = text.strip()
    column += len(text) - len(text.lstrip())
    if not bare or len(bare) > _MAX_REQUIREMENT:
        return
    try:
        requirement = parse_requirement(bare)
        name, address = requirement.name, requirement.url or ""
    except InvalidRequirement:
        name, address = find_project(bare.split()[0]), bare if "egg=" in bare and "#" in bare else ""
        is_known_form = bool(address) or bare[len(name) :].lstrip()[:1] in {"", "[", "<", ">", "=", "~", "!", ";"}
        if not name or not is_known_form:
            return
    if is_valid(name):
        at = max(0, bare.find(name))
        yield Use(
            name=canonicalize_name(name), line=line, column=column + at, carrier=carrier, source=address or source
        )


def read_requirements(text: str, *, carrier: str = "requirements", first_line: int = 1) -> Iterator[Use]:
    """The projects of a requirements file (pip's format). Comments are none, and other files are not followed."""
    lines = list(_logical_lines(text, first_line))
    source = next((value for _, line in lines if (value := find_index(line))), "")
    for number, line in lines:
        bare = line.lstrip()
        if bare.startswith("-"):
            option, value = (*_OPTION_END.split(bare, maxsplit=1), "")[:2]
            if option in _EDITABLE_OPTIONS and "egg=" in value:
                start = line.index(value)
                yield from read_requirement(value, line=number, column=start + 1, carrier=carrier)
            continue
        requirement = line.partition(" --")[0].partition("\t--")[0]
        yield from read_requirement(requirement, line=number, column=1, carrier=carrier, source=source)


def find_index(command: str) -> str:
    """The address of the one index that a command or a line asks (`--index-url`); empty where it names none.

    An extra index isn't the only one that is asked, so that it keeps no name private.
    """
    words = command.replace("=", " ").split()
    for option, value in pairwise(words):
        if option in _INDEX_OPTIONS and ("://" in value or value.startswith(("$", "{", "<"))):
            return value.strip("\"'`")
    return ""


def _logical_lines(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    """Each line with those that continue it, without comments and empty ones, and the number of its first line."""
    parts: list[str] = []
    started = first_line
    for number, line in enumerate(text.split("\n"), start=first_line):
        if not parts:
            started = number
        bare = line.rstrip()
        if bare.lstrip().startswith("#"):
            bare = ""
        elif bare.endswith("\\"):
            parts.append(bare[:-1])
            continue
        parts.append(bare)
        whole = "".join(parts).partition(" #")[0]
        parts = []
        if whole.strip():
            yield started, whole
    if parts and "".join(parts).strip():
        yield started, "".join(parts)
