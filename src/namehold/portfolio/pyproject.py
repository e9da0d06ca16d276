"""What a repository's pyproject.toml says about its package, as far as names.yaml takes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from packaging.utils import canonicalize_name

from namehold.documents import as_list, as_table, load_toml
from namehold.names import is_valid, module_name
from namehold.portfolio.edit import Entry
from namehold.portfolio.model import ProjectFacts
from namehold.portfolio.read import find_text_fault

#: Labels of an address where a claim on a name arrives, best first; letters alone, as the well-known project URLs of
#: the Python packaging guide are compared.
_CONTACTS: Final = (
    *("security", "securitypolicy", "issues", "issue", "bugs", "bugtracker", "issuetracker", "tracker", "bugreports"),
    *("contact", "support", "help", "repository", "source", "sourcecode", "code", "github"),
)
_HOMEPAGES: Final = ("homepage", "home", "website")
#: More are no package's commands or modules, but a file that was made to be long.
_MOST_VALUES: Final = 50
#: So many are looked at before.
_MOST_LOOKED_AT: Final = 500


def read_project(text: str, *, modules: Collection[str] = ()) -> ProjectFacts:
    """The facts of a pyproject.toml (PEP 621, Poetry). Nothing is executed, and no address is asked.

    `modules` are those that lie in the repository; they count where the file doesn't name any.
    """
    table = load_toml(text) or {}
    tool = as_table(table, "tool")
    project, poetry = as_table(table, "project"), as_table(tool, "poetry")
    name = _first_text(project.get("name"), poetry.get("name"))
    if not is_valid(name) or find_text_fault(("packages", "name"), name):
        return ProjectFacts()
    scripts = {**as_table(project, "scripts"), **as_table(project, "gui-scripts"), **as_table(poetry, "scripts")}
    links = {**_links(poetry), **_links(as_table(poetry, "urls")), **_links(as_table(project, "urls"))}
    summary = " ".join(_first_text(project.get("description"), poetry.get("description")).split())
    contacts = _addresses(("organization", "contact"), links, _CONTACTS)
    homepages = _addresses(("organization", "homepage"), links, _HOMEPAGES)
    return ProjectFacts(
        name=name,
        summary="" if find_text_fault(("packages", "summary"), summary) else summary,
        commands=_fitting("commands", (key for key in scripts if canonicalize_name(key) != canonicalize_name(name))),
        imports=_fitting("imports", _modules(tool, modules, name)),
        contact=_address(contacts),
        homepage=_address(homepages),
        refused=tuple(fault for found in (contacts, homepages) if not _address(found) for _, fault in found[:1]),
    )


def _first_text(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _links(table: Mapping[str, Any]) -> dict[str, str]:
    """The addresses of a table by their labels, of which only the letters count."""
    return {
        re.sub("[^a-z]", "", label.lower()): address for label, address in table.items() if isinstance(address, str)
    }


def _addresses(key: tuple[str, str], links: Mapping[str, str], labels: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The addresses of these labels, best first, each with why names.yaml doesn't take it, empty where it does."""
    found = (links[label] for label in labels if label in links)
    return tuple((address, find_text_fault(key, address)) for address in found)


def _address(found: Sequence[tuple[str, str]]) -> str:
    """The first address that names.yaml takes; empty if there is none."""
    return next((address for address, fault in found if not fault), "")


def _fitting(key: str, values: Iterator[str]) -> tuple[str, ...]:
    """The values, each once, that names.yaml takes in this list, of the first ones."""
    few = dict.fromkeys(islice(values, _MOST_LOOKED_AT))
    return tuple(islice((value for value in few if Entry(key=key, value=value).is_fit), _MOST_VALUES))


def _modules(tool: Mapping[str, Any], lying: Collection[str], name: str) -> Iterator[str]:
    """Top-level modules that the build backend's table names, else those that lie in the repository."""
    told = dict.fromkeys(path.split(".")[0] for path in _told_modules(tool))
    for module in told or lying:
        if module != module_name(canonicalize_name(name)):
            yield module


def _told_modules(tool: Mapping[str, Any]) -> Iterator[str]:
    """Modules in the tables of hatch, setuptools, flit, Poetry, uv and maturin."""
    for path in _texts(as_table(tool, "hatch", "build", "targets", "wheel").get("packages")):
        yield path.rstrip("/").rpartition("/")[2]
    yield from _texts(as_table(tool, "setuptools").get("packages"))
    yield from _texts(as_table(tool, "setuptools").get("py-modules"))
    yield from _texts(as_table(tool, "flit", "module").get("name"))
    for item in as_list(as_table(tool, "poetry").get("packages")):
        yield from _texts(as_table(item).get("include"))
    yield from _texts(as_table(tool, "uv", "build-backend").get("module-name"))
    yield from _texts(as_table(tool, "maturin").get("module-name"))


def _texts(value: object) -> list[str]:
    """A text, or the texts of a list."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str) and item]
