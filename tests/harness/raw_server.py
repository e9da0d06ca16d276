"""A server below HTTP: it reads each request whole and does with the connection what it likes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Respond = Callable[[socket.socket, bytes], None]


@contextmanager
def server(respond: Respond, *, certificate: Path | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A socket that reads each request whole and lets `respond` do what it likes; (address, requests).

    With a certificate, and its key in the same file, it is spoken to over TLS.
    """
    requests: list[bytes] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
    if context and certificate:
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                if context:
                    try:
                        connection = context.wrap_socket(connection, server_side=True)
                    except OSError:  # a client that doesn't trust the certificate ends the connection
                        continue
                with connection:
                    request = read_request(connection)
                    if request:
                        requests.append(request)
                        respond(connection, request)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"{'https' if context else 'http'}://127.0.0.1:{listening.getsockname()[1]}/legacy/", requests
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def read_request(connection: socket.socket) -> bytes:
    connection.settimeout(10)
    content = b""
    while b"\r\n\r\n" not in content:
        piece = connection.recv(65536)
        if not piece:
            return content
        content += piece
    head, _, body = content.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def void(_: object) -> None:
    """Nothing, after something."""


def answering(text: str) -> Respond:
    return lambda connection, _: connection.sendall(text.encode("latin-1"))


class Drip:
    """Sends `head`, then one byte at a time, `most` at the most; `is_left` once the other side has gone before."""

    def __init__(self, head: str, *, most: int = 1000) -> None:
        self._head = head.encode("latin-1")
        self._most = most
        self.is_left = threading.Event()

    def __call__(self, connection: socket.socket, _: bytes) -> None:
        pause = threading.Event()
        with contextlib.suppress(OSError):
            connection.sendall(self._head)
            for _number in range(self._most):
                connection.sendall(b"x")
                pause.wait(0.03)
            return
        self.is_left.set()
