"""Reads parts of a remote file by range requests, within limits."""

from __future__ import annotations

import io
import re
from http import HTTPStatus
from typing import BinaryIO, cast

from namehold.index.model import IndexFile
from namehold.index.pages import Meter, unusable_page

#: The end of a wheel that is asked for first: PEP 427 recommends to put `.dist-info` physically last, so this
#: nearly always holds the central directory and the metadata.
TAIL_BYTES = 32 * 1024
#: A further ranged read, where the central directory or the metadata lie before the tail.
_STEP_BYTES = 64 * 1024
#: The most that is downloaded of one file where ranges aren't served.
MAX_FILE_BYTES = 100_000_000

MAX_METADATA_BYTES = 10_000_000


class _RangedFile(io.RawIOBase):
    """A remote file that is read by ranges, from its end; what was read is kept.

    `zipfile` asks for the end first (the central directory), then for single members.
    """

    def __init__(self, meter: Meter, url: str, size: int, tail: bytes) -> None:
        self._meter = meter
        self._url = url
        self._size = size
        self._chunks: dict[int, bytes] = {size - len(tail): tail}
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._position + size)
        start, self._position = self._position, max(self._position, end)
        return self._range(start, end) if end > start else b""

    def _range(self, start: int, end: int) -> bytes:
        for offset, chunk in self._chunks.items():
            if offset <= start and end <= offset + len(chunk):
                return chunk[start - offset : end - offset]
        # Ask for more than is wanted: a member's header, name and data come in several reads.
        last = min(self._size, max(end, start + _STEP_BYTES)) - 1
        if last - start >= MAX_FILE_BYTES:
            raise unusable_page(self._url, f"it asks its reader for {last - start + 1} bytes at once")
        answer = self._meter.get(self._url, byte_range=f"bytes={start}-{last}", max_bytes=last - start + 1)
        if answer.status != HTTPStatus.PARTIAL_CONTENT or len(answer.content) != last - start + 1:
            raise unusable_page(self._url, f"a ranged read answered {answer.status} with {len(answer.content)} bytes")
        self._chunks[start] = answer.content
        return answer.content[: end - start]


def open_remote(file: IndexFile, meter: Meter) -> BinaryIO:
    """The file, by ranges where the server knows them (a suffix range, RFC 9110 section 14.1.2), else whole."""
    byte_range = f"bytes=-{TAIL_BYTES}" if file.is_wheel else ""
    answer = meter.get(file.url, byte_range=byte_range, max_bytes=MAX_FILE_BYTES)
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        total = answer.header("content-range").rpartition("/")[2]
        if re.fullmatch(r"[0-9]{1,15}", total) is None or int(total) < len(answer.content):
            raise unusable_page(file.url, f"its Content-Range is {answer.header('content-range')!r}")
        return cast("BinaryIO", _RangedFile(meter, file.url, int(total), answer.content))
    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and byte_range:
        # Some servers refuse a suffix that is longer than the file.
        answer = meter.get(file.url, max_bytes=MAX_FILE_BYTES)
    if answer.status != HTTPStatus.OK:
        raise unusable_page(file.url, f"it answered {answer.status}")
    return io.BytesIO(answer.content)
