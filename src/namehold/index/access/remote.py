"""Reads a project's page and its files through a `WebReader`: by range requests where it can, within limits."""

from __future__ import annotations

import io
import re
from http import HTTPStatus
from typing import BinaryIO, cast
from urllib.parse import urljoin

from packaging.utils import NormalizedName

from namehold.errors import IndexError_
from namehold.index.model import IndexFile
from namehold.index.pages import EITHER_FORM, MAX_PAGE_BYTES, ProjectPage, parse_page, unusable_page
from namehold.index.ports import WebReader

#: The end of a wheel that is asked for first: PEP 427 recommends to put `.dist-info` physically last, so this
#: nearly always holds the central directory and the metadata.
TAIL_BYTES = 32 * 1024
#: A further ranged read, where the central directory or the metadata lie before the tail.
_STEP_BYTES = 64 * 1024
#: The most that is downloaded of one file where ranges aren't served.
MAX_FILE_BYTES = 100_000_000
#: The most that is read of the metadata beside a file.
_MAX_METADATA_BYTES = 10_000_000


class _RangedFile(io.RawIOBase):
    """A remote file that is read by ranges, from its end; what was read is kept.

    `zipfile` asks for the end first (the central directory), then for single members.
    """

    def __init__(self, web: WebReader, url: str, size: int, tail: bytes) -> None:
        self._web = web
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
        answer = self._web.get(self._url, byte_range=f"bytes={start}-{last}", max_bytes=last - start + 1, as_file=True)
        if answer.status != HTTPStatus.PARTIAL_CONTENT or len(answer.content) != last - start + 1:
            raise unusable_page(self._url, f"a ranged read answered {answer.status} with {len(answer.content)} bytes")
        self._chunks[start] = answer.content
        return answer.content[: end - start]


def read_project_page(name: NormalizedName, web: WebReader, simple: str) -> ProjectPage:
    """The project's page in either form. Raises IndexError_."""
    address = urljoin(simple, f"{name}/")
    answer = web.get(address, accept=EITHER_FORM, max_bytes=MAX_PAGE_BYTES)
    if answer.status == HTTPStatus.NOT_FOUND:
        raise IndexError_(f"the index knows no project {name!r}", fix="correct the name, or mark it `published: false`")
    if answer.status == HTTPStatus.UNAUTHORIZED:
        raise unusable_page(address, "it asks for a user and a password")
    if answer.status != HTTPStatus.OK:
        raise unusable_page(address, f"it answered {answer.status}")
    return parse_page(answer.content, name=name, address=address)


def open_remote(file: IndexFile, web: WebReader) -> BinaryIO:
    """The file, by ranges where the server knows them (a suffix range, RFC 9110 section 14.1.2), else whole."""
    byte_range = f"bytes=-{TAIL_BYTES}" if file.is_wheel else ""
    answer = web.get(file.url, byte_range=byte_range, max_bytes=MAX_FILE_BYTES, as_file=True)
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        total = answer.header("content-range").rpartition("/")[2]
        if re.fullmatch(r"[0-9]{1,15}", total) is None or int(total) < len(answer.content):
            raise unusable_page(file.url, f"its Content-Range is {answer.header('content-range')!r}")
        return cast("BinaryIO", _RangedFile(web, file.url, int(total), answer.content))
    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and byte_range:
        # Some servers refuse a suffix that is longer than the file.
        answer = web.get(file.url, max_bytes=MAX_FILE_BYTES, as_file=True)
    if answer.status != HTTPStatus.OK:
        raise unusable_page(file.url, f"it answered {answer.status}")
    return io.BytesIO(answer.content)


def read_metadata_beside(file: IndexFile, web: WebReader) -> str:
    """The metadata that the index serves beside the file (PEP 658). Raises IndexError_."""
    answer = web.get(f"{file.url}.metadata", max_bytes=_MAX_METADATA_BYTES, as_file=True)
    if answer.status != HTTPStatus.OK:
        raise unusable_page(file.url, f"its metadata answered {answer.status}")
    return answer.content.decode("utf-8", "replace")
