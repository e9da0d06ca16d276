"""Runs a test's own server in a thread of this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

#: `shutdown` waits for the end of such a pause; the library's own takes half a second from each test.
_POLL_S = 0.01


@contextmanager
def serving(server: BaseServer) -> Iterator[int]:
    """The server's port on 127.0.0.1, where it answers until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True)
    thread.start()
    try:
        assert isinstance(server.server_address, tuple)
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
