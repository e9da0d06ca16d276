"""Fetches an index's list of names, and keeps the snapshots of each index in the cache folder."""

from __future__ import annotations

import datetime as dt
import mmap
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from namehold import __version__
from namehold.errors import Diagnostic, IndexError_, SnapshotError
from namehold.index import CODING, IndexProfile, SnapshotInfo, Sockets, cut_off, parse_date, unpacked
from namehold.snapshot.file import Snapshot
from namehold.snapshot.lists import MAX_LIST_BYTES, NameList, parse_list, read_capped, read_list

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What an import or update stored. `changed` is False where the index said that nothing has changed."""

    info: SnapshotInfo
    changed: bool = True
    left_out: int = 0
    examples: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadLimits:
    """When a download is given up. `waits_s` are the pauses before the second, third, ... attempt."""

    silence_s: float = 30.0
    total_s: float = 900.0
    waits_s: tuple[float, ...] = (2.0, 8.0, 30.0)


class SnapshotStore:
    """The folder of snapshots, one file an index."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, index: str) -> Path:
        """Where the snapshot of this index (a nickname) lies, whether it exists or not."""
        return self._folder / f"{quote(index, safe='')}.names"

    def open(self, index: str) -> Snapshot | None:
        """The snapshot of this index; None if there is none. Raises SnapshotError if it is damaged."""
        path = self.path(index)
        try:
            with path.open("rb") as stream:
                buffer = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            return None
        except (OSError, ValueError):  # mmap refuses an empty file with ValueError
            raise SnapshotError(
                f"the snapshot {path} can't be read",
                hint="import the list again (namehold snapshot import FILE)",
            ) from None
        return Snapshot(buffer, path=str(path))

    def save(self, snapshot: Snapshot) -> None:
        """Keeps this snapshot as its index's. Raises SnapshotError if it can't be written."""
        snapshot.write(self.path(snapshot.info.index))

    def import_file(self, path: Path, *, index: str, complete: bool = True, date: dt.date | None = None) -> Stored:
        """Reads a list (see `read_list`) and keeps it as the index's snapshot, dated `date` or by the file's time.

        Raises SnapshotError; the old snapshot stays then.
        """
        listed, snapshot = load_file(path, index=index, complete=complete, date=date)
        self.save(snapshot)
        return Stored(info=snapshot.info, left_out=listed.left_out, examples=listed.examples)

    def update(
        self,
        profile: IndexProfile,
        *,
        contact: str,
        today: dt.date,
        offline: bool = False,
        limits: DownloadLimits = DownloadLimits(),
        progress: Callable[[int, int | None], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Stored:
        """Downloads the index's list of all names (one GET) and keeps it; `progress` is told bytes done and in all.

        An unchanged list (304) is only dated anew, by the index's own `Date`, else `today`.
        Raises IndexError_ if the index can't be asked, SnapshotError if what it sent is cut off, is no list or has
        lost more than half of the names that were there; the old snapshot stays then.
        """
        if offline and not profile.is_loopback:
            raise IndexError_(
                f"{profile.nickname} isn't asked: this call is offline",
                hint="leave out --offline, or import a list with namehold snapshot import FILE",
            )
        try:
            old = self.open(profile.nickname)
        except SnapshotError:
            old = None  # a damaged snapshot is what an update mends
        etag = old.info.etag if old is not None and old.info.source == profile.simple else ""
        try:
            with tempfile.TemporaryFile() as body:
                answer = _Download(profile, contact=contact, limits=limits, progress=progress, sleep=sleep).get(
                    etag, body
                )
                # A wrong clock out there mustn't make a list young for ever; a rehearsal's clock is its own.
                taken = (answer.date if profile.is_loopback else min(answer.date or today, today)) or today
                if old is not None and answer.is_unchanged:
                    fresh = old.dated(taken=taken, etag=answer.etag or etag)
                    self.save(fresh)
                    return Stored(info=fresh.info, changed=False)
                body.seek(0)
                listed = parse_list(read_capped(body, profile.simple), source=profile.simple)
        except OSError as error:
            raise SnapshotError(
                f"the download can't be stored: {error.strerror}", hint="make room in the folder for temporary files"
            ) from None
        new = Snapshot.of(
            listed.names,
            index=profile.nickname,
            source=profile.simple,
            taken=taken,
            serial=listed.serial,
            etag=answer.etag,
        )
        if old is not None and old.info.complete and new.info.count * 2 < old.info.count:
            raise SnapshotError(
                f"{profile.nickname} sent {new.info.count:,} names, less than half of the {old.info.count:,} "
                "that were there: the old list stays",
                hint="try again later; if the index really is that small now, save its list and import that file",
            )
        self.save(new)
        return Stored(info=new.info, left_out=listed.left_out, examples=listed.examples)


def load_file(
    path: Path, *, index: str, complete: bool = True, date: dt.date | None = None
) -> tuple[NameList, Snapshot]:
    """A list from a file, and the snapshot in memory that it makes. Raises SnapshotError."""
    listed = read_list(path)
    taken = date or dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC).date()
    snapshot = Snapshot.of(
        listed.names, index=index, source=path.name, taken=taken, complete=complete, serial=listed.serial
    )
    return listed, snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListAnswer:
    is_unchanged: bool
    etag: str
    date: dt.date | None


class _Download:
    """One polite GET of the list of all names, repeated a few times where the connection or the server fails."""

    def __init__(
        self,
        profile: IndexProfile,
        *,
        contact: str,
        limits: DownloadLimits,
        progress: Callable[[int, int | None], None] | None,
        sleep: Callable[[float], None],
    ) -> None:
        self._profile = profile
        self._contact = contact
        self._limits = limits
        self._progress = progress
        self._sleep = sleep

    def get(self, etag: str, body: IO[bytes]) -> _ListAnswer:
        """Writes the list into `body`. Raises IndexError_."""
        import httpx  # noqa: PLC0415 -- only an update pays for it

        headers = {
            "Accept": "application/vnd.pypi.simple.v1+json",
            "Accept-Encoding": CODING,
            # The contact comes from names.yaml: whatever it holds, it stays one header.
            "User-Agent": f"namehold/{__version__} (contact: {quote(self._contact, safe='@:/+.-_~?=&')})",
            **({"If-None-Match": etag} if etag else {}),
        }
        # Proxies of the environment are for the world outside, never for this machine's own server.
        with httpx.Client(
            headers=headers, timeout=self._limits.silence_s, trust_env=not self._profile.is_loopback
        ) as client:
            for wait_s in (*self._limits.waits_s, None):
                body.seek(0)
                body.truncate()
                try:
                    return self._get_once(client, body)
                except httpx.RequestError as error:
                    failure = f"{type(error).__name__}: {error}"
                except _ServerBusy as error:
                    failure = str(error)
                if wait_s is None:
                    break
                self._sleep(wait_s)
        attempts = len(self._limits.waits_s) + 1
        raise IndexError_(
            f"{self._profile.nickname} sent no whole list of names in {attempts} attempts ({failure})",
            hint="try again later, or import a list with namehold snapshot import FILE; the old snapshot stays",
        )

    def _get_once(self, client: httpx.Client, body: IO[bytes]) -> _ListAnswer:
        sockets = Sockets()
        try:
            with (
                cut_off(sockets, after_s=self._limits.total_s),
                client.stream("GET", self._profile.simple, extensions={"trace": sockets.trace}) as response,
            ):
                return self._store(response, body)
        except TimeoutError:
            raise self._refused(f"its list took longer than {self._limits.total_s:g} s") from None

    def _store(self, response: httpx.Response, body: IO[bytes]) -> _ListAnswer:
        status = response.status_code
        if status == 429 or status >= 500:  # noqa: PLR2004 -- HTTP's own numbers
            raise _ServerBusy(f"status {status}")
        if status not in {200, 304}:
            raise self._refused(f"it answered with status {status}")
        form = response.headers.get("Content-Type", "")
        if status == 200 and "json" not in form:  # noqa: PLR2004 -- HTTP's own number
            raise self._refused(f"it answered in {form or 'an unnamed form'} instead of JSON")
        total = response.headers.get("Content-Length", "")
        # httpx sees no coding, so it unpacks nothing.
        coding = response.headers.pop("Content-Encoding", "")
        size = 0
        try:
            for piece in unpacked(response.iter_bytes(), coding=coding):
                size += body.write(piece)
                if self._progress is not None:
                    self._progress(response.num_bytes_downloaded, int(total) if total.isdigit() else None)
                if size > MAX_LIST_BYTES:
                    raise self._refused(f"its list is larger than {MAX_LIST_BYTES:,} bytes")
        except ValueError as error:
            raise self._refused(str(error)) from None
        date = parse_date(response.headers.get("Date", ""))
        return _ListAnswer(
            is_unchanged=status == 304,  # noqa: PLR2004 -- HTTP's own number
            etag=response.headers.get("ETag", ""),
            date=date.date() if date is not None else None,
        )

    def _refused(self, why: str) -> IndexError_:
        return IndexError_(
            f"{self._profile.nickname} gave no list of names: {why}",
            hint="import a list with namehold snapshot import FILE; the old snapshot stays",
        )


class _ServerBusy(Exception):
    """The server asks to come back later; never leaves this file."""
