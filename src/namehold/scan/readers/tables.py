"""TOML files that list requirements: pyproject.toml, Pipfile, and the header of a script (PEP 723)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from packaging.utils import canonicalize_name

from namehold.documents import as_list, as_table, load_toml
from namehold.names import is_valid
from namehold.scan.model import Use
from namehold.scan.readers.places import Places
from namehold.scan.readers.requirements import read_requirement

#: What Poetry and Pipenv list beside projects.
_NO_PROJECTS: Final = frozenset({"python", "python_version", "python_full_version"})
_ADDRESSES: Final = ("git", "url", "path", "file", "hg", "svn", "bzr")


def read_pyproject(text: str, *, carrier: str = "pyproject") -> Iterator[Use]:
    """Each requirement of a pyproject.toml: of the project, its extras, groups and build, of Poetry, PDM, uv, Hatch."""
    table = load_toml(text) or {}
    if not table:
        return
    reader = _Reader(text, carrier, _indexes(table))
    project, tool = as_table(table, "project"), as_table(table, "tool")
    own_sources = {
        canonicalize_name(name): _source_of(value, reader.indexes) or "declared"
        for name, value in as_table(tool, "uv", "sources").items()
    }
    uses = [
        *reader.requirements(as_table(table, "build-system").get("requires")),
        *reader.requirements(project.get("dependencies")),
        *reader.groups(as_table(project, "optional-dependencies")),
        *reader.groups(as_table(table, "dependency-groups")),
        *reader.groups(as_table(tool, "pdm", "dev-dependencies")),
        *reader.requirements(as_table(tool, "uv").get("dev-dependencies")),
        *reader.requirements(as_table(tool, "uv").get("constraint-dependencies")),
        *reader.requirements(as_table(tool, "uv").get("override-dependencies")),
        *reader.requirements(as_table(tool, "uv").get("build-constraint-dependencies")),
        *reader.requirements(as_table(tool, "cibuildwheel").get("test-requires")),
        *_pixi_uses(reader, as_table(tool, "pixi")),
        *_tox_uses(reader, as_table(tool, "tox")),
        *reader.keyed(as_table(tool, "poetry", "dependencies")),
        *reader.keyed(as_table(tool, "poetry", "dev-dependencies")),
    ]
    for group in as_table(tool, "poetry", "group").values():
        uses += reader.keyed(as_table(group, "dependencies"))
    for environment in as_table(tool, "hatch", "envs").values():
        for key in ("dependencies", "extra-dependencies"):
            uses += reader.requirements(as_table(environment).get(key))
    for hook in as_table(tool, "hatch", "build", "hooks").values():
        uses += reader.requirements(as_table(hook).get("dependencies"))
    for use in uses:
        yield replace(use, source=own_sources[use.name]) if use.name in own_sources else use


def read_pixi(text: str) -> Iterator[Use]:
    """Each project that a pixi.toml takes from the Python index."""
    table = load_toml(text) or {}
    yield from _pixi_uses(_Reader(text, "pixi", _indexes(table)), table)


def read_tox_toml(text: str) -> Iterator[Use]:
    """Each requirement under `deps` and `requires` of a tox.toml."""
    table = load_toml(text) or {}
    yield from _tox_uses(_Reader(text, "tox.toml", {}), table)


def _pixi_uses(reader: _Reader, table: Mapping[str, Any]) -> Iterator[Use]:
    yield from reader.keyed(as_table(table, "pypi-dependencies"))
    for part in (*as_table(table, "feature").values(), *as_table(table, "target").values()):
        yield from reader.keyed(as_table(part, "pypi-dependencies"))


def _tox_uses(reader: _Reader, table: Mapping[str, Any]) -> Iterator[Use]:
    yield from reader.requirements(table.get("requires"))
    for part in (as_table(table, "env_run_base"), as_table(table, "env_pkg_base"), *as_table(table, "env").values()):
        yield from reader.requirements(as_table(part).get("deps"))


def read_pipfile(text: str) -> Iterator[Use]:
    """Each package of a Pipfile."""
    table = load_toml(text) or {}
    reader = _Reader(text, "pipfile", _indexes(table))
    sections = [key for key, value in table.items() if key not in {"source", "requires", "scripts", "pipenv"}]
    for section in sections:
        yield from reader.keyed(as_table(table, section))


def read_script_header(text: str) -> Iterator[Use]:
    """Each requirement in the header of a script (PEP 723: `# /// script` to `# ///`)."""
    if "# /// script" not in text:
        return
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if line.rstrip() == "# /// script"), None)
    if start is None:
        return
    end = start + 1
    while end < len(lines) and lines[end].startswith("#") and lines[end].rstrip() != "# ///":
        end += 1
    header = "\n".join(line[2:] for line in lines[start + 1 : end])
    table = load_toml(header) or {}
    reader = _Reader(header, "script header", _indexes(table))
    for use in reader.requirements(table.get("dependencies")):
        yield replace(use, line=use.line + start + 1, column=use.column + 2)


class _Reader:
    """Turns the lists and tables of one TOML text into uses."""

    def __init__(self, text: str, carrier: str, indexes: Mapping[str, str]) -> None:
        self._places = Places(text)
        self._carrier = carrier
        self.indexes = indexes

    def requirements(self, values: Any) -> Iterator[Use]:
        """The projects of a list of requirements."""
        for value in as_list(values):
            if isinstance(value, str):
                line, column = self._places.of_text(value)
                source = self.indexes.get("", "")
                yield from read_requirement(value, line=line, column=column, carrier=self._carrier, source=source)

    def groups(self, table: Mapping[str, Any]) -> Iterator[Use]:
        """The projects of all lists in a table."""
        for values in table.values():
            yield from self.requirements(values)

    def keyed(self, table: Mapping[str, Any]) -> Iterator[Use]:
        """The projects that are the keys of a table, as Poetry and Pipenv write them."""
        for key, value in table.items():
            if key.lower() in _NO_PROJECTS or not is_valid(key):
                continue
            line, column = self._places.of_key(key)
            source = _source_of(value, self.indexes) or self.indexes.get("", "")
            yield Use(name=canonicalize_name(key), line=line, column=column, carrier=self._carrier, source=source)


def _source_of(value: Any, indexes: Mapping[str, str]) -> str:
    """Where a dependency's own table says that it comes from: an address, a path, or a named index."""
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), {})
    if not isinstance(value, dict):
        return ""
    address = next((value[key] for key in _ADDRESSES if isinstance(value.get(key), str)), "")
    if address or value.get("workspace") is True:
        # A path is an address of this machine.
        return str(address or "workspace")
    named = value.get("source") or value.get("index")
    return indexes.get(named, named) if isinstance(named, str) else ""


def _indexes(table: Mapping[str, Any]) -> dict[str, str]:
    """The addresses of the indexes that a file declares, by their names; under "" that of the only one asked."""
    tool = as_table(table, "tool")
    declared = [table.get("source"), as_table(tool, "poetry").get("source"), as_table(tool, "pdm").get("source")]
    declared += [as_table(tool, "uv").get("index")]
    found: dict[str, str] = {}
    for item in (item for items in declared for item in as_list(items) if isinstance(item, dict)):
        name, address = item.get("name"), item.get("url")
        if isinstance(address, str):
            if isinstance(name, str) and name:
                found[name] = address
            if item.get("default") is True or item.get("priority") in {"default", "primary"}:
                found[""] = address
    only = as_table(tool, "uv").get("index-url")
    if isinstance(only, str):
        found[""] = only
    sources = table.get("source")
    if isinstance(sources, list) and sources and isinstance(sources[0], dict):
        # Pipenv takes what names no index from the first one.
        first = sources[0].get("url")
        found[""] = first if isinstance(first, str) else ""
    return found
