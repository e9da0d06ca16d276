"""Reads the projects that a requirements file, a TOML or INI file, JSON, YAML or a table in a text requires.

Each reader takes numbered lines and gives `Written` values. All go through the text once and need no well-formed file:
what a model writes is cut off, commented or mixed with prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.utils import canonicalize_name

from namehold.evidence.instructions import find_project, read_instructions
from namehold.index.rules import read_requirement

Lines = Sequence[tuple[int, str]]

#: Words for what a name belongs to; with their plurals, in the languages that models were asked in.
CUES: Final = frozenset(
    {"bibliotheken", "bibliothek", "bibliothèque", "bibliothèques", "dependencies", "dependency", "libraries"}
    | {"library", "librería", "librerías", "module", "modules", "modul", "package", "packages", "paket"}
    | {"pakete", "paquet", "paquete", "paquetes", "paquets", "pypi"}
)
#: Keys whose value is a list, a table or an array of requirements.
_REQUIRING_KEYS: Final = frozenset(
    {"constraint-dependencies", "override-dependencies"}
    | {"dependency-groups", "optional-dependencies"}
    | {"dependencies", "dev-dependencies", "extra-dependencies", "extras_require", "install_requires", "requires"}
    | {"requirements", "setup_requires", "tests_require"}
)
#: Sections in which every key holds an array of requirements.
_ARRAY_SECTIONS: Final = (
    "dependency-groups",
    "options.extras_require",
    "project.optional-dependencies",
    "tool.pdm.dev-dependencies",
)
#: Sections in which every key is a project, and how the names of others end.
_KEY_SECTIONS: Final = ("dev-packages", "packages", "tool.poetry.dependencies", "tool.poetry.dev-dependencies")
_KEY_SECTION_ENDS: Final = ("pypi-dependencies", "pypi-options.dependency-overrides")
#: Sections of tox, whose key `deps` requires.
_TOX_SECTIONS: Final = ("testenv", "env.", "env_run_base", "tool.tox")
_NO_PROJECTS: Final = frozenset({"python", "python_full_version", "python_version"})
#: Keys of JSON objects whose value is a project's name.
_NAME_KEYS: Final = frozenset({"library", "module", "package", "package_name", "pip", "pip_package", "project"})
_JSON_HINTS: Final = ("dependenc", "install", "librar", "modul", "package", "requirement")
#: Words of keys whose lists are for other installers.
_OTHER_KEYS: Final = frozenset(
    {"apk", "apt", "brew", "cargo", "conda", "cran", "debian", "dnf", "gem", "go", "java", "js", "linux", "node", "npm"}
    | {"os", "ruby", "rust", "sys", "system", "ubuntu", "yarn", "yum"}
)
_WORD: Final = re.compile(r"[a-z]+")
_JSON_KEY_HINTS: Final = ("dependenc", "packages", "requirement")
#: Keys of YAML with a list of requirements, and those that have one below them, in it or under `name`.
_YAML_LISTS: Final = frozenset({"additional_dependencies"})
_YAML_TASKS: Final = frozenset({"pip", "ansible.builtin.pip"})
#: One item of a list in brackets; extras have brackets of their own.
_ITEM: Final = re.compile(r"[^,\[\]]{1,300}(?:\[[^\[\]]{0,300}\][^,\[\]]{0,300})?")
#: What manifests of other languages have, and lists of Python's projects don't: their keys, scopes, and carets.
_OTHER_JSON: Final = ('"devDependencies"', '"peerDependencies"', '"require-dev"', '"@', ': "^', '"npm', '"npx"')
_NAME_COLUMNS: Final = frozenset(
    {
        "bibliothek",
        "distribution",
        "dependency",
        "install name",
        "library",
        "library name",
        "module",
        "package",
        "package name",
        "paket",
        "pip",
        "pip package",
        "project",
    }
    | {"pip name", "project name", "pypi", "pypi name", "pypi project", "python distribution", "requirement"}
    | {"pypi package", "python package", "python library", "python-paket", "paquet", "paquete"}
)
_OPENING: Final = frozenset("[{(")
_LONGEST: Final = 300
_LONGEST_KEY: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A project's name as it is written, and its place, counted from 1."""

    name: str
    line: int
    column: int


def read_requirement_lines(lines: Lines) -> Iterator[Written]:
    """The projects of the lines of a requirements file; nothing if a line is neither requirement, option nor comment.

    A line after an option that ends in a backslash (hashes) belongs to it.
    """
    found: list[Written] = []
    for number, line in lines:
        bare = line.strip()
        if not bare or bare.startswith(("#", "-", "```", "$")) or is_file_name(bare):
            continue
        written = requirement_on(line, number)
        if written is None:
            return
        found.append(written)
    yield from found


def requirement_on(line: str, number: int) -> Written | None:
    """The project of a line that is one requirement and nothing else."""
    bare = line.partition(" #")[0].strip().rstrip("\\").strip()
    name = find_project(bare) if len(bare) <= _LONGEST else ""
    if not name or not _is_requirement(bare.partition(" --")[0].strip()):
        return None
    return Written(name=name, line=number, column=line.index(name) + 1)


def is_pinned(line: str) -> bool:
    """Whether a line is a requirement that states a version, as hardly any other line does."""
    bare = line.partition(" #")[0].partition(" --hash")[0].strip().rstrip("\\").strip()
    return len(bare) <= _LONGEST and any(mark in bare for mark in ("==", ">=", "<=", "~=")) and _is_requirement(bare)


def is_file_name(word: str) -> bool:
    """Whether a line is the name of a requirements file ("requirements.txt:")."""
    return word.strip("*`:# ").lower().endswith(("requirements.txt", "dev.txt"))


def _is_requirement(text: str) -> bool:
    return read_requirement(text) is not None


# --------------------------------------------------------------------------- TOML, INI and calls of setup()


def read_settings(lines: Lines) -> Iterator[Written]:
    """The projects that the settings among `lines` require: pyproject, Pipfile, setup.cfg, setup(), PEP 723 headers."""
    settings = _Settings()
    for number, line in lines:
        yield from settings.read_line(line, number)


@dataclass(slots=True)
class _Settings:
    """Where a reader of settings stands: the section, open brackets, the indent of an INI key, in a header or not."""

    section: str = ""
    depth: int = 0
    key_indent: int = -1
    is_header: bool = False

    def read_line(self, line: str, number: int) -> Iterator[Written]:
        if line.lstrip().startswith("# ///"):
            self.is_header = not self.is_header and line.rstrip().endswith("script")
            self.section, self.depth, self.key_indent = "", 0, -1
            return
        if self.is_header and line.startswith("#"):
            line = " " + line[1:]
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if self.depth:
            self.depth = max(0, self.depth + _brackets(line))
            yield from _quoted_projects(line, 0, number)
        elif bare.startswith("[") and bare.endswith("]") and "=" not in bare and "," not in bare:
            self.section, self.key_indent = bare.strip("[] ").replace('"', "").replace("'", ""), -1
        elif 0 <= self.key_indent < indent and (written := requirement_on(line, number)):
            yield written
        elif bare:
            self.key_indent = -1
            yield from self._read_key(line, number, indent)

    def _read_key(self, line: str, number: int, indent: int) -> Iterator[Written]:
        left, equals, value = line.partition("=")
        key = left.strip().strip("\"'")
        if equals and _is_key_section(self.section):
            if _is_project(key) and key.lower() not in _NO_PROJECTS:
                yield Written(name=key, line=number, column=line.index(key) + 1)
        elif equals and self._is_requiring(key) and value.strip()[:1] not in _OPENING:
            self.key_indent = indent
            if written := requirement_on(" " * (len(left) + 1) + value, number):
                yield written
        else:
            yield from self._read_arrays(line, number)

    def _read_arrays(self, line: str, number: int) -> Iterator[Written]:
        """The requirements in each array on a line whose key asks for them; an array may stay open."""
        at = end = 0
        for part in line.split("=")[:-1]:
            at += len(part) + 1
            key = part.rstrip()[-_LONGEST_KEY:].replace("(", " ").replace(",", " ").split(" ")[-1].strip("\"'")
            opening = line[at : at + 2].lstrip()[:1]
            if at >= end and opening in _OPENING and self._is_requiring(key):
                end = _array_end(line, at)
                self.depth = _brackets(line[at:]) if end == len(line) else 0
                yield from _quoted_projects(line[:end], at, number)

    def _is_requiring(self, key: str) -> bool:
        """Whether a key's value is a list of requirements."""
        key = key.removeprefix("project.").partition(".")[0] if _is_dotted_key(key) else key
        is_tox = key == "deps" and self.section.startswith(_TOX_SECTIONS)
        return key in _REQUIRING_KEYS or is_tox or self.section.startswith(_ARRAY_SECTIONS)


def _is_dotted_key(key: str) -> bool:
    """Whether a key is that of one list of a table: `optional-dependencies.dev`."""
    return key.removeprefix("project.").startswith(("dependency-groups.", "optional-dependencies."))


def _is_project(word: str) -> bool:
    """Whether the whole word is a project's name, and not empty."""
    return bool(word) and find_project(word) == word


def _is_key_section(section: str) -> bool:
    is_group = section.startswith("tool.poetry.group.") and section.endswith(".dependencies")
    return section in _KEY_SECTIONS or is_group or section.endswith(_KEY_SECTION_ENDS)


def _brackets(line: str) -> int:
    """How many more brackets a line opens than it closes, outside of quotes."""
    depth, quote = 0, ""
    for letter in line:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "#":
            break
        else:
            depth += (letter in "[{(") - (letter in "]})")
    return depth


def _array_end(line: str, at: int) -> int:
    """Where the bracket closes that opens next after `at`; the line's end if it doesn't."""
    depth, quote = 0, ""
    for end in range(at, len(line)):
        letter = line[end]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[{(]})":
            depth += 1 if letter in "[{(" else -1
            if depth <= 0:
                return end + 1
    return len(line)


def _quoted_projects(line: str, start: int, number: int) -> Iterator[Written]:
    """The requirements in quotes on a line, from `start` on; keys of a table (`"dev": [`) and comments are none."""
    at = start
    while at < len(line):
        letter = line[at]
        if letter == "#":
            return
        if letter not in "\"'":
            at += 1
            continue
        end = line.find(letter, at + 1)
        if end < 0:
            return
        text = line[at + 1 : end]
        name = find_project(text) if len(text) <= _LONGEST else ""
        if name and not line[end + 1 :].lstrip().startswith(":") and _is_requirement(text.strip()):
            yield Written(name=name, line=number, column=at + 2 + text.index(name))
        at = end + 1


def read_pip_lists(lines: Lines) -> Iterator[Written]:
    """The projects that YAML lists for pip: of a conda environment, a pre-commit hook, a task of Ansible."""
    # `outer` is the indent of the key whose list is read. YAML lets the items of a list be indented as far as its key.
    # That holds for a key that has the list itself (`is_flat`), not for a task: what stands as far as that is the next.
    outer, is_flat = -1, False
    for number, line in lines:
        indent = len(line) - len(line.lstrip())
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        if outer >= 0 and bare.startswith("- ") and (indent > outer or (is_flat and indent == outer)):
            written = requirement_on(line.replace("-", " ", 1).replace('"', " ").replace("'", " "), number)
            if written is not None and not _is_of_npm(bare):
                yield written
            continue
        key, colon, value = bare.removeprefix("- ").partition(":")
        if colon and (key in _YAML_LISTS or (key == "name" and 0 <= outer < indent)):
            yield from _listed(line, line.index(":") + 1, number)
            outer, is_flat = indent, True
        elif key in _YAML_TASKS and colon and not value:
            outer, is_flat = indent, False
        elif indent <= outer:
            outer = -1


def _listed(line: str, start: int, number: int) -> Iterator[Written]:
    """The requirements of `[a, "b[c,d]>=1"]`, or of a single word, from `start` on."""
    end = len(line.partition(" #")[0])
    opening = line.find("[", start, end)
    is_list = opening >= 0 and not line[start:opening].strip()
    for part in _ITEM.finditer(line, opening + 1 if is_list else start, end):
        text = part[0].strip(" \"'")
        name = find_project(text) if len(text) <= _LONGEST and "{" not in text and not _is_of_npm(text) else ""
        if name and _is_requirement(text):
            yield Written(name=name, line=number, column=part.start() + part[0].index(name) + 1)


def _is_of_npm(text: str) -> bool:
    """Whether a version follows as npm writes it (`eslint@9`): hooks of other languages have such lists, too."""
    name, at, version = text.partition("@")
    return bool(at) and name[-1:] != " " and version[:1] not in {"", " "}


# --------------------------------------------------------------------------- JSON


def read_json(lines: Lines) -> Iterator[Written]:
    """The projects of a JSON text, which may be cut off: lists, and objects whose keys speak of packages.

    A bare list of texts counts as a list of projects; in an object, the key above has to speak of packages. The
    manifest of another language (`package.json`, `composer.json`) holds none.
    """
    if any(mark in line for _, line in lines for mark in _OTHER_JSON) and not any(
        '"python' in line for _, line in lines
    ):
        return
    stack: list[_Container] = []
    key, text, place = "", "", 1
    for number, column, part in _json_tokens(lines):
        if part in {"{", "["}:
            stack.append(_open(part, key, stack[-1] if stack else None))
            key = text = ""
        elif part in {"}", "]"}:
            del stack[-1:]
            key = text = ""
        elif part == ",":
            key = text = ""
        elif part == ":":
            key = text
            if stack and stack[-1].has_keys and _is_project(key) and key.lower() not in _NO_PROJECTS:
                yield Written(name=key, line=number, column=place)
        elif stack:
            text, place = part[1:], column + 1
            yield from _json_text(stack[-1], key, text, number, column + 1)


@dataclass(frozen=True, slots=True)
class _Container:
    """An open bracket: whether its texts are projects, and whether its keys are."""

    bracket: str
    is_about: bool
    has_keys: bool


def _open(bracket: str, key: str, outer: _Container | None) -> _Container:
    lower = key.lower()
    is_hinted = any(hint in lower for hint in _JSON_HINTS) and _OTHER_KEYS.isdisjoint(_WORD.findall(lower))
    if bracket == "[":
        return _Container(bracket, outer is None or is_hinted or outer.has_keys, has_keys=False)
    is_item = outer is not None and outer.bracket == "[" and outer.is_about
    return _Container(bracket, is_item, has_keys=is_hinted and any(hint in lower for hint in _JSON_KEY_HINTS))


def _json_text(container: _Container, key: str, text: str, line: int, column: int) -> Iterator[Written]:
    """The project that a text of `container` under `key` names."""
    plain = key.lower()
    is_value = plain in _NAME_KEYS or (plain == "name" and container.is_about)
    is_item = container.bracket == "[" and container.is_about
    name = find_project(text)
    if name and (is_value or is_item) and _is_requirement(text):
        yield Written(name=name, line=line, column=column)


def _json_tokens(lines: Lines) -> Iterator[tuple[int, int, str]]:
    """(line, column, token): brackets, `:` and `,` as they are, texts with a quote before them."""
    for number, line in lines:
        at = 0
        while at < len(line):
            letter = line[at]
            if letter in "{}[]:,":
                yield number, at + 1, letter
            elif letter == '"':
                end = line.find('"', at + 1)
                if end < 0:
                    return
                yield number, at + 1, line[at:end]
                at = end
            at += 1


# --------------------------------------------------------------------------- tables


def read_table(lines: Lines) -> Iterator[Written]:
    """The projects in the column of a table in Markdown or CSV that is headed 'Package', 'Library' or so.

    In a row that tells what to install, in a command or in code marks under 'Install', a name beside it is a label
    ('Core') unless it is that project's.
    """
    column = installing = -1
    cells: list[str] = []
    for number, line in lines:
        mark = "|" if "|" in line else ","
        before, cells = cells, line.strip().strip("|").split(mark) if mark in line else []
        if not cells:
            column = -1
        elif mark == "," and column < 0:
            column, installing = _name_column(cells), -1
        elif all(cell.strip() and not cell.strip(" :-") for cell in cells):
            column, installing = _name_column(before), _installing_column(before)
        elif 0 <= column < len(cells):
            marked = _installed(cells[installing]) if 0 <= installing < len(cells) and installing != column else ""
            told = {canonicalize_name(marked)} if marked else set()
            told.update(item.name for at, cell in enumerate(cells) if at != column for item in read_instructions(cell))
            label = plain_cell(cells[column])
            is_name = _is_project(label) and (not told or canonicalize_name(label) in told)
            for word in (label if is_name else "", marked):
                if word:
                    yield Written(name=word, line=number, column=line.index(word) + 1)


def _installing_column(header: Sequence[str]) -> int:
    """The column headed 'Install', 'How to install', 'PyPI name' or so."""
    heads = [head.strip("*` _").lower() for head in header]
    return next((at for at, head in enumerate(heads) if "instal" in head or head.startswith(("pip", "pypi"))), -1)


def _installed(cell: str) -> str:
    """The project that a cell names in code marks, or with a dash in its name, with nothing beside it."""
    text = plain_cell(cell)
    name = find_project(text) if len(text) <= _LONGEST else ""
    return name if name and ("`" in cell or "-" in name) and _is_requirement(text) else ""


def _name_column(header: Sequence[str]) -> int:
    heads = [head.strip("*` _").lower() for head in header]
    chosen = next((at for at, head in enumerate(heads) if head in _NAME_COLUMNS), -1)
    if chosen < 0 and "name" in heads and any(hint in " ".join(heads) for hint in ("install", "package", "pip")):
        return heads.index("name")
    return chosen


def plain_cell(cell: str) -> str:
    """A cell's one word without its marks: `[acme](url)`, `**acme**`, a code span; empty if it has more words."""
    text = cell.strip().strip("*`")
    if text.startswith("["):
        text = text[1:].partition("]")[0].strip("*`")
    return "" if " " in text else text
