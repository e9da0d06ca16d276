"""Serves an `Application` on 127.0.0.1 from a thread of its own, with the clock's time as `Date`."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from namehold.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from namehold.index import Clock


HOST = "127.0.0.1"

# How long the end of a rehearsal may wait for its server to notice.
_POLL_S = 0.02


def bind(application: WSGIApplication, clock: Clock, *, port: int = 0) -> BaseWSGIServer:
    """A server that listens already but doesn't answer yet. Port 0: any free one.

    Raises UsageError if the port is taken or not allowed.
    """

    class Handler(WSGIRequestHandler):
        # Headers and body are written apart; without this each answer waits 40 ms for the client's acknowledgement.
        disable_nagle_algorithm = True

        def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 -- http.server's signature
            return format_datetime(clock.now(), usegmt=True)

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- werkzeug's signature
            """A rehearsal talks through its caller, not to standard error."""

        def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
            """Clients may go away, and faults make the index go away."""

    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        diagnostic = Diagnostic(
            message=f"{HOST}:{port}: {error.strerror}", rule="port-unusable", fix="choose another port, or 0 for any"
        )
        raise UsageError(f"nothing can listen on port {port}", diagnostics=(diagnostic,)) from None
    # werkzeug would end the whole program where a port is taken, so it gets a socket that listens.
    with listening:
        return make_server(
            HOST,
            listening.getsockname()[1],
            application,
            threaded=True,
            request_handler=Handler,
            fd=listening.fileno(),
        )


@contextmanager
def serving(server: BaseWSGIServer) -> Iterator[str]:
    """Answers requests until the block ends; yields the address, without a slash at its end."""
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,), name="rehearsal-index", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
