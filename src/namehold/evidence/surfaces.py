"""What a package's own files say about how people reach it: modules, commands, extras, former names, companions.

Pure: an opened archive and metadata text in, `Surface` values out; nothing is imported or executed.
Sources are named per fact ("METADATA of FILE"), so that a person can look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from urllib.parse import urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from namehold.documents import as_table, load_toml
from namehold.index import Archive
from namehold.index.rules import read_requirement
from namehold.names import has_name_shape
from namehold.portfolio import Surface, SurfaceKind

#: Suffixes of importable extension modules: `_speed.cpython-311-x86_64-linux-gnu.so`, `_speed.pyd`.
_MODULE = re.compile(r"^(?P<name>[^\W\d]\w*)(?:\.[\w-]+)?\.(?:py|pyd|so)$")
#: A folder of types for another package (PEP 561).
_STUBS = re.compile(r"^[^\W\d]\w*-stubs$")
#: Where a wheel's `data` scheme, which is the environment's own folder, holds site-packages and programs.
_SITE_PACKAGES = re.compile(r"^lib(?:64)?/(?:python3[.\d]*/)?(?:site|dist)-packages/", re.IGNORECASE)
_PROGRAMS = re.compile(r"^(?:bin|scripts)/(?P<name>[^/]+)$", re.IGNORECASE)
#: Labels of Project-URLs under which projects link to what they were called before.
_FORMER_LABEL = re.compile(r"former|previous|renamed|old name", re.IGNORECASE)
#: Labels of Project-URLs that lead to a repository; `code` alone does, a code of conduct doesn't.
_REPOSITORY_LABEL = re.compile(
    r"\b(?:sources?|source ?code|repo(?:sitory)?|github|gitlab|codeberg|home(?:-?page)?)\b|^code$", re.IGNORECASE
)
#: Words of extras that people who work on the package install. `all` has what other extras have, these among them.
_EXTRAS_OF_DEVELOPERS = frozenset(
    {"all", "bench", "benchmark", "benchmarks", "build", "check", "checks", "ci", "contrib", "contributing", "cov"}
    | {"coverage", "dev", "devel", "develop", "development", "doc", "docs", "documentation", "examples", "format"}
    | {"formatting", "lint", "linting", "maintainer", "mypy", "precommit", "publish", "qa", "quality", "release"}
    | {"style", "test", "testing", "tests", "tox", "typecheck", "typechecking", "types", "typing"}
)
_EXTRA_IN_MARKER = re.compile(r"extra == [\"']([^\"']+)[\"']")
#: Last parts of addresses that are no names of repositories: the pages that forges put behind one, and what documents
#: and branches of any project are called.
_NO_REPOSITORIES = frozenset(
    {"actions", "blob", "code", "commits", "discussions", "docs", "en", "issues", "latest", "main", "master", "pulls"}
    | {"releases", "security", "stable", "tags", "tree", "wiki"}
)
#: First parts that are no owners of one: pages of people and groups on a forge, documents and their language.
_NO_OWNERS = frozenset({"docs", "en", "orgs", "sponsors", "topics", "users"})
_DOCUMENT = re.compile(r"\.(?:html?|md|php|rst)$", re.IGNORECASE)
#: Directories of an sdist that hold no importable package of the project.
_NOT_PACKAGES = frozenset({"test", "tests", "doc", "docs", "example", "examples", "bench", "benchmarks", "scripts"})
#: Folders of an sdist below which its modules lie; the second is maturin's, beside Rust in `src`.
_SOURCE_FOLDERS = ("src/", "python/")
#: The tables of pyproject.toml whose keys are commands: PEP 621's, and those of builders from before it.
_SCRIPT_TABLES = (
    ("project", "scripts"),
    ("project", "gui-scripts"),
    ("tool", "poetry", "scripts"),
    ("tool", "flit", "scripts"),
)
_SCRIPT_GROUPS = frozenset({"console_scripts", "gui_scripts"})
#: Modules at the top of an sdist that aren't installed.
_NOT_MODULES = frozenset({"conftest", "ez_setup", "fabfile", "noxfile", "setup", "tasks", "versioneer"})
#: Deeper namespaces than this are no names that people type, nor are modules that no package holds.
_NAMESPACE_DEPTH = 4
#: Packages deeper than this aren't, either.
_PACKAGE_DEPTH = 8
#: The folders that the `.pth` files of one wheel may name; each line is read for every module.
_MAX_PATHS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    """What one release says about itself. `project_urls` are (label, address); `summary` is one line."""

    surfaces: tuple[Surface, ...] = ()
    companions: tuple[NormalizedName, ...] = ()
    project_urls: tuple[tuple[str, str], ...] = ()
    summary: str = ""


def read_metadata(name: NormalizedName, metadata: str, *, source: str) -> PackageFacts:
    """Extras, former names, repository names, companions and links in a METADATA or PKG-INFO text.

    Companions are unconditional requirements and those of extras for users; the project itself isn't its own.
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
    for header, kind in (("Import-Name", SurfaceKind.IMPORT), ("Import-Namespace", SurfaceKind.NAMESPACE)):
        # PEP 794: `name` or `name ; private`.
        shown = (value.partition(";") for value in message.get_all(header, []))
        found += [(kind, module.strip()) for module, _, mark in shown if mark.strip() != "private"]
    for label, address in urls:
        if _FORMER_LABEL.search(label):
            found.append((SurfaceKind.FORMER, _project_in(_parts_of(address))))
        elif _REPOSITORY_LABEL.search(label):
            found.append((SurfaceKind.REPOSITORY, _repository_in(_parts_of(address))))
    required = {_companion_in(value) for value in message.get_all("Requires-Dist", [])}
    is_import = {SurfaceKind.IMPORT, SurfaceKind.NAMESPACE}
    return PackageFacts(
        surfaces=_surfaces(
            (
                (kind, value)
                for kind, value in found
                if value and (kind in is_import or canonicalize_name(value) != name)
            ),
            source=source,
        ),
        companions=tuple(
            sorted(canonicalize_name(value) for value in required if value and canonicalize_name(value) != name)
        ),
        project_urls=tuple(urls),
        summary=" ".join(message.get("Summary", "").split())[:512],
    )


def read_wheel(archive: Archive, *, source: str) -> tuple[Surface, ...]:
    """Modules, namespaces, commands and entry-point groups of a wheel: from its listing, `entry_points.txt`, `.pth`."""
    files = [installed for path in archive.names if (installed := _installed_path(path))]
    paths = [
        folder
        for path in archive.names
        if path.endswith(".pth") and (place := _installed_path(path)) and "/" not in place
        for folder in _paths_of(archive.read(path).decode("utf-8", "replace"))
    ]
    found = _modules(_below(files, paths[:_MAX_PATHS]))
    found += [(SurfaceKind.COMMAND, command) for path in archive.names if (command := _script_of(path))]
    for path in archive.names:
        if path.count("/") == 1 and path.endswith(".dist-info/entry_points.txt"):
            found += _entry_points(archive.read(path).decode("utf-8", "replace"))
    return _surfaces(found, source=source)


def read_sdist(archive: Archive, *, source: str) -> tuple[Surface, ...]:
    """The same of an sdist, as far as static files tell: egg-info, pyproject.toml, and the layout of its folders."""
    inner = {path[len(folder) :]: path for folder in [sdist_folder(archive.names)] for path in archive.names}
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
        found += _laid_out(inner, project=source.rpartition("-")[0])
    return _surfaces(found, source=source)


def sdist_folder(names: Iterable[str]) -> str:
    """The folder that all files of an sdist lie in, with a slash behind; empty where they lie at its top."""
    tops = {path.partition("/")[0] if "/" in path else "" for path in names}
    return f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""


def _laid_out(inner: Iterable[str], *, project: str) -> list[tuple[SurfaceKind, str]]:
    """The modules of an sdist by its layout: packages, else the modules at its top; one called as the project always.

    Other modules at the top are tools of the people who work on it.
    """
    paths = list(inner)
    # Where the folder holds another language, the modules lie at the top.
    layouts = ([path.removeprefix(top) for path in paths if path.startswith(top)] for top in _SOURCE_FOLDERS)
    layout = next((below for below in layouts if _modules(below)), paths)
    found = _modules(path for path in layout if "/" in path)
    packages = [item for item in found if item[1].partition(".")[0] not in _NOT_PACKAGES]
    top = [item for item in _modules(path for path in layout if "/" not in path) if item[1] not in _NOT_MODULES]
    return packages + [
        item for item in top if not packages or canonicalize_name(item[1]) == canonicalize_name(project)
    ]  # fmt: skip


def _paths_of(pth: str) -> list[str]:
    """The folders below site-packages that a `.pth` file puts on the path, with a slash behind (module `site`)."""
    found = []
    for line in map(str.strip, pth.splitlines()):
        if not line or line.startswith(("#", "import ", "import\t")):
            continue
        parts = [part for part in line.replace("\\", "/").rstrip("/").split("/") if part != "."]
        if all(part and part != ".." and ":" not in part for part in parts):
            found.append("/".join(parts) + "/")
    return found


def _below(files: Iterable[str], folders: Iterable[str]) -> list[str]:
    """The files as they are imported: those in a folder that is on the path, from there on."""
    # The deepest folder first: it may lie in another one.
    longest = sorted(folders, key=len, reverse=True)
    return [next((path[len(top) :] for top in longest if path.startswith(top)), path) for path in files]


def _modules(paths: Iterable[str]) -> list[tuple[SurfaceKind, str]]:
    """Importable top levels among installed paths.

    A folder with `__init__` is a package. A folder without one that holds packages or modules is a namespace
    (PEP 420): it is reported as such, and what lies in it is reported under its dotted name.
    """
    split = [path.split("/") for path in paths]
    modules = [
        (tuple(folders), module["name"])
        for *folders, last in split
        if (module := _MODULE.match(last)) and all(folder.isidentifier() for folder in folders)
    ]
    packages = {folders for folders, name in modules if name == "__init__"}
    found = {(SurfaceKind.IMPORT, top) for top, *rest in split if rest and _STUBS.match(top)}
    for folders, module_name in modules:
        # Below the deepest namespace it makes no difference where the package begins.
        depths = range(1, min(len(folders), _PACKAGE_DEPTH) + 1)
        depth = next((i for i in depths if folders[:i] in packages), None)
        names = folders[:depth] if depth else (*folders, module_name)
        if any(name.startswith("_") for name in names[:_PACKAGE_DEPTH]):
            continue
        if len(names) <= (_PACKAGE_DEPTH if depth else _NAMESPACE_DEPTH):
            found.add((SurfaceKind.IMPORT, ".".join(names)))
        shown = range(1, min(len(names) - 1, _NAMESPACE_DEPTH) + 1)
        found.update((SurfaceKind.NAMESPACE, ".".join(names[:i])) for i in shown)
    return sorted(found)


def _installed_path(path: str) -> str:
    """Where a wheel's member lands in site-packages; empty for what doesn't land there (PEP 427)."""
    top, _, rest = path.partition("/")
    if top.endswith(".data"):
        scheme, _, inner = rest.partition("/")
        if scheme == "data" and (match := _SITE_PACKAGES.match(inner)):
            return inner[match.end() :]
        return inner if scheme in {"purelib", "platlib"} else ""
    return "" if top.endswith(".dist-info") else path


def _script_of(path: str) -> str:
    """The command that a wheel's member is installed as, beside those of entry points (PEP 427); empty if none."""
    top, _, rest = path.partition("/")
    scheme, _, command = rest.partition("/")
    if not top.endswith(".data"):
        return ""
    if scheme == "data":
        program = _PROGRAMS.match(command)
        command = program["name"] if program else ""
    elif scheme != "scripts" or "/" in command:
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
    document = load_toml(text)
    return [(SurfaceKind.COMMAND, command) for path in _SCRIPT_TABLES for command in as_table(document, *path)]


def _surfaces(found: Iterable[tuple[SurfaceKind, str]], *, source: str) -> tuple[Surface, ...]:
    """Distinct surfaces in a stable order."""
    return tuple(Surface(kind=kind, value=value, source=source) for kind, value in sorted(set(found)))


def _label_and_address(value: str) -> tuple[str, str]:
    label, _, address = value.partition(",")
    return label.strip(), address.strip()


def _companion_in(value: str) -> str:
    """The project that a requirement names, if users of the package install it; empty otherwise."""
    requirement = read_requirement(value)
    if requirement is None:
        return ""
    extras = _EXTRA_IN_MARKER.findall(str(requirement.marker or ""))
    is_for_users = not extras or any(
        _EXTRAS_OF_DEVELOPERS.isdisjoint(canonicalize_name(extra).split("-")) for extra in extras
    )
    return requirement.name if is_for_users else ""


def _requirement_name(value: str) -> str:
    requirement = read_requirement(value)
    return requirement.name if requirement is not None else ""


def _repository_in(parts: Sequence[str]) -> str:
    """The repository that an address of these parts leads to, after an owner or more; empty if to none."""
    if len(parts) not in {2, 3} or parts[0].lower() in _NO_OWNERS or _DOCUMENT.search(parts[-1]):
        return ""
    return "" if parts[-1].lower() in _NO_REPOSITORIES else _project_in(parts)


def _parts_of(address: str) -> list[str]:
    """The parts of an address's path; none for what is no address, which metadata may hold too."""
    try:
        return [part for part in urlsplit(address).path.split("/") if part]
    except ValueError:
        return []


def _project_in(parts: Sequence[str]) -> str:
    """The last of these parts, if it has the shape of a project name."""
    last = parts[-1].removesuffix(".git") if parts else ""
    return last if has_name_shape(last) else ""
