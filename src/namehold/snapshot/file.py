"""One index's list of names at a moment: imported from a file or downloaded, answered without reading it whole.

    store = SnapshotStore(folder)
    store.import_file(Path("names.txt.gz"), index="pypi")
    snapshot = store.open("pypi")
    snapshot.existing(["acme-tool"]), snapshot.similar(["acme-tool"])

A snapshot is one file: a line of JSON (who, when, how many), the sorted names one a line, and an index of 64-bit
numbers, sorted: the upper half is the CRC-32 of a name's similarity key, the lower half where the name stands.
If the list tells the serial of each project's last change, these follow as 32-bit numbers in the order of the index.
Names with one key are neighbours in the index, so a binary search over the mapped file answers both 'does it exist?'
and 'what is too similar?' in microseconds, and opening a list of 900,000 names costs nothing.
A kept list ends with the tables that the search near a name needs (`near.Letters`); else they are made when needed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import mmap
import re
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from packaging.utils import NormalizedName

from namehold import files
from namehold.documents import as_plain, decoder_of
from namehold.errors import SnapshotError, SnapshotUnwritable
from namehold.index import SnapshotInfo
from namehold.names import ultranormalize
from namehold.records import Record

if TYPE_CHECKING:
    from namehold.snapshot.compare import ListChanges, Listing
    from namehold.snapshot.near import Letters, NearNames

#: Version 1 had no serials, version 2 no tables, version 3 a table more; their files are still read.
_FORMAT = "namehold/names-file/4"
_FORMATS = {*(f"namehold/names-file/{version}" for version in (1, 2, 3)), _FORMAT}
_MAX_HEADER_BYTES = 65_536
#: The tables begin at a multiple of so many bytes, where numpy reads numbers fastest.
_ALIGNMENT = 8
_OFFSET_BITS = 32
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1
#: The index counted some 30 million changes in 20 years. A larger number is kept as this one; 0 means not told.
_SERIAL_BITS = 32
_SERIAL_MAX = (1 << _SERIAL_BITS) - 1


class _Header(Record, frozen=True, kw_only=True):
    """The first line. Raises ValueError for days and times from which no other can be counted."""

    format: str
    byteorder: str
    names_bytes: int
    index_digest: str
    info: SnapshotInfo
    has_serials: bool = False
    moment: dt.datetime | None = None
    tables_bytes: int = 0
    tables_digest: str = ""

    def __post_init__(self) -> None:
        if self.info.taken == dt.date.max:
            raise ValueError("no day comes after the list's")
        if self.moment is not None and self.moment.tzinfo is not dt.UTC:
            raise ValueError("the list's time isn't in UTC")


class Snapshot:
    """A list of names that answers questions (satisfies `ports.SnapshotView`).

    `buffer` holds the whole file, in memory or mapped. Raises SnapshotError if it isn't one.
    """

    def __init__(self, buffer: bytes | mmap.mmap, *, path: str = "") -> None:
        self._buffer = buffer
        self._path = path
        header_end = buffer.find(b"\n", 0, _MAX_HEADER_BYTES) + 1
        try:
            header: _Header = decoder_of(_Header)(buffer[:header_end])
        except (ValueError, RecursionError):
            raise self._damaged("its first line can't be read") from None
        if header.format not in _FORMATS or header.byteorder != sys.byteorder:
            raise self._damaged("it was written by another version or on another kind of machine")
        self.info, self.has_serials = header.info, header.has_serials
        self._index_digest, self._tables_digest = header.index_digest, header.tables_digest
        self._moment = header.moment
        self._names_start = header_end
        self._names_end = header_end + header.names_bytes
        index_end = self._names_end + 8 * header.info.count
        self._tables_start = index_end + 4 * header.info.count * self.has_serials
        sizes = (header.names_bytes, header.info.count, header.tables_bytes)
        if min(sizes) < 0 or self._tables_start + header.tables_bytes != len(buffer):
            raise self._damaged(f"it has {len(buffer):,} bytes instead of those that its first line tells")
        self._index = memoryview(buffer)[self._names_end : index_end].cast("Q")
        self._serials = memoryview(buffer)[index_end : self._tables_start].cast("I")

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
        serials: Sequence[int] = (),
        etag: str = "",
        moment: dt.datetime | None = None,
    ) -> Snapshot:
        """A snapshot in memory. `names` may come in any order and more than once; `serials` one for each, or none.

        `moment` is when it was taken, as far as more than the day is known.
        """
        told = dict(zip(names, serials or itertools.repeat(0), strict=False))
        ordered = sorted(told)
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
        keys = ultranormalize(lines).encode("ascii").splitlines()
        offsets = itertools.accumulate((len(name) + 1 for name in ordered), initial=0)
        has_serials = any(told.values())
        # One number holds key and place, and the serial where there is one, so that sorting keeps them together.
        places = [zlib.crc32(key) << _OFFSET_BITS | at for key, at in zip(keys, offsets, strict=False)]
        if has_serials:
            entries = sorted(
                place << _SERIAL_BITS | min(told[name], _SERIAL_MAX)
                for place, name in zip(places, ordered, strict=False)
            )
            index_bytes = array("Q", [entry >> _SERIAL_BITS for entry in entries]).tobytes()
            index_bytes += array("I", [entry & _SERIAL_MAX for entry in entries]).tobytes()
        else:
            index_bytes = array("Q", sorted(places)).tobytes()
        fields = _fields(info, len(text), _digest(index_bytes), has_serials=has_serials, moment=moment)
        return cls(_header(fields, text, index_bytes) + text + index_bytes)

    @property
    def taken_by(self) -> dt.datetime:
        """The latest moment (UTC) at which the list can have been taken: its day's end if nothing else is known."""
        if self._moment is not None:
            return self._moment
        return dt.datetime.combine(self.info.taken + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)

    def is_same_list(self, other: Snapshot) -> bool:
        """Whether both have the same names with the same serials; when they were taken makes no difference."""
        return (self.info.digest, self._index_digest) == (other.info.digest, other._index_digest)

    def existing(self, names: Collection[NormalizedName]) -> frozenset[NormalizedName]:
        """Those of `names` that are in the list."""
        return frozenset(name for name, _, listed in self._with_keys(names) if listed == name)

    def serials(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, int]:
        """The serial of the last change of those of `names` that are in the list, as far as the list tells it."""
        found = self._with_keys(names) if self.has_serials else ()
        return {name: serial for name, at, listed in found if listed == name and (serial := self._serials[at])}

    def compare(self, older: Snapshot) -> ListChanges:
        """What is new, gone and changed since `older`, a list of the same index. Raises SnapshotError."""
        # Loaded where it is needed: it brings numpy along.
        from namehold.snapshot.compare import compare_lists  # noqa: PLC0415

        try:
            return compare_lists(older._listing(), self._listing())
        except (ValueError, IndexError):
            older.verify()
            raise self._damaged("its names and their serials don't fit") from None

    def alike(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
        """For each of `names` all listed names with its similarity key, sorted; itself too if it is listed."""
        answers: dict[NormalizedName, tuple[NormalizedName, ...]] = {}
        for name, _, listed in self._with_keys(names):
            answers[name] = (*answers.get(name, ()), listed)
        return answers

    def similar(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, tuple[NormalizedName, ...]]:
        """For each of `names` the OTHER listed names with its similarity key, sorted; without any it is left out."""
        alike = self.alike(names).items()
        return {name: others for name, found in alike if (others := tuple(other for other in found if other != name))}

    def containing(self, token: str, *, limit: int) -> tuple[NormalizedName, ...]:
        """At most `limit` listed names that have `token` as a whole dash-separated run of words, sorted."""
        if not token:
            return ()
        wanted = re.compile(rf"(?:^|-){re.escape(token)}(?:-|$)")
        hits = (name for name in names_with(token, self.lines) if wanted.search(name))
        return tuple(itertools.islice(hits, limit))

    def bearers(self, names: Collection[NormalizedName]) -> Mapping[NormalizedName, int]:
        """How many listed names begin with each of `names` and go on with a word; those that none does are left out.

        Raises SnapshotError for a changed file.
        """
        self._require_same_names()
        # The names are sorted, and a dot, which is in none of them, comes right behind the dash.
        parts = {name: (self._first_from(f"{name}-"), self._first_from(f"{name}.")) for name in names}
        counts = {name: self.lines.count(b"\n", *part) for name, part in parts.items()}
        return {name: number for name, number in counts.items() if number}

    def near(self, name: NormalizedName, *, edits: int) -> Mapping[NormalizedName, int]:
        """The other listed names within so many edits, and how many; turned words count as one edit.

        Raises SnapshotError.
        """
        found = {item.name: item.edits for item in self._near.within(name, edits)}
        return found | {item.name: 1 for item in self._near.with_turned_words(name)}

    def names(self) -> Iterator[NormalizedName]:
        """Every name, sorted."""
        at = self._names_start
        while at < self._names_end:
            name = self._name_at(at)
            yield name
            at += len(name) + 1

    @cached_property
    def letters(self) -> Letters:
        """What searches need beside the names: as it was kept, else made now. Raises SnapshotError for a changed file.

        Kept tables answer for the names that they were made from: both must be as they were written.
        """
        # Loaded where it is needed: it brings numpy along.
        from namehold.snapshot.near import Letters  # noqa: PLC0415

        if len(self._buffer) == self._tables_start:
            return Letters.of(self.lines)
        self._require_same_names()
        self._require_same_tables()
        try:
            return Letters.read(self._buffer, start=self._tables_start, count=self.info.count, of=len(self.lines))
        except ValueError:
            raise self._damaged("the tables for its searches aren't of its names") from None

    def verify(self) -> None:
        """Reads everything once. Raises SnapshotError if a byte isn't what was written."""
        self._require_same_names()
        if _digest(memoryview(self._buffer)[self._names_end : self._tables_start]) != self._index_digest:
            raise self._damaged("its index doesn't fit its digest")
        self._require_same_tables()

    def _require_same_names(self) -> None:
        if _digest(self.lines) != self.info.digest:
            raise self._damaged("its names don't fit their digest")

    def _require_same_tables(self) -> None:
        if self._tables_digest != self._digest_of_tables(memoryview(self._buffer)[self._tables_start :]):
            raise self._damaged("the tables for its searches don't fit their digest")

    def dated(self, *, taken: dt.date, etag: str, moment: dt.datetime | None = None) -> Snapshot:
        """The same list, found unchanged on a later day."""
        return Snapshot(b"".join(self._pieces(replace(self.info, taken=taken, etag=etag), moment, with_tables=False)))

    def write(self, path: files.Place, *, with_tables: bool = False) -> None:
        """Writes the file; the old one stays until the new one is whole. Raises SnapshotUnwritable.

        `with_tables`: a list that is searched often, by processes that each would make them anew.
        """
        pieces = self._pieces(self.info, self._moment, with_tables=with_tables)
        try:
            files.replace(path, pieces, mode=files.PRIVATE, is_synced=True)
        except OSError as error:
            raise SnapshotUnwritable(
                f"the snapshot can't be written to {path}: {error.strerror}",
                fix="set NAMEHOLD_CACHE to a folder that you may write to",
            ) from None

    def _pieces(self, info: SnapshotInfo, moment: dt.datetime | None, *, with_tables: bool) -> list[bytes | memoryview]:
        """What a file of this list holds, in order."""
        listed = memoryview(self._buffer)[self._names_start : self._tables_start]
        size = self._names_end - self._names_start
        fields = _fields(info, size, self._index_digest, has_serials=self.has_serials, moment=moment)
        tables = self.letters.parts() if with_tables else []
        fields |= {"tables_bytes": sum(map(len, tables)), "tables_digest": self._digest_of_tables(*tables)}
        return [_header(fields, listed), listed, *tables]

    def _digest_of_tables(self, *tables: bytes | memoryview) -> str:
        """With the list's digest in it: tables that were made from other names don't fit. Empty without tables."""
        return _digest(self.info.digest.encode(), *tables) if any(map(len, tables)) else ""

    def _listing(self) -> Listing:
        from namehold.snapshot.compare import Listing  # noqa: PLC0415 -- as above

        return Listing(self.lines, places=self._index, serials=self._serials)

    def _with_keys(self, names: Collection[NormalizedName]) -> Iterator[tuple[NormalizedName, int, NormalizedName]]:
        """Each of `names` with every listed name of its similarity key, sorted, and where that stands in the index."""
        asked, index, count = list(dict.fromkeys(names)), self._index, len(self._index)
        keys = ultranormalize("\n".join(asked)).encode().split(b"\n")
        # Without names there is still one key, of no letters.
        for name, key in zip(asked, keys, strict=False):
            crc = zlib.crc32(key)
            at = bisect_left(index, crc << _OFFSET_BITS)
            while at < count and index[at] >> _OFFSET_BITS == crc:
                listed = self._name_at(self._names_start + (index[at] & _OFFSET_MASK))
                if ultranormalize(listed).encode() == key:  # different keys may share a CRC
                    yield name, at, listed
                at += 1

    def _first_from(self, text: str) -> int:
        """Where the first name stands in the lines that comes behind `text` in the alphabet."""
        lines = self.lines

        def around(at: int) -> bytes:
            return lines[lines.rfind(b"\n", 0, at) + 1 : lines.find(b"\n", at)]

        return bisect_left(range(len(lines)), text.encode(), key=around)

    def _name_at(self, at: int) -> NormalizedName:
        # A damaged index may point anywhere; what stands there is no name that anybody asks for.
        return NormalizedName(self._buffer[at : self._buffer.find(b"\n", at)].decode("ascii", errors="replace"))

    @cached_property
    def lines(self) -> bytes:
        """All names, sorted, one a line. Kept: a search in bytes is several times as fast as one in a mapped file."""
        return self._buffer[self._names_start : self._names_end]

    @cached_property
    def _near(self) -> NearNames:
        # Loaded where it is needed: it brings numpy along.
        from namehold.snapshot.near import NearNames  # noqa: PLC0415

        return NearNames.listed(self)

    def _damaged(self, why: str) -> SnapshotError:
        place = f" {self._path}" if self._path else ""
        return SnapshotError(
            f"the snapshot{place} can't be used: {why}",
            fix="import the list again (namehold snapshot import FILE) or download it (namehold snapshot update)",
        )


def names_with(text: str, lines: bytes) -> Iterator[NormalizedName]:
    """Every name that has `text` anywhere, in the order of the lines, each once."""
    needle = text.encode()
    at = lines.find(needle)
    while at >= 0:
        end = lines.find(b"\n", at)
        yield NormalizedName(lines[lines.rfind(b"\n", 0, at) + 1 : end].decode("ascii", errors="replace"))
        at = lines.find(needle, end)


def _digest(*parts: bytes | memoryview) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return "sha256:" + found.hexdigest()


def _fields(
    info: SnapshotInfo, names_bytes: int, index_digest: str, *, has_serials: bool, moment: dt.datetime | None
) -> dict[str, Any]:
    """What the first line says of a list."""
    return {
        "format": _FORMAT,
        "byteorder": sys.byteorder,
        "names_bytes": names_bytes,
        "index_digest": index_digest,
        "has_serials": has_serials,
        "moment": moment.isoformat() if moment is not None else None,
        "info": as_plain(info),
    }


def _header(fields: Mapping[str, Any], *listed: bytes | memoryview) -> bytes:
    """The first line, so long that what follows `listed` is aligned."""
    line = json.dumps(fields).encode()
    spaces = -(len(line) + 1 + sum(map(len, listed))) % _ALIGNMENT
    return line + b" " * spaces + b"\n"
