"""A project's page in the simple interface, from either form: JSON (PEP 691) or HTML (PEP 503).

    page = parse_page(content, name=name, address="http://127.0.0.1/simple/acme-tool/")
    page.files, page.status

There is one reader for both forms, and one rule for what isn't understood: the whole page is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from namehold.documents import as_table, parse_json
from namehold.errors import IndexError_
from namehold.index.markup import Link, read_markup
from namehold.index.model import IndexFile, Ownership, ProjectState, ProjectStatus, Role
from namehold.index.rules import read_requirement
from namehold.text import as_utf8, visible

#: The JSON form's media type.
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
#: What is accepted where both forms will do, the JSON form preferred.
EITHER_FORM = f"{SIMPLE_JSON}, application/json;q=0.5, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
#: A project's page is a few kilobytes; the largest projects have some megabytes of files.
MAX_PAGE_BYTES = 32 * 1024 * 1024
#: What an answer may hold in that: a file's entry has about 30 values and keys in 900 bytes.
_MAX_VALUES = 1_500_000
#: The tags of an HTML page; a file's link has two.
_MAX_TAGS = 250_000

#: The major version of the simple interface that is read here (PEP 629, PEP 691).
_VERSION = "1"
_VERSION_KEY = "pypi:repository-version"
#: How a folder's own listing calls itself (Apache, nginx, Artifactory, Python), before the folder's path.
_FOLDER = rb"\b(?:index of|directory listing for) [^<>\s]{0,200}/"
#: How a list of names calls itself (Warehouse, pypiserver, Nexus, devpi, GitLab), or the folder that is one.
_LIST_TITLE = re.compile(
    rb"<title[^<>]{0,200}>(?:[^<>]{0,200}\bsimple (?:index|list)\b|links for |[^<>]{0,200}?" + _FOLDER + rb")",
    re.IGNORECASE,
)
#: A page of a host's own, as log-in pages link to (`/login`). A project's page lies in a folder, or is one (PEP 503).
_PAGE_OF_HOST = re.compile(r"(?:https?:)?(?://[^/?#]*)?/[^/?#]+(?:[?#].*)?", re.DOTALL)
#: What log-in pages link to beside their form; a list that shows nothing else is such a page.
_DOORS = {
    *("account", "auth", "contact", "help", "home", "imprint", "legal", "log-in", "login", "logout", "password"),
    *("privacy", "register", "reset-password", "sign-in", "sign-up", "signin", "signup", "sso", "start", "terms"),
}
#: How a page of links calls itself (PEP 503's example, and what indexes write).
_TITLE = re.compile(rb"(?:\blinks for |" + _FOLDER + rb")([A-Za-z0-9][A-Za-z0-9._-]{0,200})", re.IGNORECASE)
#: How files end that indexes have taken: today's first, then what the public index took until 2023 (PEP 527).
_ARCHIVES = (
    *(".whl", ".tar.gz", ".zip"),
    *(".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".tar.z", ".tar", ".egg", ".exe", ".msi", ".dmg", ".rpm", ".deb"),
)
#: Under which keys a file's metadata is offered, of today, of PEP 691 and as indexes wrote that one (PEP 714), and what
#: says that there is none.
_METADATA_KEYS = ("core-metadata", "dist-info-metadata", "data-dist-info-metadata")
_NO_METADATA: tuple[object, ...] = (False, None, "", "false", {})
#: As much of an unknown status marker as is shown.
_MARKER_CHARACTERS = 40
#: No index is older: what is said to have been uploaded before has no time that is worth anything.
_FIRST_TIME = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage:
    """What a project's page says. `marker` is the status as the page writes it; the HTML form has no `serial`."""

    files: tuple[IndexFile, ...]
    status: ProjectStatus = ProjectStatus.ACTIVE
    marker: str = ""
    serial: int | None = None


def parse_page(content: bytes, *, name: NormalizedName, address: str) -> ProjectPage:
    """The page of `name` at `address`, which its files' addresses are relative to.

    Raises:
        IndexError_: it is neither form, a page of another project, or an HTML page without a file of this project
            (as a network's log-in page is).
    """
    text = as_utf8(content)
    is_html = text.lstrip().startswith(b"<")
    page = _parse_html(text, name, address) if is_html else parse_object(text, address=address)
    _require_known_version(page, address)
    if canonicalize_name(str(page.get("name", ""))) != name or not isinstance(page.get("files"), list):
        raise unusable_page(address, f"this is no page of {name}")
    if is_html and not page["files"] and not page["is-empty"]:
        raise unusable_page(address, f"this page lists no file of {name} (a log-in page of the network in between?)")
    status, marker = _status_of(page.get("project-status"))
    serial = as_table(page, "meta").get("_last-serial")
    try:
        place = urljoin(address, str(page.get("base", "")))
        files = tuple(_file_of(item, place) for item in page["files"])
    except (KeyError, TypeError, AttributeError, ValueError):
        raise unusable_page(address, f"the page of {name} has another form than the standard's") from None
    return ProjectPage(files=files, status=status, marker=marker, serial=serial if isinstance(serial, int) else None)


def _require_known_version(page: Mapping[str, Any], address: str) -> None:
    """Raises IndexError_ for a page of another major version of the interface, which may mean anything (PEP 629)."""
    version = as_table(page, "meta").get("api-version")
    if version is not None and str(version).partition(".")[0] != _VERSION:
        shown = visible(str(version))[:_MARKER_CHARACTERS]
        raise unusable_page(
            address,
            f"it follows version {shown} of the simple interface, and namehold knows version {_VERSION}",
            fix="use a newer namehold; if there is none, tell its authors",
        )


def parse_object(content: bytes, *, address: str) -> dict[str, Any]:
    """The JSON object in an answer. Raises IndexError_."""
    try:
        found = parse_json(content, most_values=_MAX_VALUES)
    except ValueError:
        is_markup = content.lstrip().startswith(b"<")
        what = "it is HTML" if is_markup else "its JSON is damaged, or holds more than any project's page"
        raise unusable_page(address, what) from None
    if not isinstance(found, dict):
        raise unusable_page(address, "its JSON has another form")
    return found


def state_of(
    name: NormalizedName, page: ProjectPage, details: Mapping[str, Any] | None, *, shows_ownership: bool
) -> ProjectState:
    """The project's state from its page and its answer of the JSON API (None: it has none).

    Raises KeyError, TypeError, AttributeError or ValueError where the JSON API's answer has an unknown form.
    """
    info = (details or {}).get("info", {})
    return ProjectState(
        name=name,
        exists=True,
        status=page.status,
        marker=page.marker,
        files=page.files,
        ownership=_ownership_of(details) if details and shows_ownership else None,
        serial=page.serial,
        summary=str(info.get("summary") or ""),
        description=str(info.get("description") or ""),
        project_urls=tuple((str(label), str(address)) for label, address in (info.get("project_urls") or {}).items()),
        requires=_requires_of(info.get("requires_dist") or ()),
    )


def unusable_page(
    address: str, message: str, *, fix: str = "try again later; if it stays so, tell the index's administrators"
) -> IndexError_:
    """The error for an answer that can't be used."""
    return IndexError_(f"{address}: {message}", fix=fix)


def parse_names(content: bytes, *, address: str) -> frozenset[NormalizedName]:
    """The names in the list at `address`, in either form (PEP 503, PEP 691). Raises IndexError_."""
    text = as_utf8(content)
    if text.lstrip().startswith(b"<"):
        names: Any = find_listed_names(text)
    else:
        found = parse_object(text, address=address)
        _require_known_version(found, address)
        projects: Any = found.get("projects")
        is_list = isinstance(projects, list) and all(isinstance(item, dict) for item in projects)
        names = [item.get("name") for item in projects] if is_list else None
    if names is None or not all(isinstance(name, str) for name in names):
        raise unusable_page(address, "this is no list of names")
    return frozenset(map(canonicalize_name, names))


def find_listed_names(content: bytes) -> tuple[str, ...] | None:
    """The names that the HTML form of an index's list shows, as it writes them; None where the page is no such list.

    A link counts whose address ends in what its text says, since other links stand there, too; a folder may be named
    with its `index.html`. A server's own listing of folders shortens long texts (`acme-tool-wit..>`). A page without
    any is an index's if it says so: a network's log-in page shows no names either, and asks for input.
    """
    markup = read_markup(content.decode("utf-8", "replace"))
    version = markup.metadata.get(_VERSION_KEY, "")
    if markup.has_input or version.partition(".")[0] not in {"", _VERSION}:
        return None
    found = []
    for link in markup.links:
        if _PAGE_OF_HOST.fullmatch(link.address):
            continue
        last, text = _last_part(link.address.removesuffix("index.html")), link.text.rstrip("/")
        is_cut = text.endswith("..>") and last.startswith(text.removesuffix("..>"))
        if last.strip(".") and (is_cut or canonicalize_name(last) == canonicalize_name(text)):
            found.append(last if is_cut else text)
    if version or _LIST_TITLE.search(content):
        return tuple(found)
    return None if all(canonicalize_name(name) in _DOORS for name in found) else tuple(found)


def _last_part(address: str) -> str:
    """The last part of an address's path, percent signs decoded; what an index names its files and projects by.

    A slash at the end, a query and a fragment are no part of it.
    """
    try:
        return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
    except ValueError:
        return ""


def _parse_html(content: bytes, name: NormalizedName, address: str) -> dict[str, Any]:
    """The links of an HTML page to files of the project, and its status, in the keys of the JSON form."""
    if content.count(b"<") > _MAX_TAGS:
        raise unusable_page(address, "it holds more than any project's page")
    markup = read_markup(content.decode("utf-8", "replace"))
    files = [item for link in markup.links if (item := _link_to_file(link, name)) is not None]
    marker, version = markup.metadata.get("pypi:project-status"), markup.metadata.get(_VERSION_KEY)
    status = {"project-status": {"status": marker}} if marker is not None else {}
    # A log-in page has no version of the interface, and no index's title.
    is_empty = not markup.has_input and (version is not None or _is_titled(content, name))
    return {
        "name": name,
        "files": files,
        "base": markup.base,
        "meta": {"api-version": version},
        "is-empty": is_empty,
        **status,
    }


def _is_titled(content: bytes, name: NormalizedName) -> bool:
    """Whether a page calls itself the links of this project, as every index's does, that of one without files, too."""
    titles = (match[1].decode() for match in _TITLE.finditer(content))
    return any(canonicalize_name(title) == name for title in titles)


def _link_to_file(link: Link, name: NormalizedName) -> dict[str, Any] | None:
    """A link to a file of the project, in the keys of the JSON form; None for any other link.

    A file is called as its address ends (PEP 503); texts may be shortened. Some servers' addresses end in something
    else: then the text counts.
    """
    address, _, fragment = link.address.partition("#")
    filename = next((each for each in (_last_part(address), link.text) if _is_file_of(each, name)), None)
    if filename is None:
        return None
    # Older indexes put `egg=...` beside the digest.
    marks = (mark.partition("=") for mark in fragment.split("&"))
    return {
        "filename": filename,
        "url": address,
        "hashes": {algorithm: digest for algorithm, _, digest in marks},
        "yanked": "data-yanked" in link.marks,
        "core-metadata": link.marks.get("data-core-metadata", link.marks.get("data-dist-info-metadata", "")),
    }


def _is_file_of(filename: str, name: NormalizedName) -> bool:
    """Whether a text is a file of the project (PEP 427, PEP 625: the name, a dash, a version)."""
    return canonicalize_name(filename).startswith(f"{name}-") and filename.lower().endswith(_ARCHIVES)


def _file_of(item: Mapping[str, Any], address: str) -> IndexFile:
    """A file in the keys of the JSON form; the rest of an address (a digest) is no part of where the file is."""
    size = item.get("size")
    return IndexFile(
        filename=str(item["filename"]),
        sha256=_digest_of(item.get("hashes")),
        url=urljoin(address, str(item["url"])).partition("#")[0],
        size=size if isinstance(size, int) else None,
        uploaded=_read_time(item.get("upload-time")),
        is_yanked=bool(item.get("yanked")),
        has_metadata=any(item.get(key, "false") not in _NO_METADATA for key in _METADATA_KEYS),
    )


def _digest_of(hashes: Any) -> str:
    """The SHA-256 among a file's hashes, in small letters; empty where the index doesn't tell it."""
    text = (hashes or {}).get("sha256")
    return text.lower() if isinstance(text, str) else ""


def _read_time(value: object) -> dt.datetime | None:
    """A file's `upload-time` (PEP 700) as UTC, which it is where it names no zone; None where there is none.

    A text in another form isn't understood, and a time before any index says nothing either.
    Raises TypeError or ValueError for what is no time at all.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise TypeError("an upload time is a text")
    try:
        time = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        time = time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)
    except OverflowError:
        raise ValueError("an upload time lies beyond the calendar") from None
    return time if time >= _FIRST_TIME else None


def _status_of(shown: object) -> tuple[ProjectStatus, str]:
    """The status that a page's `project-status` means, and the marker's own words. No marker means active."""
    if shown is None:
        return ProjectStatus.ACTIVE, ""
    word = shown.get("status", ProjectStatus.ACTIVE) if isinstance(shown, dict) else None
    if not isinstance(word, str):
        return ProjectStatus.UNKNOWN, ""
    known = ProjectStatus(word) if word in set(ProjectStatus) else ProjectStatus.UNKNOWN
    return known, visible(word)[:_MARKER_CHARACTERS]


def _ownership_of(details: Mapping[str, Any]) -> Ownership | None:
    """Who holds the project by the JSON API; None where the index doesn't show it."""
    shown = details.get("ownership")
    if not isinstance(shown, dict):
        return None
    organization = shown.get("organization")
    if not isinstance(organization, str | None):
        raise TypeError("an organization is a name")
    return Ownership(
        organization=organization,
        roles=tuple(Role(role=str(item["role"]), user=str(item["user"])) for item in shown.get("roles", ())),
    )


def _requires_of(requirements: Iterable[str]) -> tuple[NormalizedName, ...]:
    """The names in Requires-Dist; what can't be read names nothing."""
    names = set()
    for text in requirements:
        if (requirement := read_requirement(str(text))) is not None:
            names.add(canonicalize_name(requirement.name))
    return tuple(sorted(names))
