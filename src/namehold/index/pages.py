"""A project's page in the simple interface, from either form: JSON (PEP 691) or HTML (PEP 503).

    read_html_page(text)["files"]

The HTML form is brought into the keys of the JSON form; small private indexes have only that one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from namehold.errors import IndexError_
from namehold.index.model import Fetched, IndexFile, Ownership, ProjectStatus, Role
from namehold.index.ports import WebReader

#: The JSON form's media type.
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
#: What is accepted where both forms will do, the JSON form preferred.
EITHER_FORM = f"{SIMPLE_JSON}, application/json;q=0.5, text/html;q=0.1"


class _Anchors(HTMLParser):
    """The links of a page, and the status marker (PEP 792) among its metadata."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[dict[str, Any]] = []
        self.status = ""
        self._link: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "a":
            self._link = found
        elif tag == "meta" and found.get("name") == "pypi:project-status":
            self.status = found.get("content", "")

    def handle_data(self, data: str) -> None:
        if self._link.get("href") and data.strip():
            address, _, fragment = self._link["href"].partition("#")
            algorithm, _, digest = fragment.partition("=")
            self.files.append(
                {
                    "filename": data.strip(),
                    "url": address,
                    "hashes": {algorithm: digest} if digest else {},
                    "yanked": "data-yanked" in self._link,
                }
            )
            self._link = {}


def read_html_page(text: str) -> dict[str, Any]:
    """The links of an HTML page as `files` of the JSON form; any page has a reading, a log-in page has no files."""
    anchors = _Anchors()
    anchors.feed(text)
    return {"files": anchors.files, **({"project-status": {"status": anchors.status}} if anchors.status else {})}


def read_time(value: object) -> dt.datetime | None:
    """A file's `upload-time` (PEP 700) as UTC, which it is where it names no zone; None where there is none.

    Raises TypeError or ValueError for what is no time.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise TypeError("an upload time is a text")
    time = dt.datetime.fromisoformat(value)
    try:
        return time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)
    except OverflowError:
        raise ValueError("an upload time lies beyond the calendar") from None


_MAX_PAGE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """A file of the page that discovery may read."""

    filename: str
    url: str
    version: Version
    size: int
    is_wheel: bool
    has_metadata: bool
    uploaded: dt.datetime | None


class Meter:
    """A reader that counts what it costs."""

    def __init__(self, web: WebReader) -> None:
        self._web = web
        self.requests = 0
        self.bytes_read = 0

    def get(self, url: str, *, accept: str = "*/*", byte_range: str = "", max_bytes: int) -> Fetched:
        """The answer, counted."""
        answer = self._web.get(url, accept=accept, byte_range=byte_range, max_bytes=max_bytes)
        self.requests += 1
        self.bytes_read += len(answer.content)
        return answer


def read_project_page(name: NormalizedName, meter: Meter, simple: str) -> Mapping[str, Any]:
    """The project's page in either form. Raises IndexError_."""
    url = urljoin(simple, f"{name}/")
    answer = meter.get(url, accept=EITHER_FORM, max_bytes=_MAX_PAGE_BYTES)
    if answer.status == HTTPStatus.NOT_FOUND:
        raise IndexError_(
            f"the index knows no project {name!r}", hint="correct the name, or mark it `published: false`"
        )
    if answer.status != HTTPStatus.OK:
        raise unusable_page(url, f"it answered {answer.status}")
    if "json" not in answer.header("content-type"):
        return read_html_page(answer.content.decode("utf-8", "replace"))
    try:
        page = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise unusable_page(url, "its JSON is broken") from None
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise unusable_page(url, "its JSON is no project page")
    return page


def files_of_page(page: Mapping[str, Any], base: str) -> list[PageFile]:
    """The files of a page that have a file name of the standards; others tell nothing."""
    found = []
    for entry in page["files"]:
        if not isinstance(entry, dict):
            continue
        filename, url = entry.get("filename"), entry.get("url")
        if not isinstance(filename, str) or not isinstance(url, str) or entry.get("yanked"):
            continue
        try:
            address = urljoin(base, url).partition("#")[0]
            is_wheel = filename.endswith(".whl")
            version = parse_wheel_filename(filename)[1] if is_wheel else parse_sdist_filename(filename)[1]
        except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
            # ValueError: an address that is none.
            continue
        size = entry.get("size")
        found.append(
            PageFile(
                filename=filename,
                url=address,
                version=version,
                size=size if isinstance(size, int) else 0,
                is_wheel=is_wheel,
                has_metadata=bool(entry.get("core-metadata") or entry.get("data-dist-info-metadata")),
                uploaded=_time(entry.get("upload-time")),
            )
        )
    return found


def latest_files(files: list[PageFile]) -> PageFile | None:
    """The file to read: of the latest final release (else the latest of all) the smallest wheel, else the sdist."""
    if not files:
        return None
    finals = [file for file in files if not file.version.is_prerelease] or files
    version = max(file.version for file in finals)
    return min((file for file in finals if file.version == version), key=lambda f: (not f.is_wheel, f.size, f.filename))


def status_of_page(page: Mapping[str, Any]) -> ProjectStatus:
    """The PEP 792 status marker of a page."""
    marker = page.get("project-status")
    word = marker.get("status") if isinstance(marker, dict) else None
    return ProjectStatus(word) if isinstance(word, str) and word in set(ProjectStatus) else ProjectStatus.ACTIVE


def _time(value: object) -> dt.datetime | None:
    """An upload time; what can't be read tells nothing."""
    with suppress(TypeError, ValueError):
        return read_time(value)
    return None


def unusable_page(url: str, message: str) -> IndexError_:
    """The error for an answer that can't be used."""
    return IndexError_(f"{url}: {message}", hint="try again later; if it stays so, tell the index's administrators")


def status_of(page: dict[str, Any]) -> ProjectStatus:
    """The PEP 792 marker; an unknown one counts as quarantined, the one that acts on nothing."""
    marker = page.get("project-status")
    word = marker.get("status", "active") if isinstance(marker, dict) else "active"
    try:
        return ProjectStatus(word)
    except ValueError:
        return ProjectStatus.QUARANTINED


def file_of(item: dict[str, Any]) -> IndexFile:
    """A file of the simple interface's JSON form."""
    size = item.get("size")
    return IndexFile(
        filename=str(item["filename"]),
        sha256=str(item["hashes"].get("sha256", "")),
        url=str(item.get("url", "")),
        size=size if isinstance(size, int) else None,
        uploaded=read_time(item.get("upload-time")),
    )


def is_file_of(item: dict[str, Any], name: NormalizedName) -> bool:
    """Whether a link on a page is a file of the project (PEP 427, PEP 625: the name, a dash, a version)."""
    stem = canonicalize_name(str(item["filename"]))
    return stem.startswith(f"{name}-") and str(item["filename"]).endswith((".whl", ".tar.gz", ".zip"))


def ownership_of(details: dict[str, Any]) -> Ownership | None:
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


def requires_of(requirements: Iterable[str]) -> tuple[NormalizedName, ...]:
    """The names in Requires-Dist; what can't be read names nothing."""
    names = set()
    for text in requirements:
        with suppress(InvalidRequirement):
            names.add(canonicalize_name(Requirement(str(text)).name))
    return tuple(sorted(names))


def serial_of(page: dict[str, Any]) -> int | None:
    """The serial of the page's last change; None where the index gives none."""
    meta = page.get("meta")
    serial = meta.get("_last-serial") if isinstance(meta, dict) else None
    return serial if isinstance(serial, int) else None
