"""Delivers a message: through the one HTTP client, a mail server, or the system's sendmail.

    with Sender(policy=policy, environment=environment, contact=contact, offline=False) as sender:
        sender.send(place, message)

No message of an error shows a secret: a webhook's address is one, too.
"""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import socket
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from http import HTTPStatus
from typing import Any, BinaryIO, Final
from urllib.parse import SplitResult, unquote, urlsplit

from namehold.errors import CredentialError, IndexError_
from namehold.index import is_loopback
from namehold.index.access import ClientPolicy, HttpClient, Patience, read_keyring
from namehold.notices.outbox import Message
from namehold.notices.write import write_mail, write_payload
from namehold.portfolio import Place, PlaceKind

#: What the keyring calls the places' secrets; the user is the entry that names.yaml names.
SERVICE: Final = "namehold-notify"
#: Where issues are opened; GitHub's own runners set the variable, and so does a server of one's own.
_GITHUB: Final = "https://api.github.com"
_GITHUB_VARIABLE: Final = "GITHUB_API_URL"
_PATIENCE: Final = Patience(silence_s=10.0, total_s=20.0, waits_s=())
_MAX_ANSWER_BYTES: Final = 1_000_000
_MAIL_S: Final = 30.0
#: And a mail server for all of its answers.
_MAIL_IN_ALL_S: Final = 60.0
#: Where a system keeps sendmail if no PATH names it.
_SENDMAIL_PLACES: Final = "/usr/sbin:/usr/lib:/usr/local/sbin"
#: All that sendmail needs of the environment.
_SENDMAIL_VARIABLES: Final = ("PATH", "HOME", "LANG", "LOGNAME", "USER")
#: The ports of submission (RFC 6409, RFC 8314).
_PORTS: Final = {"smtp": 587, "smtps": 465}
_RETRY: Final = "nothing is lost: the next call sends it"


class _Lines:
    """The lines of a mail server's answers, up to a number of bytes in all."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = _MAX_ANSWER_BYTES

    def readline(self, most: int) -> bytes:
        """The next line; raises OSError once there are too many."""
        line = self._stream.readline(most)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("a mail server's answers have no end")
        return line

    def close(self) -> None:
        self._stream.close()


class _PlainServer(smtplib.SMTP):
    """A mail server whose answers have an end: smtplib reads lines and waits for bytes as long as there are more."""

    _timer: threading.Timer | None = None

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        """As the base class; after `_MAIL_IN_ALL_S` the connection is shut down, and what is under way fails."""
        self._timer = threading.Timer(_MAIL_IN_ALL_S, self._shut_down)
        self._timer.daemon = True
        self._timer.start()
        return super().connect(host, port, source_address)

    def getreply(self) -> tuple[int, bytes]:
        """As the base class."""
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock.makefile("rb"))
        return super().getreply()

    def close(self) -> None:
        """As the base class."""
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def _shut_down(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _EncryptedServer(_PlainServer, smtplib.SMTP_SSL):
    """The same for a connection that is encrypted from its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends messages for `contact`; `environment` and the keyring have the secrets. `offline`: only to this machine."""

    policy: ClientPolicy
    environment: Mapping[str, str]
    contact: str
    offline: bool = False

    def send(self, place: Place, message: Message) -> None:
        """Raises CredentialError if the place's secret is missing or unfit, IndexError_ if it can't be told."""
        secret = self._find_secret(place)
        if place.to is PlaceKind.MAIL:
            self._mail(place, message, secret)
        elif place.to is PlaceKind.GITHUB:
            base = self.environment.get(_GITHUB_VARIABLE, "").rstrip("/") or _GITHUB
            headers = {"Authorization": f"Bearer {secret}", "Accept": "application/vnd.github+json"}
            self._post(place, message, f"{base}/repos/{place.repository}/issues", headers)
        else:
            self._post(place, message, secret, {})

    def _find_secret(self, place: Place) -> str:
        if place.variable:
            secret = self.environment.get(place.variable, "").strip()
            where = f"set {place.variable}"
        elif place.keyring:
            secret = read_keyring(SERVICE, place.keyring)
            where = f"keyring set {SERVICE} {place.keyring}"
        else:
            return ""
        if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
            raise CredentialError(f"there is no secret for the place {place.key} under notify", fix=where)
        return secret

    def _post(self, place: Place, message: Message, address: str, headers: Mapping[str, str]) -> None:
        parts = _split(address, place)
        if parts.scheme not in {"http", "https"} or (parts.scheme == "http" and not is_loopback(address)):
            raise CredentialError(f"the secret of {place.key} is no https address", fix="copy the webhook's address")
        self._require_allowed(place, address)
        content = json.dumps(write_payload(place, message)).encode()
        subject = f"the place {place.key}"
        with HttpClient(subject=subject, contact=self.contact, policy=self.policy, patience=_PATIENCE) as client:
            answer = client.post(
                address, content, content_type="application/json", max_bytes=_MAX_ANSWER_BYTES, headers=headers
            )
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise IndexError_(f"{subject} answered {answer.status}", fix=_RETRY)

    def _mail(self, place: Place, message: Message, secret: str) -> None:
        mail = EmailMessage()
        mail["Subject"], text = write_mail(place, message)
        mail["From"], mail["To"] = place.sender or place.recipient, place.recipient
        # No holiday notice comes back (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        try:
            if secret:
                self._submit(place, mail, secret)
            else:
                self._pipe(place, mail)
        except (OSError, ValueError, smtplib.SMTPException, subprocess.SubprocessError) as error:
            # A server's text may hold anything, and so does what says that a password can't be encoded.
            reason = f"the place {place.key} can't be told ({type(error).__name__})"
            raise IndexError_(reason, fix=_RETRY) from None

    def _submit(self, place: Place, mail: EmailMessage, secret: str) -> None:
        parts = _split(secret, place)
        if parts.scheme not in _PORTS or not parts.hostname:
            fix = "write it as smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST:PORT"
            raise CredentialError(f"the secret of {place.key} is no address of a mail server", fix=fix)
        self._require_allowed(place, secret)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
        is_encrypted = parts.scheme == "smtps"
        server = (
            _EncryptedServer(host, port, timeout=_MAIL_S, context=self.policy.make_context())
            if is_encrypted
            else _PlainServer(host, port, timeout=_MAIL_S)
        )
        with server:
            server.ehlo()
            if not is_encrypted and server.has_extn("starttls"):
                server.starttls(context=self.policy.make_context())
                server.ehlo()
                is_encrypted = True
            if not is_encrypted and not is_loopback(secret):
                raise IndexError_(f"the mail server of {place.key} offers no encryption", fix="use smtps://")
            if parts.username is not None:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)

    def _pipe(self, place: Place, mail: EmailMessage) -> None:
        # A folder that isn't absolute, an empty one among them, would be looked for in a checkout of somebody's.
        folders = f"{self.environment.get('PATH', '')}{os.pathsep}{_SENDMAIL_PLACES}".split(os.pathsep)
        program = shutil.which("sendmail", path=os.pathsep.join(filter(os.path.isabs, folders)))
        if program is None:
            fix = "install one, or name a mail server's address under `variable` or `keyring`"
            raise IndexError_(f"there is no sendmail here for {place.key}", fix=fix)
        if self.offline:
            raise self._refuse(place)
        kept = {key: self.environment[key] for key in _SENDMAIL_VARIABLES if key in self.environment}
        command = [program, "-i", "-t"]
        subprocess.run(  # noqa: S603 -- the system's own program; its arguments are these
            command, input=mail.as_bytes(), env=kept, check=True, timeout=_MAIL_S, capture_output=True
        )

    def _require_allowed(self, place: Place, address: str) -> None:
        if self.offline and not is_loopback(address):
            raise self._refuse(place)

    def _refuse(self, place: Place) -> IndexError_:
        return IndexError_(f"the place {place.key} isn't told: this call is offline", fix=_RETRY)


def _split(address: str, place: Place) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise CredentialError(f"the secret of {place.key} is no address", fix="copy it again, whole") from None
    return parts
