"""Reading and uploading go through the proxy that the environment names, and only where it should."""

from __future__ import annotations

import base64
import hashlib
import socket
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.certificates import make_certificate
from tests.harness.raw_server import answering, server, void
from tests.harness.wheels import make_wheel

from namehold.errors import IndexError_
from namehold.index.access.http import HttpIndex
from namehold.index.access.policy import ClientPolicy, Patience
from namehold.index.access.upload import TwineUploader
from namehold.index.model import IndexProfile, Token
from namehold.placeholder.model import Distribution
from namehold.portfolio.model import Mode

NAME = NormalizedName("acme-tol")
REFUSED = answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
PASSWORD = "hunter2"
ONCE = Patience(waits_s=())


def elsewhere(scheme: str) -> IndexProfile:
    """An index that isn't on this machine, at an address that leads nowhere (RFC 6761)."""
    base = f"{scheme}://index.invalid"
    return IndexProfile(
        nickname="private",
        upload=f"{base}/legacy/",
        simple=f"{base}/simple/",
        json="",
        is_public=False,
        is_loopback=False,
        shows_ownership=False,
        has_similarity_rule=False,
        has_stdlib_rule=False,
        quota=None,
    )


def through(address: str, *, scheme: str = "http", **more: str) -> ClientPolicy:
    proxy = address.replace("http://", f"{scheme}://user:{PASSWORD}@").removesuffix("/legacy/")
    return ClientPolicy.read({"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, **more})


@pytest.fixture
def distribution(tmp_path: Path) -> Distribution:
    filename, content = make_wheel(NAME, "0.0.1")
    (tmp_path / filename).write_bytes(content)
    return Distribution(
        name=NAME,
        version="0.0.1",
        filename=filename,
        path=str(tmp_path / filename),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mode=Mode.REDIRECT,
    )


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a certificate for 127.0.0.1 that no one trusts unless it is named, and its key."""
    path = tmp_path_factory.mktemp("certificate") / "proxy.pem"
    path.write_bytes(make_certificate())
    return path


def test_the_certificate_of_a_proxy_is_checked_with_what_the_environment_names(
    distribution: Distribution, certificate: Path
) -> None:
    refusing = answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    with server(refusing, certificate=certificate) as (address, asked):
        for named, tunnels in (("", 0), (str(certificate), 1)):
            policy = ClientPolicy.read({"HTTPS_PROXY": address.removesuffix("/legacy/"), "SSL_CERT_FILE": named})
            with HttpIndex(elsewhere("https"), contact="x", policy=policy, patience=ONCE) as index:
                with pytest.raises(IndexError_) as caught:
                    index.project(NAME)
                assert ("isn't trusted" in caught.value.message) == (tunnels == 0)
            TwineUploader(elsewhere("https"), policy=policy).upload(distribution, Token("pypi-x"))
            assert [line[: line.index(b" HTTP")] for line in asked] == 2 * tunnels * [b"CONNECT index.invalid:443"]


def test_a_page_is_asked_for_through_the_proxy_with_its_password() -> None:
    page = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    with (
        server(page) as (address, requests),
        HttpIndex(elsewhere("http"), contact="x", policy=through(address), patience=ONCE) as index,
    ):
        assert not index.project(NAME).exists
    (request,) = requests
    assert request.startswith(b"GET http://index.invalid/simple/acme-tol/ ")
    assert base64.b64encode(f"user:{PASSWORD}".encode()) in request


def test_an_encrypted_page_is_asked_for_through_a_tunnel_and_a_failure_names_the_proxy() -> None:
    with (
        server(REFUSED) as (address, requests),
        HttpIndex(elsewhere("https"), contact="x", policy=through(address), patience=ONCE) as index,
        pytest.raises(IndexError_) as caught,
    ):
        index.project(NAME)
    assert requests[0].startswith(b"CONNECT index.invalid:443 ")
    assert "through the proxy 127.0.0.1:" in caught.value.message
    assert "of HTTPS_PROXY" in caught.value.message
    assert PASSWORD not in caught.value.message + caught.value.fix


def test_an_upload_goes_through_the_same_proxy(distribution: Distribution) -> None:
    with server(REFUSED) as (address, requests):
        uploader = TwineUploader(elsewhere("https"), policy=through(address))
        answer = uploader.upload(distribution, Token("pypi-secret"))
    assert answer.status is None
    assert requests[0].startswith(b"CONNECT index.invalid:443 ")
    assert base64.b64encode(f"user:{PASSWORD}".encode()) in requests[0]
    assert b"pypi-secret" not in b"".join(requests)
    assert PASSWORD not in answer.message


def test_an_upload_to_a_plain_address_goes_through_the_proxy_too(distribution: Distribution) -> None:
    taken = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    with server(taken) as (address, requests):
        answer = TwineUploader(elsewhere("http"), policy=through(address)).upload(distribution, Token("pypi-x"))
    assert answer.status == 200
    assert requests[0].startswith(b"POST http://index.invalid/legacy/ ")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_a_password_is_asked_once_and_named(scheme: str) -> None:
    closed = answering("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    with (
        server(closed) as (address, requests),
        HttpIndex(elsewhere(scheme), contact="x", policy=through(address), sleep=void) as index,
        pytest.raises(IndexError_) as caught,
    ):
        index.project(NAME)
    assert len(requests) == 1
    variable = f"{scheme.upper()}_PROXY"
    assert f"of {variable} asks for a user and a password" in caught.value.message
    assert variable in caught.value.fix
    assert PASSWORD not in caught.value.message + caught.value.fix


def test_the_status_of_a_proxy_that_opens_no_tunnel_is_told_and_not_its_words() -> None:
    refused = answering("HTTP/1.1 403 Denied-by-hunter2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    with (
        server(refused) as (address, _),
        HttpIndex(elsewhere("https"), contact="x", policy=through(address), patience=ONCE) as index,
        pytest.raises(IndexError_, match=r"of HTTPS_PROXY \(ProxyError 403\)") as caught,
    ):
        index.project(NAME)
    assert PASSWORD not in caught.value.message


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_spoken_to_in_its_own_words(scheme: str, distribution: Distribution) -> None:
    greetings: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        policy = ClientPolicy.read({"ALL_PROXY": f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"})
        listening.settimeout(10)
        with HttpIndex(
            elsewhere("https"), contact="x", policy=policy, patience=Patience(silence_s=0.2, total_s=1.0, waits_s=())
        ) as index:
            with pytest.raises(IndexError_, match="of ALL_PROXY"):
                index.project(NAME)
            connection, _ = listening.accept()
            with connection:
                greetings.append(connection.recv(1))
        answer = TwineUploader(elsewhere("https"), policy=policy, timeout_s=0.2).upload(distribution, Token("pypi-x"))
        assert answer.status is None
        connection, _ = listening.accept()
        with connection:
            greetings.append(connection.recv(1))
    assert greetings == [b"\x05", b"\x05"]


def test_hosts_of_no_proxy_are_asked_straight() -> None:
    with (
        server(REFUSED) as (address, requests),
        HttpIndex(
            elsewhere("https"), contact="x", policy=through(address, NO_PROXY=".invalid"), patience=ONCE
        ) as index,
        pytest.raises(IndexError_) as caught,
    ):
        index.project(NAME)
    assert not requests
    assert "proxy" not in caught.value.message


def test_the_environment_itself_is_never_looked_at(monkeypatch: pytest.MonkeyPatch, distribution: Distribution) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    profile = elsewhere("https")
    with HttpIndex(profile, contact="x", patience=ONCE) as index, pytest.raises(IndexError_) as caught:
        index.project(NAME)
    assert "proxy" not in caught.value.message.lower()
    assert "Proxy" not in TwineUploader(profile).upload(distribution, Token("pypi-x")).message
