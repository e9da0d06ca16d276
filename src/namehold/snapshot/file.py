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
import hashlib
import itertools
import json
import mmap
import re
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from packaging.utils import NormalizedName

from namehold import files
from namehold.documents import as_plain
from namehold.errors import SnapshotError
from namehold.index import SnapshotInfo
from namehold.names import ultranormalize

_FORMAT = "namehold/names-file/1"
_MAX_HEADER_BYTES = 65_536
_OFFSET_BITS = 32
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1


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
            files.replace(path, [memoryview(self._buffer)], mode=files.PRIVATE, is_synced=True)
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
