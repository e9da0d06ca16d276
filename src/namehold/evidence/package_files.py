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
from http import HTTPStatus

from packaging.utils import NormalizedName

from namehold.errors import IndexError_
from namehold.evidence.surfaces import PackageFacts, read_metadata, read_sdist, read_wheel
from namehold.index import (
    MAX_METADATA_BYTES,
    IndexFile,
    Meter,
    ProjectStatus,
    WebReader,
    latest_release,
    open_archive,
    open_remote,
    read_project_page,
    unusable_page,
)
from namehold.portfolio import Surface


def discover_package(name: NormalizedName, *, web: WebReader, simple: str) -> Discovery:
    """What the index at `simple` says about `name`.

    Raises IndexError_ where the project doesn't exist or the index's answers can't be used, InputError where its
    file is hostile or damaged.
    """
    meter = Meter(web)
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


def _read_file(name: NormalizedName, file: IndexFile, meter: Meter) -> PackageFacts:
    try:
        stream = open_remote(file, meter)
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


def _read_metadata_file(name: NormalizedName, file: IndexFile, meter: Meter) -> PackageFacts:
    """The facts in the metadata that the index serves beside the file (PEP 658); modules and commands aren't there."""
    answer = meter.get(f"{file.url}.metadata", max_bytes=MAX_METADATA_BYTES)
    if answer.status != HTTPStatus.OK:
        raise unusable_page(file.url, f"its metadata answered {answer.status}")
    return read_metadata(name, answer.content.decode("utf-8", "replace"), source=f"METADATA of {file.filename}")


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
