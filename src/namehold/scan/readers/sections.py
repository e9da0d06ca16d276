"""INI files that list requirements: setup.cfg and tox.ini."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from namehold.scan.model import Use
from namehold.scan.readers.requirements import read_requirement

_SETUP_KEYS: Final = frozenset({"install_requires", "setup_requires", "tests_require"})


@dataclass(frozen=True, slots=True)
class _Value:
    """One line of a key's value, and where it begins."""

    section: str
    key: str
    text: str
    line: int
    column: int


def read_setup_cfg(text: str) -> Iterator[Use]:
    """Each requirement in a setup.cfg: of the project, of its extras, of its build and tests."""
    for value in _values(text):
        if value.section == "options.extras_require" or (value.section == "options" and value.key in _SETUP_KEYS):
            yield from _requirements(value, "setup.cfg")


def read_tox(text: str) -> Iterator[Use]:
    """Each requirement under `deps` and `requires` of a tox.ini; a factor (`py312: `) may stand before it."""
    for value in _values(text):
        if value.key == "deps" or (value.section == "tox" and value.key == "requires"):
            factor, colon, rest = value.text.partition(":")
            if colon and not rest.startswith("//") and " " not in factor.strip() and "[" not in factor:
                yield from _requirements(replace(value, text=rest, column=value.column + len(factor) + 1), "tox.ini")
            else:
                yield from _requirements(value, "tox.ini")


def _requirements(value: _Value, carrier: str) -> Iterator[Use]:
    if value.text.lstrip()[:1] not in {"-", "{", "#", "."}:
        text = value.text.partition(" #")[0]
        yield from read_requirement(text, line=value.line, column=value.column, carrier=carrier)


def _values(text: str) -> Iterator[_Value]:
    """Each line of each value. Python's own reader of such files takes the square of a line's length."""
    section = key = ""
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if not bare or bare[0] in "#;":
            continue
        if line[0] in " \t":
            if key:
                yield _Value(section, key, line, number, 1)
        elif bare[0] == "[":
            section, key = bare.strip("[]").strip(), ""
        else:
            at = min((place for place in (line.find("="), line.find(":")) if place >= 0), default=-1)
            key = line[:at].strip().lower() if at >= 0 else ""
            if key and line[at + 1 :].strip():
                yield _Value(section, key, line[at + 1 :], number, at + 2)
