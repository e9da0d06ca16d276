"""Reads import statements, and says which project ships a module.

    [line.module for line in read_imports("import acme.core as c, yaml")]  # ['acme.core', 'yaml']
    project_of("cv2.typing", {})                                           # 'opencv-python'

The bundled table, `data/imports.json`, comes from the records of real wheels (`bench/imports.py` makes it). A module
that several projects ship belongs to the most downloaded one; a root that different makers share (`google`, `azure`)
belongs to no project.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name

from namehold.evidence.templates import is_template
from namehold.index.rules import is_stdlib
from namehold.names import is_valid

_PROMPTS: Final = (">>> ", "... ")
#: Projects whose names the index refuses today: they are read as modules of the language (`importlib.metadata`).
_BACKPORTS: Final = frozenset({"importlib_metadata", "importlib_resources"})
#: Modules of these names are the reader's own in most examples.
_USUAL_LOCAL: Final = frozenset(
    {"app", "conftest", "constants", "forms", "helper", "helpers", "local_settings", "main", "model", "models"}
    | {"module", "routes", "schemas", "settings", "src", "test", "tests", "urls", "util", "utils", "views"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One module (`acme.core`) that a statement imports; `column` counts from 1."""

    module: str
    column: int


@dataclass(frozen=True, slots=True)
class _Table:
    projects: Mapping[str, NormalizedName]
    shared: frozenset[str]


def read_imports(line: str) -> Iterator[Import]:
    """The modules that the statement on `line` imports; none if the line is no import statement.

    Relative imports, and `__future__`, are none.
    """
    start = len(line) - len(line.lstrip())
    start += next((len(prompt) for prompt in _PROMPTS if line.startswith(prompt, start)), 0)
    code = line[start:].partition("#")[0]
    for statement in code.split(";"):
        bare = statement.strip()
        offset = start + len(statement) - len(statement.lstrip())
        start += len(statement) + 1
        word, _, rest = bare.partition(" ")
        if word == "from":
            yield from _read_from(rest, offset + 6)
        elif word == "import":
            yield from _read_import(rest, offset + 8)
        elif bare:
            return


def is_local(module: str) -> bool:
    """Whether a module is part of the language, or the reader's own by its usual or template name."""
    root = module.partition(".")[0]
    return (
        not is_valid(root)
        or (is_stdlib(canonicalize_name(root)) and root not in _BACKPORTS)
        or root.startswith("_")
        or root.lower() in _USUAL_LOCAL
        or is_template(root)
    )


def project_of(module: str, surfaces: Mapping[str, NormalizedName]) -> NormalizedName | None:
    """The project that ships `module`: by `surfaces` (import name to project) first, then by the bundled table.

    A module that neither knows stands for the project of its own name. None for a root that different makers share.
    """
    table = _load_table()
    parts = module.split(".")
    dotted = [".".join(parts[:end]) for end in range(min(len(parts), 6), 0, -1)]
    for known in (surfaces, table.projects):
        for path in dotted:
            if path in known:
                return known[path]
    root = parts[0]
    return None if root in table.shared or not is_valid(root) else canonicalize_name(root)


def known_modules() -> Mapping[str, NormalizedName]:
    """The modules of the bundled table, each with the project that ships it."""
    return _load_table().projects


@cache
def _load_table() -> _Table:
    content = json.loads(files("namehold").joinpath("data/imports.json").read_text(encoding="utf-8"))
    return _Table(
        {module: NormalizedName(name) for module, name in content["modules"].items()},
        frozenset(content["shared"]),
    )


def _read_import(rest: str, column: int) -> Iterator[Import]:
    found = []
    for item in rest.split(","):
        words = item.split()
        if not _is_plain(words) or not is_dotted(words[0]):
            return
        found.append(Import(module=words[0], column=column + item.index(words[0])))
        column += len(item) + 1
    yield from found


def _read_from(rest: str, column: int) -> Iterator[Import]:
    module, _, names = rest.strip().partition(" ")
    keyword, _, imported = names.strip().partition(" ")
    if module == "__future__" or not is_dotted(module) or not (keyword == "import" or keyword.startswith("import(")):
        return
    items = [item.split() for item in imported.strip("() ").split(",")]
    plain = [words for words in items if words]
    if all(map(_is_plain, plain)) and (plain or "(" in names):
        yield Import(module=module, column=column + rest.index(module))


def _is_plain(words: Sequence[str]) -> bool:
    """Whether words are one item of an import: `name` or `name as other`."""
    match words:
        case [name] | [name, "as", _]:
            return not name.startswith("#")
        case _:
            return False


def is_dotted(module: str) -> bool:
    """Whether a text can be a module's path in an import statement."""
    return module.isascii() and all(part.isidentifier() for part in module.split("."))
