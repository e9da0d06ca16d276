"""The append-only record of what was sent: JSON Lines, on disk before `append` returns, chained by hash.

    with Ledger.open(path, index="pypi", username="acme", organization="Acme", time=now) as ledger:
        ledger.append(EventKind.INTENT, {...}, time=now)

Each line holds the digest of the line before, so that a change anywhere breaks every later line.
A last line without its end is what a crash leaves behind: `append` hadn't returned, so nothing was sent on its
account (an intent) or it can be asked again (a receipt). It is dropped, and that it was is recorded.
A broken line anywhere else is LedgerCorrupt: nobody writes there.

One run at a time holds a ledger, through the operating system's lock on a file beside it: the system lets go of it
when a run dies, so that there is never a stale lock to remove by hand.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from namehold.documents import as_plain, canonical_json, digest
from namehold.errors import LedgerError, LedgerLocked
from namehold.ledger.fold import Folder, corrupt, fold_events
from namehold.ledger.model import EventKind, Holdings, LedgerEvent

#: `previous` of the first line.
GENESIS = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A ledger as it lies on disk. `torn` are the bytes after the last whole line."""

    events: tuple[LedgerEvent, ...]
    torn: bytes
    size: int

    @property
    def head(self) -> str:
        """Digest of the last event; GENESIS for an empty ledger."""
        return self.events[-1].digest if self.events else GENESIS


def read(path: Path) -> Reading:
    """The ledger at `path`, checked line by line; empty if there is no file.

    Raises LedgerCorrupt with the first bad line, LedgerError if the file can't be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise LedgerError(f"the ledger {path} can't be read: {error.strerror}") from None
    end = content.rfind(b"\n") + 1
    previous = GENESIS
    events = []
    for number, line in enumerate(content[:end].split(b"\n")[:-1], start=1):
        event = _parse(line, number, previous)
        events.append(event)
        previous = event.digest
    return Reading(events=tuple(events), torn=content[end:], size=end)


def read_holdings(path: Path) -> Holdings:
    """What the ledger at `path` proves; empty if there is no file. Raises LedgerError, LedgerCorrupt."""
    return fold_events(read(path).events)


def require_owner(holdings: Holdings, path: Path, *, index: str, username: str) -> None:
    """Nothing if the ledger at `path` is new, or of this index and this account. Raises LedgerError."""
    if holdings.index and (holdings.index, holdings.username) != (index, username):
        raise LedgerError(
            f"the ledger {path} belongs to {holdings.username} on {holdings.index}, not to {username} on {index}",
            hint="one ledger for one index and one account: set names.yaml back, or keep the ledger somewhere else",
        )


class Ledger:
    """A ledger held for writing; satisfies `ports.LedgerPort`. Made by `Ledger.open`, closed by leaving `with`."""

    def __init__(self, path: Path, lock: _Lock, reading: Reading) -> None:
        self._path = path
        self._lock = lock
        self._events = list(reading.events)
        self._head = reading.head
        self._size = reading.size
        self._folder = Folder()
        for event in self._events:
            self._folder.add(event)
        self._file: int | None = None

    @classmethod
    def open(cls, path: Path, *, index: str, username: str, organization: str, time: dt.datetime) -> Ledger:
        """The ledger of one index and one account, made if there is none, held until it is closed.

        A torn last line is cut off and recorded.
        Raises LedgerLocked if another run holds it, LedgerCorrupt, and LedgerError if it belongs to another index
        or account or can't be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"the folder of the ledger {path} can't be made: {error.strerror}") from None
        lock = _Lock(path.with_name(path.name + ".lock"))
        try:
            reading = read(path)
            ledger = cls(path, lock, reading)
            ledger._start(reading, index=index, username=username, organization=organization, time=time)
        except BaseException:
            lock.release()
            raise
        return ledger

    def _start(self, reading: Reading, *, index: str, username: str, organization: str, time: dt.datetime) -> None:
        require_owner(self._folder.holdings(), self._path, index=index, username=username)
        self._file = self._open_file()
        if reading.torn:
            self._truncate()
        if not reading.events:
            self.append(
                EventKind.OPENED, {"index": index, "username": username, "organization": organization}, time=time
            )
        if reading.torn:
            self.append(
                EventKind.OBSERVATION,
                {
                    "found": "torn-line",
                    "bytes": len(reading.torn),
                    "sha256": hashlib.sha256(reading.torn).hexdigest(),
                },
                time=time,
            )

    def _open_file(self) -> int:
        is_new = not self._path.exists()
        try:
            # 0o600: which names an organization is about to take is nobody else's business before they are sent.
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            if is_new:
                _sync_folder(self._path.parent)
        except OSError as error:
            raise LedgerError(f"the ledger {self._path} can't be written: {error.strerror}") from None
        return file

    def append(self, kind: EventKind, data: Mapping[str, Any], *, time: dt.datetime) -> LedgerEvent:
        """One more line, on disk when this returns.

        Raises LedgerError if it can't be written; the ledger is then as it was before.
        """
        if self._file is None:
            raise LedgerError(f"the ledger {self._path} is closed")
        event = _event(sequence=len(self._events) + 1, time=time, kind=kind, data=dict(data), previous=self._head)
        line = canonical_json(event) + b"\n"
        try:
            os.lseek(self._file, self._size, os.SEEK_SET)
            _write_all(self._file, line)
            os.fsync(self._file)
        except OSError as error:
            # What can't be cut off now is a torn line, and the next run cuts it off.
            with suppress(LedgerError):
                self._truncate()
            raise LedgerError(
                f"the ledger {self._path} can't be written: {error.strerror}",
                hint="make room or mend the permissions; the next run asks the index what became of the last name",
            ) from None
        self._size += len(line)
        self._events.append(event)
        self._head = event.digest
        self._folder.add(event)
        return event

    def _truncate(self) -> None:
        if self._file is None:
            return
        try:
            os.ftruncate(self._file, self._size)
            os.fsync(self._file)
        except OSError as error:
            raise LedgerError(f"the ledger {self._path} can't be mended: {error.strerror}") from None

    def events(self) -> Iterator[LedgerEvent]:
        """All events in order."""
        return iter(tuple(self._events))

    def holdings(self) -> Holdings:
        """All events, folded."""
        return self._folder.holdings()

    def close(self) -> None:
        """Lets go of the ledger; calling it twice does no harm."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _event(*, sequence: int, time: dt.datetime, kind: str, data: dict[str, Any], previous: str) -> LedgerEvent:
    """The event with its digest; `data` as JSON has it, so that reading it back gives the same digest."""
    body = {
        "sequence": sequence,
        "time": as_plain(time),
        "kind": str(kind),
        "data": as_plain(data),
        "previous": previous,
    }
    return LedgerEvent(
        sequence=sequence,
        time=time,
        kind=str(kind),
        data=body["data"],
        previous=previous,
        digest=digest(body),
    )


def _parse(line: bytes, number: int, previous: str) -> LedgerEvent:
    try:
        body = json.loads(line)
        claimed = body.pop("digest")
        time = dt.datetime.fromisoformat(body["time"])
        sequence, kind, data, linked = body["sequence"], body["kind"], body["data"], body["previous"]
        is_whole = isinstance(kind, str) and isinstance(data, dict) and time.tzinfo is not None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise corrupt(number, "it is no event") from None
    if not is_whole:
        raise corrupt(number, "it is no event")
    if claimed != digest(body):
        raise corrupt(number, "its content doesn't fit its digest")
    if linked != previous or sequence != number:
        raise corrupt(number, "it doesn't follow the line before")
    return LedgerEvent(sequence=sequence, time=time, kind=kind, data=data, previous=linked, digest=claimed)


class _Lock:
    """The operating system's lock on one file; the file stays, the lock goes with its holder."""

    def __init__(self, path: Path) -> None:
        try:
            self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LedgerError(f"the lock {path} can't be made: {error.strerror}") from None
        try:
            _lock(self._file)
        except OSError:
            os.close(self._file)
            raise LedgerLocked(
                f"another run holds the ledger {path.name.removesuffix('.lock')}",
                hint="wait for it to end; a run that died holds nothing",
            ) from None

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)  # closing is what unlocks, on every system
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _sync_folder(folder: Path) -> None:
        """Windows writes a folder's entry together with the file."""

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _sync_folder(folder: Path) -> None:
        """The new file's entry is on disk, not only its content."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_all(file: int, content: bytes) -> None:
    """All of `content`: a full disk may take a part and say so only on the next call."""
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
