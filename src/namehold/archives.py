"""Reads wheels and sdists without trusting them: nothing is executed, nothing is written, everything is bounded.

    with open_archive("acme_tool-1.0-py3-none-any.whl", stream) as archive:
        archive.names
        archive.read_text("acme_tool-1.0.dist-info/METADATA")

An archive is hostile until proved otherwise: too many members, too large a member, an impossible compression ratio,
a path that leaves the archive, a link or a device each refuse the whole archive (`HostileArchive`).
Only the listing and the members that are asked for are ever decompressed, and each only up to its limit.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol

from namehold.errors import Diagnostic, InputError


class HostileArchive(InputError):
    """An archive that is damaged, or built to harm its reader; nothing of it was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """What a package's archive may ask of its reader.

    The largest real wheels have some 50,000 members; metadata files are far below 10 MB.
    DEFLATE reaches about 1:1032 on constant input, so a ratio near that is made to harm.
    """

    members: int = 100_000
    member_bytes: int = 10_000_000
    ratio: int = 500
    listing_bytes: int = 2_000_000_000


class Archive(Protocol):
    """What a reader may ask of an opened archive."""

    @property
    def names(self) -> tuple[str, ...]:
        """The paths of all files, in the archive's order, with forward slashes."""
        ...

    def read(self, name: str) -> bytes:
        """The bytes of one file. Raises HostileArchive if it exceeds the limits, KeyError if there is none."""
        ...


@contextmanager
def open_archive(filename: str, stream: BinaryIO, limits: ArchiveLimits | None = None) -> Iterator[Archive]:
    """The archive in `stream` (seekable for wheels), by the kind that its file name tells.

    Raises HostileArchive for a damaged or harmful archive, InputError for a kind that no package has.
    """
    limits = limits or ArchiveLimits()
    try:
        if filename.endswith((".whl", ".zip")):
            with zipfile.ZipFile(stream) as archive:
                yield _Zip(filename, archive, limits)
        elif filename.endswith((".tar.gz", ".tgz", ".tar.bz2", ".tar")):
            with tarfile.open(fileobj=stream, mode="r:*") as tar:
                yield _Tar(filename, tar, limits)
        else:
            raise _refusal(filename, "archive-kind", "it is neither a wheel nor an sdist", kind=InputError)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError) as error:
        # RuntimeError: an encrypted member, or a compression that Python lacks.
        raise _refusal(filename, "archive-damaged", f"it can't be read: {error}") from None


class _Zip:
    """A wheel: the central directory is read at once, members on request."""

    def __init__(self, filename: str, archive: zipfile.ZipFile, limits: ArchiveLimits) -> None:
        self._filename = filename
        self._archive = archive
        self._limits = limits
        infos = archive.infolist()
        if len(infos) > limits.members:
            raise _refusal(filename, "archive-members", f"it has {len(infos)} members, more than {limits.members}")
        if sum(info.file_size for info in infos) > limits.listing_bytes:
            raise _refusal(filename, "archive-size", f"it would unpack to more than {limits.listing_bytes} bytes")
        for info in infos:
            _check_path(filename, info.filename)
            # The upper half of external_attr is the Unix mode.
            if stat.S_ISLNK(info.external_attr >> 16):
                raise _refusal(filename, "archive-link", f"{info.filename!r} is a link")
        self.names = tuple(info.filename for info in infos if not info.is_dir())
        if len(set(self.names)) != len(self.names):
            raise _refusal(filename, "archive-duplicate", "two members share one path")

    def read(self, name: str) -> bytes:
        info = self._archive.getinfo(name)
        _check_size(self._filename, name, info.file_size, self._limits)
        if info.file_size > self._limits.ratio * max(info.compress_size, 1):
            raise _refusal(self._filename, "archive-ratio", f"{name!r} unpacks to {info.file_size} bytes")
        with self._archive.open(info) as member:
            # The header may lie: read one byte more than the limit and look.
            content = member.read(self._limits.member_bytes + 1)
        _check_size(self._filename, name, len(content), self._limits)
        return content


class _Tar:
    """An sdist: a gzip stream has no directory, so it is walked once, within bounds, keeping small files only."""

    #: Files that tell something about a package are small; others are listed, not kept.
    _KEPT_BYTES = 1_000_000

    def __init__(self, filename: str, archive: tarfile.TarFile, limits: ArchiveLimits) -> None:
        self._filename = filename
        self._contents: dict[str, bytes | None] = {}
        total = 0
        for count, member in enumerate(archive, start=1):
            if count > limits.members:
                raise _refusal(filename, "archive-members", f"it has more than {limits.members} members")
            _check_path(filename, member.name)
            total += member.size
            if total > limits.listing_bytes:
                raise _refusal(filename, "archive-size", f"it would unpack to more than {limits.listing_bytes} bytes")
            if member.isdir() or member.type in {tarfile.XHDTYPE, tarfile.XGLTYPE}:
                continue
            if not member.isfile():
                # sdists of real projects do hold links; they are listed nowhere and never followed.
                continue
            handle = archive.extractfile(member) if member.size <= self._KEPT_BYTES else None
            self._contents[member.name] = handle.read(self._KEPT_BYTES + 1) if handle else None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._contents)

    def read(self, name: str) -> bytes:
        content = self._contents[name]
        if content is None:
            raise _refusal(self._filename, "archive-size", f"{name!r} is larger than {self._KEPT_BYTES} bytes")
        return content


def _check_path(filename: str, path: str) -> None:
    parts = PurePosixPath(path.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or "\x00" in path or (len(path) > 1 and path[1] == ":"):
        raise _refusal(filename, "archive-path", f"the path {path!r} leaves the archive")


def _check_size(filename: str, name: str, size: int, limits: ArchiveLimits) -> None:
    if size > limits.member_bytes:
        raise _refusal(filename, "archive-size", f"{name!r} is larger than {limits.member_bytes} bytes")


def _refusal(filename: str, rule: str, message: str, *, kind: type[InputError] = HostileArchive) -> InputError:
    diagnostic = Diagnostic(message=message, rule=rule, path=filename, fix="leave this file alone; it is not used")
    return kind(f"{filename} is not a usable archive: {message}", diagnostics=(diagnostic,))
