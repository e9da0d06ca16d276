"""Files, written whole or not at all, and reached without a link where somebody else may have filled the folder.

    state = InnerPath(Path("/home/acme/names"), (".namehold",))
    (state / "plan.json").replace([b"{}"])
    replace(Path("report.md"), [b"# Names"])

A `Path` was named by a person, and links on it are followed. An `InnerPath` lies in a folder that came from
elsewhere, as a checkout does: each component below its root is opened by itself, relative to the one before and
without following links (openat(2), O_NOFOLLOW), or looked at first where a system lacks that. Only plain files with
one name are opened there: a pipe would wait, a device may be without end, a hard link is another folder's file.
"""

from __future__ import annotations

import errno
import io
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from namehold.errors import MachineError

#: The modes of a file and a folder that only their owner may use.
PRIVATE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700

#: What a system says when it, and not an input, is at fault: no room, no permission, too many files, a path longer than
#: it takes, a disk elsewhere that is away (errno(3)).
_MACHINE: Final = frozenset(
    {
        errno.EACCES,
        errno.EBUSY,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.ELOOP,
        errno.EMFILE,
        errno.ENAMETOOLONG,
        errno.ENFILE,
        errno.ENOLCK,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.ENOTCONN,
        errno.EPERM,
        errno.EROFS,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

#: The names of unfinished files and temporary folders of ours.
_UNFINISHED: Final = re.compile(r"\..+\.[0-9a-f]{16}\.part")
_SCRATCH: Final = re.compile(r"namehold-scratch-[a-z]+-[a-z0-9_]{8}")

#: Where a shell puts the pipes of `<(command)`.
_SHELL_PIPES: Final = ("/dev/fd/", "/proc/self/fd/")

#: Folders (device, number) in which this process has looked for unfinished files already.
_SWEPT: Final[set[tuple[int, int]]] = set()

#: Systems without these flags have no links of this kind, or look at each component first.
_NO_FOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0)
_FOLDER: Final[int] = getattr(os, "O_DIRECTORY", 0)
#: A pipe that took a file's place must not be waited for.
_AT_ONCE: Final[int] = getattr(os, "O_NONBLOCK", 0)
#: Windows' other kind of link (IO_REPARSE_TAG_MOUNT_POINT).
_JUNCTION: Final = 0xA0000003
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)
_HAS_OPENAT: Final = os.open in os.supports_dir_fd and bool(_NO_FOLLOW and _FOLDER)

#: What a system says of a lock that another process has (flock(2); Windows' own words for it).
HELD: Final = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})
#: The most that is read of a file as a whole: large ledgers have less, and large plans are read line by line.
MOST_BYTES: Final = 512 * 1024 * 1024


class NotPlainError(OSError):
    """Something else than a plain file or folder stands at an `InnerPath`; `strerror` says what and where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(errno.ELOOP, f"{path} {reason}")


class Kind(StrEnum):
    """What stands at a path; OTHER are links, pipes, devices."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class InnerPath:
    """A path below `root`, with the part of `Path`'s interface that is safe in a folder that somebody else filled.

    `root` is followed as it is; it is made where a file is written. Every method raises OSError: NotPlainError where
    a component is a link, or something else than it must be.
    """

    root: Path
    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, place: Place) -> InnerPath:
        """`place` itself, or a folder named by a person as a root."""
        return place if isinstance(place, InnerPath) else cls(place)

    def __truediv__(self, part: str) -> InnerPath:
        """One component further. Raises NotPlainError for what isn't one: `..`, an absolute path, nothing."""
        if part in {"", ".", ".."} or "\0" in part or Path(part).name != part or Path(part).is_absolute():
            raise NotPlainError(f"{self}{os.sep}{part}", "is no name of a file or folder")
        return InnerPath(self.root, (*self.parts, part))

    def joined(self, relative: str) -> InnerPath:
        """All components of a relative path further. Raises NotPlainError for an absolute path and for `..`."""
        if Path(relative).is_absolute() or Path(relative).drive:
            raise NotPlainError(relative, f"isn't below {self}")
        found = self
        for part in Path(relative).parts:
            found = found / part
        return found

    @property
    def path(self) -> Path:
        """As a path for messages and for programs of others."""
        return self.root.joinpath(*self.parts)

    @property
    def name(self) -> str:
        """The last component."""
        return self.path.name

    @property
    def parent(self) -> InnerPath:
        """One component less; the root is its own parent."""
        return InnerPath(self.root, self.parts[:-1])

    def __str__(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        """Whether a plain file or folder stands here."""
        if not self.parts:
            return self.root.exists()
        try:
            with self._opened_parent() as (name, folder):
                _require_plain(os.stat(name, dir_fd=folder, follow_symlinks=False), str(self))
        except FileNotFoundError:
            return False
        return True

    def is_file(self) -> bool:
        """Whether a plain file stands here."""
        if not self.parts:
            return False
        try:
            with self._opened_parent() as (name, folder):
                state = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        _require_plain(state, str(self))
        return stat.S_ISREG(state.st_mode)

    def open_descriptor(self, flags: int, mode: int = PRIVATE) -> int:
        """A descriptor of the plain file here, as os.open(2) gives it; with O_CREAT its folders are made, too."""
        with self._opened_parent(is_made=bool(flags & os.O_CREAT)) as (name, folder):
            return _open_plain(name, folder, flags, mode, shown=str(self), is_shared=False)

    def open(self, mode: str = "rb") -> BinaryIO:
        """The plain file here, for reading bytes: no other mode is allowed."""
        if mode != "rb":
            raise ValueError(f"an InnerPath is opened for reading bytes, not as {mode!r}")
        return os.fdopen(self.open_descriptor(os.O_RDONLY), "rb")

    def read_bytes(self) -> bytes:
        """The plain file's content; NotPlainError for one of more than `MOST_BYTES`: a checkout may hold anything."""
        with self.open() as stream:
            if os.fstat(stream.fileno()).st_size > MOST_BYTES:
                raise NotPlainError(str(self), f"holds more than {MOST_BYTES:,} bytes")
            return stream.read()

    def read_text(self, encoding: str = "utf-8") -> str:
        """The plain file's content, every line end as a line feed; raises UnicodeDecodeError as well."""
        return self.read_bytes().decode(encoding).replace("\r\n", "\n").replace("\r", "\n")

    def replace(
        self, pieces: Iterable[bytes | memoryview], *, mode: int | None = PRIVATE, is_synced: bool = False
    ) -> None:
        """As the function `replace`; the file is private unless `mode` says otherwise, and so are new folders."""
        with self._opened_parent(is_made=True) as (name, folder):
            with suppress(FileNotFoundError):
                _require_plain(os.stat(name, dir_fd=folder, follow_symlinks=False), str(self))
            _replace_at(name, folder, pieces, mode=mode, is_synced=is_synced)

    def unlink(self, *, missing_ok: bool = False) -> None:
        """Deletes the plain file here."""
        try:
            with self._opened_parent() as (name, folder):
                _require_plain(os.stat(name, dir_fd=folder, follow_symlinks=False), str(self))
                os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def rmdir(self) -> None:
        """Deletes the empty folder here."""
        with self._opened_parent() as (name, folder):
            os.rmdir(name, dir_fd=folder)

    def names(self) -> tuple[str, ...]:
        """What the folder here holds, sorted; nothing if there is no folder."""
        try:
            with self.opened() as folder:
                return tuple(sorted(os.listdir(self.path if folder is None else folder)))
        except FileNotFoundError:
            return ()

    def entries(self) -> tuple[tuple[str, Kind], ...]:
        """What the folder here holds, sorted, and of what kind each is, as the folder's own list tells it."""
        with self.opened() as folder, os.scandir(self.path if folder is None else folder) as found:
            return tuple(sorted((entry.name, _kind_of(entry)) for entry in found))

    def files(self) -> tuple[InnerPath, ...]:
        """Every file at any depth below the folder here, sorted. Raises NotPlainError for anything else than those."""
        found: list[InnerPath] = []
        folders = [self]
        while folders:
            folder = folders.pop()
            for inner in (folder / name for name in folder.names()):
                (found if inner.is_file() else folders).append(inner)
        return tuple(sorted(found, key=lambda inner: inner.parts))

    def opened(self) -> AbstractContextManager[int | None]:
        """The folder here as a descriptor; None where the system has no calls relative to one."""
        return self._opened(self.parts, is_made=False)

    @contextmanager
    def _opened_parent(self, *, is_made: bool = False) -> Iterator[tuple[str, int | None]]:
        """The last component as the system's calls take it: a name and its folder's descriptor, or a whole path."""
        if not self.parts:
            raise NotPlainError(str(self), "is a folder")
        with self._opened(self.parts[:-1], is_made=is_made) as folder:
            yield (str(self) if folder is None else self.parts[-1]), folder

    @contextmanager
    def _opened(self, parts: tuple[str, ...], *, is_made: bool) -> Iterator[int | None]:
        """The folder at `parts` below the root as a descriptor; None where the system has no calls relative to one."""
        if is_made:
            self.root.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
        folder = os.open(self.root, os.O_RDONLY | _FOLDER) if _HAS_OPENAT else None
        try:
            shown = self.root
            for part in parts:
                shown = shown / part
                folder = _enter(part, folder, shown, is_made=is_made)
            yield folder
        finally:
            if folder is not None:
                os.close(folder)


#: A path that a person named, or one inside a folder that somebody else may have filled.
Place = Path | InnerPath


def _kind_of(entry: os.DirEntry[str]) -> Kind:
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.OTHER


def _enter(part: str, folder: int | None, shown: Path, *, is_made: bool) -> int | None:
    """The folder `part` of `folder`, which is closed then; made where it is missing and `is_made` says so."""
    name = str(shown) if folder is None else part
    if is_made:
        with suppress(FileExistsError):
            os.mkdir(name, _PRIVATE_FOLDER, dir_fd=folder)
    state = os.stat(name, dir_fd=folder, follow_symlinks=False)
    _require_plain(state, str(shown))
    if not stat.S_ISDIR(state.st_mode):
        raise NotPlainError(str(shown), "is a file, not a folder")
    if folder is None:
        return None
    inner = os.open(name, os.O_RDONLY | _FOLDER | _NO_FOLLOW, dir_fd=folder)
    os.close(folder)
    return inner


def _require_plain(state: os.stat_result, shown: str) -> None:
    """Raises NotPlainError unless this is a file or a folder."""
    if stat.S_ISLNK(state.st_mode) or getattr(state, "st_reparse_tag", None) == _JUNCTION:
        raise NotPlainError(shown, "is a link, and none is followed here")
    if not (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)):
        raise NotPlainError(shown, "is neither a file nor a folder")


def _open_plain(name: str, folder: int | None, flags: int, mode: int, *, shown: str, is_shared: bool) -> int:
    """A descriptor of a plain file. `is_shared`: it may have several names (hard links)."""
    with suppress(FileNotFoundError):
        # Opening alone can do something to a device.
        _require_plain(os.stat(name, dir_fd=folder, follow_symlinks=False), shown)
    descriptor = os.open(name, flags | _NO_FOLLOW | _AT_ONCE | _BINARY, mode, dir_fd=folder)
    state = os.fstat(descriptor)
    reason = ""
    if not stat.S_ISREG(state.st_mode):
        reason = "is no file"
    elif state.st_nlink > 1 and not is_shared:
        reason = "has a second name elsewhere (a hard link); put a copy in its place"
    if reason:
        os.close(descriptor)
        raise NotPlainError(shown, reason)
    return descriptor


def open_descriptor(place: Place, flags: int, mode: int = PRIVATE) -> int:
    """A descriptor of the file at `place`; with O_CREAT its folder is made, too. Raises OSError."""
    if isinstance(place, InnerPath):
        return place.open_descriptor(flags, mode)
    if flags & os.O_CREAT:
        place.parent.mkdir(parents=True, exist_ok=True)
    return os.open(place, flags | _BINARY, mode)


def write_all(descriptor: int, content: bytes) -> None:
    """All of `content`: a full disk may take a part and say so only on the next call. Raises OSError."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(place: Place) -> None:
    """Makes sure that the entry of the file at `place` is on the disk. Windows writes it together with the file."""
    if sys.platform != "win32":
        with InnerPath.of(place.parent).opened() as folder:
            if folder is not None:
                os.fsync(folder)


def resolve(path: Path) -> Path:
    """The file that a person's path leads to: a link may lead to another file of its own folder, and no further.

    Git keeps links, so a link in a checkout is somebody else's word on where to read and write. Raises OSError.
    """
    try:
        folder = path.parent.resolve()
        real = (folder / path.name).resolve()
    except RuntimeError:
        # Python 3.11 and 3.12 tell a circle this way.
        raise NotPlainError(str(path), "is a link that leads round in a circle") from None
    if not real.is_relative_to(folder):
        raise NotPlainError(str(path), "is a link that leads out of its folder; name the file itself")
    return real


def open_named(path: Path) -> io.BufferedReader:
    """The plain file that a person's path leads to (see `resolve`), for reading. Raises OSError."""
    real = resolve(path)
    return os.fdopen(_open_plain(str(real), None, os.O_RDONLY, PRIVATE, shown=str(path), is_shared=True), "rb")


def open_input(path: Path) -> io.BufferedReader:
    """What a person names to be read: a plain file (see `open_named`), or a pipe of the shell (`<(command)`).

    Raises OSError; a pipe, a device or a link that lies anywhere else may be a stranger's, and never end.
    """
    if str(path).startswith(_SHELL_PIPES):
        return path.open("rb")
    return open_named(path)


def read_input(path: Path, *, most_bytes: int) -> bytes:
    """The content of what a person names, up to so many bytes. Raises OSError, also where it holds more."""
    with open_input(path) as stream:
        # A pipe has no size before it is read.
        if os.fstat(stream.fileno()).st_size > most_bytes or len(content := stream.read(most_bytes + 1)) > most_bytes:
            raise NotPlainError(str(path), f"holds more than {most_bytes:,} bytes")
    return content


def replace(
    place: Place, pieces: Iterable[bytes | memoryview], *, mode: int | None = None, is_synced: bool = False
) -> None:
    """Writes the pieces as the file `place`; the old file stays until the new one is whole. Makes its folder.

    What earlier runs left unfinished in this folder, because they were killed, is deleted.

    Args:
        place: where the file is wanted; a link there is replaced, not followed (an InnerPath refuses it).
        pieces: the content.
        mode: the new file's permissions; None: as the umask says.
        is_synced: whether the content must be on the disk when this returns.

    Raises:
        OSError: the folder or the file can't be written; nothing is left behind then.
    """
    if isinstance(place, InnerPath):
        place.replace(pieces, mode=mode, is_synced=is_synced)
        return
    place.parent.mkdir(0o777 if mode != PRIVATE else _PRIVATE_FOLDER, parents=True, exist_ok=True)
    _replace_at(str(place), None, pieces, mode=mode, is_synced=is_synced)


def _replace_at(
    name: str, folder: int | None, pieces: Iterable[bytes | memoryview], *, mode: int | None, is_synced: bool
) -> None:
    parent, last = os.path.split(name)
    _sweep(parent or ".", folder)
    temporary, descriptor = _make_unfinished(parent, last, folder)
    is_done = False
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(pieces)
            stream.flush()
            if is_synced:
                os.fsync(descriptor)
            if sys.platform != "win32":
                os.chmod(descriptor, _usual_mode() if mode is None else mode)
                # Before it is closed: closing ends the lock that tells it from what killed runs left.
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        if sys.platform == "win32":
            os.replace(temporary, name)
        is_done = True
    finally:
        if not is_done:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder)


def _make_unfinished(parent: str, last: str, folder: int | None) -> tuple[str, int]:
    """A new file of our own beside the one that is wanted, locked, so that no other run takes it for a dead one."""
    while True:
        temporary = os.path.join(parent, f".{last}.{secrets.token_hex(8)}.part")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY
        descriptor = os.open(temporary, flags, PRIVATE, dir_fd=folder)
        _hold(descriptor)
        # A sweep may have met it before it was locked.
        if os.fstat(descriptor).st_nlink:
            return temporary, descriptor
        os.close(descriptor)


def is_unfinished(name: str) -> bool:
    """Whether a file of this name is one that `replace` hadn't finished."""
    return _UNFINISHED.fullmatch(name) is not None


def is_digest(text: str) -> bool:
    """Whether this is a SHA-256 digest in 64 hexadecimal digits: nothing else ever becomes a path."""
    return _DIGEST.fullmatch(text) is not None


def _sweep(parent: str, folder: int | None) -> None:
    """Deletes the unfinished files of killed runs from a folder, once in a process; what can't be deleted stays."""
    with suppress(OSError):
        state = os.stat(parent if folder is None else folder)
        if (state.st_dev, state.st_ino) in _SWEPT:
            return
        _SWEPT.add((state.st_dev, state.st_ino))
        for name in os.listdir(parent if folder is None else folder):
            if is_unfinished(name):
                _sweep_file(name if folder is not None else os.path.join(parent, name), folder)


def _sweep_file(name: str, folder: int | None) -> None:
    with suppress(OSError):
        descriptor = _open_plain(name, folder, os.O_RDWR, PRIVATE, shown=name, is_shared=False)
        try:
            is_dead = _lock(descriptor)
        finally:
            if sys.platform == "win32":
                os.close(descriptor)
        # Windows refuses to delete a file that another process has open.
        if is_dead:
            os.unlink(name, dir_fd=folder)
        if sys.platform != "win32":
            os.close(descriptor)


@contextmanager
def scratch_folder(purpose: str) -> Iterator[Path]:
    """A temporary folder of our own (`purpose`: small letters), deleted afterwards; those of killed runs are, too.

    Raises MachineError if there can't be one.
    """
    try:
        base = tempfile.gettempdir()
        _sweep_scratch(Path(base))
        folder, handle = _make_scratch(f"namehold-scratch-{purpose}-")
    except OSError as error:
        raise machine_error("no temporary folder can be made", error) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _make_scratch(prefix: str) -> tuple[Path, int | None]:
    """A new folder, and a descriptor whose lock shows that its process lives; None where folders can't be locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        if sys.platform == "win32":
            return folder, None
        handle = os.open(folder, os.O_RDONLY)
        _hold(handle)
        if folder.exists():
            return folder, handle
        os.close(handle)


def _sweep_scratch(base: Path) -> None:
    """Deletes temporary folders of killed runs of this user."""
    if sys.platform == "win32":
        # Folders can't be locked there, so a dead one can't be told from a living one.
        return
    state = base.stat()
    if (state.st_dev, state.st_ino) in _SWEPT:
        return
    _SWEPT.add((state.st_dev, state.st_ino))
    for folder in (entry for entry in base.iterdir() if _SCRATCH.fullmatch(entry.name)):
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | _FOLDER | _NO_FOLLOW)
            try:
                if os.fstat(handle).st_uid == os.geteuid() and _lock(handle):
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)


if sys.platform == "win32":
    import msvcrt

    #: Far behind every file's end: a locked byte can't be read by others, who may read the file during a run.
    _LOCKED_BYTE: Final = 1 << 40

    def lock_alone(descriptor: int) -> None:
        """As below."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _lock(descriptor: int) -> bool:  # noqa: ARG001 -- what is open can't be deleted there: that is lock enough
        return True

    def _hold(descriptor: int) -> None:
        """As above."""

else:
    import fcntl

    def lock_alone(descriptor: int) -> None:
        """Takes the lock on an open file, which the system ends with the process. Raises OSError, of `HELD` or not."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _lock(descriptor: int) -> bool:
        """Takes the lock that the system ends with the process; False if another process has it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _hold(descriptor: int) -> None:
        """Waits for the lock: a sweep has it for a moment. A file system without locks is swept of nothing."""
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def is_machine_error(error: OSError) -> bool:
    """Whether the machine is at fault: no room, no permission, too many open files; or a link where none may be."""
    return error.errno in _MACHINE or isinstance(error, NotPlainError)


def machine_error(what: str, error: OSError) -> MachineError:
    """The error to raise where the machine, not an input, is at fault."""
    fix = "make room, correct the permissions, or set TMPDIR or NAMEHOLD_CACHE to another folder"
    if error.errno == errno.ENAMETOOLONG:
        fix = "give a shorter name or path"
    if isinstance(error, NotPlainError):
        fix = "find out who put it there, and delete it or put a plain file or folder in its place"
    return MachineError(f"{what}: {error.strerror or error}", fix=fix)


def _usual_mode() -> int:
    """What a new file gets under the umask; an unfinished one is for its owner alone."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
