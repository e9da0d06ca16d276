"""Fetches an index's list of names, and keeps the snapshots of each index in the cache folder."""

from __future__ import annotations

import datetime as dt
import mmap
import shlex
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from namehold.errors import Diagnostic, IndexError_, InputError, SnapshotError, SnapshotUnwritable
from namehold.files import InnerPath, Place, is_machine_error, machine_error, open_input
from namehold.index import IndexProfile, SnapshotInfo, access
from namehold.index.access import DIRECT, ClientPolicy, Patience
from namehold.snapshot.file import Snapshot
from namehold.snapshot.lists import MAX_LIST_BYTES, NameList, parse_list, read_capped, unreadable_list
from namehold.text import as_utf8, count, visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What an import or update stored. `changed` is False where the index said that nothing has changed.

    `gone` are how many names of the list before, if that was whole, aren't in this one.
    """

    info: SnapshotInfo
    changed: bool = True
    gone: int = 0
    left_out: int = 0
    examples: tuple[Diagnostic, ...] = ()


#: The year 3000, in seconds from 1970.
_SECONDS_MAX = 32_503_680_000
#: A list of 900,000 names takes some minutes over a slow line.
_PATIENCE = Patience(silence_s=30.0, total_s=900.0, waits_s=(2.0, 8.0, 30.0))


class SnapshotStore:
    """The folder of snapshots: of each index the newest list in one file, and the last whole one before in another."""

    def __init__(self, folder: Place) -> None:
        self._folder = InnerPath.of(folder)

    def path(self, index: str) -> Path:
        """Where the snapshot of this index (a nickname) lies, whether it exists or not."""
        return self._place(index).path

    def _place(self, index: str) -> InnerPath:
        return self._folder / f"{quote(index, safe='')}.names"

    def _earlier(self, index: str) -> InnerPath:
        return self._folder / f"{quote(index, safe='')}.names-before"

    def open(self, index: str) -> Snapshot | None:
        """The snapshot of this index; None if there is none.

        Raises SnapshotError if it is damaged, MachineError where this machine can't read it, or a link leads away.
        """
        return self._open(self._place(index))

    def open_earlier(self, index: str) -> Snapshot | None:
        """The last whole list that this index had before the kept one; None if none. Raises SnapshotError as above."""
        return self._open(self._earlier(index))

    def _open(self, path: InnerPath) -> Snapshot | None:
        try:
            with path.open("rb") as stream:
                buffer = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:  # mmap refuses an empty file with ValueError
            if isinstance(error, OSError) and is_machine_error(error):
                # No other list would help: the place itself can't be read.
                raise machine_error(f"the snapshot {path} can't be read", error) from None
            why = error.strerror if isinstance(error, OSError) else "it is empty"
            raise SnapshotError(
                f"the snapshot {path} can't be read: {why}",
                fix="import the list again (namehold snapshot import FILE)",
            ) from None
        return Snapshot(buffer, path=str(path))

    def save(self, snapshot: Snapshot, *, may_shrink: bool = False) -> int:
        """Keeps this snapshot as its index's, and the kept one as the earlier one, if that is whole and differs.

        Gives how many names of the last whole list it lacks, if it is whole.
        Raises SnapshotError if it can't be written, or has less than half of the kept names and may not have: no
        index loses so many, but a list that was cut off, a mirror's of some projects, or another index's looks just
        like that. What such a list lacks would count as unregistered.
        """
        new, gone = snapshot.info, 0
        try:
            old = self.open(new.index)
            whole = self.open_earlier(new.index) if old is not None and not old.info.complete else old
            if whole is not None and whole.info.complete and new.complete and not whole.is_same_list(snapshot):
                gone = len(snapshot.compare(whole).gone)
                if gone * 2 > whole.info.count:
                    whole.verify()
        except SnapshotError:
            old, whole, gone = None, None, 0  # a damaged one is replaced
        if whole is not None and gone * 2 > whole.info.count and not may_shrink:
            raise SnapshotError(
                f"{new.source} has {whole.info.count - gone:,} of the {count(whole.info.count, 'name')} in the kept "
                f"list of {whole.info.taken}, less than half: the old list stays",
                fix=f"see whether that is the whole list; if {new.index} really is that small now: namehold snapshot "
                "update --smaller, or namehold snapshot import FILE --smaller (or --partial, if it lacks names)",
            )
        if old is not None and old.info.complete and not old.is_same_list(snapshot):
            old.write(self._earlier(new.index))
        snapshot.write(self._place(new.index), with_tables=True)
        return gone

    def replace(self, snapshot: Snapshot) -> None:
        """Keeps this snapshot as its index's, and nothing of the one before. Raises SnapshotError as above."""
        snapshot.write(self._place(snapshot.info.index))

    def import_file(
        self,
        path: Path,
        *,
        index: str,
        complete: bool = True,
        may_shrink: bool = False,
        date: dt.date | None = None,
        report: Callable[[float], None] = lambda _: None,
    ) -> Stored:
        """Reads a list (see `read_list`) and keeps it as the index's snapshot, dated `date` or by the file's time.

        `may_shrink`: it may have less than half of the names in the kept list (see `save`).
        `report` is called with the share of the work that is done, from 0 to 1.
        Raises SnapshotError; the old snapshot stays then.
        """
        listed, snapshot = load_file(path, index=index, complete=complete, date=date, report=report)
        gone = self.save(snapshot, may_shrink=may_shrink)
        return Stored(info=snapshot.info, gone=gone, left_out=listed.left_out, examples=listed.examples)

    def update(
        self,
        profile: IndexProfile,
        *,
        contact: str,
        today: dt.date,
        may_shrink: bool = False,
        offline: bool = False,
        policy: ClientPolicy = DIRECT,
        patience: Patience = _PATIENCE,
        progress: Callable[[int, int | None], None] = lambda *_: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Stored:
        """Downloads the index's list of all names (one GET) and keeps it; `progress` is told bytes done and in all.

        An unchanged list (304) is only dated anew, by the index's own `Date`, else `today`.
        `may_shrink`: it may have less than half of the names in the kept list (see `save`).
        Raises IndexError_ if the index can't be asked, SnapshotError if what it sent is cut off, is no list or has
        lost more than half of the names that were there; the old snapshot stays then.
        """
        if offline and not profile.is_loopback:
            raise IndexError_(
                f"{profile.nickname} isn't asked: this call is offline",
                fix="leave --offline out, or unset NAMEHOLD_OFFLINE; or import a list: namehold snapshot import FILE",
            )
        try:
            old = self.open(profile.nickname)
            if old is not None:
                old.verify()
        except SnapshotError:
            old = None  # an update replaces a damaged snapshot
        etag = old.info.etag if old is not None and old.info.source == profile.simple else ""
        try:
            with (
                tempfile.TemporaryFile() as body,
                # Asked for when it is needed: this brings the HTTP library along.
                access.HttpIndex(profile, contact=contact, policy=policy, patience=patience, sleep=sleep) as reader,
            ):
                answer = reader.read_names(body, etag=etag, max_bytes=MAX_LIST_BYTES, progress=progress)
                date = answer.date.date() if answer.date is not None else today
                # A wrong clock out there mustn't make a list young for ever; a rehearsal's clock is its own.
                taken = date if profile.is_loopback else min(date, today)
                if old is not None and answer.status == HTTPStatus.NOT_MODIFIED:
                    fresh = old.dated(taken=taken, etag=answer.etag or etag, moment=answer.date)
                    self.save(fresh)
                    return Stored(info=fresh.info, changed=False)
                body.seek(0)
                content = read_capped(body, profile.simple)
                if not as_utf8(content)[:64].lstrip().startswith((b"{", b"<")):
                    # A file may hold a name a line; a server that answers so says something else than its list.
                    raise unreadable_list(profile.simple, "it is neither JSON nor HTML")
                listed = parse_list(content, source=profile.simple)
        except OSError as error:
            raise SnapshotUnwritable(
                f"the download can't be stored: {error.strerror}", fix="make room in the folder for temporary files"
            ) from None
        new = Snapshot.of(
            listed.names,
            index=profile.nickname,
            source=profile.simple,
            taken=taken,
            serial=listed.serial,
            serials=listed.serials,
            etag=answer.etag,
            moment=answer.date,
        )
        gone = self.save(new, may_shrink=may_shrink)
        return Stored(info=new.info, gone=gone, left_out=listed.left_out, examples=listed.examples)


def load_file(
    path: Path,
    *,
    index: str,
    complete: bool = True,
    date: dt.date | None = None,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[NameList, Snapshot]:
    """A list from a file, and the snapshot in memory that it makes (see `import_file`).

    Raises SnapshotError, and InputError for a file that can't be read or whose time can't be right.
    """
    # Reading takes about half of the time, as long as making what is kept.
    listed = read_list(path, report=lambda share: report(share / 2))
    report(1 / 2)
    moment = None
    if date is None:
        moment = _time_of(path)
        date = moment.date()
    snapshot = Snapshot.of(
        listed.names,
        index=index,
        source=visible(path.name),
        taken=date,
        complete=complete,
        serial=listed.serial,
        serials=listed.serials,
        moment=moment,
    )
    return listed, snapshot


def _time_of(path: Path) -> dt.datetime:
    """When a file was last written, in UTC. Raises InputError for one before 1970 or after 2999.

    A file system may tell any number of seconds, and Python's calendar ends.
    """
    seconds = path.stat().st_mtime
    if not 0 <= seconds < _SECONDS_MAX:
        raise InputError(
            f"{path} has a time that can't be right",
            fix=f"give it the day on which the list was taken: touch -d 2026-11-20 {shlex.quote(str(path))}",
        )
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def read_list(path: Path, *, report: Callable[[float], None] = lambda _: None) -> NameList:
    """The list in a file, plain or gzip (see `parse_list`).

    Raises InputError for a file that can't be read, and SnapshotError for one that isn't whole or holds no list.
    """
    try:
        with open_input(path) as stream:
            content = read_capped(stream, str(path))
    except OSError as error:
        raise InputError(
            f"{path} can't be read: {error.strerror or error}", fix="name a file with the index's list of names"
        ) from None
    return parse_list(content, source=str(path), report=report)
