"""An index behind a door that answers some questions one byte at a time, or in another hostile way."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from namehold.rehearsal.running import RunningIndex
from tests.harness.raw_server import Drip, Respond, server

#: What a hostile answer begins with, by what is slow about it.
HEADS: Mapping[str, str] = {
    "headers": "HTTP/1.1 200 OK\r\nX: ",
    "body": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n",
    "chunks": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    "busy": "HTTP/1.1 503 Busy\r\nRetry-After: 20\r\nX: ",
}
#: Headers of the index that clients use.
_KEPT = ("content-type", "date", "etag")


@contextmanager
def slow_index(
    index: RunningIndex, *, slow: tuple[str, ...], head: str, most: int = 1000
) -> Iterator[tuple[str, Drip]]:
    """The address of the index's door, and what drips: paths that begin with one of `slow` get `head` and bytes."""
    drip = Drip(head, most=most)
    with (
        httpx.Client(base_url=index.base_url, trust_env=False) as client,
        server(_answer(client, drip, slow)) as (address, _),
    ):
        yield address.removesuffix("/legacy/"), drip


def _answer(client: httpx.Client, drip: Drip, slow: tuple[str, ...]) -> Respond:
    def respond(connection: socket.socket, request: bytes) -> None:
        path = request.split()[1].decode()
        if path.startswith(slow):
            drip(connection, request)
            return
        fields = dict(line.split(": ", 1) for line in request.decode().split("\r\n\r\n")[0].split("\r\n")[1:])
        sent = {name: value for name, value in fields.items() if name.lower() in {"accept", "host"}}
        answer = client.get(path, headers=sent)
        kept = "".join(f"{name}: {answer.headers[name]}\r\n" for name in _KEPT if name in answer.headers)
        kept += f"Content-Length: {len(answer.content)}\r\nConnection: close\r\n"
        connection.sendall(f"HTTP/1.1 {answer.status_code} X\r\n{kept}\r\n".encode() + answer.content)

    return respond


def addresses_at(base: str) -> dict[str, str]:
    """The index's addresses behind the door, as names.yaml has them."""
    host = urlsplit(base).netloc
    return {"upload": f"http://{host}/legacy/", "simple": f"http://{host}/simple/", "json": f"http://{host}/pypi/"}
