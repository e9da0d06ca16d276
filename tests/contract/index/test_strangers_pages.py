"""A page whose address a stranger chose is never asked for inside one's own network, with and without a proxy."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from tests.harness.raw_server import answering, server

from namehold.errors import IndexError_
from namehold.index.access.client import HttpClient, _is_global
from namehold.index.access.policy import ClientPolicy, Patience

HOST = "pages.stranger.test"
PAGE = f"https://{HOST}/names"
REFUSED = answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def ask(policy: ClientPolicy, address: str = PAGE) -> str:
    """Why a stranger's page wasn't read."""
    with (
        HttpClient(contact="x", policy=policy, patience=Patience(silence_s=2, waits_s=())) as client,
        pytest.raises(IndexError_) as caught,
    ):
        client.get(address, max_bytes=1000, outside=True)
    return caught.value.message


@pytest.fixture
def resolves_to(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What names lead to from this machine; other names lead nowhere, addresses to themselves."""
    known: dict[str, str] = {}
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else host
        if not text.startswith("127.") and text not in known:
            raise socket.gaierror("no such name")
        return real(known.get(text, text), *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def test_a_name_that_leads_inside_gets_no_byte(resolves_to: dict[str, str]) -> None:
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def take() -> None:
            connection, _ = listening.accept()
            with connection:
                received.append(connection.recv(100))

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        resolves_to[HOST] = "127.0.0.1"
        assert "own network" in ask(ClientPolicy(), f"https://{HOST}:{port}/names")
        thread.join(10)
    assert received == [b""], "not even the first byte of TLS"


@pytest.mark.parametrize(
    "inside",
    ["10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"],
)
def test_behind_a_proxy_a_name_that_leads_inside_from_here_is_refused(resolves_to: dict[str, str], inside: str) -> None:
    resolves_to[HOST] = inside
    with server(REFUSED) as (address, requests):
        assert "own network" in ask(ClientPolicy.read({"HTTPS_PROXY": address.removesuffix("/legacy/")}))
    assert not requests


@pytest.mark.parametrize("entry", [HOST, ".stranger.test", "stranger.test", f"{HOST}:443", "*.stranger.test"])
@pytest.mark.parametrize("is_proxied", [True, False])
def test_a_host_that_no_proxy_names_is_inside(resolves_to: dict[str, str], entry: str, is_proxied: bool) -> None:
    with server(REFUSED) as (address, requests):
        proxy = {"HTTPS_PROXY": address.removesuffix("/legacy/")} if is_proxied else {}
        assert "own network" in ask(ClientPolicy.read({"NO_PROXY": entry, **proxy}))
    assert not requests


def test_behind_a_proxy_a_name_that_only_the_proxy_knows_is_asked_for(resolves_to: dict[str, str]) -> None:
    with server(REFUSED) as (address, requests):
        assert "proxy" in ask(ClientPolicy.read({"HTTPS_PROXY": address.removesuffix("/legacy/")}))
    assert len(requests) == 1
    assert not resolves_to


def test_no_proxy_for_all_hosts_says_nothing_about_them(resolves_to: dict[str, str]) -> None:
    assert "can't be reached" in ask(ClientPolicy.read({"NO_PROXY": "*"}))
    assert not resolves_to


@pytest.mark.parametrize(
    "location",
    ["https://[x/", "http://[::1/", "https://a:99999/x", "//[", "https://[fe80::1%25]x/", "http://a:b/", "https://"],
)
def test_a_redirect_to_what_is_no_address_is_an_answer_that_cant_be_used(location: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with (
        server(answering(answer)) as (address, requests),
        HttpClient(contact="x", policy=ClientPolicy(), patience=Patience(silence_s=2, waits_s=())) as client,
        pytest.raises(IndexError_),
    ):
        client.get(address, max_bytes=1000)
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("1.1.1.1", True),
        ("2606:4700::1111", True),
        ("64:ff9b::101:101", True),
        ("2002:101:101::1", True),
        ("127.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::1", False),
        ("2002:a9fe:a9fe::1", False),
        ("fe80::1%eth0", False),
        ("::", False),
    ],
)
def test_an_inner_address_in_an_outer_one_is_inside(address: str, is_public: bool) -> None:
    assert _is_global(address) is is_public
