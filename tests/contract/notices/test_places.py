"""Delivery to real servers on this machine: HTTP, SMTP, and a program called sendmail."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import http.server
import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any, ClassVar

import keyring
import pytest
from tests.harness.serving import serving

from namehold.errors import CredentialError, IndexError_
from namehold.index.access.policy import ClientPolicy
from namehold.notices.outbox import Finding, Message
from namehold.notices.send import Sender
from namehold.portfolio.model import Place, PlaceKind

MESSAGE = Message(
    source="watch",
    organization="Acme Robotics",
    index="pypi",
    time=dt.datetime(2026, 11, 28, 6, 0, tzinfo=dt.UTC),
    findings=(
        Finding(key="1", name="acme-tools", text="acme-tools is new, near acme-tool."),
        Finding(key="2", name="acme-tol", text="acme-tol is gone from the list.", is_open=True),
    ),
)
SECRET = "hidden-part-of-the-address"
VARIABLE = "NAMEHOLD_NOTIFY_TEST"


def send(place: Place, environment: Mapping[str, str], *, offline: bool = False) -> None:
    Sender(policy=ClientPolicy(), environment=environment, contact="", offline=offline).send(place, MESSAGE)


class Hook(http.server.BaseHTTPRequestHandler):
    received: ClassVar[list[tuple[str, dict[str, str], Any]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.received.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Hook, "received", [])
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)) as port:
        yield f"http://127.0.0.1:{port}/{SECRET}"


@pytest.mark.parametrize("kind", [PlaceKind.SLACK, PlaceKind.MATTERMOST])
def test_a_chat_gets_one_text(hook: str, kind: PlaceKind) -> None:
    send(Place(to=kind, variable=VARIABLE), {VARIABLE: hook})
    ((path, headers, body),) = Hook.received
    assert (path, headers["Content-Type"]) == (f"/{SECRET}", "application/json")
    title, _, line, _, note = body["text"].splitlines()
    assert title == "Acme Robotics: 2 new findings of namehold watch"
    assert line == "- acme-tools is new, near acme-tool."
    assert note == "1 finding about names that are still open: told to private places only."


def test_teams_gets_a_card(hook: str) -> None:
    send(Place(to=PlaceKind.TEAMS, variable=VARIABLE, private=True), {VARIABLE: hook})
    (attachment,) = Hook.received[0][2]["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [block["text"] for block in attachment["content"]["body"]][1:] == [
        "- acme-tools is new, near acme-tool.",
        "- acme-tol is gone from the list.",
    ]


def test_any_webhook_gets_a_document(hook: str) -> None:
    send(Place(to=PlaceKind.JSON, variable=VARIABLE), {VARIABLE: hook})
    body = Hook.received[0][2]
    assert body["schema"] == "namehold/notice/1"
    assert (body["source"], body["organization"], body["index"]) == ("watch", "Acme Robotics", "pypi")
    assert body["findings"] == [{"name": "acme-tools", "text": "acme-tools is new, near acme-tool."}]
    assert body["withheld"] == 1


def test_github_gets_an_issue(hook: str) -> None:
    place = Place(to=PlaceKind.GITHUB, variable=VARIABLE, repository="acme-robotics/names")
    send(place, {VARIABLE: "token-of-a-bot", "GITHUB_API_URL": hook.rpartition("/")[0]})
    ((path, headers, body),) = Hook.received
    assert path == "/repos/acme-robotics/names/issues"
    assert headers["Authorization"] == "Bearer token-of-a-bot"
    assert body["title"] == "Acme Robotics: 2 new findings of namehold watch"
    assert "acme-tools is new" in body["body"]


def test_the_keyring_may_have_the_address(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("namehold-notify", "chat"): hook}
    monkeypatch.setattr(keyring, "get_password", lambda service, user: kept.get((service, user)))
    send(Place(to=PlaceKind.SLACK, keyring="chat"), {})
    assert len(Hook.received) == 1


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_hook_that_refuses_is_told_without_its_address(
    hook: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hook, "status", status)
    with pytest.raises(IndexError_) as caught:
        send(Place(to=PlaceKind.SLACK, variable=VARIABLE), {VARIABLE: hook})
    assert str(status) in caught.value.message
    assert SECRET not in caught.value.message
    assert len(Hook.received) == 1


def test_a_hook_that_is_not_there_is_told_without_its_address() -> None:
    with pytest.raises(IndexError_) as caught:
        send(Place(to=PlaceKind.SLACK, variable=VARIABLE), {VARIABLE: f"http://127.0.0.1:9/{SECRET}"})
    assert SECRET not in caught.value.message


@pytest.mark.parametrize(
    "secret", ["", "http://chat.acme.example/hook", "ftp://127.0.0.1/x", "not an address", "https://[x/", "x\ny"]
)
def test_what_is_no_address_of_a_hook_is_asked_for(secret: str) -> None:
    with pytest.raises(CredentialError) as caught:
        send(Place(to=PlaceKind.SLACK, variable=VARIABLE), {VARIABLE: secret})
    assert not secret or secret not in caught.value.message


def test_offline_only_this_machine_is_told(hook: str) -> None:
    send(Place(to=PlaceKind.SLACK, variable=VARIABLE), {VARIABLE: hook}, offline=True)
    assert len(Hook.received) == 1
    for place, secret in (
        (Place(to=PlaceKind.SLACK, variable=VARIABLE), "https://chat.acme.example/hook"),
        (Place(to=PlaceKind.MAIL, variable=VARIABLE, recipient="a@acme.example"), "smtps://mail.acme.example"),
    ):
        with pytest.raises(IndexError_, match="offline"):
            send(place, {VARIABLE: secret}, offline=True)


class Mailman(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs (RFC 5321), with a log-in that takes one password (RFC 4616)."""

    mails: ClassVar[list[tuple[list[str], EmailMessage]]] = []
    refuses: ClassVar[bool] = False

    def handle(self) -> None:
        self.say("220 here")
        recipients: list[str] = []
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                self.say("250-here", "250 AUTH PLAIN")
            elif verb.startswith("AUTH PLAIN"):
                # \0user\0pass:word
                is_right = line.split()[2] == "AHVzZXIAcGFzczp3b3Jk"
                self.say("235 welcome" if is_right else "535 no")
            elif verb.startswith("RCPT"):
                recipients.append(line[9:-1])
                self.say("550 nobody here" if self.refuses else "250 yes")
            elif verb == "DATA":
                self.say("354 go on")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part)
                mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                self.mails.append((recipients, mail))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 yes")

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@pytest.fixture
def mailman(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(Mailman, "mails", [])
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailman)) as port:
        yield port


POST = Place(to=PlaceKind.MAIL, variable=VARIABLE, recipient="security@acme.example", sender="names@acme.example")


def test_a_mail_server_gets_a_mail(mailman: int) -> None:
    send(POST, {VARIABLE: f"smtp://user:pass%3Aword@127.0.0.1:{mailman}"})
    ((recipients, mail),) = Mailman.mails
    assert recipients == ["security@acme.example"]
    assert (mail["From"], mail["To"]) == ("names@acme.example", "security@acme.example")
    assert mail["Subject"] == "Acme Robotics: 2 new findings of namehold watch"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines()[0] == "- acme-tools is new, near acme-tool."


@pytest.mark.parametrize("wrong", ["password", "recipient"])
def test_a_mail_server_that_refuses_is_told_without_its_password(
    mailman: int, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mailman, "refuses", wrong == "recipient")
    password = "wrong-password" if wrong == "password" else "pass%3Aword"
    with pytest.raises(IndexError_) as caught:
        send(POST, {VARIABLE: f"smtp://user:{password}@127.0.0.1:{mailman}"})
    assert password not in caught.value.message
    assert not Mailman.mails


def test_sendmail_gets_a_mail_and_no_secret(tmp_path: Path) -> None:
    program = tmp_path / "sendmail"
    program.write_text(f'#!/bin/sh\n(echo "$@"; env; cat) > {tmp_path}/got\n', encoding="utf-8")
    program.chmod(0o755)
    place = Place(to=PlaceKind.MAIL, recipient="security@acme.example", private=True)
    send(place, {"PATH": f"{tmp_path}:/usr/bin:/bin", VARIABLE: SECRET, "NAMEHOLD_TOKEN": SECRET})
    got = (tmp_path / "got").read_text(encoding="utf-8")
    assert got.startswith("-i -t\n")
    assert "To: security@acme.example\n" in got
    assert "- acme-tol is gone from the list.\n" in got
    assert SECRET not in got


def test_a_sendmail_that_fails_is_told(tmp_path: Path) -> None:
    program = tmp_path / "sendmail"
    program.write_text("#!/bin/sh\nexit 75\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(IndexError_, match="CalledProcessError"):
        send(Place(to=PlaceKind.MAIL, recipient="a@acme.example"), {"PATH": f"{tmp_path}:/usr/bin:/bin"})


@pytest.mark.parametrize("path", [None, "", ":/nowhere", ".", "bin:/nowhere"])
def test_a_sendmail_of_the_working_folder_is_never_run(
    tmp_path: Path, path: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("namehold.notices.send._SENDMAIL_PLACES", "/nowhere")
    for program in (tmp_path / "sendmail", tmp_path / "bin" / "sendmail"):
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n: > {tmp_path}/ran\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(IndexError_, match="no sendmail"):
        send(Place(to=PlaceKind.MAIL, recipient="a@acme.example"), {} if path is None else {"PATH": path})
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("secret", ["smtp://user:p%C3%A4ssword@127.0.0.1:PORT", "smtp://user:x@a..example:PORT"])
def test_a_mail_servers_address_that_cant_be_used_is_told_without_its_password(mailman: int, secret: str) -> None:
    with pytest.raises(IndexError_) as caught:
        send(POST, {VARIABLE: secret.replace("PORT", str(mailman))})
    assert "ssword" not in caught.value.message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("answer", ["without end", "a byte at a time", "never"])
@pytest.mark.parametrize("says_hello", [False, True])
def test_a_mail_server_whose_answers_have_no_end_is_left(
    monkeypatch: pytest.MonkeyPatch, answer: str, says_hello: bool
) -> None:
    monkeypatch.setattr("namehold.notices.send._MAIL_IN_ALL_S", 0.5)

    class Endless(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if says_hello:
                self.wfile.write(b"220 hello\r\n")
            piece = {"without end": b"250-more\r\n" * 1000, "a byte at a time": b"2", "never": b""}[answer]
            try:
                while not is_over.wait(0.0 if answer == "without end" else 0.05):
                    self.wfile.write(piece)
            except OSError:
                pass

    is_over, server = threading.Event(), socketserver.ThreadingTCPServer(("127.0.0.1", 0), Endless)
    # A handler may still be writing to a connection that nothing reads any more.
    server.daemon_threads = True
    with serving(server) as port:
        try:
            with pytest.raises(IndexError_, match="can't be told"):
                send(POST, {VARIABLE: f"smtp://127.0.0.1:{port}"})
        finally:
            is_over.set()
