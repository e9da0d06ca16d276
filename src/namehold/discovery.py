"""Reads from an index how people reach our own packages, without downloading whole wheels where that can be avoided.

    discover("acme-tool", web=web, simple="http://127.0.0.1:8000/simple/")

One request lists the files; one ranged read of the wheel's end brings its central directory, and with it, in nearly
every wheel, its metadata. Where the server knows no ranges, the smallest file is downloaded within a bound; an sdist
only where there is no wheel. Nothing that was downloaded is executed.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, BinaryIO, cast
from urllib.parse import urljoin

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from namehold.archives import open_archive
from namehold.errors import IndexError_
from namehold.models import Discovery, Fetched, ProjectStatus
from namehold.ports import WebReader
from namehold.simple_pages import EITHER_FORM, read_html_page, read_time
from namehold.surfaces import PackageFacts, read_metadata, read_sdist, read_wheel

#: The end of a wheel that is asked for first: PEP 427 recommends to put `.dist-info` physically last, so this
#: nearly always holds the central directory and the metadata.
TAIL_BYTES = 32 * 1024
#: A further ranged read, where the central directory or the metadata lie before the tail.
_STEP_BYTES = 64 * 1024
#: The most that is downloaded of one file where ranges aren't served.
MAX_FILE_BYTES = 100_000_000
_MAX_PAGE_BYTES = 50_000_000
_MAX_METADATA_BYTES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    filename: str
    url: str
    version: Version
    size: int
    is_wheel: bool
    has_metadata: bool
    uploaded: dt.datetime | None


class _Meter:
    """A reader that counts what it costs."""

    def __init__(self, web: WebReader) -> None:
        self._web = web
        self.requests = 0
        self.bytes_read = 0

    def get(self, url: str, *, accept: str = "*/*", byte_range: str = "", max_bytes: int) -> Fetched:
        answer = self._web.get(url, accept=accept, byte_range=byte_range, max_bytes=max_bytes)
        self.requests += 1
        self.bytes_read += len(answer.content)
        return answer


class _RangedFile(io.RawIOBase):
    """A remote file that is read by ranges, from its end; what was read is kept.

    `zipfile` asks for the end first (the central directory), then for single members.
    """

    def __init__(self, meter: _Meter, url: str, size: int, tail: bytes) -> None:
        self._meter = meter
        self._url = url
        self._size = size
        self._chunks: dict[int, bytes] = {size - len(tail): tail}
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._position + size)
        start, self._position = self._position, max(self._position, end)
        return self._range(start, end) if end > start else b""

    def _range(self, start: int, end: int) -> bytes:
        for offset, chunk in self._chunks.items():
            if offset <= start and end <= offset + len(chunk):
                return chunk[start - offset : end - offset]
        # Ask for more than is wanted: a member's header, name and data come in several reads.
        last = min(self._size, max(end, start + _STEP_BYTES)) - 1
        if last - start >= MAX_FILE_BYTES:
            raise _unusable(self._url, f"it asks its reader for {last - start + 1} bytes at once")
        answer = self._meter.get(self._url, byte_range=f"bytes={start}-{last}", max_bytes=last - start + 1)
        if answer.status != HTTPStatus.PARTIAL_CONTENT or len(answer.content) != last - start + 1:
            raise _unusable(self._url, f"a ranged read answered {answer.status} with {len(answer.content)} bytes")
        self._chunks[start] = answer.content
        return answer.content[: end - start]


def discover(name: NormalizedName, *, web: WebReader, simple: str) -> Discovery:
    """What the index at `simple` says about `name`.

    Raises IndexError_ where the project doesn't exist or the index's answers can't be used, InputError where its
    file is hostile or damaged.
    """
    meter = _Meter(web)
    page = _project_page(name, meter, simple)
    files = _files(page, urljoin(simple, f"{name}/"))
    status = _status(page)
    chosen = _latest(files)
    facts, read_from, spelled = PackageFacts(), "", str(name)
    if chosen is not None:
        facts = _read_file(name, chosen, meter)
        read_from, spelled = chosen.filename, chosen.filename.partition("-")[0].replace("_", "-")
    times = sorted(file.uploaded for file in files if file.uploaded)
    meta = page.get("meta")
    serial = meta.get("_last-serial") if isinstance(meta, dict) else None
    return Discovery(
        name=name,
        spelled=spelled,
        status=status,
        surfaces=facts.surfaces,
        companions=facts.companions,
        project_urls=facts.project_urls,
        version=str(chosen.version) if chosen else "",
        read_from=read_from,
        first_release=times[0] if times else None,
        latest_release=times[-1] if times else None,
        serial=serial if isinstance(serial, int) else None,
        requests=meter.requests,
        bytes_read=meter.bytes_read,
    )


def _project_page(name: NormalizedName, meter: _Meter, simple: str) -> Mapping[str, Any]:
    url = urljoin(simple, f"{name}/")
    answer = meter.get(url, accept=EITHER_FORM, max_bytes=_MAX_PAGE_BYTES)
    if answer.status == HTTPStatus.NOT_FOUND:
        raise IndexError_(
            f"the index knows no project {name!r}", hint="correct the name, or mark it `published: false`"
        )
    if answer.status != HTTPStatus.OK:
        raise _unusable(url, f"it answered {answer.status}")
    if "json" not in answer.header("content-type"):
        return read_html_page(answer.content.decode("utf-8", "replace"))
    try:
        page = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise _unusable(url, "its JSON is broken") from None
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise _unusable(url, "its JSON is no project page")
    return page


def _files(page: Mapping[str, Any], base: str) -> list[_File]:
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
            _File(
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


def _latest(files: list[_File]) -> _File | None:
    """The file to read: of the latest final release (else the latest of all) the smallest wheel, else the sdist."""
    if not files:
        return None
    finals = [file for file in files if not file.version.is_prerelease] or files
    version = max(file.version for file in finals)
    return min((file for file in finals if file.version == version), key=lambda f: (not f.is_wheel, f.size, f.filename))


def _status(page: Mapping[str, Any]) -> ProjectStatus:
    marker = page.get("project-status")
    word = marker.get("status") if isinstance(marker, dict) else None
    return ProjectStatus(word) if isinstance(word, str) and word in set(ProjectStatus) else ProjectStatus.ACTIVE


def _time(value: object) -> dt.datetime | None:
    """An upload time; what can't be read tells nothing."""
    with suppress(TypeError, ValueError):
        return read_time(value)
    return None


def _read_file(name: NormalizedName, file: _File, meter: _Meter) -> PackageFacts:
    try:
        stream = _open_remote(file, meter)
    except IndexError_:
        if not file.has_metadata:
            raise
        # Without ranges and beyond the bound: what the index itself took out of the file is better than nothing.
        return _read_metadata_file(name, file, meter)
    with open_archive(file.filename, stream) as archive:
        if file.is_wheel:
            metadata = next((p for p in archive.names if p.count("/") == 1 and p.endswith(".dist-info/METADATA")), "")
            surfaces = read_wheel(archive, source=file.filename)
        else:
            metadata = next((p for p in archive.names if p.count("/") == 1 and p.endswith("/PKG-INFO")), "")
            surfaces = read_sdist(archive, source=file.filename)
        text = archive.read(metadata).decode("utf-8", "replace") if metadata else ""
    facts = read_metadata(name, text, source=f"METADATA of {file.filename}")
    return replace(facts, surfaces=(*surfaces, *facts.surfaces))


def _read_metadata_file(name: NormalizedName, file: _File, meter: _Meter) -> PackageFacts:
    """The facts in the metadata that the index serves beside the file (PEP 658); modules and commands aren't there."""
    answer = meter.get(f"{file.url}.metadata", max_bytes=_MAX_METADATA_BYTES)
    if answer.status != HTTPStatus.OK:
        raise _unusable(file.url, f"its metadata answered {answer.status}")
    return read_metadata(name, answer.content.decode("utf-8", "replace"), source=f"METADATA of {file.filename}")


def _open_remote(file: _File, meter: _Meter) -> BinaryIO:
    """The file, by ranges where the server knows them (a suffix range, RFC 9110 section 14.1.2), else whole."""
    byte_range = f"bytes=-{TAIL_BYTES}" if file.is_wheel else ""
    answer = meter.get(file.url, byte_range=byte_range, max_bytes=MAX_FILE_BYTES)
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        total = answer.header("content-range").rpartition("/")[2]
        if re.fullmatch(r"[0-9]{1,15}", total) is None or int(total) < len(answer.content):
            raise _unusable(file.url, f"its Content-Range is {answer.header('content-range')!r}")
        return cast("BinaryIO", _RangedFile(meter, file.url, int(total), answer.content))
    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and byte_range:
        # Some servers refuse a suffix that is longer than the file.
        answer = meter.get(file.url, max_bytes=MAX_FILE_BYTES)
    if answer.status != HTTPStatus.OK:
        raise _unusable(file.url, f"it answered {answer.status}")
    return io.BytesIO(answer.content)


def _unusable(url: str, message: str) -> IndexError_:
    return IndexError_(f"{url}: {message}", hint="try again later; if it stays so, tell the index's administrators")
