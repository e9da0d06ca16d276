"""Sends one file with one token through twine, once, and brings back what the index answers.

    TwineUploader(profile, contact="security@acme.example").upload(file, token)

Satisfies `ports.Uploader`. twine builds the form and the request; what it would do on top is off: no repetition, no
`.pypirc`, no netrc, no prompts, no output, no `--skip-existing`, no redirects. The policy names proxies and
certificates.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from twine.package import PackageFile
from twine.repository import Repository

from namehold.errors import InvalidDistribution
from namehold.index.access.hiding import Hider
from namehold.index.access.policy import DIRECT, ClientPolicy
from namehold.index.access.wire import Sockets, cut_off, unpacked, user_agent
from namehold.index.model import Answer, IndexProfile, Token, parse_date
from namehold.index.ports import BuiltFile
from namehold.text import unescape_html

_CONNECT_TIMEOUT_S = 15.0
#: The public index checks a file while the request waits.
_READ_TIMEOUT_S = 120.0
#: From the first connection to the last of the answer's headers, however steadily bytes come and go.
_MAX_DURATION_S = 300.0
#: For the answer's body, which is some hundred bytes.
_MAX_BODY_BYTES = 64 * 1024
_MAX_TITLE_CHARACTERS = 2_000
_READ_BYTES = 4096
_MAX_BODY_DURATION_S = 30.0
_MAX_MESSAGE_CHARACTERS = 600
#: Under which keys of their JSON indexes say why they refuse, the most telling first.
_SAYING_KEYS = ("code", "message", "detail", "error_description", "errors", "error", "title")
#: As many values of one table or list are looked into for a sentence.
_MOST_SAID = 8


class TwineUploader:
    """One index's upload address. Keeps no token: each upload brings its own."""

    def __init__(
        self,
        profile: IndexProfile,
        *,
        contact: str = "",
        policy: ClientPolicy = DIRECT,
        timeout_s: float = _READ_TIMEOUT_S,
    ) -> None:
        self._profile = profile
        self._policy = policy
        self._contact = contact
        self._timeout = (min(_CONNECT_TIMEOUT_S, timeout_s), timeout_s)

    def upload(self, file: BuiltFile, token: Token) -> Answer:
        """The index's answer to one POST, whatever it is; a lost connection is an Answer with status None.

        Raises InvalidDistribution if twine can't read the file, IndexError_ if the environment's proxy or certificates
        can't be used; then nothing was sent.
        """
        try:
            package = PackageFile.from_filename(file.path, None)
        except Exception as error:  # noqa: BLE001 -- archives and metadata fail in many ways; nothing was sent yet
            raise InvalidDistribution(f"{file.filename} can't be read: {error}") from None
        secret, sockets = token.reveal(), Sockets()
        with _quiet():
            repository = Repository(self._profile.upload, token.username, secret, disable_progress_bar=True)
            self._prepare(repository.session, sockets)
            try:
                with cut_off(sockets, after_s=_MAX_DURATION_S):
                    # One redirect at most is twine's way to say: one POST, even after a 500.
                    response = repository.upload(package, max_redirects=1)
                answer = _answer(response, sockets, secret)
            except (requests.RequestException, OSError) as error:
                answer = Answer(status=None, message=f"the connection ended without an answer ({type(error).__name__})")
            finally:
                repository.close()
                sockets.close()
        return answer

    def _prepare(self, session: Any, sockets: Sockets) -> None:
        session.trust_env = False
        # The body is read here, with a limit; twine would read all of it, and requests a redirect's.
        session.stream = True
        session.get_redirect_target = lambda _: None
        session.headers["Accept"] = "application/json"
        session.headers["Accept-Encoding"] = "identity"
        session.headers["User-Agent"] = f"{session.headers['User-Agent']} {user_agent(self._contact)}"
        for scheme in ("http://", "https://"):
            session.mount(scheme, _OneTry(self._timeout, sockets, self._policy, self._profile.upload))


class _OneTry(HTTPAdapter):
    """A transport that tries once, waits for a limited time (twine's own waits for ever) and goes by the policy."""

    def __init__(self, timeout: tuple[float, float], sockets: Sockets, policy: ClientPolicy, address: str) -> None:
        self._timeout = timeout
        self._sockets = sockets
        proxy = policy.proxy_for(address)
        self._proxies = {"http": proxy.url, "https": proxy.url} if proxy is not None else {}
        is_secure = address.lower().startswith("https:") or (proxy is not None and proxy.url.startswith("https:"))
        self._tls = {"ssl_context": policy.make_context()} if is_secure else {}
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **(options | self._tls))

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        # A proxy that is spoken to over TLS has a certificate of its own.
        its_own = {"proxy_ssl_context": self._tls["ssl_context"]} if proxy.startswith("https:") else {}
        return super().proxy_manager_for(proxy, **(options | self._tls | its_own))

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Adds no certificates of requests' own to the policy's."""

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        sockets = self._sockets

        class Noted(pool.ConnectionCls):  # type: ignore[misc]
            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        pool.ConnectionCls = Noted
        return pool

    def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
        return super().send(request, *arguments, **(options | {"timeout": self._timeout, "proxies": self._proxies}))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Twine prints what it uploads, and warns of repetitions that it doesn't make: neither is talk of ours."""
    logger = logging.getLogger("twine")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(before)


def _answer(response: requests.Response, sockets: Sockets, secret: str) -> Answer:
    """What came back, without `secret`: a server may repeat what it was sent."""
    hide = Hider(secret).hide
    headers = tuple((key.lower(), hide(value)) for key, value in response.headers.items())
    # What a program reads is read as it came: a short password may be a part of any word.
    words = _words(response.reason or "", _body(response, sockets), response.headers.get("Content-Type", ""))
    return Answer(
        status=response.status_code,
        message=_plain(hide(words)),
        headers=headers,
        date=parse_date(response.headers.get("Date", "")),
    )


def _body(response: requests.Response, sockets: Sockets) -> str:
    """The body as far as the limits of bytes and seconds go: the status is known, the rest is only its words."""
    body = b""
    pieces = response.raw.stream(_READ_BYTES, decode_content=False)
    with (
        contextlib.suppress(urllib3.exceptions.HTTPError, OSError, ValueError),
        cut_off(sockets, after_s=_MAX_BODY_DURATION_S),
    ):
        for piece in unpacked(pieces, coding=response.headers.get("Content-Encoding", "")):
            body += piece
            if len(body) >= _MAX_BODY_BYTES:
                break
    return body[:_MAX_BODY_BYTES].decode("utf-8", errors="replace")


def _words(reason: str, body: str, content_type: str) -> str:
    """The index's words: from the JSON body, the reason phrase (HTTP/2 has none), or the page's title."""
    words, form = "", content_type.lower()
    if "json" in form or body.startswith("{"):
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(body)
            words = _said_in(found) if isinstance(found, dict) else ""
    elif "html" in form and (title := _title_of(body)):
        words = unescape_html(title)
    elif "text/plain" in form:
        words = body.strip().partition("\n")[0]
    words = re.sub(r"^\d{3}\s+", "", words.strip())
    # Both carry the message; where they differ, the longer one has not been cut off by a server in between.
    return max(words, reason, key=len)


def _said_in(found: Any) -> str:
    """The first sentence in an index's JSON: the public one's, GitLab's, Artifactory's, RFC 9457's; else empty."""
    if isinstance(found, str):
        # A number is a status, not a sentence.
        return found if re.search("[A-Za-z]", found) else ""
    if isinstance(found, dict):
        inner = [found[key] for key in _SAYING_KEYS if key in found] or list(found.values())
    else:
        inner = found if isinstance(found, list) else []
    return next((said for each in inner[:_MOST_SAID] if (said := _said_in(each))), "")


def _title_of(body: str) -> str:
    """The text of a page's title; empty where it has none, or a very long one."""
    title, end, _ = body.partition("<title>")[2][:_MAX_TITLE_CHARACTERS].partition("</title>")
    return title if end else ""


def _plain(text: str) -> str:
    """One line without control characters (a server's words end on a person's terminal), of limited length."""
    line = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * _MAX_MESSAGE_CHARACTERS])
    return re.sub(r" {2,}", " ", line).strip()[:_MAX_MESSAGE_CHARACTERS].strip()
