"""Reads from an index how people reach our own packages, without downloading whole wheels where that can be avoided.

    found = discover_package("acme-tool", web=web, simple="http://127.0.0.1:8000/simple/")
    found.surfaces, found.companions

One request lists the files; one ranged read of the wheel's end brings its central directory, and with it, in nearly
every wheel, its metadata. Where the server knows no ranges, the smallest file is downloaded within a bound; an sdist
only where there is no wheel. Nothing that was downloaded is executed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from packaging.utils import NormalizedName

from namehold.errors import IndexError_
from namehold.evidence.surfaces import PackageFacts, read_metadata, read_sdist, read_wheel
from namehold.index import (
    Fetched,
    IndexFile,
    ProjectStatus,
    WebReader,
    latest_release,
    open_archive,
    open_remote,
    read_metadata_beside,
    read_project_page,
)
from namehold.portfolio import Surface


def discover_package(name: NormalizedName, *, web: WebReader, simple: str) -> Discovery:
    """What the index at `simple` says about `name`.

    Raises IndexError_ where the project doesn't exist or the index's answers can't be used, InputError where its
    file is hostile or damaged.
    """
    meter = _Meter(web)
    page = read_project_page(name, meter, simple)
    latest = latest_release(page.files)
    # What is yanked isn't how people reach a package.
    release = latest if latest is not None and not latest.is_yanked else None
    chosen = release.files[0] if release is not None else None
    facts, read_from, spelled = PackageFacts(), "", str(name)
    if chosen is not None:
        facts = _read_file(name, chosen, meter)
        read_from, spelled = chosen.filename, chosen.filename.partition("-")[0].replace("_", "-")
    times = sorted(file.uploaded for file in page.files if file.uploaded and not file.is_yanked)
    return Discovery(
        name=name,
        spelled=spelled,
        status=page.status,
        surfaces=facts.surfaces,
        companions=facts.companions,
        project_urls=facts.project_urls,
        version=str(release.version) if release is not None else "",
        read_from=read_from,
        first_release=times[0] if times else None,
        latest_release=times[-1] if times else None,
        serial=page.serial,
        requests=meter.requests,
        bytes_read=meter.bytes_read,
    )


def _read_file(name: NormalizedName, file: IndexFile, web: WebReader) -> PackageFacts:
    source = f"METADATA of {file.filename}"
    try:
        stream = open_remote(file, web)
    except IndexError_:
        if not file.has_metadata:
            raise
        # Without ranges and beyond the bound: what the index itself took out of the file is better than nothing.
        # Modules and commands aren't there.
        return read_metadata(name, read_metadata_beside(file, web), source=source)
    read, end = (read_wheel, ".dist-info/METADATA") if file.is_wheel else (read_sdist, "/PKG-INFO")
    with open_archive(file.filename, stream) as archive:
        metadata = next((path for path in archive.names if path.count("/") == 1 and path.endswith(end)), "")
        surfaces = read(archive, source=file.filename)
        text = archive.read(metadata).decode("utf-8", "replace") if metadata else ""
    facts = read_metadata(name, text, source=source)
    return replace(facts, surfaces=(*surfaces, *facts.surfaces))


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What an index says about one of our packages, with what it cost to ask.

    `surfaces` and `companions` come from the files of the latest release; `read_from` names the file.
    `first_release` and `latest_release` are the upload times of the oldest and newest file.
    """

    name: NormalizedName
    spelled: str
    status: ProjectStatus
    surfaces: tuple[Surface, ...]
    companions: tuple[NormalizedName, ...]
    project_urls: tuple[tuple[str, str], ...]
    version: str
    read_from: str
    first_release: dt.datetime | None
    latest_release: dt.datetime | None
    serial: int | None
    requests: int
    bytes_read: int


class _Meter:
    """A `WebReader` that counts what it costs."""

    def __init__(self, web: WebReader) -> None:
        self._web = web
        self.requests = 0
        self.bytes_read = 0

    def get(
        self, url: str, *, accept: str = "*/*", byte_range: str = "", max_bytes: int, outside: bool = False
    ) -> Fetched:
        """The answer, counted."""
        answer = self._web.get(url, accept=accept, byte_range=byte_range, max_bytes=max_bytes, outside=outside)
        self.requests += 1
        self.bytes_read += len(answer.content)
        return answer
