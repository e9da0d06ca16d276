"""One index's list of names at a moment: imported from a file or downloaded, answered without reading it whole.

    store = SnapshotStore(folder)
    store.import_file(Path("names.txt.gz"), index="pypi")
    snapshot = store.open("pypi")
    snapshot.existing(["acme-tool"]), snapshot.similar(["acme-tool"])

A snapshot is one file: a line of JSON (who, when, how many), the sorted names one a line, and an index of 64-bit
numbers, sorted: the upper half is the CRC-32 of a name's similarity key, the lower half where the name stands.
Names with one key are neighbours in the index, so a binary search over the mapped file answers both 'does it exist?'
and 'what is too similar?' in microseconds, and opening a list of 900,000 names costs nothing.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import itertools
import json
import mmap
import os
import re
import sys
import tempfile
import time
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from packaging.utils import NormalizedName, canonicalize_name

from namehold import __version__
from namehold.answers import parse_date
from namehold.bounded import CODING, Sockets, cut_off, unpacked
from namehold.digests import as_plain
from namehold.errors import Diagnostic, IndexError_, InvalidName, SnapshotError
from namehold.models import IndexProfile, SnapshotInfo
from namehold.names import is_valid, normalize, ultranormalize

if TYPE_CHECKING:
    import httpx

_FORMAT = "namehold/names-file/1"
_MAX_HEADER_BYTES = 65_536
_OFFSET_BITS = 32
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1

#: An index of 900,000 names is 13 MB as text and 45 MB as JSON; ten times that is no list of names any more.
MAX_LIST_BYTES = 512 * 1024 * 1024
_EXAMPLES = 5


# --------------------------------------------------------------------------- the list, and questions to it


class Snapshot:
    """A list of names that answers questions (satisfies `ports.SnapshotView`).

    `buffer` holds the whole file, in memory or mapped. Raises SnapshotError if it isn't one.
    """

    def __init__(self, buffer: bytes | mmap.mmap, *, path: str = "") -> None:
        self._buffer = buffer
        self._path = path
        header_end = buffer.find(b"\n", 0, _MAX_HEADER_BYTES) + 1
        try:
            header = json.loads(buffer[:header_end])
            if header["format"] != _FORMAT or header["byteorder"] != sys.byteorder:
                raise self._damaged("it was written by another version or on another kind of machine")
            fields = header["info"]
            self.info = SnapshotInfo(**{**fields, "taken": dt.date.fromisoformat(fields["taken"])})
            self._names_start = header_end
            self._names_end = header_end + int(header["names_bytes"])
            self._index_digest = str(header["index_digest"])
            expected = self._names_end + 8 * int(self.info.count)
        except (ValueError, KeyError, TypeError):
            raise self._damaged("its first line can't be read") from None
        if len(buffer) != expected:
            raise self._damaged(f"it has {len(buffer):,} bytes instead of {expected:,}")
        self._index = memoryview(buffer)[self._names_end :].cast("Q")

    @classmethod
    def of(
        cls,
        names: Iterable[NormalizedName],
        *,
        index: str,
        source: str,
        taken: dt.date,
        complete: bool = True,
        serial: int | None = None,
        etag: str = "",
    ) -> Snapshot:
        """A snapshot in memory. `names` may come in any order and more than once."""
        ordered = sorted(dict.fromkeys(names))
        lines = "\n".join([*ordered, ""])
        text = lines.encode("ascii")
        info = SnapshotInfo(
            index=index,
            source=source,
            taken=taken,
            count=len(ordered),
            digest=_digest(text),
            complete=complete,
            serial=serial,
            etag=etag,
        )
        keys = ultranormalize(lines).encode("ascii").split(b"\n")
        offsets = itertools.accumulate((len(name) + 1 for name in ordered), initial=0)
        entries = array(
            "Q", sorted(zlib.crc32(key) << _OFFSET_BITS | at for key, at in zip(keys, offsets, strict=True) if key)
        )
        index_bytes = entries.tobytes()
        return cls(_header(info, len(text), _digest(index_bytes)) + text + index_bytes)

    def existing(self, names: Collection[NormalizedName]) -> frozenset[NormalizedName]:
        """Those of `names` that are in the list."""
        return frozenset(name for name in names if name in self._with_key(ultranormalize(name)))

    def similar(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
        """For each of `names` the OTHER listed names with its similarity key, sorted; without any it is left out."""
        answers = {}
        for name in names:
            others = tuple(other for other in self._with_key(ultranormalize(name)) if other != name)
            if others:
                answers[name] = others
        return answers

    def containing(self, token: str, *, limit: int) -> tuple[NormalizedName, ...]:
        """At most `limit` listed names that have `token` as a whole dash-separated run of words, sorted."""
        if not token:
            return ()
        wanted = re.compile(rf"(?:^|-){re.escape(token)}(?:-|$)")
        hits = (name for name in self._with_text(token) if wanted.search(name))
        return tuple(itertools.islice(hits, limit))

    def names(self) -> Iterator[NormalizedName]:
        """Every name, sorted."""
        at = self._names_start
        while at < self._names_end:
            name = self._name_at(at)
            yield name
            at += len(name) + 1

    def verify(self) -> None:
        """Reads everything once. Raises SnapshotError if a byte isn't what was written."""
        if _digest(self._text) != self.info.digest or _digest(self._index.tobytes()) != self._index_digest:
            raise self._damaged("its names don't fit their digest")

    def dated(self, *, taken: dt.date, etag: str) -> Snapshot:
        """The same list, found unchanged on a later day."""
        info = replace(self.info, taken=taken, etag=etag)
        header = _header(info, self._names_end - self._names_start, self._index_digest)
        return Snapshot(header + self._buffer[self._names_start :])

    def write(self, path: Path) -> None:
        """Writes the file; the old one stays until the new one is whole. Raises SnapshotError."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(self._buffer)
                    stream.flush()
                    os.fsync(stream.fileno())
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise SnapshotError(
                f"the snapshot can't be written to {path}: {error.strerror}",
                hint="set NAMEHOLD_CACHE to a folder that you may write to",
            ) from None

    def _with_key(self, key: str) -> list[NormalizedName]:
        """Every listed name with this similarity key, sorted."""
        crc = zlib.crc32(key.encode())
        found = []
        at = bisect_left(self._index, crc << _OFFSET_BITS)
        while at < len(self._index) and self._index[at] >> _OFFSET_BITS == crc:
            name = self._name_at(self._names_start + (self._index[at] & _OFFSET_MASK))
            if ultranormalize(name) == key:  # different keys may share a CRC
                found.append(name)
            at += 1
        return found

    def _name_at(self, at: int) -> NormalizedName:
        # A damaged index may point anywhere; what stands there is no name that anybody asks for.
        return NormalizedName(self._buffer[at : self._buffer.find(b"\n", at)].decode("ascii", errors="replace"))

    def _with_text(self, text: str) -> Iterator[NormalizedName]:
        """Every name that has `text` anywhere, sorted, each once."""
        needle, lines = text.encode(), self._text
        at = lines.find(needle)
        while at >= 0:
            end = lines.find(b"\n", at)
            yield NormalizedName(lines[lines.rfind(b"\n", 0, at) + 1 : end].decode("ascii"))
            at = lines.find(needle, end)

    @cached_property
    def _text(self) -> bytes:
        """All names, one a line. Kept: a search in bytes is several times as fast as one in a mapped file."""
        return self._buffer[self._names_start : self._names_end]

    def _damaged(self, why: str) -> SnapshotError:
        place = f" {self._path}" if self._path else ""
        return SnapshotError(
            f"the snapshot{place} can't be used: {why}",
            hint="import the list again (namehold snapshot import FILE) or download it (namehold snapshot update)",
        )


def _digest(text: bytes) -> str:
    return "sha256:" + hashlib.sha256(text).hexdigest()


def _header(info: SnapshotInfo, names_bytes: int, index_digest: str) -> bytes:
    header = {
        "format": _FORMAT,
        "byteorder": sys.byteorder,
        "names_bytes": names_bytes,
        "index_digest": index_digest,
        "info": as_plain(info),
    }
    return json.dumps(header).encode() + b"\n"


# --------------------------------------------------------------------------- lists from outside


@dataclass(frozen=True, slots=True, kw_only=True)
class NameList:
    """What a list from outside says: its names (as given, any order), and what was left out.

    `left_out` counts the lines that hold no name; `examples` tells the first few of them.
    """

    names: tuple[NormalizedName, ...]
    left_out: int
    examples: tuple[Diagnostic, ...]
    serial: int | None = None


def read_list(path: Path) -> NameList:
    """A list of names: plain or gzip text with one name a line, or the JSON form of the simple index (PEP 691).

    Empty lines and lines that start with `#` count as nothing.
    Raises SnapshotError if the file can't be read to its end or is mostly something else.
    """
    try:
        with path.open("rb") as stream:
            content = _read_capped(stream, str(path))
    except OSError as error:
        raise _unreadable(str(path), error.strerror or "it can't be read") from None
    return parse_list(content, source=str(path))


def parse_list(content: bytes, *, source: str) -> NameList:
    """The same for bytes; `source` names them in messages. Raises SnapshotError."""
    start = content[:64].lstrip()
    if start.startswith(b"{"):
        return _parse_json(content, source)
    if start.startswith(b"<"):
        raise _unreadable(source, "this is the HTML form of the simple index; its JSON form is needed")
    return _collect(enumerate(content.decode("utf-8-sig", errors="replace").splitlines(), start=1), source, serial=None)


def _read_capped(stream: io.BufferedReader | io.BufferedRandom, source: str) -> bytes:
    """Everything in the stream, unpacked if it is gzip. Raises SnapshotError."""
    is_gzip = stream.peek(2)[:2] == b"\x1f\x8b"  # a pipe can't be rewound
    try:
        with gzip.open(stream) if is_gzip else stream as plain:
            content = plain.read(MAX_LIST_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise _unreadable(source, "the gzip file is cut off or damaged") from None
    if len(content) > MAX_LIST_BYTES:
        raise _unreadable(source, f"it holds more than {MAX_LIST_BYTES:,} bytes")
    return content


def _parse_json(content: bytes, source: str) -> NameList:
    try:
        # A dictionary for each of 900,000 projects would cost 200 MB: keep only its name.
        document = json.loads(content, object_pairs_hook=_name_or_dictionary)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise _unreadable(source, "it is cut off or no JSON") from None
    meta = document.get("meta") if isinstance(document, dict) else None
    projects = document.get("projects") if isinstance(document, dict) else None
    if not isinstance(meta, dict) or not isinstance(projects, list):
        raise _unreadable(source, "it is JSON, but not the simple index's list of projects (PEP 691)")
    version = str(meta.get("api-version", ""))
    if version.partition(".")[0] != "1":
        raise _unreadable(source, f"it follows version {version!r} of the simple index; namehold knows version 1")
    serial = meta.get("_last-serial")
    lines = ((number, entry if isinstance(entry, str) else "?") for number, entry in enumerate(projects, start=1))
    return _collect(lines, source, serial=serial if isinstance(serial, int) else None, may_be_empty=True)


def _name_or_dictionary(pairs: list[tuple[str, Any]]) -> Any:
    return next((value for key, value in pairs if key == "name"), None) or dict(pairs)


def _collect(
    lines: Iterable[tuple[int, str]], source: str, *, serial: int | None, may_be_empty: bool = False
) -> NameList:
    names: list[NormalizedName] = []
    examples: list[Diagnostic] = []
    left_out = 0
    for number, line in lines:
        if is_valid(line):  # nearly every line, and quicker than to fail
            names.append(canonicalize_name(line))
            continue
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            names.append(normalize(text))
        except InvalidName as error:
            left_out += 1
            if len(examples) < _EXAMPLES:
                (reason,) = error.diagnostics()
                examples.append(
                    replace(reason, rule="snapshot-line", path=source, line=number, fix="", severity="warning")
                )
    if left_out > len(names):
        raise SnapshotError(
            f"{source} is no list of names: {left_out:,} of its {left_out + len(names):,} lines hold none",
            hint="give a file with one project name a line, plain or gzip, or the JSON form of the simple index",
            diagnostics=tuple(examples),
        )
    if not names and not may_be_empty:
        raise _unreadable(source, "it is empty")
    return NameList(names=tuple(names), left_out=left_out, examples=tuple(examples), serial=serial)


def _unreadable(source: str, why: str) -> SnapshotError:
    return SnapshotError(
        f"{source} can't be used as a list of names: {why}",
        hint="give a file with one project name a line, plain or gzip, or the JSON form of the simple index",
    )


# --------------------------------------------------------------------------- where snapshots lie, how they get there


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
                listed = parse_list(_read_capped(body, profile.simple), source=profile.simple)
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
