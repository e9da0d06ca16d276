"""The record of what releases show: which file shows which surface, and since when. It lies beside the ledger.

    chosen = choose_files(page.files, now=now)         # the releases that are worth reading
    shown = surfaces_of(files)                         # each surface with the first and the last release that show it
    record.shown()                                     # the same for every package, as a plan takes it

A file of an index never changes, so what was read once is never asked for again. Pure: values in, values out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.utils import NormalizedName
from packaging.version import Version

from namehold.index import IndexFile, latest_release, list_releases
from namehold.portfolio import Release, Surface, SurfaceKind

#: As old as a release must be that shows a surface: one of yesterday may have been made for the claim.
MIN_SURFACE_AGE_DAYS: Final = 180
#: The most releases of a package that are read.
MAX_RELEASES: Final = 12
#: An older release without a wheel must be downloaded whole; beyond this size that isn't worth it.
_MAX_OLD_SDIST_BYTES: Final = 10_000_000
#: Raised with every change of what is read from a file: what an earlier reader found is read anew.
READER: Final = 2
#: Kinds of surfaces that stand in a file's metadata; all others are in its listing.
_IN_METADATA: Final = frozenset({SurfaceKind.EXTRA, SurfaceKind.FORMER, SurfaceKind.REPOSITORY})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """What one file of a package says. `problem`: why nothing could be read from it; empty otherwise."""

    filename: str
    sha256: str
    version: str
    uploaded: dt.datetime | None
    shows: tuple[tuple[SurfaceKind, str], ...] = ()
    companions: tuple[NormalizedName, ...] = ()
    project_urls: tuple[tuple[str, str], ...] = ()
    problem: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for a version that is none or a time without a zone: a record may come from anywhere."""
        Version(self.version)
        if self.uploaded is None:
            return
        if self.uploaded.tzinfo is None:
            raise ValueError("a file's time names its zone")
        try:
            self.uploaded.astimezone(dt.UTC)
        except OverflowError:
            raise ValueError("a file's time lies beyond the calendar") from None

    @property
    def release(self) -> Release:
        """The release that it belongs to, with the day of this file's upload."""
        day = self.uploaded.astimezone(dt.UTC).date() if self.uploaded is not None else None
        return Release(version=self.version, date=day)

    def is_copy_of(self, file: IndexFile) -> bool:
        """Whether the index lists this very file, by name and digest, as uploaded at the same time."""
        return (
            bool(self.sha256)
            and (self.filename, self.sha256) == (file.filename, file.sha256)
            and self.uploaded == file.uploaded
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPackage:
    """The files of one package that were read, and by which `READER`."""

    name: NormalizedName
    files: tuple[ReadFile, ...]
    reader: int = READER


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasesRead:
    """What was read of the packages' releases on one index; the document `namehold/releases/1`."""

    index: str
    packages: tuple[ReadPackage, ...] = ()

    def files_of(self, name: NormalizedName) -> tuple[ReadFile, ...]:
        """The files of a package that were read as they would be now; none if it never was."""
        found = (item.files for item in self.packages if item.name == name and item.reader == READER)
        return next(found, ())

    def shown(self) -> Mapping[NormalizedName, tuple[Surface, ...]]:
        """What the releases of each package show."""
        return {item.name: surfaces_of(item.files) for item in self.packages}

    def with_packages(self, packages: Iterable[ReadPackage]) -> ReleasesRead:
        """The record with these packages in the place of what it had of them."""
        merged = {item.name: item for item in (*self.packages, *packages)}
        return ReleasesRead(index=self.index, packages=tuple(merged[name] for name in sorted(merged)))


def choose_files(files: Sequence[IndexFile], *, now: dt.datetime) -> tuple[IndexFile, ...]:
    """The files that are worth reading, one a release, that of the latest release first.

    Beside the latest: the first release, the newest that is old enough to give standing, and the last of each major
    version, the newest majors first. What is yanked isn't how people reach a package; pre-releases count where there
    is no final release.
    """
    unyanked = [release for release in list_releases(files) if not release.is_yanked]
    latest = latest_release(files)
    if latest is None or not unyanked:
        return ()
    releases = [release for release in unyanked if not release.version.is_prerelease] or unyanked
    majors = {(release.version.epoch, release.version.major): release for release in releases}
    oldest = now - dt.timedelta(days=MIN_SURFACE_AGE_DAYS)
    aged = [item for item in releases if (uploaded := item.files[0].uploaded) is not None and uploaded <= oldest]
    ordered = (latest, releases[0], *aged[-1:], *reversed(majors.values()))
    chosen = dict.fromkeys(release.files[0] for release in ordered)
    return tuple(
        file
        for file in chosen
        if file.is_wheel or file in latest.files or (file.size or 0) <= _MAX_OLD_SDIST_BYTES
    )[:MAX_RELEASES]  # fmt: skip


def surfaces_of(files: Iterable[ReadFile]) -> tuple[Surface, ...]:
    """Every surface that the files show, with the first and the last release that show it.

    The first is the one that was uploaded first, the last the one of the highest version, which is also the source.
    """
    ordered = sorted(files, key=lambda file: Version(file.version))
    first: dict[tuple[SurfaceKind, str], ReadFile] = {}
    last: dict[tuple[SurfaceKind, str], ReadFile] = {}
    for file in ordered:
        for shown in file.shows:
            last[shown] = file
            before = first.setdefault(shown, file)
            if file.uploaded is not None and (before.uploaded is None or file.uploaded < before.uploaded):
                first[shown] = file
    return tuple(
        Surface(
            kind=kind,
            value=value,
            source=f"METADATA of {file.filename}" if kind in _IN_METADATA else file.filename,
            first_release=first[kind, value].release,
            last_release=file.release,
        )
        for (kind, value), file in sorted(last.items(), key=lambda item: item[0])
    )
