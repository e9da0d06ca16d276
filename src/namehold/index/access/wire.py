"""What comes over a network, bounded in bytes and seconds, whatever a server does.

    with cut_off(sockets, after_s=60):
        for piece in unpacked(pieces, coding="gzip"): ...

HTTP libraries unpack each piece whole, to any size, and limit each wait for bytes, not all of them together:
a kilobyte may become a gigabyte, and a server that sends one byte at a time never times out.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from namehold import __version__

#: What a request accepts (`Accept-Encoding`), and all that `unpacked` can unpack.
CODING = "gzip"
#: The same under its old name (RFC 9110, 8.4.1.3).
_CODINGS = frozenset({CODING, "x-gzip"})
#: Codings that change the bytes. Servers write other words there, too (`utf-8`, `aws-chunked`), and change nothing.
_PACKED = _CODINGS | {"br", "zstd", "deflate", "compress", "x-compress", "xz", "lzma", "bzip2"}
#: The most that is unpacked at once, in bytes.
_PIECE_BYTES = 64 * 1024
#: Beyond the time: how often a connection is looked for that was still being made, in seconds.
_AGAIN_S = 1.0


def unpacked(pieces: Iterable[bytes], *, coding: str) -> Iterator[bytes]:
    """A body's own bytes, from its bytes as they were sent, in small pieces, so that a caller can stop in time.

    `coding` is the answer's `Content-Encoding`. Raises ValueError where it is packed in another way than gzip, once, or
    the body isn't whole. An answer without a body (a 304) may name a coding, too.
    """
    packed_by = [word for each in coding.lower().split(",") if (word := each.strip()) in _PACKED]
    if not packed_by:
        yield from pieces
        return
    if len(packed_by) > 1 or packed_by[0] not in _CODINGS:
        raise ValueError("an answer is packed in a way that wasn't asked for")
    unpacker, is_empty = zlib.decompressobj(zlib.MAX_WBITS | 16), True
    try:
        for packed in pieces:
            rest = packed
            while rest:
                is_empty = False
                yield unpacker.decompress(rest, _PIECE_BYTES)
                rest = unpacker.unconsumed_tail
            if unpacker.unused_data:
                raise ValueError("an answer's gzip goes on after its end")
        # At most what the last byte stood for.
        yield unpacker.flush()
    except zlib.error:
        raise ValueError("an answer's gzip is damaged") from None
    if not unpacker.eof and not is_empty:
        raise ValueError("an answer's gzip is cut off")


class Sockets:
    """The sockets of one client's connections, closed ones among them."""

    def __init__(self) -> None:
        # By their numbers, which closed ones leave to new ones.
        self._by_number: dict[int, socket.socket] = {}

    def add(self, made: socket.socket) -> None:
        """Notes the socket of a new connection."""
        self._by_number[made.fileno()] = made

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Notes httpx's new connections, for requests with the extension `trace`; TLS makes a socket of a socket."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self.add(info["return_value"].get_extra_info("socket"))

    def shut_down(self) -> None:
        """Ends the connections while they are read or written; may be called from another thread."""
        for each in list(self._by_number.values()):
            with contextlib.suppress(OSError):
                # Not TLS's own method: that one takes the socket apart under its reader.
                socket.socket.shutdown(each, socket.SHUT_RDWR)

    def close(self) -> None:
        """Closes what a library left open, as some do where a proxy doesn't answer."""
        for each in self._by_number.values():
            each.close()


@contextlib.contextmanager
def cut_off(sockets: Sockets, *, after_s: float) -> Iterator[None]:
    """Raises TimeoutError if the block takes longer than `after_s` seconds: its `sockets` are shut down.

    What the block raises because of that is replaced, and what it takes for an answer's end doesn't count.
    """
    done, is_late = threading.Event(), False

    def watch() -> None:
        nonlocal is_late
        wait_s = after_s
        while not done.wait(wait_s):
            is_late, wait_s = True, _AGAIN_S
            sockets.shut_down()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except Exception:
        if not is_late:
            raise
    finally:
        done.set()
        # A socket may serve the next request: the watcher must not shut it down then.
        watcher.join()
    if is_late:
        raise TimeoutError(f"it took longer than {after_s:g} s")


def user_agent(contact: str) -> str:
    """Who asks an index, and where its operators can write to. Characters that a header can't hold are left out."""
    plain = "".join(letter for letter in contact if letter.isascii() and letter.isprintable())
    return f"namehold/{__version__} ({plain})" if plain else f"namehold/{__version__}"
