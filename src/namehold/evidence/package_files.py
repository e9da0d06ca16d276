"""Reads from an index how people reach our own packages, without downloading whole wheels where that can be avoided.

    found = discover_package("acme-tool", web=web, simple="http://127.0.0.1:8000/simple/")
    found.surfaces, found.companions

One request lists the files. Of the latest release and of a few older ones a file each is read: one ranged read of a
wheel's end brings its central directory, and with it, in nearly every wheel, its metadata. Where the server knows no
ranges, the smallest file is downloaded within a bound; an sdist only where there is no wheel. Nothing that was
downloaded is executed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from namehold.errors import IndexError_, InputError
from namehold.evidence.releases import ReadFile, choose_files, surfaces_of
from namehold.evidence.surfaces import PackageFacts, read_metadata, read_sdist, read_wheel, sdist_folder
from namehold.index import Archive, Fetched, IndexFile, ProjectStatus, WebReader, latest_release, open_archive
from namehold.index.access import open_remote, read_metadata_beside, read_project_page
from namehold.portfolio import Surface, SurfaceKind

#: Kinds of surfaces that people know after a release has dropped them.
_LASTING = frozenset({SurfaceKind.IMPORT, SurfaceKind.COMMAND, SurfaceKind.FORMER})
#: Of a package, so many files stay in the record, the one of the latest release and those just chosen first.
_MAX_FILES_KEPT = 36
#: More surfaces than these in one file are no strings by which people reach a package; the shortest are kept.
_MAX_SHOWN = 2_000


def discover_package(
    name: NormalizedName, *, web: WebReader, simple: str, now: dt.datetime, known: Sequence[ReadFile] = ()
) -> Discovery:
    """What the index at `simple` says about `name`. Of `known`, files that were read before, none is asked for again.

    Raises IndexError_ where the project doesn't exist or the index's answers can't be used, InputError where the file
    of its latest release is hostile or damaged. An older file that can't be read shows nothing.
    """
    meter = _Meter(web)
    page = read_project_page(name, meter, simple)
    chosen = choose_files(page.files, now=now)
    latest = _read(name, chosen[0], meter, known=known) if chosen else None
    older = [_read_older(name, file, meter, known=known) for file in chosen[1:]]
    kept = [item for item in known if any(item.is_copy_of(file) for file in page.files if not file.is_yanked)]
    files = tuple(dict.fromkeys(file for file in (latest, *older, *kept) if file is not None))[:_MAX_FILES_KEPT]
    times = sorted(file.uploaded for file in page.files if file.uploaded and not file.is_yanked)
    return Discovery(
        name=name,
        spelled=latest.filename.partition("-")[0].replace("_", "-") if latest is not None else str(name),
        status=page.status,
        surfaces=_surfaces_to_tell(files),
        companions=latest.companions if latest is not None else (),
        project_urls=latest.project_urls if latest is not None else (),
        version=latest.version if latest is not None else "",
        read_from=latest.filename if latest is not None else "",
        first_release=times[0] if times else None,
        latest_release=times[-1] if times else None,
        serial=page.serial,
        requests=meter.requests,
        bytes_read=meter.bytes_read,
        files=files,
    )


def show_again(
    name: NormalizedName, wanted: Collection[NormalizedName], *, known: Sequence[ReadFile], web: WebReader, simple: str
) -> tuple[Surface, ...]:
    """The surfaces that the index's files show now, as far as a record of releases and `wanted` are concerned.

    Read anew are the files by which the record, which may come from anywhere, says that something of `wanted` is
    shown, the oldest first and no more than are needed; what they don't show isn't there. Where the record says
    nothing, the latest release is read.

    Raises IndexError_ where the index's answers can't be used.
    """
    page = read_project_page(name, web, simple)
    missing = set(wanted)
    read: list[ReadFile] = []
    listed = {(file.filename, file.sha256): file for file in page.files if file.sha256 and not file.is_yanked}
    for file in sorted(known, key=lambda file: (file.uploaded is None, file.uploaded)):
        there = listed.get((file.filename, file.sha256))
        if there is None or missing.isdisjoint(canonicalize_name(value) for _, value in file.shows):
            continue
        found = _read_older(name, there, web)
        if found is not None:
            read.append(found)
            missing.difference_update(canonicalize_name(value) for _, value in found.shows)
    latest = latest_release(page.files)
    if missing and latest is not None and not latest.is_yanked:
        found = _read_older(name, latest.files[0], web)
        read += [found] if found is not None else []
    return surfaces_of(read)


def _surfaces_to_tell(files: Sequence[ReadFile]) -> tuple[Surface, ...]:
    """What the first of the files shows, which is the latest; of older ones, what people may still know."""
    latest = frozenset(files[0].shows if files else ())
    return tuple(
        surface
        for surface in surfaces_of(files)
        if (surface.kind, surface.value) in latest
        or (surface.kind in _LASTING and "." not in surface.value)
    )  # fmt: skip


def _read(name: NormalizedName, file: IndexFile, web: WebReader, *, known: Sequence[ReadFile] = ()) -> ReadFile:
    """What a file says, from what was read before or from the index."""
    before = next((item for item in known if item.is_copy_of(file) and not item.problem), None)
    if before is not None:
        return before
    facts = _read_file(name, file, web)
    shows = dict.fromkeys((surface.kind, surface.value) for surface in facts.surfaces)
    return replace(
        _unread(file),
        shows=tuple(sorted(shows, key=lambda item: len(item[1]))[:_MAX_SHOWN]),
        companions=facts.companions,
        project_urls=facts.project_urls,
    )


def _read_older(
    name: NormalizedName, file: IndexFile, web: WebReader, *, known: Sequence[ReadFile] = ()
) -> ReadFile | None:
    """The same of a file that nothing depends on: damaged, it shows nothing; None where the index doesn't give it."""
    before = next((item for item in known if item.is_copy_of(file)), None)
    if before is not None:
        return before
    try:
        return _read(name, file, web)
    except InputError as error:
        return replace(_unread(file), problem=error.message)
    except IndexError_:
        return None


def _unread(file: IndexFile) -> ReadFile:
    return ReadFile(filename=file.filename, sha256=file.sha256, version=str(file.version), uploaded=file.uploaded)


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
    read = read_wheel if file.is_wheel else read_sdist
    with open_archive(file.filename, stream) as archive:
        metadata = _metadata_path(archive, file)
        surfaces = read(archive, source=file.filename)
        text = archive.read(metadata).decode("utf-8", "replace") if metadata else ""
    facts = read_metadata(name, text, source=source)
    return replace(facts, surfaces=(*surfaces, *facts.surfaces))


def _metadata_path(archive: Archive, file: IndexFile) -> str:
    """Where a wheel's METADATA or an sdist's PKG-INFO stands in it; empty if it has none."""
    if file.is_wheel:
        ends = (path for path in archive.names if path.count("/") == 1 and path.endswith(".dist-info/METADATA"))
        return next(ends, "")
    path = f"{sdist_folder(archive.names)}PKG-INFO"
    return path if path in archive.names else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What an index says about one of our packages, with what it cost to ask.

    `companions` and most `surfaces` come from the latest release; `read_from` names its file. Modules, commands and
    former names may come from older releases, too. `files` is all that was read, for the record of releases.
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
    files: tuple[ReadFile, ...] = ()


class _Meter:
    """A `WebReader` that counts what it costs."""

    def __init__(self, web: WebReader) -> None:
        self._web = web
        self.requests = 0
        self.bytes_read = 0

    def get(self, url: str, **options: Any) -> Fetched:
        """The answer, counted."""
        answer = self._web.get(url, **options)
        self.requests += 1
        self.bytes_read += len(answer.content)
        return answer
