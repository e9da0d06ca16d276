"""What a package's own files say about how people reach it: modules, commands, extras, former names, companions.

Pure: an opened archive and metadata text in, `Surface` values out; nothing is imported or executed.
Sources are named per fact ("METADATA of FILE"), so that a person can look.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import HeaderParser
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from namehold.index import Archive
from namehold.names import has_name_shape
from namehold.portfolio import Surface, SurfaceKind

#: Suffixes of importable extension modules: `_speed.cpython-311-x86_64-linux-gnu.so`, `_speed.pyd`.
_MODULE = re.compile(r"^(?P<name>[^\W\d]\w*)(?:\.[\w-]+)?\.(?:py|pyd|so)$")
#: Labels of Project-URLs under which projects link to what they were called before.
_FORMER_LABEL = re.compile(r"former|previous|renamed|old name", re.IGNORECASE)
#: Labels of Project-URLs that lead to a repository.
_REPOSITORY_LABEL = re.compile(
    r"\b(?:sources?|source ?code|repo(?:sitory)?|code|github|gitlab|codeberg|home(?:-?page)?)\b", re.IGNORECASE
)
#: Pages of a repository that forges put behind its name: none of them is the name of a repository.
_PAGES_OF_REPOSITORIES = frozenset(
    {"actions", "blob", "commits", "discussions", "issues", "latest", "pulls", "releases", "security", "tags", "tree"}
    | {"wiki"}
)
#: Directories of an sdist that hold no importable package of the project.
_NOT_PACKAGES = frozenset({"test", "tests", "doc", "docs", "example", "examples", "bench", "benchmarks", "scripts"})
_SCRIPT_GROUPS = frozenset({"console_scripts", "gui_scripts"})
#: Deeper namespaces than this are no names that people type.
_NAMESPACE_DEPTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    """What one release says about itself. `project_urls` are (label, address); `summary` is one line."""

    surfaces: tuple[Surface, ...] = ()
    companions: tuple[NormalizedName, ...] = ()
    project_urls: tuple[tuple[str, str], ...] = ()
    summary: str = ""


def read_metadata(name: NormalizedName, metadata: str, *, source: str) -> PackageFacts:
    """Extras, former names, repository names, companions and links in a METADATA or PKG-INFO text.

    Companions are unconditional requirements and those of extras; the project itself isn't its own companion.
    Unreadable requirements are left out: they tell nothing about a name.
    """
    message = HeaderParser().parsestr(metadata)
    urls = [_label_and_address(value) for value in message.get_all("Project-URL", [])]
    home = message.get("Home-page", "").strip()
    if home and home != "UNKNOWN":
        urls.insert(0, ("Homepage", home))
    found = [(SurfaceKind.EXTRA, value) for value in message.get_all("Provides-Extra", [])]
    for header in ("Obsoletes-Dist", "Provides-Dist"):
        found += [(SurfaceKind.FORMER, _requirement_name(value)) for value in message.get_all(header, [])]
    for label, address in urls:
        last = _last_segment(address)
        if last and _FORMER_LABEL.search(label):
            found.append((SurfaceKind.FORMER, last))
        elif last and _REPOSITORY_LABEL.search(label) and _is_repository(address):
            found.append((SurfaceKind.REPOSITORY, last))
    required = {_requirement_name(value) for value in message.get_all("Requires-Dist", [])}
    return PackageFacts(
        surfaces=_surfaces(
            ((kind, value) for kind, value in found if value and canonicalize_name(value) != name), source=source
        ),
        companions=tuple(
            sorted(canonicalize_name(value) for value in required if value and canonicalize_name(value) != name)
        ),
        project_urls=tuple(urls),
        summary=" ".join(message.get("Summary", "").split())[:512],
    )


def read_wheel(archive: Archive, *, source: str) -> tuple[Surface, ...]:
    """Modules, namespaces, commands and entry-point groups of a wheel, from its listing and `entry_points.txt`."""
    files = [_installed_path(path) for path in archive.names]
    found = _modules([path for path in files if path])
    found += [(SurfaceKind.COMMAND, command) for path in archive.names if (command := _script_of(path))]
    for path in archive.names:
        if path.count("/") == 1 and path.endswith(".dist-info/entry_points.txt"):
            found += _entry_points(archive.read(path).decode("utf-8", "replace"))
    return _surfaces(found, source=source)


def read_sdist(archive: Archive, *, source: str) -> tuple[Surface, ...]:
    """The same of an sdist, as far as static files tell: egg-info, pyproject.toml, and the layout of its folders."""
    inner = {path.partition("/")[2]: path for path in archive.names if "/" in path}
    found: list[tuple[SurfaceKind, str]] = []
    tops: set[str] = set()
    for path, full in inner.items():
        if path.endswith(".egg-info/entry_points.txt"):
            found += _entry_points(archive.read(full).decode("utf-8", "replace"))
        elif path.endswith(".egg-info/top_level.txt"):
            tops.update(archive.read(full).decode("utf-8", "replace").split())
    if "pyproject.toml" in inner:
        found += _pyproject_scripts(archive.read(inner["pyproject.toml"]).decode("utf-8", "replace"))
    if tops:
        found += [(SurfaceKind.IMPORT, top) for top in tops if top.isidentifier() and not top.startswith("_")]
    else:
        layout = [path.removeprefix("src/") for path in inner if path.startswith("src/")] or list(inner)
        found += [
            item
            for item in _modules([path for path in layout if "/" in path])
            if item[1].split(".")[0] not in _NOT_PACKAGES
        ]
    return _surfaces(found, source=source)


def _modules(paths: Iterable[str]) -> list[tuple[SurfaceKind, str]]:
    """Importable top levels among installed paths.

    A folder with `__init__` is a package. A folder without one that holds packages or modules is a namespace
    (PEP 420): it is reported as such, and what lies in it is reported under its dotted name.
    """
    modules = [
        (tuple(folders), module["name"])
        for *folders, last in (path.split("/") for path in paths)
        if (module := _MODULE.match(last)) and all(folder.isidentifier() for folder in folders)
    ]
    packages = {folders for folders, name in modules if name == "__init__"}
    found: set[tuple[SurfaceKind, str]] = set()
    for folders, module_name in modules:
        # Below the deepest namespace it makes no difference where the package begins.
        depths = range(1, min(len(folders), _NAMESPACE_DEPTH) + 1)
        depth = next((i for i in depths if folders[:i] in packages), None)
        names = folders[:depth] if depth else (*folders, module_name)
        if any(name.startswith("_") for name in names):
            continue
        if len(names) <= _NAMESPACE_DEPTH:
            found.add((SurfaceKind.IMPORT, ".".join(names)))
        found.update((SurfaceKind.NAMESPACE, ".".join(names[:i])) for i in depths if i < len(names))
    return sorted(found)


def _installed_path(path: str) -> str:
    """Where a wheel's member lands in site-packages; empty for what doesn't land there (PEP 427)."""
    top, _, rest = path.partition("/")
    if top.endswith(".data"):
        scheme, _, inner = rest.partition("/")
        return inner if scheme in {"purelib", "platlib"} else ""
    return "" if top.endswith(".dist-info") else path


def _script_of(path: str) -> str:
    """The command that a wheel's member is installed as, beside those of entry points (PEP 427); empty if none."""
    top, _, rest = path.partition("/")
    scheme, _, command = rest.partition("/")
    if not top.endswith(".data") or scheme != "scripts" or "/" in command:
        return ""
    return re.sub(r"\.(?:exe|cmd|bat)$", "", command, flags=re.IGNORECASE)


def _entry_points(text: str) -> list[tuple[SurfaceKind, str]]:
    """Commands and group names in an entry_points.txt; an unreadable file tells nothing.

    The file is an INI file of `[group]` and `name = object` (entry points specification). Python's own reader of such
    files takes the square of a line's length.
    """
    found: list[tuple[SurfaceKind, str]] = []
    group = ""
    for line in map(str.strip, text.splitlines()):
        name, equals, _ = line.partition("=")
        if not line or line[0] in "#;":
            continue
        if line[0] == "[" and line[-1] == "]":
            group = line[1:-1]
            if group not in _SCRIPT_GROUPS:
                found.append((SurfaceKind.ENTRY_POINT, group))
        elif not equals or not group:
            return []
        elif group in _SCRIPT_GROUPS:
            found.append((SurfaceKind.COMMAND, name.strip()))
    return found


def _pyproject_scripts(text: str) -> list[tuple[SurfaceKind, str]]:
    try:
        project = tomllib.loads(text).get("project", {})
    except (ValueError, RecursionError):
        # ValueError: no TOML, or a number of more digits than Python reads.
        return []
    if not isinstance(project, dict):
        return []
    found: list[tuple[SurfaceKind, str]] = []
    for table in ("scripts", "gui-scripts"):
        scripts = project.get(table)
        found += [(SurfaceKind.COMMAND, command) for command in scripts] if isinstance(scripts, dict) else []
    return found


def _surfaces(found: Iterable[tuple[SurfaceKind, str]], *, source: str) -> tuple[Surface, ...]:
    """Distinct surfaces in a stable order."""
    return tuple(Surface(kind=kind, value=value, source=source) for kind, value in sorted(set(found)))


def _label_and_address(value: str) -> tuple[str, str]:
    label, _, address = value.partition(",")
    return label.strip(), address.strip()


def _requirement_name(value: str) -> str:
    try:
        return Requirement(value).name
    except InvalidRequirement:
        return ""


def _is_repository(address: str) -> bool:
    """Whether the address has the shape of a repository: an owner and a name, or more."""
    parts = [part for part in _path_of(address).split("/") if part]
    return len(parts) in {2, 3} and parts[-1].lower() not in _PAGES_OF_REPOSITORIES


def _path_of(address: str) -> str:
    """The path of an address; empty for what is none, which metadata may hold too."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _last_segment(address: str) -> str:
    """The last part of an address's path, if it has the shape of a project name."""
    last = _path_of(address).rstrip("/").rpartition("/")[2].removesuffix(".git")
    return last if has_name_shape(last) else ""
