"""Reads wheels and sdists without trusting them: nothing is executed, nothing is written, everything is bounded.

    with open_archive("acme_tool-1.0-py3-none-any.whl", stream) as archive:
        archive.names
        archive.read_text("acme_tool-1.0.dist-info/METADATA")

An archive is hostile until proved otherwise: too many members, too large a member or header, an impossible compression
ratio, an unusual compression, a path that leaves the archive or isn't written plainly, a link in a wheel: each refuses
the whole archive (`HostileArchive`).
Only the listing and the members that are asked for are ever decompressed, and each only up to its limit.
"""

from __future__ import annotations

import gzip
import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final, Protocol

from namehold.errors import Diagnostic, InputError

#: Longer paths can't be opened on the usual systems (PATH_MAX of Linux).
_PATH_MAX_CHARACTERS: Final = 4096
#: As much of a refused path as tells which one it is.
_PATH_SHOWN_CHARACTERS: Final = 200


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
    #: The small files of an sdist that are kept for reading, together.
    kept_bytes: int = 100_000_000


class Archive(Protocol):
    """What a reader may ask of an opened archive."""

    @property
    def names(self) -> tuple[str, ...]:
        """The paths of all files, in the archive's order, with forward slashes."""

    @property
    def others(self) -> tuple[str, ...]:
        """The paths of what is no file (links, devices): nothing follows or reads them."""

    def read(self, name: str) -> bytes:
        """The bytes of one file. Raises HostileArchive if it exceeds the limits, KeyError if there is none."""


#: Where a tar header tells its type, and the types whose content is records of pax (POSIX, global, Solaris).
_TYPE_AT: Final = 156
_PAX_TYPES: Final = frozenset({tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE})
_SPECIAL_TYPES: Final = _PAX_TYPES | {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
#: A record's length is told in at most so many digits; no number in one is as long as the other.
_LENGTH_DIGITS: Final = 10
_LONG_NUMBER: Final = re.compile(rb"[0-9]{1000}")


@contextmanager
def open_archive(filename: str, stream: BinaryIO, limits: ArchiveLimits | None = None) -> Iterator[Archive]:
    """The archive in `stream` (seekable for wheels), by the kind that its file name tells.

    Raises HostileArchive for a damaged or harmful archive, InputError for a kind that no package has.
    """
    limits = limits or ArchiveLimits()
    if filename.endswith((".whl", ".zip")):
        with _damage_named(filename):
            archive = zipfile.ZipFile(stream)
        with archive:
            yield _Zip(filename, archive, limits)
    elif filename.endswith(".tar.gz"):
        yield _Tar(filename, stream, limits)
    else:
        raise _refusal(filename, "archive-kind", "it is neither a wheel nor an sdist", kind=InputError)


@contextmanager
def _damage_named(filename: str) -> Iterator[None]:
    """What the two libraries raise for damaged bytes, as HostileArchive."""
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        # OSError: no gzip stream. RuntimeError: an encrypted member, or headers nested without end.
        # ValueError: a number or a name that can't be decoded.
        raise _refusal(filename, "archive-damaged", f"it can't be read: {error}") from None


class _Zip:
    """A wheel: the central directory is read at once, members on request."""

    #: Others let a few bytes of input become any number of bytes at one step, and the index takes none of them.
    _COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

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
            if info.compress_type not in self._COMPRESSIONS:
                raise _refusal(filename, "archive-compression", f"{info.filename!r} is compressed in an unusual way")
        self.names = tuple(info.filename for info in infos if not info.is_dir())
        self.others: tuple[str, ...] = ()
        if len(set(self.names)) != len(self.names):
            raise _refusal(filename, "archive-duplicate", "two members share one path")

    def read(self, name: str) -> bytes:
        info = self._archive.getinfo(name)
        _check_size(self._filename, name, info.file_size, self._limits)
        if info.file_size > self._limits.ratio * max(info.compress_size, 1):
            raise _refusal(self._filename, "archive-ratio", f"{name!r} unpacks to {info.file_size} bytes")
        with _damage_named(self._filename), self._archive.open(info) as member:
            # The header may lie about the size; this unpacks no byte more than it says.
            return member.read(info.file_size)


class _Tar:
    """An sdist: a gzip stream has no directory, so it is walked once, within bounds, keeping small files only."""

    #: Files that tell something about a package are small; others are listed, not kept.
    _KEPT_BYTES = 1_000_000
    #: What is unpacked at all, which takes a second or two: the index takes packed files of 100 MB.
    _UNPACKED_BYTES = 600_000_000

    def __init__(self, filename: str, stream: BinaryIO, limits: ArchiveLimits) -> None:
        self._filename = filename
        self._kept_bytes = min(self._KEPT_BYTES, limits.member_bytes)
        self._contents: dict[str, bytes | None] = {}
        others: dict[str, None] = {}
        kept = 0
        total_bytes = min(limits.listing_bytes, self._UNPACKED_BYTES)
        unpacked = _Unpacked(filename, stream, step_bytes=2 * self._KEPT_BYTES, total_bytes=total_bytes)
        with _damage_named(filename), tarfile.TarFile(fileobj=unpacked) as archive:
            count = 0
            while (member := unpacked.next_of(archive)) is not None:
                # tarfile would keep every member with its headers, and each is looked at once.
                archive.members.clear()  # type: ignore[attr-defined]  # missing in typeshed
                count += 1
                if count > limits.members:
                    raise _refusal(filename, "archive-members", f"it has more than {limits.members} members")
                # `tar czf x.tar.gz ./folder` writes paths this way; what unpacks them puts both forms in one place.
                path = member.name.removeprefix("./")
                if member.isdir() and path in {"", "."}:
                    continue
                _check_path(filename, path)
                if member.isdir():
                    continue
                is_file = member.isfile() and not member.issparse()
                if path in others or (path in self._contents and not is_file):
                    # A file under the path of a link is written to where the link leads.
                    raise _refusal(filename, "archive-duplicate", "a link and another member share one path")
                if not is_file:
                    # sdists of real projects do hold links; they are never followed.
                    others[path] = None
                    continue
                is_kept = member.size <= min(self._kept_bytes, limits.kept_bytes - kept)
                handle = archive.extractfile(member) if is_kept else None
                # Of two files with one path the later one is unpacked over the earlier one: it is what is installed.
                self._contents[path] = handle.read() if handle else None
                kept += member.size if is_kept else 0
        self.others = tuple(others)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._contents)

    def read(self, name: str) -> bytes:
        content = self._contents[name]
        if content is None:
            raise _refusal(
                self._filename,
                "archive-size",
                f"{name!r} is larger than {self._kept_bytes} bytes, or one of too many files",
            )
        return content


class _Unpacked(io.RawIOBase):
    """The bytes inside a gzip stream, as tarfile reads them: forwards only, and never more than the limits.

    tarfile reads a special header whole before anybody sees its member, so only its stream can refuse one.
    `step_bytes` bounds what is read from one member to the next, `total_bytes` what is unpacked at all.
    """

    def __init__(self, filename: str, stream: BinaryIO, *, step_bytes: int, total_bytes: int) -> None:
        super().__init__()
        self._filename = filename
        self._gzip = gzip.GzipFile(fileobj=stream, mode="rb")
        self._step_bytes = step_bytes
        self._total_bytes = total_bytes
        self._read_bytes = 0
        self._position = 0
        #: tarfile reads the first member's when it opens the archive.
        self._is_in_headers = True
        #: The type of the special header whose content is read next.
        self._special = b""

    def next_of(self, archive: tarfile.TarFile) -> tarfile.TarInfo | None:
        """The archive's next member, whose special headers are checked before tarfile reads them."""
        self._is_in_headers = True
        member = archive.next()
        self._is_in_headers, self._special = False, b""
        # Counted anew from here: its headers are done with.
        self._read_bytes = 0
        return member

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or position < self._position:
            raise _refusal(self._filename, "archive-damaged", "a member lies before the one that it follows")
        self._require_total(position)
        self._position = self._gzip.seek(position)
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        self._read_bytes += size
        if size < 0 or self._read_bytes > self._step_bytes:
            raise _refusal(
                self._filename, "archive-size", f"a member has headers of more than {self._step_bytes} bytes"
            )
        self._require_total(self._position + size)
        content = self._gzip.read(size)
        self._position += len(content)
        if self._is_in_headers:
            self._check_header(content)
        return content

    def _check_header(self, content: bytes) -> None:
        """Tarfile reads a header, then what a special one holds, each at once."""
        if self._special in _PAX_TYPES and not _is_plain_pax(content):
            raise _refusal(self._filename, "archive-damaged", "a special header isn't written as records")
        kind = content[_TYPE_AT : _TYPE_AT + 1]
        self._special = b"" if self._special or kind not in _SPECIAL_TYPES else kind

    def _require_total(self, position: int) -> None:
        if position > self._total_bytes:
            raise _refusal(self._filename, "archive-size", f"it unpacks to more than {self._total_bytes} bytes")


def _is_plain_pax(content: bytes) -> bool:
    """Whether a special header, filled up with zeros, is records `LENGTH KEY=VALUE` (POSIX.1-2001, pax) and no more.

    Of others, and of long numbers, tarfile's regular expressions take the square of the time.
    """
    records, at = content.rstrip(b"\0"), 0
    while at < len(records):
        space = records.find(b" ", at, at + _LENGTH_DIGITS + 1)
        length = records[at:space] if space > at else b""
        end = at + int(length) if length.isdigit() else 0
        if not space < end <= len(records) or records.find(b"=", space, end) < 0 or records[end - 1 : end] != b"\n":
            return False
        at = end
    return not _LONG_NUMBER.search(records)


def _check_path(filename: str, path: str) -> None:
    plain, shown = PurePosixPath(path.replace("\\", "/")), path[:_PATH_SHOWN_CHARACTERS]
    if plain.is_absolute() or ".." in plain.parts or "\x00" in path or (len(path) > 1 and path[1] == ":"):
        raise _refusal(filename, "archive-path", f"the path {shown!r} leaves the archive")
    if (
        not plain.parts
        or str(plain) != path.removesuffix("/")
        or not path.isprintable()
        or len(path) > _PATH_MAX_CHARACTERS
    ):
        # Two programs may read such a path as two different files: one checks the first, the other unpacks the second.
        raise _refusal(filename, "archive-path", f"the path {shown!r} isn't written plainly")


def _check_size(filename: str, name: str, size: int, limits: ArchiveLimits) -> None:
    if size > limits.member_bytes:
        raise _refusal(filename, "archive-size", f"{name!r} is larger than {limits.member_bytes} bytes")


def _refusal(filename: str, rule: str, message: str, *, kind: type[InputError] = HostileArchive) -> InputError:
    diagnostic = Diagnostic(message=message, rule=rule, path=filename, fix="leave this file alone; it is not used")
    return kind(f"{filename} is not a usable archive: {message}", diagnostics=(diagnostic,))
