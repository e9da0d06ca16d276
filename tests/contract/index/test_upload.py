from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import logging
import socket
import threading
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from tests.harness.raw_server import Drip, Respond, answering, server, void
from tests.harness.wheels import make_wheel

from namehold.errors import InvalidDistribution
from namehold.index.access.upload import TwineUploader
from namehold.index.model import IndexChoice, Token
from namehold.index.profiles import private_profile
from namehold.placeholder.model import Distribution
from namehold.portfolio.model import Mode

SECRET = "pypi-AgEIcHlwaS5vcmc-very-secret"
DATE = "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n"


def reply(status: str, body: str = "", *, kind: str = "application/json", more: str = "") -> Respond:
    head = f"HTTP/1.1 {status}\r\n{DATE}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}"
    return answering(f"{head}Connection: close\r\n\r\n{body}")


@pytest.fixture
def distribution(tmp_path: Path) -> Distribution:
    filename, content = make_wheel(NormalizedName("acme-tol"), "0.0.1")
    path = tmp_path / filename
    path.write_bytes(content)
    return Distribution(
        name=NormalizedName("acme-tol"),
        version="0.0.1",
        filename=filename,
        path=str(path),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mode=Mode.REDIRECT,
    )


def uploader(address: str, *, timeout_s: float = 10) -> TwineUploader:
    profile = private_profile(IndexChoice(upload=address, simple=address))
    return TwineUploader(profile, contact="security@acme.example", timeout_s=timeout_s)


def test_one_form_with_the_file_the_token_and_who_asks(distribution: Distribution) -> None:
    with server(reply("200 OK", "{}")) as (address, requests):
        answer = uploader(address).upload(distribution, Token(SECRET))
    assert (answer.status, answer.message) == (200, "OK")
    assert answer.date == dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    (request,) = requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert b"namehold/" in head
    assert b"security@acme.example" in head
    assert b"Basic " + base64.b64encode(f"__token__:{SECRET}".encode()) in head
    assert distribution.sha256.encode() in body
    assert Path(distribution.path).read_bytes() in body


REASON = "The name 'acmetool' is too similar to an existing project."


@pytest.mark.parametrize(
    ("respond", "message"),
    [
        (reply(f"400 {REASON}"), REASON),
        (reply("400 Bad Request", f'{{"code": "400 {REASON}", "title": "Bad Request"}}'), REASON),
        (reply("400 ", f'{{"code": "400 {REASON}"}}'), REASON),
        (reply("400 Forbidden", f'{{"errors": [{{"status": 403, "message": "{REASON}"}}]}}'), REASON),
        (reply("400 No", f'{{"code": 403, "message": "{REASON}"}}', kind="Application/JSON"), REASON),
        (reply("400 Bad", f'{{"message": {{"base": ["{REASON}"]}}}}'), REASON),
        (reply("400 Bad", f'{{"type": "about:blank", "detail": "{REASON}"}}', kind="application/problem+json"), REASON),
        (reply("400 Bad", f'{{"error": "{REASON}"}}', kind=""), REASON),
        (reply("400 Bad Request", '{"code": 400, "errors": []}'), "Bad Request"),
        (reply("400 Bad Request", '{"a": ' * 5000), "Bad Request"),
        (reply("400 ", f"400 {REASON}\n\nMore words", kind="text/plain"), REASON),
        (reply("400 ", f"<title>400 {REASON.replace(chr(39), '&#x27;')}</title>", kind="text/html"), REASON),
        (reply("400 ", "{" * 5000), ""),
        (reply("400 ", '"words"'), ""),
        (reply("400 \x1b[31mred\x1b[0m\tand bells\x07"), "[31mred [0m and bells"),
        (reply("400 " + "long " * 2000), ("long " * 120).strip()),
    ],
)
def test_the_indexs_words_are_found_wherever_they_stand(
    distribution: Distribution, respond: Respond, message: str
) -> None:
    with server(respond) as (address, _):
        answer = uploader(address).upload(distribution, Token(SECRET))
    assert (answer.status, answer.message) == (400, message)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_nothing_is_repeated_whatever_the_server_says(
    distribution: Distribution, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with server(reply(f"{status} Trouble")) as (address, requests):
        answer = uploader(address).upload(distribution, Token(SECRET))
    assert answer.status == status
    assert len(requests) == 1
    assert capfd.readouterr() == ("", "")


def test_a_redirect_is_brought_back_and_not_followed(distribution: Distribution) -> None:
    with server(reply("308 Permanent Redirect", more="Location: /elsewhere/\r\n")) as (address, requests):
        answer = uploader(address).upload(distribution, Token(SECRET))
    assert answer.status == 308
    assert len(requests) == 1


@pytest.mark.parametrize(
    "respond",
    [
        lambda connection, _: connection.close(),
        answering("HTTP/1.1 "),
        answering("nonsense\r\n\r\n"),
        answering("SSH-2.0-OpenSSH_9.6\r\n"),
    ],
)
def test_a_connection_that_ends_without_an_answer_has_no_status(distribution: Distribution, respond: Respond) -> None:
    with server(respond) as (address, requests):
        answer = uploader(address).upload(distribution, Token(SECRET))
    assert answer.status is None
    assert "without an answer" in answer.message
    assert len(requests) == 1


def test_a_server_that_never_answers_is_left(distribution: Distribution) -> None:
    release = threading.Event()
    with server(lambda *_: void(release.wait(10))) as (address, _):
        answer = uploader(address, timeout_s=0.2).upload(distribution, Token(SECRET))
        release.set()
    assert answer.status is None


def test_nobody_listening_is_no_answer(distribution: Distribution) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    assert uploader(address).upload(distribution, Token(SECRET)).status is None


def test_a_body_that_is_cut_off_or_endless_keeps_its_status(distribution: Distribution) -> None:
    endless = f"HTTP/1.1 200 OK\r\n{DATE}Content-Type: text/plain\r\n\r\n" + "x" * 1_000_000
    for respond in (answering(endless), reply("200 OK", "{}", more="X-More: 1\r\n")):
        with server(respond) as (address, _):
            assert uploader(address).upload(distribution, Token(SECRET)).status == 200


def test_headers_that_come_byte_by_byte_are_no_answer(
    distribution: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("namehold.index.access.upload._MAX_DURATION_S", 0.2)
    with server(Drip("HTTP/1.1 200 OK\r\nX: ")) as (address, requests):
        answer = uploader(address).upload(distribution, Token(SECRET))
    assert (answer.status, answer.message) == (None, "the connection ended without an answer (TimeoutError)")
    assert len(requests) == 1


@pytest.mark.parametrize("more", ["", "Connection: close\r\n", "Content-Length: 1000\r\n"])
def test_a_body_that_comes_byte_by_byte_is_left_and_keeps_its_status(
    distribution: Distribution, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    monkeypatch.setattr("namehold.index.access.upload._MAX_BODY_DURATION_S", 0.2)
    drip = Drip(f"HTTP/1.1 403 \r\n{DATE}Content-Type: text/plain\r\n{more}\r\n")
    with server(drip) as (address, _):
        answer = uploader(address).upload(distribution, Token(SECRET))
        assert drip.is_left.wait(10)
    assert answer.status == 403


def test_a_redirects_body_is_not_read_without_end(distribution: Distribution) -> None:
    rest: list[bool] = []

    def pour(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 308 \r\nLocation: /elsewhere/\r\n\r\n")
        try:
            connection.sendall(bytes(64 * 1024 * 1024))
        except OSError:
            rest.append(True)

    with server(pour) as (address, _):
        assert uploader(address).upload(distribution, Token(SECRET)).status == 308
    assert rest == [True]


def test_words_are_asked_for_unpacked_and_read_unpacked_within_the_limit(distribution: Distribution) -> None:
    text = f"400 {REASON}".encode()
    for packed, message in (
        (gzip.compress(text), REASON),
        (gzip.compress(text + bytes(10_000_000)), REASON),
        (gzip.compress(gzip.compress(text)), ""),
    ):
        coding = "gzip" if message else "gzip, gzip"
        head = f"HTTP/1.1 400 \r\nContent-Type: text/plain\r\nContent-Encoding: {coding}\r\n"
        respond = answering(f"{head}Content-Length: {len(packed)}\r\n\r\n{packed.decode('latin-1')}")
        with server(respond) as (address, requests):
            assert uploader(address).upload(distribution, Token(SECRET)).message == message
        assert b"Accept-Encoding: identity" in requests[0]


def test_a_server_that_repeats_the_token_is_not_quoted(
    distribution: Distribution, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    encoded = base64.b64encode(f"__token__:{SECRET}".encode()).decode()
    respond = reply(f"403 no {SECRET} here", f'{{"code": "403 {encoded} {SECRET}"}}', more=f"X-Echo: {SECRET}\r\n")
    with caplog.at_level(logging.DEBUG), server(respond) as (address, _):
        answer = uploader(address).upload(distribution, Token(SECRET))
    seen = repr(answer) + caplog.text + "".join(capfd.readouterr())
    assert SECRET not in seen
    assert encoded not in seen
    assert "[hidden]" in answer.message


def test_a_short_password_that_is_a_part_of_ordinary_words_hides_no_answer(distribution: Distribution) -> None:
    with server(reply("409 Conflict", "Package exists", kind="text/plain")) as (address, _):
        answer = uploader(address).upload(distribution, Token("plain", username="ci"))
    assert (answer.status, answer.message) == (409, "Package exists")
    with server(reply("409 Conflict", "Package exists")) as (address, _):
        answer = uploader(address).upload(distribution, Token("2026", username="ci"))
    assert answer.date == dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def test_nothing_of_the_environment_is_used(
    distribution: Distribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TWINE_PASSWORD", "pypi-from-the-environment")
    for proxy in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:1/")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password from-netrc\n", encoding="utf-8")
    (tmp_path / ".pypirc").write_text("[pypi]\nusername: me\npassword: from-pypirc\n", encoding="utf-8")
    with server(reply("200 OK")) as (address, requests):
        assert uploader(address).upload(distribution, Token(SECRET)).status == 200
    sent = base64.b64decode(requests[0].split(b"Basic ")[1].split(b"\r\n")[0])
    assert sent == f"__token__:{SECRET}".encode()


def test_a_file_that_is_no_distribution_never_leaves(distribution: Distribution) -> None:
    Path(distribution.path).write_bytes(b"no zip")
    with server(reply("200 OK")) as (address, requests), pytest.raises(InvalidDistribution):
        uploader(address).upload(distribution, Token(SECRET))
    assert requests == []
