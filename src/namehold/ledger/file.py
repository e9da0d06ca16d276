"""The append-only record of what was sent: JSON Lines, on disk before `append` returns, chained by hash.

    with Ledger.open(path, index="pypi", username="acme", organization="Acme", time=now) as ledger:
        ledger.append(Decided(name=name, decision="They prohibited it.", time=now))

Each line holds the digest of the line before, so that a change anywhere breaks every later line.
A last line without its end is what a crash leaves behind: `append` hadn't returned, so nothing was sent because of it
(an intent), or the index can be asked again (a receipt). It is cut off, and an event says so.
A broken line anywhere else is LedgerCorrupt, and nothing is written to that file.

One run at a time holds a ledger, through the operating system's lock on the file itself, so that a link to it leads to
the same lock. The system releases the lock when a run ends, however it ends: no stale lock is ever left.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import io
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Final, Self, TypeVar

from namehold import files
from namehold.errors import LedgerError, LedgerLocked, LedgerUnusable
from namehold.files import Place
from namehold.index import Outcome, is_same_account
from namehold.ledger.fold import fold, fold_events
from namehold.ledger.lines import FindKey, no_key, read_lines, write_line
from namehold.ledger.model import Event, Holdings, LedgerEvent, Opened, Receipt, SentPlaceholder, TornLine

T = TypeVar("T")

#: `previous` of the first line.
GENESIS = "sha256:" + "0" * 64
#: Some 250 lines, which stay in a processor's cache; a line that goes beyond this is the last of its lot.
_BYTES_AT_ONCE = 200_000


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


def read(path: Place, *, find_key: FindKey = no_key) -> Reading:
    """The ledger at `path`, checked line by line; empty if there is no file.

    `find_key` is asked if a line is sealed or has a MAC. Without it the sealed lines are counted, and no approval is
    proved; the chain and what is held need no key.
    Raises LedgerCorrupt with the first bad line, LedgerError if the file can't be read.
    """
    return _read_from(path, lambda stream: _parse(stream, find_key))


def _read_from(path: Place, parse: Callable[[BinaryIO], T]) -> T:
    """What `parse` makes of the file at `path`, or of nothing if there is none."""
    try:
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > files.MOST_BYTES:
                raise files.NotPlainError(str(path), f"holds more than {files.MOST_BYTES:,} bytes")
            return parse(stream)
    except FileNotFoundError:
        return parse(io.BytesIO())
    except OSError as error:
        raise _unusable(path, "read", error) from None


def _parse(stream: BinaryIO, find_key: FindKey) -> Reading:
    """Every whole line as an event, and what is left after them."""
    events = tuple(_events_in(stream, find_key))
    size, rest = stream.tell(), stream.readline()
    # Another run may have written a line by now.
    return Reading(events=events, torn=b"" if rest.endswith(b"\n") else rest, size=size)


def _events_in(stream: BinaryIO, find_key: FindKey) -> Iterator[LedgerEvent]:
    """The event of every whole line, one by one, each checked against the line before.

    Few lines are held together. After the last whole one the stream stands behind it.
    """
    number, previous = 1, GENESIS
    # An editor may have put a byte order mark before the first line.
    stream.seek(len(BOM_UTF8) if stream.read(len(BOM_UTF8)) == BOM_UTF8 else 0)
    while lines := stream.readlines(_BYTES_AT_ONCE):
        torn = b"" if lines[-1].endswith(b"\n") else lines.pop()
        for event in read_lines([line[:-1] for line in lines], number=number, previous=previous, find_key=find_key):
            yield event
            number, previous = event.sequence + 1, event.digest
        if torn:
            stream.seek(-len(torn), os.SEEK_CUR)
            return


def read_holdings(path: Place, *, find_key: FindKey = no_key) -> Holdings:
    """What the ledger at `path` proves (see `read`); empty if there is no file. Raises LedgerError, LedgerCorrupt.

    No line and no event is kept: there may be 100,000, most of them about what is settled.
    """
    return _read_from(path, lambda stream: fold_events(_events_in(stream, find_key)))


def require_owner(holdings: Holdings, path: Place, *, index: str, username: str) -> None:
    """Nothing if the ledger at `path` is new, or of this index and this account. Raises LedgerError."""
    if holdings.index == index and not username:
        raise LedgerError(
            f"the ledger {path} belongs to {holdings.username}, and names.yaml names no account",
            fix=f"write `username: {holdings.username}` under `account` in names.yaml",
        )
    if holdings.index and (holdings.index != index or not is_same_account(holdings.username, username)):
        raise LedgerError(
            f"the ledger {path} belongs to {holdings.username} on {holdings.index}, not to {username} on {index}",
            fix="one ledger for one index and one account: set names.yaml back, or keep the ledger somewhere else",
        )


class Ledger:
    """A ledger held for writing; satisfies `LedgerPort`. Made by `Ledger.open`, closed by leaving `with`."""

    def __init__(self, path: Place, file: int, reading: Reading, find_key: FindKey) -> None:
        self._path = path
        self._find_key = find_key
        self._file: int | None = file
        self._events = list(reading.events)
        self._head = reading.head
        self._size = reading.size
        self._folder = fold(self._events, is_for_writing=True)

    @classmethod
    def open(
        cls,
        path: Place,
        *,
        index: str,
        username: str,
        organization: str,
        time: dt.datetime,
        find_key: FindKey = no_key,
    ) -> Ledger:
        """The ledger of one index and one account, made if there is none, held until it is closed.

        A torn last line is cut off and recorded.

        Args:
            path: The ledger's file; its folder is made.
            index: The index's nickname.
            username: The account that reserves.
            organization: Whose account it is, for the first line of a new ledger.
            time: Now, for the lines that opening writes.
            find_key: Gives the key that seals open names and proves approvals; asked when a line needs it. Without a
                key names stand in plain, and an approval counts until the ledger is closed.

        Raises:
            LedgerLocked: Another run holds it.
            LedgerCorrupt: A line is broken.
            LedgerError: It belongs to another index or account, or can't be written.
        """
        file = _open_locked(path)
        try:
            reading = _read_held(file, path, find_key)
            ledger = cls(path, file, reading, find_key)
            require_owner(ledger.holdings(), path, index=index, username=username)
            if reading.torn:
                ledger._truncate()
            if not reading.events:
                ledger.append(Opened(index=index, username=username, organization=organization, time=time))
            if reading.torn:
                sha256 = hashlib.sha256(reading.torn).hexdigest()
                ledger.append(TornLine(bytes=len(reading.torn), sha256=sha256, time=time))
        except BaseException:
            os.close(file)
            raise
        return ledger

    def append(self, value: Event) -> LedgerEvent:
        """One more line, on disk when this returns.

        Raises LedgerError if it can't be written; the ledger is then as it was before.
        """
        if self._file is None:
            raise LedgerError(f"the ledger {self._path} is closed")
        event, line = write_line(
            self._with_placeholder(value),
            sequence=len(self._events) + 1,
            previous=self._head,
            find_key=self._find_key,
            closed=self._folder.closed,
        )
        # Folded first: an event that can't be folded would make the whole ledger unreadable.
        self._folder.add(event)
        try:
            os.lseek(self._file, self._size, os.SEEK_SET)
            files.write_all(self._file, line)
            os.fsync(self._file)
        except OSError as error:
            # What can't be cut off now is a torn line, and the next run cuts it off.
            with suppress(LedgerError):
                self._truncate()
            self._folder = fold(self._events, is_for_writing=True)
            raise LedgerUnusable(
                f"the ledger {self._path} can't be written: {error.strerror}",
                fix="free some space or correct the permissions; the next run asks the index about the last name",
            ) from None
        self._size += len(line)
        self._events.append(event)
        self._head = event.digest
        return event

    def _with_placeholder(self, value: Event) -> Event:
        """The receipt of a held name repeats its intent, if that may be sealed, so that it is read without the key."""
        if not isinstance(value, Receipt) or value.outcome is not Outcome.HELD or value.name not in self._folder.hidden:
            return value
        intent = self._folder.intents.get(value.name)
        if intent is None or self._find_key() is None:
            return value
        sent = SentPlaceholder(
            mode=intent.mode, version=intent.version, files=intent.files, withdraw_on=intent.withdraw_on
        )
        return value.changed(sent=sent)

    def _truncate(self) -> None:
        if self._file is None:
            return
        try:
            os.ftruncate(self._file, self._size)
            os.fsync(self._file)
        except OSError as error:
            raise LedgerUnusable(f"the ledger {self._path} can't be shortened: {error.strerror}") from None

    def events(self) -> Iterator[LedgerEvent]:
        """All events in order."""
        return iter(tuple(self._events))

    def holdings(self) -> Holdings:
        """All events, folded."""
        return self._folder.holdings()

    def close(self) -> None:
        """Lets go of the ledger; calling it twice does no harm."""
        if self._file is not None:
            os.close(self._file)  # closing is what unlocks, on every system
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


#: What a person does about what a machine lacks for a while; the ledger itself is as it was.
_PASSING: Final[Mapping[int | None, str]] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "make room on its disk"),
    errno.EROFS: "let its disk be written to",
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "let more files be open at once (ulimit -n)"),
    **dict.fromkeys(
        (errno.EBUSY, errno.EIO, errno.ENOTCONN, errno.ESTALE, errno.ETIMEDOUT), "see whether its disk answers"
    ),
}


def _unusable(path: Place, verb: str, error: OSError) -> LedgerError:
    """The error for a ledger that can't be read or opened."""
    fix = "correct its permissions, or what stands in its place; if it is lost: namehold status --rebuild LIST"
    if error.errno in _PASSING:
        # To put a new ledger in its place would be the worst that a person could do.
        fix = f"{_PASSING[error.errno]}, then call again: nothing is lost"
    return LedgerUnusable(f"the ledger {path} can't be {verb}: {error.strerror}", fix=fix)


def _open_locked(path: Place) -> int:
    """The ledger's file, open for reading and writing, and locked; made, with its folder, if there is none."""
    try:
        # Private: which names an organization is about to take concerns no other user before they are sent.
        file = files.open_descriptor(path, os.O_RDWR | os.O_CREAT, files.PRIVATE)
    except OSError as error:
        raise _unusable(path, "opened", error) from None
    try:
        files.lock_alone(file)
    except OSError as error:
        os.close(file)
        if error.errno not in files.HELD:
            raise LedgerUnusable(
                f"the ledger {path} can't be locked: {error.strerror}",
                fix="keep it on a disk that has locks (of a network's disks not every one does)",
            ) from None
        raise LedgerLocked(
            f"another run holds the ledger {path.name}", fix="wait for it to end; a run that died holds nothing"
        ) from None
    return file


def _read_held(file: int, path: Place, find_key: FindKey) -> Reading:
    """All of the open ledger; of a new one, the folder's entry is on disk then."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        with os.fdopen(file, "rb", closefd=False) as stream:
            reading = _parse(stream, find_key)
        if not reading.size:
            files.sync_folder(path)
    except OSError as error:
        raise _unusable(path, "read", error) from None
    return reading
